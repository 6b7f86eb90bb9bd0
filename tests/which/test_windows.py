"""Windows as data: which file each asker takes, what it is, and by which rule.

The layouts are those of Microsoft's and Python's documents; none was compared with a real Windows here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from autovenv import pep514, search, search_windows
from autovenv.facts import ShellFacts
from autovenv.identify import Trouble, What, identify
from autovenv.machine import Machine
from autovenv.search import Kind, Query
from which.fakes import FakeFiles, FakeRegistry, Link, alias, core, launcher, program

USER = r"C:\Users\al"
LOCAL = rf"{USER}\AppData\Local"
ROAMING = rf"{USER}\AppData\Roaming"
APPS = rf"{LOCAL}\Microsoft\WindowsApps"
PROJECT = rf"{USER}\code\p"
SCRIPTS = rf"{PROJECT}\.venv\Scripts"
ORG = rf"{LOCAL}\Programs\Python\Python312"
ENVIRON = {"USERPROFILE": USER, "LOCALAPPDATA": LOCAL, "APPDATA": ROAMING, "SystemRoot": r"C:\Windows"}
EXE = b"MZ"
SCOOP = rf"{USER}\scoop\apps\python\current"
APP_PATHS = r"Software\Microsoft\Windows\CurrentVersion\App Paths"
STORE = r"C:\Program Files\WindowsApps"
STUB = alias(
    rf"{STORE}\Microsoft.DesktopAppInstaller_1.29_x64__8wekyb3d8bbwe\AppInstallerPythonRedirector.exe"
)
MANAGER = alias(rf"{STORE}\PythonSoftwareFoundation.PythonManager_26.3.240.0_x64__3847v3x7pw1km\python.exe")
STORE_312 = alias(
    rf"{STORE}\PythonSoftwareFoundation.Python.3.12_3.12.1264.0_x64__qbz5n2kfra8p0\python3.12.exe"
)


def venv(folder, *, home=ORG, was=""):
    """Return an environment as Windows makes it."""
    return {
        rf"{folder}\pyvenv.cfg": f"home = {home}\r\nversion = 3.12.4\r\n",
        rf"{folder}\Scripts\python.exe": EXE,
        rf"{folder}\Scripts\activate": f"VIRTUAL_ENV='{was or folder}'\n",
    }


BASE = {rf"{ORG}\python.exe": program("3.12.4")}


@dataclass(frozen=True)
class Layout:
    """One question on one machine. ``asks``: cmd, powershell, pwsh, start, createprocess or bash."""

    name: str
    asks: str
    tree: dict
    path: list
    wins: str
    what: What | None = None
    rule: str = "PATH"
    tool: str = ""
    version: str = ""
    trouble: Trouble = Trouble.NONE
    asked: str = "python"
    environ: dict = field(default_factory=dict)
    known: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    leads_to: str = ""
    passed: str = ""
    """A part of what is said of a candidate that is passed over."""


def at(*folders, name="python.exe"):
    return {rf"{folder}\{name}": EXE for folder in folders}


A, B = r"C:\a", r"C:\b"
LAYOUTS = [
    # -- cmd
    Layout("cmd: PATH", "cmd", at(A, B), [A, B], rf"{A}\python.exe", What.FILE),
    Layout(
        "cmd: current folder first",
        "cmd",
        at(PROJECT, A),
        [A],
        rf"{PROJECT}\python.exe",
        rule="current folder",
    ),
    Layout(
        "cmd: not the current folder",
        "cmd",
        at(PROJECT, A),
        [A],
        rf"{A}\python.exe",
        environ={"NoDefaultCurrentDirectoryInExePath": "1"},
    ),
    Layout(
        "cmd: the variable in other letters",
        "cmd",
        at(PROJECT, A),
        [A],
        rf"{A}\python.exe",
        environ={"NODEFAULTCURRENTDIRECTORYINEXEPATH": ""},
    ),
    Layout(
        "cmd: a batch file in the current folder",
        "cmd",
        {**at(A), rf"{PROJECT}\python.bat": "@echo off"},
        [A],
        rf"{PROJECT}\python.bat",
        What.SCRIPT,
        rule="current folder",
    ),
    Layout(
        "cmd: PATHEXT's order in one folder",
        "cmd",
        {rf"{A}\python.bat": "", rf"{A}\python.exe": EXE},
        [A],
        rf"{A}\python.exe",
    ),
    Layout(
        "cmd: PATHEXT changed",
        "cmd",
        {rf"{A}\python.bat": "", rf"{A}\python.exe": EXE},
        [A],
        rf"{A}\python.bat",
        environ={"PATHEXT": ".BAT;.EXE"},
    ),
    Layout(
        "cmd: a folder before an extension",
        "cmd",
        {rf"{A}\python.cmd": "", rf"{B}\python.exe": EXE},
        [A, B],
        rf"{A}\python.cmd",
        What.SCRIPT,
    ),
    Layout(
        "cmd: with its extension",
        "cmd",
        {rf"{A}\python.bat": "", rf"{B}\python.exe": EXE},
        [A, B],
        rf"{B}\python.exe",
        asked="python.exe",
    ),
    Layout(
        "cmd: without an extension a file is none",
        "cmd",
        {rf"{A}\python": EXE, rf"{B}\python.exe": EXE},
        [A, B],
        rf"{B}\python.exe",
    ),
    Layout("cmd: letter case", "cmd", {r"C:\A\PYTHON.EXE": EXE}, [r"c:\a"], r"c:\a\python.exe"),
    Layout("cmd: quoted entry with a semicolon", "cmd", at(r"C:\a;b"), [r'"C:\a;b"'], r"C:\a;b\python.exe"),
    Layout(
        "cmd: empty entries",
        "cmd",
        at(PROJECT, A),
        ["", A],
        rf"{A}\python.exe",
        environ={"NoDefaultCurrentDirectoryInExePath": "1"},
    ),
    Layout("cmd: relative entry", "cmd", at(rf"{PROJECT}\bin"), ["bin"], rf"{PROJECT}\bin\python.exe"),
    Layout("cmd: an entry of uv's with \\\\?\\", "cmd", at(A, B), ["\\\\?\\" + A, B], rf"{B}\python.exe"),
    Layout("cmd: PATH too long", "cmd", at(A), [*(rf"C:\{n:0200}" for n in range(50)), A], "", passed="8191"),
    Layout(
        "cmd: PATH just not too long",
        "cmd",
        at(A),
        [A, "C:\\" + "x" * (8191 - len(A) - 4)],
        rf"{A}\python.exe",
    ),
    Layout(
        "cmd: macro",
        "cmd",
        at(A),
        [A],
        rf"{A}\python.exe",
        rule="macro",
        known={"kind": "macro", "alias": rf"{A}\python.exe -q"},
    ),
    Layout("cmd: internal command", "cmd", {rf"{A}\dir.exe": EXE}, [A], "", rule="builtin", asked="dir"),
    Layout("cmd: by its path", "cmd", at(A), [B], rf"{A}\python.exe", rule="path", asked=rf"{A}\python"),
    Layout("cmd: nothing", "cmd", {}, [A], ""),
    # -- PowerShell
    Layout("pwsh: never the current folder", "pwsh", at(PROJECT, A), [A], rf"{A}\python.exe"),
    Layout("5.1: never the current folder", "powershell", at(PROJECT), [A], ""),
    Layout(
        "pwsh: .ps1 before PATHEXT",
        "pwsh",
        {rf"{A}\python.ps1": "", rf"{A}\python.exe": EXE},
        [A],
        rf"{A}\python.ps1",
        What.SCRIPT,
    ),
    Layout(
        "pwsh: a folder before .ps1",
        "pwsh",
        {rf"{A}\python.exe": EXE, rf"{B}\python.ps1": ""},
        [A, B],
        rf"{A}\python.exe",
    ),
    Layout("pwsh: ~ on PATH", "pwsh", at(rf"{USER}\bin"), [r"~\bin"], rf"{USER}\bin\python.exe"),
    Layout("pwsh: blanks and empty entries", "pwsh", at(A), ["", "  " + A], rf"{A}\python.exe"),
    Layout(
        "pwsh: alias", "pwsh", at(A), [A], "", rule="alias", known={"kind": "alias", "alias": "Get-Thing"}
    ),
    Layout("pwsh: function", "pwsh", at(A), [A], "", rule="function", known={"kind": "function"}),
    Layout("pwsh: cmdlet", "pwsh", at(A), [A], "", rule="cmdlet", known={"kind": "cmdlet"}),
    Layout(
        "5.1: where is Where-Object",
        "powershell",
        at(r"C:\Windows\System32", name="where.exe"),
        [r"C:\Windows\System32"],
        "",
        rule="alias",
        asked="where",
        known={"name": "other"},
    ),
    Layout(
        "7: curl is a program",
        "powershell",
        at(r"C:\Windows\System32", name="curl.exe"),
        [r"C:\Windows\System32"],
        r"C:\Windows\System32\curl.exe",
        asked="curl",
        known={"name": "other", "version": "7.4.1"},
    ),
    Layout(
        "pwsh: long PATH is no trouble",
        "pwsh",
        at(A),
        [*(rf"C:\{n:0200}" for n in range(50)), A],
        rf"{A}\python.exe",
    ),
    # -- CreateProcess, start, Git Bash
    Layout(
        "CreateProcess: the program's own folder",
        "createprocess",
        {**at(A), **BASE},
        [A],
        rf"{ORG}\python.exe",
        rule="application's folder",
    ),
    Layout(
        "CreateProcess: the current folder",
        "createprocess",
        at(PROJECT, A),
        [A],
        rf"{PROJECT}\python.exe",
        rule="current folder",
    ),
    Layout(
        "CreateProcess: System32 before PATH",
        "createprocess",
        at(r"C:\Windows\System32", A),
        [A],
        r"C:\Windows\System32\python.exe",
        What.SYSTEM,
        rule="Windows",
    ),
    Layout(
        "CreateProcess: no PATHEXT",
        "createprocess",
        {rf"{A}\python.bat": "", rf"{B}\python.exe": EXE},
        [A, B],
        rf"{B}\python.exe",
    ),
    Layout(
        "start: App Paths after PATH",
        "start",
        BASE,
        [A],
        rf"{ORG}\python.exe",
        rule="App Paths",
        values={rf"HKCU\{APP_PATHS}\python.exe\ ".rstrip(): rf"{ORG}\python.exe"},
    ),
    Layout(
        "start: PATH before App Paths",
        "start",
        {**BASE, **at(A)},
        [A],
        rf"{A}\python.exe",
        values={rf"HKLM\{APP_PATHS}\python.exe\ ".rstrip(): rf"{ORG}\python.exe"},
    ),
    Layout("Git Bash: PATH with .exe", "bash", at(PROJECT, A), [A], rf"{A}\python.exe"),
    # -- what it is
    Layout(
        "venv",
        "cmd",
        {**BASE, **venv(rf"{PROJECT}\.venv")},
        [SCRIPTS],
        rf"{SCRIPTS}\python.exe",
        What.VENV,
        version="3.12.4",
    ),
    Layout(
        "venv whose base is gone",
        "cmd",
        venv(rf"{PROJECT}\.venv"),
        [SCRIPTS],
        rf"{SCRIPTS}\python.exe",
        What.BROKEN,
        trouble=Trouble.BASE_GONE,
    ),
    Layout(
        "venv made on Linux",
        "cmd",
        venv(rf"{PROJECT}\.venv", home="/usr/bin"),
        [SCRIPTS],
        rf"{SCRIPTS}\python.exe",
        What.BROKEN,
        trouble=Trouble.OTHER_OS,
    ),
    Layout(
        "moved venv",
        "cmd",
        {**BASE, **venv(rf"{PROJECT}\.venv", was=r"C:\old\.venv")},
        [SCRIPTS],
        rf"{SCRIPTS}\python.exe",
        What.VENV,
        trouble=Trouble.MOVED,
    ),
    Layout(
        "the Store's stub",
        "pwsh",
        {rf"{APPS}\python.exe": STUB},
        [APPS],
        rf"{APPS}\python.exe",
        What.STORE_STUB,
        tool="Microsoft Store",
        trouble=Trouble.STUB,
    ),
    Layout(
        "stub python3 beside a venv's python",
        "cmd",
        {**BASE, **venv(rf"{PROJECT}\.venv"), rf"{APPS}\python3.exe": STUB},
        [SCRIPTS, APPS],
        rf"{APPS}\python3.exe",
        What.STORE_STUB,
        asked="python3",
        trouble=Trouble.STUB,
    ),
    Layout(
        "Store Python",
        "pwsh",
        {rf"{APPS}\python.exe": STORE_312},
        [APPS],
        rf"{APPS}\python.exe",
        What.STORE,
        version="3.12.4",
    ),
    Layout(
        "install manager's alias",
        "cmd",
        {rf"{APPS}\python.exe": MANAGER},
        [APPS],
        rf"{APPS}\python.exe",
        What.INSTALL_MANAGER,
    ),
    Layout(
        "install manager's global alias",
        "cmd",
        at(rf"{LOCAL}\Python\bin"),
        [rf"{LOCAL}\Python\bin"],
        rf"{LOCAL}\Python\bin\python.exe",
        What.INSTALL_MANAGER,
    ),
    Layout(
        "install manager's Python",
        "cmd",
        {rf"{LOCAL}\Python\pythoncore-3.14-64\python.exe": program("3.14.0")},
        [rf"{LOCAL}\Python\pythoncore-3.14-64"],
        rf"{LOCAL}\Python\pythoncore-3.14-64\python.exe",
        What.MANAGED,
        tool="Python install manager",
        version="3.14.0",
    ),
    Layout(
        "python.org, by PEP 514",
        "cmd",
        {r"D:\py\python.exe": EXE},
        [r"D:\py"],
        r"D:\py\python.exe",
        What.PYTHON_ORG,
        values=core("3.11", r"D:\py", version="3.11.9"),
        version="3.11.9",
    ),
    Layout(
        "python.org, by its place and its resource",
        "cmd",
        BASE,
        [ORG],
        rf"{ORG}\python.exe",
        What.PYTHON_ORG,
        version="3.12.4",
    ),
    Layout(
        "another company's",
        "cmd",
        {r"D:\x\python.exe": EXE},
        [r"D:\x"],
        r"D:\x\python.exe",
        What.MANAGED,
        tool="ContinuumAnalytics",
        values=core("Anaconda38-64", r"D:\x", company="ContinuumAnalytics"),
    ),
    Layout(
        "embeddable",
        "cmd",
        {r"D:\e\python.exe": EXE, r"D:\e\python312._pth": "", r"D:\e\python312.dll": EXE},
        [r"D:\e"],
        r"D:\e\python.exe",
        What.EMBEDDABLE,
        version="3.12",
    ),
    Layout(
        "conda base",
        "cmd",
        {
            r"C:\mc\python.exe": EXE,
            r"C:\mc\condabin": None,
            r"C:\mc\conda-meta\python-3.11.5-h9_0.json": "{}",
        },
        [r"C:\mc"],
        r"C:\mc\python.exe",
        What.CONDA_BASE,
        version="3.11.5",
    ),
    Layout(
        "conda environment",
        "cmd",
        {r"C:\mc\envs\x\python.exe": EXE, r"C:\mc\envs\x\conda-meta\python-3.10.1-h9_0.json": "{}"},
        [r"C:\mc\envs\x"],
        r"C:\mc\envs\x\python.exe",
        What.CONDA,
        version="3.10.1",
    ),
    Layout(
        "uv's",
        "cmd",
        {
            rf"{ROAMING}\uv\python\cpython-3.13.0-windows-x86_64-none\python.exe": EXE,
            rf"{ROAMING}\uv\python\cpython-3.13.0-windows-x86_64-none\python313.dll": EXE,
        },
        [rf"{ROAMING}\uv\python\cpython-3.13.0-windows-x86_64-none"],
        rf"{ROAMING}\uv\python\cpython-3.13.0-windows-x86_64-none\python.exe",
        What.MANAGED,
        tool="uv",
        version="3.13.0",
    ),
    Layout(
        "uv's by a junction",
        "cmd",
        {
            rf"{ROAMING}\uv\python\cpython-3.13.0-x\python.exe": program("3.13.0"),
            rf"{USER}\.local\bin\python.exe": Link(rf"{ROAMING}\uv\python\cpython-3.13.0-x\python.exe"),
        },
        [rf"{USER}\.local\bin"],
        rf"{USER}\.local\bin\python.exe",
        What.MANAGED,
        tool="uv",
        version="3.13.0",
    ),
    Layout(
        "pyenv-win",
        "cmd",
        {
            rf"{USER}\.pyenv\pyenv-win\shims\python.bat": "@echo off",
            rf"{USER}\.pyenv\pyenv-win\version": "3.11.4",
            rf"{USER}\.pyenv\pyenv-win\versions\3.11.4\python.exe": program("3.11.4"),
        },
        [rf"{USER}\.pyenv\pyenv-win\shims"],
        rf"{USER}\.pyenv\pyenv-win\shims\python.bat",
        What.SHIM,
        tool="pyenv-win",
        version="3.11.4",
        leads_to=rf"{USER}\.pyenv\pyenv-win\versions\3.11.4\python.exe",
    ),
    Layout(
        "Scoop's shim",
        "cmd",
        {
            rf"{USER}\scoop\shims\python.exe": EXE,
            rf"{USER}\scoop\shims\python.shim": f'path = "{SCOOP}\\python.exe"\r\n',
            rf"{USER}\scoop\apps\python\current\python.exe": program("3.12.0"),
        },
        [rf"{USER}\scoop\shims"],
        rf"{USER}\scoop\shims\python.exe",
        What.SHIM,
        tool="Scoop",
        version="3.12.0",
        leads_to=rf"{USER}\scoop\apps\python\current\python.exe",
    ),
    Layout(
        "Chocolatey's shim",
        "cmd",
        at(r"C:\ProgramData\chocolatey\bin"),
        [r"C:\ProgramData\chocolatey\bin"],
        r"C:\ProgramData\chocolatey\bin\python.exe",
        What.SHIM,
        tool="Chocolatey",
    ),
    Layout(
        "MSYS2",
        "cmd",
        at(r"C:\msys64\mingw64\bin"),
        [r"C:\msys64\mingw64\bin"],
        r"C:\msys64\mingw64\bin\python.exe",
        What.MANAGED,
        tool="MSYS2",
    ),
    Layout(
        "py inside a venv",
        "cmd",
        {**BASE, **at(r"C:\Windows", name="py.exe"), **venv(rf"{PROJECT}\.venv")},
        [r"C:\Windows"],
        r"C:\Windows\py.exe",
        What.SHIM,
        tool="the py launcher",
        asked="py",
        environ={"VIRTUAL_ENV": rf"{PROJECT}\.venv"},
        leads_to=rf"{SCRIPTS}\python.exe",
    ),
    Layout(
        "py of the install manager",
        "cmd",
        {**BASE, rf"{APPS}\py.exe": MANAGER},
        [APPS],
        rf"{APPS}\py.exe",
        What.INSTALL_MANAGER,
        asked="py",
        values=core("3.12", ORG),
        leads_to=rf"{ORG}\python.exe",
    ),
    Layout("unknown", "cmd", at(A), [A], rf"{A}\python.exe", What.FILE, version=""),
]


def asked_by(layout):
    files = FakeFiles({PROJECT: None, **layout.tree})
    known = {"shell": layout.asks, "hook": 1, "name": layout.asked, **layout.known}
    environ = {**ENVIRON, **layout.environ}
    reg = FakeRegistry(layout.values)
    query = Query(
        layout.asked, PROJECT, ";".join(layout.path), ShellFacts(**known), USER, files, reg, environ
    )
    machine = Machine(files, reg, environ, PROJECT, "win32")
    return query, machine


def walked(layout, query):
    if layout.asks == "start":
        return tuple(search_windows.start(query))
    if layout.asks == "createprocess":
        return tuple(search_windows.create_process(query, ORG))
    return search.walk(query)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.name)
def test_winner_kind_and_reason(layout):
    query, machine = asked_by(layout)
    steps = walked(layout, query)
    first = search.winner(search.candidates_of(steps))
    assert (first.path if first else "") == layout.wins
    if first is not None:
        assert next(step.rule for step in steps if first in step.found) == layout.rule
    if layout.passed:
        assert any(layout.passed in one.why_not for one in search.candidates_of(steps))
    if layout.what is not None:
        known = identify(layout.wins, machine)
        assert (known.what, known.trouble, known.leads_to) == (layout.what, layout.trouble, layout.leads_to)
        assert known.tool == layout.tool or not layout.tool
        assert known.version == layout.version or not layout.version


def test_a_program_without_a_version_resource_has_no_version():
    files = FakeFiles({rf"{A}\python.exe": EXE})
    assert identify(rf"{A}\python.exe", Machine(files, environ=ENVIRON, platform="win32")).version == ""


def test_a_real_launcher_of_pip_names_its_interpreter():
    import pip

    from autovenv import owners

    folder = pip.__file__.rpartition("/")[0]
    with open(f"{folder}/_vendor/distlib/t64.exe", "rb") as stream:
        stub = stream.read()
    whole = stub + launcher(rf"{SCRIPTS}\python.exe").partition(bytes(600))[2]
    files = FakeFiles({rf"{SCRIPTS}\pip.exe": whole})
    machine = Machine(files, platform="win32")
    assert owners.interpreter(rf"{SCRIPTS}\pip.exe", machine) == rf"{SCRIPTS}\python.exe"
    assert owners.interpreter(rf"{SCRIPTS}\pip.exe", Machine(FakeFiles({rf"{SCRIPTS}\pip.exe": stub}))) == ""


@pytest.mark.parametrize("kind", ["distlib", "uv"])
def test_a_launcher_names_its_interpreter(kind):
    from autovenv import owners

    files = FakeFiles({rf"{SCRIPTS}\pip.exe": launcher(rf"{SCRIPTS}\python.exe", kind=kind)})
    known = owners.interpreter(rf"{SCRIPTS}\pip.exe", Machine(files, platform="win32"))
    assert known == rf"{SCRIPTS}\python.exe"


@pytest.mark.parametrize(
    "data", [b"MZ", b"MZ" + b"PK\x05\x06", b"MZ\xff\xff\xff\xffUVSC", b"MZ" + b"\0" * 9 + b"UVPY"]
)
def test_a_broken_launcher_names_nothing(data):
    from autovenv import owners

    files = FakeFiles({rf"{A}\pip.exe": data})
    assert owners.interpreter(rf"{A}\pip.exe", Machine(files, platform="win32")) == ""


# ---- py and the install manager ---------------------------------------------------------------------

PY310, PY312, PY32 = r"C:\Py310", r"C:\Py312", r"C:\Py312-32"
CORES = {
    **core("3.10", PY310, hive="HKLM"),
    **core("3.12", PY312),
    **core("3.12-32", PY32, hive="HKLM32"),
    **core("Anaconda38-64", r"C:\ana", company="ContinuumAnalytics"),
    **core("1", r"C:\launcher", company="PyLauncher"),
}


def py_query(tree=None, *, environ=None, values=None, path=()):
    files = FakeFiles({PROJECT: None, **(tree or {})})
    reg = FakeRegistry(CORES if values is None else values)
    return Query(
        "py", PROJECT, ";".join(path), ShellFacts("cmd"), USER, files, reg, {**ENVIRON, **(environ or {})}
    )


VENV = {"VIRTUAL_ENV": rf"{PROJECT}\.venv"}


@pytest.mark.parametrize(
    ("words", "more", "executable", "rule"),
    [
        ((), {}, rf"{PY312}\python.exe", "newest"),
        ((), {"environ": VENV}, rf"{SCRIPTS}\python.exe", "VIRTUAL_ENV"),
        (("-3",), {"environ": VENV}, rf"{PY312}\python.exe", "asked for"),
        (("-3.10",), {}, rf"{PY310}\python.exe", "asked for"),
        (("-3.12-32",), {}, rf"{PY32}\python.exe", "asked for"),
        (("-3.9",), {}, "", "asked for"),
        (("-V:ContinuumAnalytics/Anaconda38-64",), {}, r"C:\ana\python.exe", "asked for"),
        ((), {"environ": {"PY_PYTHON": "3.10"}}, rf"{PY310}\python.exe", "PY_PYTHON"),
        (("-3",), {"environ": {"PY_PYTHON3": "3.10"}}, rf"{PY310}\python.exe", "asked for"),
        ((), {"tree": {rf"{LOCAL}\py.ini": "[defaults]\npython=3.10\n"}}, rf"{PY310}\python.exe", "py.ini"),
        (
            (),
            {"tree": {r"C:\Windows\py.ini": "[commands]\npython=3.12\n[defaults]\npython = 3.10\n"}},
            rf"{PY310}\python.exe",
            "py.ini",
        ),
        ((), {"values": {}}, "", "newest"),
    ],
)
def test_py_starts(words, more, executable, rule):
    known = search_windows.py(py_query(**more), words)
    assert (known.executable, known.rule) == (executable, rule)


@pytest.mark.parametrize(
    ("line", "executable"),
    [
        ("#!/usr/bin/python3.10", rf"{PY310}\python.exe"),
        ("#! /usr/bin/env python3", rf"{A}\python3.exe"),
        ("#!/usr/bin/env python3.10", rf"{PY310}\python.exe"),
        ("#!python3.10 -u", rf"{PY310}\python.exe"),
        ("#!/bin/sh", rf"{SCRIPTS}\python.exe"),
        ("print()", rf"{SCRIPTS}\python.exe"),
    ],
)
def test_py_reads_the_first_line_of_a_script(line, executable):
    tree = {rf"{PROJECT}\x.py": line + "\n", rf"{A}\python3.exe": EXE}
    known = search_windows.py(py_query(tree, environ=VENV, path=[A]), script="x.py")
    assert known.executable == executable


def install(name, tag):
    noted = {"company": "PythonCore", "tag": tag, "sort-version": f"{tag}.1"}
    return {
        rf"{LOCAL}\Python\{name}\__install__.json": json.dumps(noted),
        rf"{LOCAL}\Python\{name}\python.exe": EXE,
    }


INSTALLS = {**install("pythoncore-3.14-64", "3.14"), **install("pythoncore-3.13-64", "3.13")}


@pytest.mark.parametrize(
    ("words", "more", "executable", "rule"),
    [
        ((), {"tree": INSTALLS}, rf"{LOCAL}\Python\pythoncore-3.14-64\python.exe", "newest"),
        ((), {"tree": INSTALLS, "environ": VENV}, rf"{SCRIPTS}\python.exe", "VIRTUAL_ENV"),
        (
            ("-V:3.13",),
            {"tree": INSTALLS, "environ": VENV},
            rf"{LOCAL}\Python\pythoncore-3.13-64\python.exe",
            "asked for",
        ),
        (
            (),
            {"tree": INSTALLS, "environ": {"PYTHON_MANAGER_DEFAULT": "3.13"}},
            rf"{LOCAL}\Python\pythoncore-3.13-64\python.exe",
            "default tag",
        ),
        (
            (),
            {"tree": {**INSTALLS, rf"{ROAMING}\Python\pymanager.json": '{"default_tag": "3.13"}'}},
            rf"{LOCAL}\Python\pythoncore-3.13-64\python.exe",
            "default tag",
        ),
        ((), {"tree": {rf"{LOCAL}\Python\x\__install__.json": "{"}}, rf"{PY312}\python.exe", "newest"),
    ],
)
def test_the_install_manager_starts(words, more, executable, rule):
    known = search_windows.pymanager(py_query(**more), words)
    assert (known.executable, known.rule) == (executable, rule)


def test_registered_pythons_are_read_in_order_without_the_launcher():
    found = [(one.company, one.tag, one.hive) for one in pep514.installed(FakeRegistry(CORES))]
    assert found == [
        ("ContinuumAnalytics", "Anaconda38-64", "HKCU"),
        ("PythonCore", "3.12", "HKCU"),
        ("PythonCore", "3.10", "HKLM"),
        ("PythonCore", "3.12-32", "HKLM32"),
    ]


def test_every_kind_that_there_is_was_met():
    met = {layout.what for layout in LAYOUTS} | {None}
    elsewhere = {What.ALTERNATIVE, What.FRAMEWORK, What.APPLE_STUB}
    from which.test_layouts import LAYOUTS as POSIX

    met |= {layout.what for layout in POSIX}
    assert set(What) - met == elsewhere, "these are in test_kinds.py"
    assert {Kind.MACRO, Kind.CMDLET, Kind.APP_PATH} <= set(Kind)


class Watched(FakeFiles):
    """Files that fail the test if another machine is reached for."""

    def followed(self, path):
        assert not path.startswith("\\\\"), f"looked at {path}"
        return super().followed(path)


def test_what_a_project_says_makes_nobody_reach_for_another_machine():
    remote = r"\\evil\share"
    tree = {
        **venv(rf"{PROJECT}\.venv", home=remote, was=rf"{remote}\v"),
        rf"{SCRIPTS}\pip.exe": launcher(rf"{remote}\python.exe"),
        rf"{USER}\scoop\shims\python.exe": EXE,
        rf"{USER}\scoop\shims\python.shim": f"path = {remote}\\python.exe",
    }
    machine = Machine(Watched(tree), environ=ENVIRON, cwd=PROJECT, platform="win32")
    for path in (rf"{SCRIPTS}\python.exe", rf"{SCRIPTS}\pip.exe", rf"{USER}\scoop\shims\python.exe"):
        assert identify(path, machine).real == path
    with pytest.raises(AssertionError, match="looked at"):
        identify(rf"{remote}\python.exe", machine)
