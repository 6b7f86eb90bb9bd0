"""doctor on Windows, as data: PATH and remedies as that system and the asking shell spell them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autovenv import bugreport, doctor, situation
from autovenv.doctor import Result
from autovenv.facts import ShellFacts
from autovenv.situation import PathEntry

WINDOWS = {
    "environ": {"USERPROFILE": r"C:\Users\al"},
    "user_home": "",
    "home": r"C:\Users\al\AppData\Local\autovenv",
    "platform": "win32",
}


def on_windows(shell="cmd", *, path=(), active="", **more):
    """Return a situation on Windows: only what the checks of it look at."""
    known = ShellFacts(shell=shell, version="5.1", hook=1)
    entries = tuple(PathEntry(one) for one in path)
    here = SimpleNamespace(active=active)
    values = {**WINDOWS, "shell": shell, "known": known, "path": entries, "here": here, **more}
    return situation.Situation(**values)


def said(check, known):
    return [(one.result, one.fact, one.remedy) for one in check(known)]


CMD_AGAIN = "autovenv off & autovenv on"
VENV = r"C:\my code\p\.venv"


@pytest.mark.parametrize(
    ("shell", "path", "result", "fact", "remedy"),
    [
        ("cmd", (VENV + r"\Scripts",), Result.OK, "comes before other tools", ""),
        ("cmd", (VENV.upper() + "/scripts/",), Result.OK, "comes before other tools", ""),
        ("cmd", (r"C:\x",), Result.FAIL, VENV + r"\Scripts is active, but not on PATH", CMD_AGAIN),
        ("powershell", (), Result.FAIL, "not on PATH", "autovenv off; autovenv on"),
        ("cmd", (r"C:\u\.pyenv\pyenv-win\shims", VENV + r"\Scripts"), Result.FAIL, "pyenv's", CMD_AGAIN),
        ("cmd", (r"C:\u\scoop\Shims", VENV + r"\Scripts"), Result.FAIL, "Scoop's", CMD_AGAIN),
        (
            "cmd",
            (r"C:\u\microsoft\WindowsApps", VENV + r"\Scripts"),
            Result.FAIL,
            "Microsoft Store's",
            CMD_AGAIN,
        ),
    ],
)
def test_the_order_of_path_on_windows(shell, path, result, fact, remedy):
    (one,) = doctor.path_order(on_windows(shell, path=path, active=VENV))
    assert one.result is result
    assert fact in one.fact
    assert one.remedy.endswith(remedy)


def test_entries_of_path_on_windows():
    path = (r"C:\a", "", "c:\\A\\", "bin", r"~\x", r"\\server\share", "C:", r"\x", "d:/y")
    found = list(doctor.path_entries(on_windows(path=path)))
    relative = "the entry {} is relative, so any folder can bring its own"
    bad = [one.fact for one in found if one.result is Result.FAIL]
    assert bad == [relative.format(one) for one in ("bin", "C:", r"\x")]
    assert [one.fact for one in found if one.result is Result.NOTE] == ["more than once on PATH: c:\\A\\"]


@pytest.mark.parametrize(
    ("shell", "unset", "reload"),
    [
        ("cmd", 'set "PYTHONHOME="', r'"%LOCALAPPDATA%\autovenv\cmd\autorun.bat"'),
        ("powershell", "Remove-Item Env:PYTHONHOME", ". $PROFILE.CurrentUserAllHosts"),
        ("bash", "unset PYTHONHOME", "exec bash"),
    ],
)
def test_remedies_are_typed_in_the_asking_shell(shell, unset, reload):
    known = on_windows(shell, environ={"PYTHONHOME": r"C:\x"})
    assert said(doctor.python_variables, known)[0][2] == unset
    start = situation.StartFile(shell, "x", "current")
    silent = on_windows(shell, known=ShellFacts(), start_files=(start,))
    assert said(doctor.this_shell, silent)[0][2] == f"open a new terminal, or type: {reload}"


def test_modes_and_owners_say_nothing_on_windows():
    assert [one[0] for one in said(doctor.state_folder, on_windows(state_mode=0o777))] == [Result.OK]
    told = said(doctor.program, on_windows(program=r"C:\x\autovenv.exe", state_mode=0o777))
    assert told[0][2] == "py install.py, or: autovenv install-hook"


def test_what_to_install_is_named_by_the_system():
    assert said(doctor.start_files, on_windows(""))[0][2] == "autovenv install-hook cmd (or powershell)"


def test_a_report_from_windows_hides_the_user_in_any_letters():
    known = on_windows(user_home=r"C:\Users\Alma")
    told = bugreport.discreet(known, r"c:\users\alma\x;D:\ALMA\y;C:\Users\Alma")
    assert told == r"~\x;D:\USER\y;~"
