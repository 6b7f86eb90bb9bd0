"""The stories of the other shells, in PowerShell: what a person there types, with the real tools."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conformance.table import Case
from conformance.world import World, python_outside
from conftest import program
from shims.test_powershell import HINT, Terminal
from stories.story import ACTIVATED, MADE, OFFLINE, TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PYPROJECT = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = []\n'


class Story:
    """A disk with the real tools and an empty project `p`, and terminals in it."""

    def __init__(self, root: str) -> None:
        self.world = World(root)
        self.world.build(Case("story", (), tree=("folder p", "venv other/.venv")))
        self.project = f"{self.world.folder}/p"
        self._terminals: list[Terminal] = []
        for name in TOOLS:
            self.script(f"tools/{name}", f'exec {sys.prefix}/bin/{name} "$@"')

    def script(self, path: str, body: str) -> None:
        """Write a program below the root."""
        path = f"{self.world.root}/{path}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)

    def terminal(self, **options: str) -> Terminal:
        """Open one, in the project."""
        settings = "; ".join(f"$env:{name} = '{value}'" for name, value in OFFLINE.items())
        terminal = Terminal(self.world, **{**options, "before": f"{settings}\n{options.get('before', '')}"})
        self._terminals.append(terminal)
        terminal.types(f"cd {self.project}")
        return terminal

    def close(self) -> None:
        """Close all."""
        for terminal in self._terminals:
            terminal.child.close(force=True)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A story; its terminals are closed at the end."""
    program("pwsh")
    story = Story(str(tmp_path))
    yield story
    story.close()


def is_on(story: Story, terminal: Terminal, folder: str = "") -> bool:
    venv = f"{folder or story.project}/.venv"
    return terminal.asks("$env:VIRTUAL_ENV, ($env:PATH -split ':')[0]") == f"{venv}\n{venv}/bin"


