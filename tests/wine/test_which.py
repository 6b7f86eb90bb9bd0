"""The commands that explain, and exec, on a Windows CPython under Wine: in an allowed environment, a cold one, none.

One Windows Python answers all questions of the first part, as each start of one costs about a second.
"""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest

from wine.machine import REPOSITORY, Console, Place, host, launcher

SCHEMAS = os.path.join(REPOSITORY, "src", "autovenv", "schemas")
SYSTEM = r"C:\windows\system32;C:\python;C:\windows"
ASK = r"""
import contextlib, functools, io, json, sys, uuid
from autovenv import cli_which, console, entry, hookfiles, registry, windows
console.macros = lambda: None  # a process for each question, and Wine's console has none
# AutoRun is a value of this test's own: Wine's registry is shared by all tests.
own = registry.CurrentUser("Software\\autovenv-test\\" + uuid.uuid4().hex)
probe = lambda: (("/c echo", b"", b"", 0),)
windows.AutoRun = functools.partial(windows.AutoRun, own, probe)

def ask(words, folder, more):
    os.chdir(os.path.join(w, folder))
    before = dict(os.environ)
    os.environ.update({name: value.replace("@", w) for name, value in more.items()})
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline=""), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = entry.main(words)
    os.environ.clear(); os.environ.update(before)
    out.flush()
    return {"code": code, "out": out.buffer.getvalue().decode("utf-8"), "err": err.getvalue()}

place = hookfiles.Place(environ, home.path, home.path + "\\bin\\autovenv.exe")
sys.argv[0] = place.program
done = hookfiles.install(place, ["cmd"])
assert [one.error for one in done] == [None], done
answers = [ask(*one) for one in json.loads(sys.argv[1])]
removed = hookfiles.uninstall(place, ["cmd"])
print(json.dumps([answers, [one.before.value for one in removed], os.path.exists(home.path)]))
"""


def facts(shell: str, name: str = "python", **more: str) -> dict[str, str]:
    """Return what a hook hands over."""
    records = {"shell": shell, "version": "5.1", "hook": "1", "name": name, **more}
    return {"_AUTOVENV_FACTS": "\x1e".join(f"{key}={value}" for key, value in records.items())}


CMD, POWERSHELL = facts("cmd"), facts("powershell")
OUTSIDE = {"PATH": SYSTEM}
INSIDE = {
    "PATH": rf"@\p q\.venv\Scripts;{SYSTEM}",
    "VIRTUAL_ENV": r"@\p q\.venv",
    "_AUTOVENV_ACTIVE": r"@\p q\.venv",
    **facts("cmd", dressed="1"),
}
WRONG = {**INSIDE, "PATH": rf"C:\python;@\p q\.venv\Scripts;{SYSTEM}"}

QUESTIONS: dict[str, tuple[list[str], str, dict[str, str]]] = {
    "allowed": (["which"], r"p q\src", INSIDE),
    "allowed exe": (["which", "python.exe"], "p q", INSIDE),
    "allowed where": (["where", "python.exe"], "p q", INSIDE),
    "allowed json": (["which", "--explain", "--json"], "p q", INSIDE),
    "allowed where json": (["where", "--json"], "p q", INSIDE),
    "allowed pip": (["which", "pip"], "p q", INSIDE),
    "allowed python3": (["which", "python3"], "p q", INSIDE),
    "allowed status": (["status"], r"p q\src", INSIDE),
    "allowed status json": (["status", "--json"], "p q", INSIDE),
    "doctor": (["doctor"], "p q", INSIDE),
    "doctor json": (["doctor", "--json"], "p q", INSIDE),
    "report": (["doctor", "--report"], "p q", {**INSIDE, "SECRET": "s3cr3t"}),
    "wrong": (["which"], "p q", WRONG),
    "wrong by hand": (["which"], "none", {**WRONG, **facts("powershell"), "_AUTOVENV_ACTIVE": ""}),
    "wrong doctor": (["doctor"], "p q", WRONG),
    "shadowed": (["which"], "shadow", {**OUTSIDE, **CMD}),
    "shadowed in PowerShell": (["which"], "shadow", {**OUTSIDE, **POWERSHELL}),
    "cold": (["which"], "cold é", {**OUTSIDE, **CMD}),
    "cold in PowerShell": (["which"], "cold é", {**OUTSIDE, **POWERSHELL}),
    "cold status": (["status"], "cold é", {**OUTSIDE, **CMD}),
    "cold status json": (["status", "--json"], "cold é", {**OUTSIDE, **CMD}),
    "none": (["which"], "none", {**OUTSIDE, **CMD}),
    "none where": (["where"], "none", {**OUTSIDE, **CMD}),
    "none status": (["status"], "none", {**OUTSIDE, **CMD}),
    "none at all": (["which"], "none", {"PATH": r"C:\nowhere", **CMD}),
    "no hook": (["which", "--explain"], "none", OUTSIDE),
    "folders": (["doctor"], "none", {"PATH": rf"{SYSTEM};;rel;{SYSTEM}\;C:\nowhere", **CMD}),
    "refused": (["allow"], "empty", {**OUTSIDE, **CMD}),
    "refused in PowerShell": (["allow"], "half é", {**OUTSIDE, **POWERSHELL}),
}


