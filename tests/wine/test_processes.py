"""What the hook starts, from Wine's own trace of each process that is made: nothing, but verify after a change."""

from __future__ import annotations

import os
import time

import pytest

from wine.machine import AUTORUN, SYSTEM_PATH, Console, Place, host

QUIET = [
    "cd q", "cd ..", "cd .", "cd", "cd nope", "pushd q", "popd", "popd", "c:", "cd /d C:\\windows", "cd..", "cd\\",
    "chdir q", "cd q && cd ..", "autovenv off", "autovenv on", "set X=1", "deactivate",
]  # fmt: skip
OPTIONS = pytest.mark.parametrize("options", [(), ("/v:on",)], ids=["plain", "delayed"])


@pytest.fixture(scope="module")
def place() -> Place:
    place = Place().build()
    place.make(["p\\.venv", "cold\\.venv"], allow=["p"], folders=["q", "p\\src"])
    return place


def opened(place: Place, *options: str) -> Console:
    """Return a traced console that has been in the project once, as it was allowed elsewhere."""
    console = Console(place, *options, trace=True, PATH="C:\\python;" + SYSTEM_PATH)
    # Its own deactivate is none: `deactivate` outside of an environment is a file that is not there.
    console.type("cd p")
    console.type("cd ..")
    console.started()
    return console


@OPTIONS
def test_the_trace_sees_what_is_started(place: Place, options: tuple[str, ...]) -> None:
    with opened(place, *options) as console:
        console.type("cd q && hostname")
        assert [one.lower() for one in console.started()] == ["hostname"]
        console.type("cmd /d /c hostname")
        assert len(console.started()) == 2
        console.type("for /f %i in ('hostname') do @echo %i")
        assert {"hostname", "CMD.EXE /C hostname"} < set(console.started())  # and one more, with Wine
        assert console.started() == []


@OPTIONS
def test_no_change_of_folder_starts_anything(place: Place, options: tuple[str, ...]) -> None:
    with opened(place, *options) as console:
        for line in QUIET:
            console.type(f'cd /d "{place.folder}"')
            console.type(line)
            assert console.started() == [], line
        for line in (
            "cd p",
            "cd src",
            "cd ..",
            "cd ..",
            "pushd p",
            "popd",
            "cd cold",
            "cd ..\\p",
            "deactivate",
            "cd ..",
        ):
            before = console.value("VIRTUAL_ENV")
            console.type(line)
            assert console.started() == [], line
            assert line not in ("cd p", "pushd p") or (not before and console.value("VIRTUAL_ENV"))


@OPTIONS
def test_one_verify_after_a_change_and_no_more(place: Place, options: tuple[str, ...]) -> None:
    with opened(place, *options) as console:
        for number, then in enumerate((3600, 1800)):
            if number:
                console.type("cd ..")
            os.utime(
                host(place.folder + "\\p\\.venv\\Scripts"), (time.time() - then - len(options) * 90,) * 2
            )
            console.type("cd p")
            first, *others = console.started()
            assert "autovenv.exe" in first
            assert " verify " in first
            # What pip makes of a console script starts the Python that it is for.
            assert [one for one in others if "python.exe" not in one] == []
            assert len(others) <= 1
            for line in ("cd src", "cd ..", "cd ..", "cd p"):
                console.type(line)
                assert console.started() == [], line


def test_a_program_under_its_macro_starts_itself_alone(place: Place) -> None:
    with opened(place) as console:
        console.type("python -c 1")
        assert [one.rpartition("\\")[2] for one in console.started()] == ["python -c 1"]


@pytest.mark.parametrize(
    ("command", "count"), [("cmd /c echo x", 0), ("cmd /d /c x", 0), ("cmd /k x.bat", 1), ("cmd", 1)]
)
def test_autorun_starts_doskey_where_a_person_types_and_else_nothing(
    place: Place, command: str, count: int
) -> None:
    with Console(place, hook=False, trace=True) as console:
        console.send(f'set "CMDCMDLINE={command}"')
        console.started()
        console.send(AUTORUN)
        # The stand-in for doskey is itself a launcher of Python's.
        started = [one for one in console.started() if "python.exe" not in one]
        assert len(started) == count
        assert all("doskey.exe" in one and "/macrofile=" in one for one in started)