VENV = "python3 -m venv --without-pip .venv"
LINES = {
    "python": VENV,
    "on several commands": f"cls; mkdir x > $null; rm -rf x; Write-Output hi | Out-Null; {VENV} 2>$null",
    "behind a setting": f"$env:PIP_QUIET='1'; {VENV}",
    "chained": f"touch x && {VENV}",
    "in quotes": "python3 -m venv '--without-pip' \".venv\"",
    "by the call operator": f"& {VENV}",
    "virtualenv": "virtualenv --no-seed .venv",
    "uv venv": "uv venv --quiet",
    "uv sync": "uv sync --quiet",
    "an alias": "py3 -m venv --without-pip .venv",
    "with a comment": f"{VENV} # at last",
    "by its whole path": f"{python_outside()} -m venv --without-pip .venv",
    "activated in the same line": f"{VENV}; ./.venv/bin/Activate.ps1",
}
OTHERS = {
    "copied": "cp -R ../other/.venv .venv",
    "by a script": "../make.sh",
    "by a script of PowerShell": "& ../make.ps1",
    "in a block": f"& {{ {VENV} }}",
    "by a function": "mkv",
    "with something else": f"{VENV}; git status 2>$null",
    "evaluated": f"Invoke-Expression '{VENV}'",
    "by another shell": f"sh -c '{VENV}'",
    "with another PATH": f"$env:PATH = '/usr/bin:' + $env:PATH; {VENV}",
    "by a program of the project": "./python3 -m venv --without-pip .venv",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_an_environment_that_the_person_makes_is_on_at_the_next_prompt(story: Story, line: str) -> None:
    with open(f"{story.project}/pyproject.toml", "w", encoding="utf-8") as file:
        file.write(PYPROJECT)
    terminal = story.terminal(before="Set-Alias py3 python3")
    seen = terminal.types(line)
    assert seen.count(MADE) == 1, seen
    assert seen.endswith(("(.venv) ", "(p) ")), seen
    assert is_on(story, terminal)
    assert terminal.types("cd ..") == ""
    assert terminal.asks("[string]$env:VIRTUAL_ENV") == ""
    assert terminal.types("cd p") in ("(.venv) ", "(p) ")
    fresh = story.terminal()
    assert is_on(story, fresh)


@pytest.mark.parametrize("line", OTHERS.values(), ids=OTHERS)
def test_an_environment_that_came_otherwise_stays_off(story: Story, line: str) -> None:
    story.script("w/make.sh", VENV)
    story.script("w/p/python3", f'exec {python_outside()} "$@"')
    with open(f"{story.world.folder}/make.ps1", "w", encoding="utf-8") as file:
        file.write(VENV + "\n")
    terminal = story.terminal(before=f"function mkv {{ {VENV} }}")
    seen = terminal.types(line)
    assert os.path.exists(f"{story.project}/.venv/pyvenv.cfg"), "the control: it was made"
    assert seen.count(HINT) == 1, seen
    assert MADE not in seen
    assert terminal.asks("[string]$env:VIRTUAL_ENV") == ""
    if "cp" not in line:  # which has another place written in it
        assert terminal.types("autovenv allow").endswith("(.venv) ")
        assert is_on(story, terminal)


def made_by(story: Story, tool: str) -> None:
    """Make the project's environment with a tool, on another day."""
    commands = {
        "python": [python_outside(), "-m", "venv", "--without-pip", ".venv"],
        "virtualenv": ["virtualenv", "-q", "--no-seed", ".venv"],
        "uv": ["uv", "venv", "-q"],
    }
    environ = {**story.world.environ(), **OFFLINE}
    subprocess.run(commands[tool], cwd=story.project, env=environ, check=True)


SCRIPTS = ["activate.ps1", "Activate.ps1"]


@pytest.mark.parametrize("tool", ["python", "virtualenv", "uv"])
@pytest.mark.parametrize("spelling", [". {}", "& {}", "{}"])
def test_an_environment_that_the_person_activates_is_remembered(
    story: Story, tool: str, spelling: str
) -> None:
    made_by(story, tool)
    script = next(name for name in SCRIPTS if os.path.exists(f"{story.project}/.venv/bin/{name}"))
    terminal = story.terminal()
    path = terminal.asks("$env:PATH")
    seen = terminal.types(spelling.format(f"./.venv/bin/{script}"))
    assert seen.count(ACTIVATED) == 1
    label = "(p) " if tool == "uv" else "(.venv) "
    assert seen.endswith(label)
    assert seen.count(label) in (1, 2)  # the script's own prompt has drawn it, and we over it
    assert is_on(story, terminal)
    assert terminal.types("1").split("\n")[-1] == label
    assert terminal.types("cd ..") == ""
    assert terminal.asks("$env:PATH") == path
    assert terminal.asks(
        "Test-Path function:deactivate, function:_OLD_VIRTUAL_PROMPT, env:_OLD_VIRTUAL_PATH"
    ) == ("False\nFalse\nFalse")
    # And once more, by hand, after leaving by hand.
    terminal.types("cd p")
    assert terminal.types("deactivate") == ""
    assert terminal.asks("$env:PATH") == path
    again = terminal.types(spelling.format(f"./.venv/bin/{script}"))
    assert again.endswith(label)
    assert "autovenv:" not in again
    assert terminal.types("deactivate") == ""
    assert terminal.asks("$env:PATH") == path


def test_a_rebuilt_environment_stays_on_and_a_planted_command_puts_it_off(story: Story) -> None:
    terminal = story.terminal()
    terminal.types(VENV)
    assert terminal.types(f"rm -rf .venv; {VENV}") == "(.venv) "
    assert terminal.types("rm -rf .venv") == ""
    assert terminal.types(VENV) == "(.venv) "
    seen = terminal.types("touch .venv/bin/ls; chmod +x .venv/bin/ls")
    assert seen.startswith("autovenv: ")
    assert not seen.endswith("(.venv) ")
    assert terminal.asks("[string]$env:VIRTUAL_ENV") == ""
    assert terminal.types("rm .venv/bin/ls") == "(.venv) "


def test_the_command_knows_the_shell_that_asks(story: Story) -> None:
    terminal = story.terminal()
    terminal.types(VENV)
    assert terminal.asks("autovenv which").startswith(f"{story.project}/.venv/bin/python\n")
    # What goes through the pipe and what is said of pip on stderr reach the terminal in either order.
    piped = terminal.asks("autovenv which | Write-Output").split("\n")
    assert f"{story.project}/.venv/bin/python" in piped
    assert "already-active" in terminal.asks("autovenv status")
    assert terminal.asks("autovenv exec sh -c 'exit 7'; $LASTEXITCODE") == "7"
    assert terminal.asks("autovenv exec -- sh -c 'echo $1' x -v").endswith("-v")
    assert terminal.asks("autovenv off; [string]$env:VIRTUAL_ENV") == ""
    assert terminal.asks("autovenv on; $env:VIRTUAL_ENV").endswith("/p/.venv")


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        ("Set-Alias python python3", "alias"),
        ("function python { }", "function"),
        ("function python { }; Set-Alias python python3", "alias function"),
        ("", ""),
    ],
)
def test_the_command_says_what_the_shell_takes_a_name_for(story: Story, before: str, kind: str) -> None:
    story.script("tools/facts", 'printf "%s" "$_AUTOVENV_FACTS" | tr "\\036" "\\n"; echo')
    with open(f"{story.world.state}/cli", "w", encoding="utf-8") as file:
        file.write(f"{story.world.tools}/facts\n")
    terminal = story.terminal(before=before)
    facts = dict(
        line.partition("=")[::2]
        for line in terminal.asks("autovenv which python.exe").splitlines()
        if "=" in line
    )
    assert (facts["shell"], facts["hook"], facts["home"], facts["name"]) == (
        "powershell",
        "1",
        story.world.state,
        "python",
    )
    assert facts["kind"] == kind
    assert facts.get("alias") == ("python3" if "alias" in kind else None)