@dataclass(frozen=True)
class Answer:
    """What one command said; ``w`` is the folder that the question's folder lies in."""

    code: int
    out: str
    err: str
    w: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@functools.cache
def answered() -> tuple[dict[str, Answer], list[str], bool]:
    place = Place().build()
    place.make(
        ["p q\\.venv", "cold é\\.venv"],
        allow=["p q"],
        folders=["p q\\src", "none", "empty", "shadow", "half é"],
    )
    with open(host(place.folder + "\\shadow\\python.bat"), "w", encoding="ascii") as stream:
        stream.write("@echo shadow\r\n")
    os.makedirs(host(place.folder + "\\half é\\.venv\\Scripts"))
    with open(host(place.folder + "\\half é\\.venv\\pyvenv.cfg"), "w", encoding="ascii") as stream:
        stream.write("home = C:\\python\r\n")
    answers, before, left = json.loads(place.python(ASK, json.dumps(list(QUESTIONS.values()))))
    told = {name: Answer(**one, w=place.folder) for name, one in zip(QUESTIONS, answers, strict=True)}
    return told, before, left


def answer(name: str) -> Answer:
    return answered()[0][name]


def findings(name: str) -> list[str]:
    return [line for line in answer(name).out.splitlines() if line.startswith(("FAIL", "note", "      do"))]


# ---- in an allowed environment ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["allowed", "allowed exe"])
def test_the_environments_python_wins_in_it(name):
    told = answer(name)
    assert (told.code, told.out, told.err) == (0, rf"{told.w}\p q\.venv\Scripts\python.exe" + "\n", "")


def test_where_python_exe_names_the_environments_first_and_then_the_rest():
    told = answer("allowed where")
    assert told.code == 0
    assert told.out.splitlines() == [rf"{told.w}\p q\.venv\Scripts\python.exe", r"C:\python\python.exe"]


def test_what_is_wanted_of_an_environment_is_in_scripts():
    told = answer("allowed pip")
    assert told.code == 1
    assert "the environment has no pip of its own; do: python -m ensurepip" in told.err
    told = answer("allowed python3")
    assert told.code == 1
    assert "on Windows an environment has no python3: its program is python; do: python" in told.err


def test_status_knows_the_project_and_what_was_decided():
    told = answer("allowed status")
    assert told.code == 0
    lines = [line.split(None, 1) for line in told.out.splitlines()]
    assert ["shell", "cmd 5.1, hook loaded (protocol 1)"] in lines
    assert ["project", rf"{told.w}\p q: allowed"] in lines
    assert ["decided", "keep: row 11, already-active"] in lines


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("allowed json", "which"),
        ("allowed where json", "where"),
        ("allowed status json", "status"),
        ("cold status json", "status"),
        ("doctor json", "doctor"),
    ],
)
def test_json_fits_its_schema(name, schema):
    with open(os.path.join(SCHEMAS, f"{schema}.schema.json"), encoding="utf-8") as stream:
        jsonschema.validate(answer(name).json, json.load(stream))


