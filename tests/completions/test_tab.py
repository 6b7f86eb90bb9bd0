"""Tab, pressed on a terminal in each shell. What the shell then runs is what it completed to."""

from __future__ import annotations

import os
from pathlib import Path

import pexpect
import pytest

from autovenv import hookfiles

ROOT = Path(__file__).parents[2]
START = {
    "bash": ("bash", ["--norc", "--noprofile", "-i"]),
    "zsh": ("zsh", ["-f", "-i"]),
    "fish": ("fish", ["-i"]),
}
# What the hook does at load. The function stands for the hook's own: it says what it was given.
SET_UP = {
    "bash": [
        "autovenv() { printf 'GOT<%s>\\n' \"$*\"; }",
        "__autovenv_completion() { . '{folder}/autovenv.bash' && __autovenv_completion \"$@\"; }",
        "complete -F __autovenv_completion autovenv",
    ],
    "zsh": [
        "autovenv() { printf 'GOT<%s>\\n' \"$*\"; }",
        "fpath=('{folder}' $fpath); autoload -Uz compinit; compinit -u -D",
    ],
    "fish": ["function autovenv; printf 'GOT<%s>\\n' \"$argv\"; end", "set -p fish_complete_path '{folder}'"],
}
PRESSED = {
    "inst\t": "install-hook",
    "unin\t": "uninstall-hook",
    "--vers\t": "--version",
    "install-hook --dr\t": "install-hook --dry-run",
    "install-hook --dry-run fi\t": "install-hook --dry-run fish",
    "allow --any\t": "allow --any-owner",
    "allow --under some-fold\t": "allow --under some-folder",
    "deny some-fold\t": "deny some-folder",
    "which zz-comm\t": "which zz-command",
    "exec zz-comm\t": "exec zz-command",
    "exec zz-command some-fold\t": "exec zz-command some-folder",
}


@pytest.fixture(scope="module", params=START)
def shell(request, tmp_path_factory):
    """An interactive shell on a terminal, whose completions know autovenv."""
    folder = tmp_path_factory.mktemp(f"tab-{request.param}")
    (folder / "some-folder").mkdir()
    command = folder / "bin/zz-command"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    child = start(request.param, folder, PATH=f"{command.parent}:{os.environ['PATH']}")
    for line in SET_UP[request.param]:
        child.sendline(line.replace("{folder}", str(ROOT / "completions")))
    yield child
    child.close(force=True)


def start(name, folder, **more):
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    environ |= {
        "INPUTRC": "/dev/null",
        "ZDOTDIR": str(folder),
        "XDG_DATA_HOME": f"{folder}/.local/share",
        **more,
    }
    # At its first start in a home fish makes completions from all man pages, in the background.
    (Path(folder) / ".local/share/fish/generated_completions").mkdir(parents=True, exist_ok=True)
    program, words = START[name]
    child = pexpect.spawn(
        program, words, env=environ, cwd=str(folder), encoding="utf-8", timeout=30, dimensions=(40, 300)
    )
    child.delaybeforesend = None
    child.sendline("printf 'REA''DY\\n'")
    child.expect_exact("READY\r\n")
    return child


def press(child, typed):
    child.send(f"autovenv {typed}\r")
    child.expect("GOT<([^>]*)>\r\n")
    return child.match[1].strip()


@pytest.mark.parametrize("typed", PRESSED)
def test_tab_completes(shell, typed):
    # zsh takes the slash after a folder away again when the line ends there.
    assert press(shell, typed).rstrip("/") == PRESSED[typed]


def test_a_word_that_is_complete_already_stays_as_it_is(shell):
    assert press(shell, "status") == "status"


def installed(name, home, rc):
    """Install the hook for one shell into a home, with a program that cannot run; add the lines of ``rc``."""
    place = hookfiles.Place(
        {"HOME": str(home), "PATH": os.environ["PATH"]}, f"{home}/.local/share/autovenv", "/no/autovenv"
    )
    [result] = hookfiles.install(place, [name])
    path = Path(result.files[0])
    path.write_text(rc.replace("HOOK\n", path.read_text()))
    return path


COMPINIT = "autoload -Uz compinit; compinit -u -D\n"


@pytest.mark.parametrize(
    ("name", "rc"),
    [("bash", "HOOK\n"), ("zsh", COMPINIT + "HOOK\n"), ("zsh", "HOOK\n" + COMPINIT), ("fish", "HOOK\n")],
    ids=["bash", "zsh-compinit-before", "zsh-compinit-after", "fish"],
)
def test_tab_works_as_installed_though_the_program_cannot_run(name, rc, tmp_path):
    path = installed(name, tmp_path, rc)
    child = start(name, tmp_path)
    if name != "fish":  # which has read its file at the start
        child.sendline(f". '{path}'")
    child.sendline(SET_UP[name][0])  # The hook's own function would start the program.
    assert press(child, "inst\t") == "install-hook"
    assert press(child, "install-hook --dr\t") == "install-hook --dry-run"
    child.close(force=True)
