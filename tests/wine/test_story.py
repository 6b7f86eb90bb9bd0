"""The beginner's story in cmd, without Clink: the lines that she types, and the environment that Windows' venv makes."""

from __future__ import annotations

from wine.machine import SYSTEM_PATH, Console, Place

VENV = ".venv\\Scripts\\python.exe"


def test_a_beginner_makes_an_environment_and_is_in_it() -> None:
    place = Place().build()
    inside = f"{place.folder}\\p\\{VENV}"
    with Console(place, PATH="C:\\python;" + SYSTEM_PATH) as console:
        console.type("mkdir p")
        console.type("cd p")
        assert console.prompt == "# "
        assert console.type("autovenv where python.exe") == "C:\\python\\python.exe"
        assert "autovenv: you made .venv" in console.type("python -m venv .venv")
        assert console.prompt == "(.venv) # "
        assert console.type("autovenv where python.exe") == f"{inside}\nC:\\python\\python.exe"
        assert console.type('python -c "import sys; print(sys.executable)"') == inside
        assert console.type("autovenv which pip") == f"{place.folder}\\p\\.venv\\Scripts\\pip.exe"
        console.type("cd ..")
        assert console.prompt == "# "
        assert console.type("autovenv which") == "C:\\python\\python.exe"
        console.type("cd p")
        assert console.prompt == "(.venv) # "