def test_json_says_the_same_as_the_words():
    told = answer("allowed json")
    known = told.json
    python = rf"{told.w}\p q\.venv\Scripts\python.exe"
    assert (known["right"], known["winner"]["path"], known["expected"]["path"]) == (True, python, python)
    assert (known["winner"]["what"], known["winner"]["version"][:3]) == ("venv", "3.1")
    assert [step["rule"] for step in known["steps"]][:4] == ["macro", "builtin", "current folder", "PATH"]
    assert answer("cold status json").json["not_allowed"]["folder"] == rf"{told.w}\cold é"
    assert answer("doctor json").json["healthy"]


def test_doctor_finds_a_fresh_installation_healthy():
    told = answer("doctor")
    assert told.code == 0, told.out
    assert findings("doctor") == []
    assert r"the hooks start ~\Local\autovenv\bin\autovenv.exe" in told.out
    assert "AutoRun loads the hook of cmd" in told.out
    assert "the active environment comes before other tools" in told.out


def test_the_report_has_the_answers_and_neither_secret_nor_home():
    told = answer("report")
    for part in ("autovenv 0", "Python 3.1", "win32", "ok    folder", "PATH:", "the rules of cmd", "row 11"):
        assert part in told.out
    assert "s3cr3t" not in told.out
    assert "\\user\\" not in told.out.lower()


# ---- where another wins -----------------------------------------------------------------------------


def test_another_folder_first_is_named_with_what_to_type_in_cmd():
    told = answer("wrong")
    assert (told.code, told.out) == (1, "C:\\python\\python.exe\n")
    cause = "another folder was put before the environment's on PATH; do: autovenv off & autovenv on"
    assert told.err == f"autovenv: {told.w}\\p q\\.venv\\Scripts\\python.exe should win here: {cause}\n"
    assert any("another than" in line for line in findings("wrong doctor"))
    assert answer("wrong doctor").code == 1


def test_an_environment_activated_by_hand_is_activated_again_in_powershells_words():
    told = answer("wrong by hand")
    assert told.code == 1
    assert told.err.endswith(f"do: & '{told.w}\\p q\\.venv\\Scripts\\Activate.ps1'\n")


def test_cmd_looks_in_the_current_folder_first_and_powershell_does_not():
    told = answer("shadowed")
    assert (told.code, told.out) == (0, f"{told.w}\\shadow\\python.bat\n")
    assert answer("shadowed in PowerShell").out == "C:\\python\\python.exe\n"


# ---- in a cold one, and none ------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "quote"), [("cold", '"'), ("cold in PowerShell", "'")])
def test_a_cold_environment_is_told_in_the_shells_quotes(name, quote):
    told = answer(name)
    assert (told.code, told.out) == (0, "C:\\python\\python.exe\n")
    folder = rf"{told.w}\cold é"
    assert (
        told.err == f"autovenv: {folder}\\.venv is not allowed, type: autovenv allow {quote}{folder}{quote}\n"
    )


def test_the_status_of_a_cold_environment_is_not_settled():
    told = answer("cold status")
    assert told.code == 1
    assert f'is not allowed, type: autovenv allow "{told.w}\\cold é"' in told.out


def test_without_an_environment_any_python_is_right():
    assert (answer("none").code, answer("none").err) == (0, "")
    assert answer("none where").out == "C:\\python\\python.exe\n"
    assert answer("none status").code == 0
    told = answer("none at all")
    assert (told.code, told.out, told.err) == (1, "", "autovenv: there is no python on PATH\n")


def test_the_rules_walked_say_that_no_hook_was_asked():
    told = answer("no hook").out
    assert "not asked: its hook is not loaded here" in told
    assert "keyword" not in told


def test_doctor_reads_path_as_windows_does():
    told = findings("folders")
    assert "FAIL  PATH: the entry rel is relative, so any folder can bring its own" in told
    assert [line for line in told if line.startswith("FAIL") and "PATH" in line] == told[:1]
    assert any(line.startswith("note  PATH: more than once on PATH: ") for line in told)
    assert any("entries lead to no folder" in line for line in told)


