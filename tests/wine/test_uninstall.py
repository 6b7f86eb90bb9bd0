"""The commands themselves, on Wine's registry and disk: uninstall-hook gives all back that install-hook took."""

from __future__ import annotations

import fcntl
import json
import os

import pytest

from wine.machine import CACHE, PROGRAM, Place, host, launcher, python, sources

COMMANDS = r"""
import json, os, sys
variables, program, folder, user, old, commands = json.loads(sys.argv[1])
os.environ.update(variables)
os.environ.pop("HOME", None)
sys.argv[0] = program
os.chdir(folder)
from autovenv import autorun, powershell, registry
from autovenv.entry import main
# Windows tells where Documents is: for Wine that is a folder of the machine, which all tests share.
powershell._documents = lambda environ: os.path.join(user, "Documents")
real = registry.CurrentUser()
before = real.read()

def tree():
    found = {}
    for root, folders, files in os.walk(user):
        found |= {os.path.relpath(os.path.join(root, one), user): "" for one in folders}
        for one in files:
            with open(os.path.join(root, one), "rb") as stream:
                found[os.path.relpath(os.path.join(root, one), user)] = stream.read().hex()
    return found

def value():
    now = real.read()
    return None if now is None else [now.text, now.kind]

told = []
try:
    if old is not None: real.write(autorun.Value(*old))
    told.append([None, value(), tree()])
    for words in commands:
        code = main(words)
        told.append([code, value(), tree()])
finally:
    real.delete() if before is None and real.read() is not None else None
    if before is not None: real.write(before)
sys.stdout.flush()
print("\n@@" + json.dumps(told))
"""
PROFILE = "Documents\\WindowsPowerShell\\profile.ps1"


@pytest.fixture
def place() -> Place:
    """A user with autovenv as a program, and nothing installed."""
    place = Place()
    for folder in ("\\bin", "\\w", "\\user\\Documents\\WindowsPowerShell", "\\user\\Local"):
        os.makedirs(host(place.root + folder))
    with open(host(place.root + "\\bin\\autovenv.exe"), "wb") as stream:
        stream.write(launcher(PROGRAM.format(sources=sources(), calls=place.root + "\\calls")))
    return place


def play(place: Place, commands: list[list[str]], old: list[object] | None) -> list[list[object]]:
    asked = [place.variables(), place.root + "\\bin\\autovenv.exe", place.folder, place.user, old, commands]
    # The value is the account's, so there is one for all tests.
    with open(os.path.join(CACHE, "autorun.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = python(COMMANDS, json.dumps(asked))
    return list(json.loads(told.rpartition("@@")[2]))


@pytest.mark.parametrize(
    "old", [None, ["", 1], ["echo hello & rem x", 1], ['"C:\\conda hook.bat"&clink inject', 2]]
)
@pytest.mark.parametrize("last", [["uninstall-hook"], ["uninstall-hook", "--all"]])
def test_cmd_and_powershell_go_together(place: Place, old: list[object] | None, last: list[str]) -> None:
    with open(host(f"{place.user}\\{PROFILE}"), "wb") as stream:
        stream.write(b"\xef\xbb\xbf# mine\r\nSet-Alias ll dir")
    states = play(
        place,
        [
            ["install-hook", "--yes", "cmd"],
            ["install-hook", "--yes", "powershell"],
            ["install-hook", "--yes", "cmd"],
            last,
        ],
        old,
    )
    (_, start, home), first, second, third, (code, value, left) = states
    assert start == old
    assert first[0] == 0
    assert first[1] != start
    assert str(first[1]).count("autorun.bat") == 2
    assert first[2] != home
    assert second[0] == 0
    assert second[2][PROFILE] != first[2][PROFILE]
    assert third == second
    assert (code, value, left) == (0, start, home)


def test_one_of_the_two_stays_when_the_other_goes(place: Place) -> None:
    states = play(
        place,
        [["install-hook", "--yes", "cmd"], ["install-hook", "--yes", "powershell"], ["uninstall-hook", "cmd"],
         ["install-hook", "--yes", "cmd"], ["uninstall-hook", "powershell"], ["uninstall-hook", "cmd"]],
        None,
    )  # fmt: skip
    assert [state[0] for state in states] == [None, *(0,) * 6]
    (_, _, home), cmd, both, shell, again, other, none = states
    assert shell[1] is None
    assert PROFILE in shell[2]
    assert "Local\\autovenv\\hook.ps1" in shell[2]
    assert again[1] == both[1] == cmd[1]
    assert other[1] == cmd[1]
    assert "Local\\autovenv\\cmd\\hook.bat" in other[2]
    assert none[1:] == [None, home]
