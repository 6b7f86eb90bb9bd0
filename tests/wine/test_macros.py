"""What only the console knows, handed over by the macro autovenv: its macros, and words that cmd reads twice."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from wine import doskey
from wine.machine import REPOSITORY, SYSTEM_PATH, Console, Place, host, launcher, sources

PATH = "C:\\python;" + SYSTEM_PATH


@pytest.fixture(scope="module")
def place() -> Place:
    place = Place().build()
    place.make(["p\\.venv"], allow=["p"], folders=["R&D", "a b", "x!y&z", "p(1)"])
    for name in ("D", "z"):
        with open(host(f"{place.folder}\\{name}.bat"), "wb") as stream:
            stream.write(b"@echo x> %~dp0planted\r\n")
    return place


def asked(console: Console, line: str) -> dict[str, Any]:
    return dict(json.loads(console.type(line)))


def test_the_hooks_own_macro_over_python_hides_nothing(place: Place) -> None:
    with Console(place, PATH=PATH) as console:
        assert "python" in console.macros
        found = asked(console, "autovenv which --json")
        assert found["winner"]["kind"] == "file"
        assert found["winner"]["path"] == "C:\\python\\python.exe"


def test_a_macro_of_somebodys_over_the_asked_name_wins(place: Place) -> None:
    with Console(place, PATH=PATH) as console:
        console.macros["python"] = "C:\\other\\python.exe $*"
        found = asked(console, "autovenv which --json")
        assert found["winner"]["kind"] == "macro"
        assert "C:\\other\\python.exe $*" in json.dumps(found).replace("\\\\", "\\")
        assert asked(console, "autovenv which --json pip")["name"] == "pip"
        assert "macro" in console.type("autovenv which --explain")
        del console.macros["python"]
        assert asked(console, "autovenv which --json")["winner"]["kind"] == "file"


SAYS = """
import os, sys
sys.path.insert(0, {sources!r})
from autovenv import console, doctor_windows, facts
text = facts.with_macros(os.environ[facts.VARIABLE], console.macros())
for one in doctor_windows.macros(facts.read({{facts.VARIABLE: text}})):
    print(one.result.value, one.fact, one.remedy)
"""


def test_doctor_says_whether_the_console_has_the_macros() -> None:
    place = Place().build()
    with open(host(place.home + "\\bin\\autovenv.exe"), "wb") as stream:
        stream.write(launcher(SAYS.format(sources=sources())))
    with Console(place, PATH=PATH) as console:
        assert "this console has the hook's macros" in console.type("autovenv doctor")
        for name in [name for name in console.macros if name != "autovenv"]:
            del console.macros[name]
        console.macros["autovenv"] = '"' + place.home + '\\cmd\\autovenv.bat" $*'
        said = console.type("autovenv doctor")
        assert "none of the hook's macros" in said
        assert '"%LOCALAPPDATA%\\autovenv\\cmd\\autorun.bat"' in said


@pytest.mark.parametrize("options", [(), ("/v:on",)], ids=["plain", "delayed"])
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("autovenv deny R^&D", r"deny R&D"), ('autovenv deny "R&D"', r"deny R&D"), ('autovenv deny .\\"R&D"', r"deny .\R&D"),
        ('autovenv deny "R&D\\"', "deny R&D\\"), ('autovenv deny "a b"', "deny a b"), ("autovenv deny p(1)", "deny p(1)"),
        ("autovenv deny x!y^&z", "deny x!y&z"), ('autovenv deny "x!y&z" R^&D "a b"', "deny x!y&z R&D a b"),
        ("autovenv projects --prune", "projects --prune"), ('autovenv deny x"&D"', "deny x&D"),
    ],
)  # fmt: skip
def test_words_reach_the_program_as_they_were_typed(
    place: Place, options: tuple[str, ...], line: str, words: str
) -> None:
    with Console(place, *options, PATH=PATH) as console:
        console.type(line)
        assert place.calls()[-1] == words
        assert console.send("cd").rpartition("# ")[2] == place.folder
    assert not os.path.exists(host(place.folder + "\\planted"))


# ---- texts that others made up --------------------------------------------------------------------

BAIT = ["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "_AUTOVENV_ACTIVE",
        "_AUTOVENV_OLD_HOME", "_AUTOVENV_HINTED", "_AUTOVENV_CONDA", "_OLD_VIRTUAL_PROMPT", "_OLD_VIRTUAL_PATH",
        "_OLD_VIRTUAL_PYTHONHOME", "_AUTOVENV_TRIED", "_AUTOVENV_GONE_BIN", "_AUTOVENV_BIN", "_AUTOVENV_LABEL",
        "_AUTOVENV_DRESSED", "_AUTOVENV_PROJECT", "_AUTOVENV_COUNT", "AUTOVENV_TRACE"]  # fmt: skip


TEXTS = ['x"&D&"', "x&D&", 'x"&D&rem ', 'x") & D & ("', "x%D%&D", "!D!&D"]


def planted(place: Place) -> list[str]:
    """Return where the bait was taken, and take it away."""
    found = [
        path
        for path in (f"{place.folder}\\planted", f"{place.folder}\\p\\planted")
        if os.path.exists(host(path))
    ]
    for path in found:
        os.unlink(host(path))
    return found


@pytest.mark.parametrize("options", [(), ("/v:on",)], ids=["plain", "delayed"])
@pytest.mark.parametrize(
    ("names", "text"),
    [*((BAIT, text) for text in TEXTS), *(([name], TEXTS[2]) for name in BAIT)],
    ids=lambda value: value[0] + str(len(value)) if isinstance(value, list) else value,
)
def test_no_variable_that_was_there_before_is_run(
    place: Place, names: list[str], text: str, options: tuple[str, ...]
) -> None:
    # As a terminal of VS Code's gets them from a project's .env: before cmd starts.
    planted(place)
    with Console(place, *options, unix=dict.fromkeys(names, text), PATH=PATH) as console:
        assert not planted(place), "at the start"
        for line in (
            "cd q",
            "cd p",
            "cd ..",
            "python -c 1",
            "cd p",
            "autovenv status",
            "deactivate",
            "cd ..",
        ):
            console.type(line)
            assert not planted(place), line
        console.send("cd .&D")
        assert planted(place), "the bait is none"


def test_such_a_text_in_the_prompt_of_another_environment_is_not_run(place: Place) -> None:
    with Console(place, PATH=PATH) as console:
        console.type("cd p")
        for name in (
            "VIRTUAL_ENV",
            "VIRTUAL_ENV_PROMPT",
            "_OLD_VIRTUAL_PROMPT",
            "CONDA_PREFIX",
            "PYTHONHOME",
        ):
            console.send(f'set {name}=C:\\x"^&D^&"')
            console.type("cd .")
        console.type("python -c 1")
        console.type("deactivate")
        console.type("cd ..")
        assert not planted(place)


def test_the_hooks_macros_are_told_from_others() -> None:
    from autovenv.facts import OUR_MACRO

    with open(os.path.join(REPOSITORY, "shims", "cmd", "macros.txt"), encoding="ascii") as stream:
        assert all(OUR_MACRO in body for body in doskey.read_macros(stream.read()).values())