def test_what_allow_says_can_be_typed_in_the_asking_shell():
    told = answer("refused")
    assert (told.code, told.out) == (1, "")
    assert told.err.splitlines()[1] == f"run: cd /d {told.w}\\empty && python -m venv .venv"
    told = answer("refused in PowerShell")
    assert told.err.splitlines()[1].endswith(f"python -m venv --clear '{told.w}\\half é\\.venv'")


def test_nothing_is_left_of_the_installation():
    _, before, left = answered()
    assert before == ["current"]
    assert not left


# ---- exec -------------------------------------------------------------------------------------------

EXEC = r"""
import json, subprocess, sys
program = home.path + "\\bin\\autovenv.exe"
told = []
for words, folder in json.loads(sys.argv[1]):
    done = subprocess.run([program, "exec", *words], cwd=os.path.join(w, folder), capture_output=True)
    told.append([done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")])
print(json.dumps(told))
"""
PRINT = (
    "import os, sys; print(sys.argv[1:]); print(sys.prefix); print(os.environ['VIRTUAL_ENV']); sys.exit(7)"
)
HARD = ["a b", 'c"d', "e\\", "", "x&y", "%PATH%", "^z", "é"]


def test_exec_hands_over_words_and_status_and_never_runs_what_the_folder_brings():
    place = Place().build()
    place.make(["p\\.venv"], allow=["p"], folders=["none"])
    with open(host(place.folder + "\\p\\python.bat"), "w", encoding="ascii") as stream:
        stream.write("@echo shadow\r\n")
    with open(host(place.folder + "\\p\\.venv\\Scripts\\tool.bat"), "w", encoding="ascii") as stream:
        stream.write("@echo [%1][%2]\r\n@exit /b 5\r\n")
    with open(host(place.folder + "\\p\\.venv\\Scripts\\low.exe"), "wb") as stream:
        stream.write(launcher("import os; os._exit(-1073741510)"))
    questions = [
        (["--", "python", "-X", "utf8", "-c", PRINT, *HARD], "p"),
        (["tool", "a b", "x&y|z"], "p"),
        (["low"], "p"),
        (["dir"], "p"),
        (["python"], "none"),
    ]
    told = json.loads(place.python(EXEC, json.dumps(questions)))
    venv = rf"{place.folder}\p\.venv"
    assert told[0] == [7, f"{HARD!r}\r\n{venv}\r\n{venv}\r\n", ""]
    assert told[1] == [5, '["a b"]["x&y|z"]\r\n', ""]
    assert told[2][0] in (-1073741510, 0xC000013A)
    assert told[3] == [127, "", "autovenv: dir: command not found\r\n"]
    assert told[4][0] == 1
    assert f"no environment is allowed for {place.folder}\\none" in told[4][2]


# ---- a person at a cmd ------------------------------------------------------------------------------


def test_a_person_at_a_cmd_is_told_of_this_very_shell():
    place = Place().build()
    place.make(["p\\.venv", "cold\\.venv"], allow=["p"])
    python = rf"{place.folder}\p\.venv\Scripts\python.exe"
    with Console(place, PATH=SYSTEM) as console:
        console.type("cd p")
        assert (console.type("autovenv which"), console.status) == (python, 0)
        assert console.type("autovenv where python.exe") == f"{python}\nC:\\python\\python.exe"
        told = console.type("autovenv status")
        assert ("cmd, hook loaded (protocol 1)" in told, "row 11, already-active" in told) == (True, True)
        assert console.type('autovenv exec -- python -c "import sys; sys.exit(3)"') == ""
        assert console.status == 3
        console.type("cd ..\\cold")
        told = console.type("autovenv which")
        assert told.splitlines()[0] == r"C:\python\python.exe"
        assert f"is not allowed, type: autovenv allow {place.folder}\\cold" in told
        console.type("autovenv off")
        console.type("cd ..\\p")
        assert console.type("autovenv which").splitlines()[0] == r"C:\python\python.exe"
        assert "row 2, off" in console.type("autovenv status")
