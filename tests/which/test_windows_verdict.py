"""which on Windows, as data: who should win, why another does, and what to type in the asking shell."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from autovenv import cli_which, decision, report, scene, trust, verdict
from autovenv.decision import Found, State
from autovenv.facts import NONE, ShellFacts
from autovenv.machine import Machine
from autovenv.scene import Scene
from which.fakes import FakeFiles, FakeRegistry, launcher, program
from which.test_windows import APPS, ENVIRON, EXE, LOCAL, ORG, PROJECT, STUB, venv

VENV = rf"{PROJECT}\.venv"
SCRIPTS = rf"{VENV}\Scripts"
INSIDE = {"VIRTUAL_ENV": VENV, "_AUTOVENV_ACTIVE": VENV}
HOOK = {rf"{LOCAL}\autovenv\cmd\hook.bat": ""}
BASE = {rf"{ORG}\python.exe": program("3.12.4"), rf"{ORG}\Scripts\pip.exe": launcher(rf"{ORG}\python.exe")}
MADE = {**BASE, **venv(VENV), rf"{SCRIPTS}\pip.exe": launcher(rf"{SCRIPTS}\python.exe")}
SPACED = r"C:\my code\p\.venv"


@dataclass(frozen=True)
class Case:
    """A question; ``shell`` "" means that no hook is loaded. ``by_hand``: not by autovenv."""

    name: str
    right: bool
    wins: str
    cause: str = ""
    remedy: str = ""
    shell: str = "cmd"
    tree: dict = field(default_factory=lambda: MADE)
    path: tuple = (SCRIPTS, ORG)
    asked: str = "python"
    active: str = VENV
    by_hand: bool = False
    cwd: str = PROJECT
    environ: dict = field(default_factory=dict)
    known: dict = field(default_factory=dict)


CASES = [
    Case("the environment's", True, rf"{SCRIPTS}\python.exe"),
    Case("with its ending", True, rf"{SCRIPTS}\python.exe", asked="python.exe"),
    Case("in other letters", True, rf"{SCRIPTS.upper()}\python.exe", path=(SCRIPTS.upper(), ORG)),
    Case("its pip", True, rf"{SCRIPTS}\pip.exe", asked="pip"),
    Case(
        "another folder first, by autovenv, cmd",
        False,
        rf"{ORG}\python.exe",
        "another folder was put before the environment's on PATH",
        "autovenv off & autovenv on",
        path=(ORG, SCRIPTS),
    ),
    Case(
        "another folder first, by autovenv, PowerShell",
        False,
        rf"{ORG}\python.exe",
        "another folder was put before the environment's on PATH",
        "autovenv off; autovenv on",
        shell="powershell",
        path=(ORG, SCRIPTS),
    ),
    Case(
        "not on PATH, by hand, cmd",
        False,
        rf"{ORG}\python.exe",
        "the environment is active, but its folder is not on PATH",
        rf'"{SPACED}\Scripts\activate.bat"',
        tree={**BASE, **venv(SPACED)},
        active=SPACED,
        by_hand=True,
        path=(ORG,),
    ),
    Case(
        "not on PATH, by hand, PowerShell",
        False,
        rf"{ORG}\python.exe",
        "the environment is active, but its folder is not on PATH",
        rf"& '{SPACED}\Scripts\Activate.ps1'",
        shell="powershell",
        tree={**BASE, **venv(SPACED)},
        active=SPACED,
        by_hand=True,
        path=(ORG,),
    ),
    Case(
        "not on PATH, by hand, Git Bash",
        False,
        rf"{ORG}\python.exe",
        "the environment is active, but its folder is not on PATH",
        rf"source '{SPACED}\Scripts\activate'",
        shell="bash",
        tree={**BASE, **venv(SPACED)},
        active=SPACED,
        by_hand=True,
        path=(ORG,),
    ),
    Case(
        "a file in the current folder",
        False,
        rf"{PROJECT}\python.bat",
        "cmd looks in the current folder first, and there is a python.bat in it",
        'set "NoDefaultCurrentDirectoryInExePath=1"',
        tree={**MADE, rf"{PROJECT}\python.bat": "@echo"},
    ),
    Case(
        "PowerShell looks past the current folder",
        True,
        rf"{SCRIPTS}\python.exe",
        shell="powershell",
        tree={**MADE, rf"{PROJECT}\python.exe": EXE},
    ),
    Case(
        "no python3 in Scripts",
        False,
        rf"{APPS}\python3.exe",
        "on Windows an environment has no python3: its program is python",
        "python",
        asked="python3",
        tree={**MADE, rf"{APPS}\python3.exe": STUB},
        path=(SCRIPTS, APPS),
    ),
    Case(
        "no pip in it",
        False,
        rf"{ORG}\Scripts\pip.exe",
        "the environment has no pip of its own",
        "python -m ensurepip",
        asked="pip",
        tree={**BASE, **venv(VENV)},
        path=(SCRIPTS, rf"{ORG}\Scripts"),
    ),
    Case(
        "its python is gone, PowerShell",
        False,
        rf"{ORG}\python.exe",
        "the environment has no python",
        f"python -m venv --clear '{SPACED}'",
        shell="powershell",
        tree={**BASE, rf"{SPACED}\pyvenv.cfg": "", rf"{SPACED}\Scripts\activate": ""},
        active=SPACED,
        path=(rf"{SPACED}\Scripts", ORG),
    ),
    Case(
        "the environment is gone",
        False,
        rf"{ORG}\python.exe",
        f"the active environment {VENV} is gone",
        "deactivate",
        tree=BASE,
    ),
    Case(
        "its base is gone, cmd",
        False,
        rf"{SPACED}\Scripts\python.exe",
        "the Python that C:\\my code\\p\\.venv was made from, in " + ORG + ", is gone (upgraded away?)",
        f'python -m venv --clear "{SPACED}"',
        tree=venv(SPACED),
        active=SPACED,
        path=(rf"{SPACED}\Scripts",),
    ),
    Case(
        "a macro",
        False,
        rf"{ORG}\python.exe",
        rf"a macro of this console comes first: {ORG}\python.exe",
        "doskey python=",
        known={"kind": "macro", "alias": rf"{ORG}\python.exe"},
    ),
    Case(
        "an alias of PowerShell",
        False,
        "",
        "an alias of this shell comes first: Get-Thing",
        "Remove-Item Alias:python",
        shell="powershell",
        known={"kind": "alias", "alias": "Get-Thing"},
    ),
    Case(
        "a function of PowerShell",
        False,
        "",
        "a function of this shell comes first",
        "Remove-Item Function:python",
        shell="powershell",
        known={"kind": "function"},
    ),
    Case(
        "a PATH that cmd does not read",
        False,
        "",
        f"cmd takes no notice of a PATH of {len(SCRIPTS) + 1 + 8200} characters: its limit is 8191",
        "take entries out: Settings > Edit environment variables",
        path=(SCRIPTS, "C:\\" + "x" * 8197),
    ),
    Case(
        "no python, but py",
        False,
        "",
        "there is no python on PATH, but there is py",
        "py",
        tree={rf"{APPS}\py.exe": EXE},
        active="",
        path=(APPS,),
    ),
    Case(
        "the Store's stub",
        False,
        rf"{APPS}\python.exe",
        "it is no Python: it opens the Microsoft Store",
        "switch it off: Settings > Apps > Advanced app settings > App execution aliases",
        tree={rf"{APPS}\python.exe": STUB},
        active="",
        path=(APPS,),
    ),
    Case(
        "PATH is empty, cmd",
        False,
        "",
        "PATH is empty, so python is looked for in the current folder only",
        "open a new terminal",
        tree={},
        active="",
        path=(),
    ),
    Case(
        "PATH is empty, PowerShell",
        False,
        "",
        "PATH is empty, so python is looked for nowhere",
        "open a new terminal",
        shell="powershell",
        tree={},
        active="",
        path=(),
    ),
    Case("by its path", True, rf"{SCRIPTS}\python.exe", asked=r".venv\Scripts\python"),
    Case(
        "a path that is not there", False, "", r"there is no .venv\Scripts\nope", asked=r".venv\Scripts\nope"
    ),
    Case(
        "not switched on yet, no hook here",
        False,
        rf"{ORG}\python.exe",
        "the hook is not loaded in this shell",
        "open a new terminal",
        shell="",
        tree={**MADE, **HOOK},
        active="",
        path=(ORG,),
        environ={"project": PROJECT},
    ),
    Case(
        "not switched on yet, no hook at all",
        False,
        rf"{ORG}\python.exe",
        "the hook is not installed",
        "autovenv install-hook",
        shell="",
        active="",
        path=(ORG,),
        environ={"project": PROJECT},
    ),
    Case(
        "not switched on yet",
        False,
        rf"{ORG}\python.exe",
        "this shell changes over at its next prompt",
        "autovenv status",
        active="",
        path=(ORG,),
        environ={"project": PROJECT},
    ),
]


def seen(case: Case) -> Scene:
    """Return the scene of a case, decided by the table."""
    project = case.environ.get("project", "")
    environ = {**ENVIRON, "Path": ";".join(case.path)}
    if case.active:
        environ |= {"VIRTUAL_ENV": case.active} | ({} if case.by_hand else {"_AUTOVENV_ACTIVE": case.active})
    shell = NONE
    if case.shell:
        shell = ShellFacts(
            **{"shell": case.shell, "hook": 1, "name": case.asked, "dressed": case.active, **case.known}
        )
    machine = Machine(FakeFiles({case.cwd: None, **case.tree}), FakeRegistry(), environ, case.cwd, "win32")
    place = project or (case.active.rpartition("\\")[0] if case.active and not case.by_hand else "")
    found = Found(place, case.active or rf"{place}\.venv", State.UNCHANGED) if place else None
    known = scene.facts_of(machine, shell, found)
    return Scene(
        environ=environ,
        cwd=case.cwd,
        user_home="",
        home=trust.Home(rf"{LOCAL}\autovenv"),
        shell=shell,
        active=known.active,
        ours=known.ours,
        disabled=False,
        marker=None,
        found=found,
        refusal=None,
        decision=decision.decide(known),
        cold=None,
        machine=machine,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_who_wins_why_and_what_to_type(case):
    here = seen(case)
    known = verdict.judge(here, case.asked)
    winner = known.winner.candidate.path if known.winner else ""
    assert (winner.lower(), known.right) == (case.wins.lower(), case.right)
    assert (known.cause, known.remedy) == (case.cause, case.remedy)
    assert report.which(here, known, explain=True)


def test_pip_of_another_python_is_named():
    here = seen(Case("", True, "", path=(SCRIPTS, ORG), tree={**BASE, **venv(VENV)}))
    here.environ["Path"] = f"{ORG}\\Scripts;{SCRIPTS}"
    known = verdict.judge(here, "python")
    assert verdict.mismatch(here, known) == (
        f"pip installs into {ORG}\\python.exe, python is {SCRIPTS}\\python.exe: they differ"
    )


def test_the_same_environment_in_other_letters_does_not_differ():
    tree = {**BASE, **venv(VENV), rf"{SCRIPTS}\pip.exe": launcher(rf"{SCRIPTS}\python.exe".upper())}
    here = seen(Case("", True, "", tree=tree))
    known = verdict.judge(here, "python")
    assert known.pair is not None
    assert verdict.mismatch(here, known) == ""


@pytest.mark.parametrize(
    ("page", "data"),
    [(850, b"C:\\\x82?"), (932, b"C:\\?\x93\xfa"), (65001, "C:\\é日".encode()), (0, "C:\\é日".encode())],
)
def test_a_path_is_piped_in_the_consoles_code_page(page, data):
    assert cli_which.in_code_page("C:\\é日", page) == data