def test_a_new_user_installs_it_and_makes_an_environment(tmp_path: Path) -> None:
    """Nothing but the program: install, the next terminal, a project, and away again."""
    world = World(str(tmp_path))
    os.makedirs(world.folder)
    os.makedirs(world.home)
    os.makedirs(world.tools)
    os.symlink(program("pwsh"), f"{world.tools}/pwsh")
    for name, target in (("autovenv", f"{sys.prefix}/bin/autovenv"), ("python3", python_outside())):
        with open(f"{world.tools}/{name}", "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {target} "$@"\n')
        os.chmod(f"{world.tools}/{name}", 0o755)
    environ = {name: value for name, value in world.environ().items() if name != "AUTOVENV_TRACE"}
    profile = f"{world.home}/.config/powershell/profile.ps1"
    os.makedirs(os.path.dirname(profile))
    with open(profile, "w", encoding="utf-16") as file:
        file.write("function prompt { 'ready> ' }\r\n")
    with open(profile, "rb") as file:
        before = file.read()
    run = [f"{world.tools}/pwsh", "-NoProfile", "-c"]
    done = subprocess.run(
        [*run, "autovenv install-hook"], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Installed for powershell: 3 lines in ~/.config/powershell/profile.ps1 (")
    import pexpect

    child = pexpect.spawn(
        f"{world.tools}/pwsh",
        ["-NoLogo"],
        env=environ,
        cwd=world.folder,
        encoding="utf-8",
        timeout=60,
        echo=False,
    )
    child.delaybeforesend = None
    child.expect_exact("ready> ")
    child.send(f"mkdir p | Out-Null; cd p; {VENV}\r")
    child.expect_exact("(.venv) ready> ")
    assert MADE in child.before
    child.send("autovenv status\r")
    child.expect_exact("(.venv) ready> ")
    assert "already-active" in child.before
    child.close(force=True)
    subprocess.run([*run, "autovenv uninstall-hook"], env=environ, capture_output=True, check=True)
    with open(profile, "rb") as file:
        assert file.read() == before
    assert not os.path.exists(f"{world.home}/.local/share/autovenv")
