"""Tab in PowerShell, as its line editor asks for it: `TabExpansion2`, in the engine, with the hook loaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import program as find_program

ROOT = Path(__file__).parents[2]
PRESSED = {
    "inst": ["install-hook"],
    "UNIN": ["uninstall-hook"],
    "--vers": ["--version"],
    "install-hook --dr": ["--dry-run"],
    "install-hook --dry-run fi": ["fish"],
    "install-hook ": ["bash", "zsh", "fish", "powershell"],
    "allow --any": ["--any-owner"],
    "allow --under some-fold": ["./some-folder"],
    "deny some-fold": ["./some-folder"],
    "deny 'a b": ["'./a bc'"],
    "which zz-comm": ["zz-command"],
    "exec zz-comm": ["zz-command"],
    "exec zz-command some-f": ["./some-file", "./some-folder"],
    "status --x": [],
    "nonsense --x": [],
}
SCRIPT = r"""
. '{state}/completions/autovenv.ps1'
$answers = [ordered]@{{}}
foreach ($typed in $env:TYPED.Split("`n")) {{
    $line = 'autovenv ' + $typed
    $found = TabExpansion2 -inputScript $line -cursorColumn $line.Length
    $answers[$typed] = @(foreach ($one in $found.CompletionMatches) {{ $one.CompletionText }})
}}
$answers | ConvertTo-Json -Compress
"""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """autovenv's own folder, where the hook finds the completions."""
    state = tmp_path_factory.mktemp("state")
    shutil.copytree(ROOT / "completions", state / "completions")
    for name in ("hook.ps1", "hook-main.ps1"):
        shutil.copy(ROOT / "shims" / name, state)
    return state


def answers(state: Path, folder: Path, *typed: str) -> dict[str, list[str]]:
    """Type each line after `autovenv`, press Tab, and return what is offered."""
    (folder / "some-folder").mkdir()
    (folder / "a bc").mkdir()
    (folder / "some-file").touch()
    command = folder / "bin" / "zz-command"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\necho run >ran\n")
    command.chmod(0o755)
    environ = {
        "HOME": str(folder),
        "PATH": f"{command.parent}:/usr/bin:/bin",
        "TYPED": "\n".join(typed),
        "TERM": "dumb",
    }
    script = SCRIPT.format(state=state)
    done = subprocess.run(
        [find_program("pwsh"), "-NoProfile", "-c", script],
        cwd=folder, env=environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    found = json.loads(done.stdout)
    return {key: [value] if isinstance(value, str) else list(value or ()) for key, value in found.items()}


def test_tab_completes(state: Path, tmp_path: Path) -> None:
    found = answers(state, tmp_path, *PRESSED)
    assert {typed: sorted(offered) for typed, offered in found.items()} == {
        typed: sorted(offered) for typed, offered in PRESSED.items()
    }
    assert not (tmp_path / "ran").exists()


def test_the_first_tab_after_the_hook_reads_the_file(state: Path, tmp_path: Path) -> None:
    """The hook only names the file at load; a terminal is needed for it to load at all."""
    import pexpect

    home = tmp_path / "home"
    profile = home / ".config" / "powershell" / "profile.ps1"
    profile.parent.mkdir(parents=True)
    profile.write_text(f"function prompt {{ 'ready> ' }}\n. '{state}/hook.ps1'\n")
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb"}
    child = pexpect.spawn(
        find_program("pwsh"), ["-NoLogo"], env=environ, encoding="utf-8", timeout=30, echo=False
    )
    child.delaybeforesend = None
    child.expect_exact("ready> ")
    for line, wanted in (
        ("[bool](Test-Path function:__autovenv_completion)", "False"),
        ("(TabExpansion2 'autovenv inst' 13).CompletionMatches.CompletionText", "install-hook"),
        ("[bool](Test-Path function:__autovenv_completion)", "True"),
    ):
        child.sendline(line)
        child.expect_exact("ready> ")
        assert child.before.split() == [wanted]
    child.close(force=True)


def test_the_file_is_ascii_and_the_engine_takes_it() -> None:
    text = (ROOT / "completions" / "autovenv.ps1").read_bytes()
    assert text.isascii()
    script = (
        "$errors = $null; [void][Management.Automation.Language.Parser]::ParseFile("
        "$env:FILE, [ref]$null, [ref]$errors); $errors.Count"
    )
    environ = {**os.environ, "FILE": str(ROOT / "completions" / "autovenv.ps1")}
    words = [find_program("pwsh"), "-NoProfile", "-c", script]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
