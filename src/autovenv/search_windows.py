"""How Windows finds a command: cmd, PowerShell, CreateProcess, ``start``, py, the install manager.

All of it is data in, data out: the files, the registry and the environment come with the :class:`Query`. The
rules are Microsoft's and Python's documents as noted at each function; what was compared with a real Windows
is said in README.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from autovenv import pep514
from autovenv.files import Sort, is_file, text
from autovenv.machine import says_where
from autovenv.record import changed, record
from autovenv.search import (
    CURRENT_FOLDER,
    NOT_ASKED,
    Candidate,
    Entry,
    Kind,
    Query,
    Step,
    before_path,
    candidates_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from autovenv.pep514 import Installed

CMD_LIMIT = 8191
"""Characters. cmd takes no notice of a PATH that is longer (KB 830473 and its consequences)."""
PATHEXT = ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"

INTERNAL = frozenset(
    (
        *(
            "assoc",
            "break",
            "call",
            "cd",
            "chdir",
            "cls",
            "color",
            "copy",
            "date",
            "del",
            "dir",
            "dpath",
            "echo",
        ),
        *("endlocal", "erase", "exit", "for", "ftype", "goto", "if", "keys", "md", "mkdir", "mklink", "move"),
        *(
            "path",
            "pause",
            "popd",
            "prompt",
            "pushd",
            "rd",
            "rem",
            "ren",
            "rename",
            "rmdir",
            "set",
            "setlocal",
        ),
        *("shift", "start", "time", "title", "type", "ver", "verify", "vol"),
    )
)
"""The commands that cmd does itself (cmd /?, help)."""

CMDLETS = {"where": "Where-Object", "sort": "Sort-Object", "type": "Get-Content", "curl": "Invoke-WebRequest"}
"""Aliases of Windows PowerShell that beginners fall over; 7 has them all but curl."""


def walk(asked: Query) -> tuple[Step, ...]:
    """Return every rule that the asking shell goes through on Windows, in its order."""
    shell = asked.shell.shell
    if shell in ("powershell", "pwsh"):
        return tuple(powershell(asked))
    if shell in ("bash", "zsh", "fish"):  # Git Bash, MSYS2: PATH, and .exe is added
        return (*before_path(asked), *_on_path(asked, _split(asked), names=_with(asked.name, [".exe", ""])))
    return tuple(cmd(asked))


def variable(environ: Mapping[str, str], name: str) -> str:
    """Return a variable by its name in any letter case, as Windows does; "" if it is not set."""
    return next((value for key, value in environ.items() if key.upper() == name.upper()), "")


def pathext(environ: Mapping[str, str]) -> list[str]:
    """Return the extensions of PATHEXT, in order, lower case."""
    value = variable(environ, "PATHEXT") or PATHEXT
    return [one.strip().lower() for one in value.split(";") if one.strip()]


# ---- cmd ------------------------------------------------------------------------------------------


def cmd(asked: Query) -> Iterator[Step]:
    """Yield the rules of cmd.exe: macro (typed lines only), internal command, current folder, PATH.

    In each folder all of PATHEXT is tried in order, before the next folder. The current folder is left out if
    NoDefaultCurrentDirectoryInExePath is set (NeedCurrentDirectoryForExePathW). A PATH over 8191 characters
    is not seen at all.
    """
    if asked.has_folder:
        yield _as_path(asked, pathext(asked.environ))
        return
    internal = asked.name.lower() in INTERNAL
    for step in before_path(asked) if asked.shell.loaded else (NOT_ASKED, Step(Kind.BUILTIN.value)):
        builtin = step.rule == Kind.BUILTIN.value and internal and not step.found
        yield changed(step, found=(Candidate(Kind.BUILTIN),)) if builtin else step
    names = file_names(asked.name, asked.environ)
    yield _current_folder(asked, names)
    steps = tuple(_on_path(asked, _split(asked, quotes=True), names=names))
    if len(asked.path or "") > CMD_LIMIT:
        note = (
            f"cmd takes no notice of a PATH of {len(asked.path or '')} characters: its limit is {CMD_LIMIT}"
        )
        yield Step("PATH", note=note)
        steps = tuple(changed(step, found=tuple(_unseen(one, note) for one in step.found)) for step in steps)
    yield from steps


def _unseen(one: Candidate, why_not: str) -> Candidate:
    return changed(one, runs=False, taken=False, why_not=why_not)


def file_names(name: str, environ: Mapping[str, str]) -> list[str]:
    """Return the names that cmd tries in each folder: as typed with such an extension, then PATHEXT."""
    known = pathext(environ)
    has = any(name.lower().endswith(one) for one in known)
    return _with(name, ["", *known] if has else known)


def _current_folder(asked: Query, names: list[str]) -> Step:
    if _is_set(asked.environ, "NoDefaultCurrentDirectoryInExePath"):
        return Step(CURRENT_FOLDER, asked.cwd, note="left out: NoDefaultCurrentDirectoryInExePath is set")
    found = tuple(_look(asked, asked.cwd, names, entry=Entry.CURRENT))
    return Step(CURRENT_FOLDER, asked.cwd, found=found)


def _is_set(environ: Mapping[str, str], name: str) -> bool:
    return any(key.upper() == name.upper() for key in environ)


def start(asked: Query) -> Iterator[Step]:
    """Yield the rules of ``start`` and of Win+R: current folder, Windows folders, PATH, then App Paths.

    (ShellExecuteEx; win32, shell/app-registration.)
    """
    names = file_names(asked.name, asked.environ)
    yield _current_folder(asked, names)
    for folder in _system_folders(asked)[::-1]:
        yield Step("Windows", folder, found=tuple(_look(asked, folder, names)))
    yield from _on_path(asked, _split(asked, quotes=True), names=names)
    name = asked.name if asked.name.lower().endswith(".exe") else asked.name + ".exe"
    path = pep514.app_path(asked.registry, name)
    yield Step("App Paths", name, found=(_file(asked, path, Kind.APP_PATH),) if path else ())


# ---- PowerShell -----------------------------------------------------------------------------------


def powershell(asked: Query) -> Iterator[Step]:
    """Yield the rules of PowerShell: alias, function, cmdlet, then PATH; never the current folder.

    In each folder a name with an extension is tried first as it is, then ``.ps1``, then PATHEXT, then the
    name alone, which runs only if it has an extension of PATHEXT (about_Command_Precedence;
    CommandPathSearch.cs). Empty entries and leading blanks of PATH are dropped, ``~`` is expanded
    (CommandDiscovery.cs).
    """
    if asked.has_folder:
        yield _as_path(asked, [".ps1", *pathext(asked.environ)])
        return
    alias = CMDLETS.get(asked.name.lower(), "")
    if asked.shell.name == asked.name or not alias or (alias[0] == "I" and _is_7(asked)):
        yield from before_path(asked)
    else:
        yield Step(Kind.ALIAS.value, found=(Candidate(Kind.ALIAS, text=alias),), note="of PowerShell itself")
    extension = "." in asked.name
    names = _with(
        asked.name,
        [*([""] if extension else []), ".ps1", *pathext(asked.environ), *([] if extension else [""])],
    )
    yield Step(CURRENT_FOLDER, asked.cwd, note="PowerShell never looks there")
    yield from _on_path(asked, [one.lstrip() for one in _split(asked) if one], names=names)


def _is_7(asked: Query) -> bool:
    """Return whether this is PowerShell 6 or newer; the hook calls all of them powershell."""
    major = asked.shell.version.split(".")[0]
    return asked.shell.shell == "pwsh" or (major.isdigit() and int(major) >= 6)


# ---- CreateProcess --------------------------------------------------------------------------------


def create_process(asked: Query, application: str) -> Iterator[Step]:
    """Yield the rules of CreateProcess, as for ``subprocess.run(["python"])`` in ``application``.

    The program's own folder, the current folder, the system folders, PATH; ``.exe`` is added to a name
    without an extension, and nothing else is tried (CreateProcessW, lpCommandLine). In a venv the running
    program is the base python.exe, so that its folder comes before the venv's.
    """
    name = asked.name if "." in asked.name.rpartition("\\")[2] else asked.name + ".exe"
    yield Step("application's folder", application, found=tuple(_look(asked, application, [name])))
    yield _current_folder(asked, [name])
    for folder in _system_folders(asked):
        yield Step("Windows", folder, found=tuple(_look(asked, folder, [name])))
    yield from _on_path(asked, _split(asked), names=[name])


def _system_folders(asked: Query) -> list[str]:
    root = variable(asked.environ, "SystemRoot") or r"C:\Windows"
    return [asked.join(root, "System32"), asked.join(root, "System"), root]


RUNNABLE = (".com", ".exe", ".bat", ".cmd")
"""What runs without a shell or the program that Windows has noted for an ending (CreateProcessW)."""


def runnable(asked: Query) -> Iterator[Step]:
    """Yield the rules for a program that is started by us: PATH alone, and what needs no shell.

    Never the current folder: what a project brings is not on PATH.
    """
    known = [one for one in pathext(asked.environ) if one in RUNNABLE]
    if asked.has_folder:
        yield _as_path(asked, known)
        return
    has = any(asked.name.lower().endswith(one) for one in known)
    names = _with(asked.name, ["", *known] if has else known)
    yield from _on_path(
        asked, [one for one in _split(asked, quotes=True) if says_where(one, windows=True)], names=names
    )


# ---- PATH -----------------------------------------------------------------------------------------


def _with(name: str, extensions: list[str]) -> list[str]:
    return [name + one for one in extensions]


def _as_path(asked: Query, extensions: list[str]) -> Step:
    folder, name = asked.files.flavour.split(asked.join(asked.cwd, asked.name))
    return Step("path", asked.name, found=tuple(_look(asked, folder, _with(name, ["", *extensions]))))


def _split(asked: Query, *, quotes: bool = False) -> list[str]:
    """Split PATH at ``;``. With ``quotes``, quoted parts may hold one and lose their quotes."""
    path = asked.path or ""
    if not quotes or '"' not in path:
        return path.split(";") if path else []
    entries, current, inside = [], "", False
    for char in path:
        if char == '"':
            inside = not inside
        elif char == ";" and not inside:
            entries.append(current)
            current = ""
        else:
            current += char
    return [*entries, current]


def _on_path(asked: Query, entries: list[str], *, names: list[str]) -> Iterator[Step]:
    for position, folder in enumerate(entries, start=1):
        if not folder.strip():
            yield Step("PATH", folder, position, note="empty entries are left out")
            continue
        place, entry, note = _place(asked, folder)
        found = tuple(_look(asked, place, names, folder=folder, entry=entry, position=position))
        yield Step("PATH", folder, position, found, note)


def _place(asked: Query, folder: str) -> tuple[str, Entry, str]:
    """Return the folder that an entry means, how it is written, and what is to be said of it."""
    shell = asked.shell.shell
    if shell in ("powershell", "pwsh") and (folder == "~" or folder.startswith("~\\")) and asked.home:
        folder = asked.home + folder[1:]
    if folder.startswith("\\\\?\\") and shell == "cmd":
        return "\\\\?\\.", Entry.ABSOLUTE, "cmd does not use entries that begin with \\\\?\\"
    if says_where(folder, windows=True):
        return folder, Entry.ABSOLUTE, ""
    return asked.join(asked.cwd, folder), Entry.RELATIVE, ""


def _look(  # noqa: PLR0913 - what a candidate is made of
    asked: Query,
    place: str,
    names: list[str],
    *,
    folder: str = "",
    entry: Entry = Entry.ABSOLUTE,
    position: int = 0,
) -> Iterator[Candidate]:
    """Yield the files of ``names`` in the folder ``place``, in that order."""
    known = (
        (*pathext(asked.environ), ".ps1")
        if asked.shell.shell in ("powershell", "pwsh")
        else pathext(asked.environ)
    )
    for name in names:
        one = _file(asked, asked.join(place, name))
        if one.why_not == GONE:
            continue
        if one.runs and not any(name.lower().endswith(extension) for extension in known):
            one = _unseen(one, "its name has no extension of PATHEXT")
        yield changed(one, folder=folder, entry=entry, position=position)


GONE = "it is gone"


def _file(asked: Query, path: str, kind: Kind = Kind.FILE) -> Candidate:
    seen = asked.files.look(path)
    why_not = GONE if seen is None or seen.sort in (Sort.FOLDER, Sort.CLOSED) else ""
    if seen is not None and seen.sort is Sort.DANGLING:
        why_not = "its link leads nowhere"
    return Candidate(kind, path=path, runs=not why_not, taken=not why_not, why_not=why_not)


# ---- py -------------------------------------------------------------------------------------------


@record
class Launched:
    """What ``py`` starts: the program ("" = none), the rule that chose it, and the tag that was asked for."""

    executable: str
    rule: str
    tag: str = ""


def py(asked: Query, words: tuple[str, ...] = (), *, script: str = "") -> Launched:
    """Return what the ``py`` launcher of python.org starts (PEP 397, 486, 514).

    ``words`` are its own options (``-3.12``, ``-V:Company/Tag``). Without one: the first line of ``script``,
    then an active environment, then PY_PYTHON, py.ini, and the newest registered Python. With one, the
    environment has no say.
    """
    wanted = next((word for word in words if word.startswith(("-V:", "-2", "-3"))), "")
    if wanted:
        return _registered(asked, _configured(asked, wanted.removeprefix("-V:").lstrip("-")), "asked for")
    line = _first_line(asked, script) if script else ""
    if line:
        command = _virtual_command(line)
        if command.startswith("env "):
            return _through_env(asked, command.removeprefix("env "))
        if command:
            return _registered(asked, _configured(asked, command), "first line of the script")
    venv = variable(asked.environ, "VIRTUAL_ENV")
    if venv:
        return Launched(asked.join(venv, "Scripts", "python.exe"), "VIRTUAL_ENV")
    default = variable(asked.environ, "PY_PYTHON") or _ini(asked, "python")
    rule = "PY_PYTHON" if variable(asked.environ, "PY_PYTHON") else "py.ini" if default else "newest"
    return _registered(asked, _configured(asked, default), rule)


def _first_line(asked: Query, script: str) -> str:
    head = text(asked.files, asked.cwd, script, limit=1 << 20).split("\n")[0].strip()
    return head[2:].strip() if head.startswith("#!") else ""


def _virtual_command(line: str) -> str:
    """Return the version that a first line asks for, ``env NAME`` if PATH comes first, "" for others."""
    for prefix in ("/usr/bin/env ", "/usr/local/bin/", "/usr/bin/", ""):
        rest = line[len(prefix) :].split(" ", maxsplit=1)[0]
        if line.startswith(prefix) and rest.startswith("python"):
            version = rest.removeprefix("python") or "3"
            return f"env {rest}" if prefix == "/usr/bin/env " else version
    return ""


def _through_env(asked: Query, name: str) -> Launched:
    """``#!/usr/bin/env python``: PATH first, and then as without ``env`` (documentation, Shebang Lines)."""
    steps = _on_path(asked, _split(asked, quotes=True), names=[name + ".exe"])
    first = next((one for one in candidates_of(tuple(steps)) if one.taken), None)
    if first is not None:
        return Launched(first.path, "PATH, as the script's first line says env")
    return _registered(
        asked, _configured(asked, name.removeprefix("python") or "3"), "first line of the script"
    )


def _configured(asked: Query, tag: str) -> str:
    """Return what PY_PYTHON3 or py.ini make of a plain ``3`` (PEP 397)."""
    if tag not in ("2", "3"):
        return tag
    return variable(asked.environ, f"PY_PYTHON{tag}") or _ini(asked, f"python{tag}") or tag


def _ini(asked: Query, key: str) -> str:
    """Return a default of py.ini: the user's, then the one beside the launcher."""
    places = [variable(asked.environ, "LOCALAPPDATA"), variable(asked.environ, "SystemRoot") or r"C:\Windows"]
    for place in filter(None, places):
        inside = False
        for line in text(asked.files, place, "py.ini").splitlines():
            if line.strip().startswith("["):
                inside = line.strip().lower() == "[defaults]"
            name, equals, value = line.partition("=")
            if inside and equals and name.strip().lower() == key:
                return value.strip()
    return ""


def _registered(asked: Query, tag: str, rule: str) -> Launched:
    """Return the newest registered Python whose tag begins as asked; PythonCore unless a company is named."""
    company, slash, rest = tag.partition("/")
    company, rest = (company, rest) if slash else ("PythonCore", tag)
    fitting = [
        one
        for one in pep514.installed(asked.registry)
        if one.company.lower() == company.lower() and _fits(one.tag, rest)
    ]
    best = max(fitting, key=_rank, default=None)
    return Launched(best.executable if best else "", rule, tag)


def _fits(tag: str, wanted: str) -> bool:
    bits = wanted.endswith(("-32", "-64"))
    plain = tag.removesuffix("-32").removesuffix("-64").removesuffix("-arm64")
    if bits and wanted.endswith("-32") != tag.endswith("-32"):
        return False
    wanted = wanted[:-3] if bits else wanted
    return not wanted or plain == wanted or plain.startswith(wanted + ".")


def _rank(one: Installed) -> tuple[list[int], bool, bool]:
    numbers = [int(part) for part in one.tag.split("-")[0].split(".") if part.isdigit()]
    return numbers, not one.tag.endswith("-32"), one.hive == "HKCU"


# ---- the Python install manager -------------------------------------------------------------------


def pymanager(asked: Query, words: tuple[str, ...] = ()) -> Launched:
    """Return what ``py`` or ``python`` of the Python install manager starts (PEP 773).

    Without a version: the active environment (its setting ``virtual_env``), then the default tag
    (PYTHON_MANAGER_DEFAULT, its configuration), then the newest install, its own before registered ones.
    """
    wanted = (
        next((word for word in words if word.startswith(("-V:", "-3"))), "").removeprefix("-V:").lstrip("-")
    )
    venv = variable(asked.environ, "VIRTUAL_ENV")
    if not wanted and venv:
        return Launched(asked.join(venv, "Scripts", "python.exe"), "VIRTUAL_ENV")
    named = variable(asked.environ, "PYTHON_MANAGER_DEFAULT") or _manager_default(asked)
    tag = wanted or named
    rule = "asked for" if wanted else "default tag" if named else "newest"
    own = [one for one in manager_installs(asked) if _fits(one.tag, tag.rpartition("/")[2])]
    if own:
        return Launched(max(own, key=_rank).executable, rule, tag)
    return _registered(asked, tag, rule)


def _manager_default(asked: Query) -> str:
    folder = variable(asked.environ, "APPDATA")
    known = _json(text(asked.files, folder, "Python", "pymanager.json")) if folder else {}
    return str(known.get("default_tag", ""))


def manager_installs(asked: Query) -> Iterator[Installed]:
    """Yield the Pythons that the install manager keeps: ``%LOCALAPPDATA%\\Python\\*\\__install__.json``."""
    local = variable(asked.environ, "LOCALAPPDATA")
    base = asked.join(local, "Python") if local else ""
    for name in asked.files.names(base) if base else []:
        folder = asked.join(base, name)
        known = _json(text(asked.files, folder, "__install__.json"))
        program = asked.join(folder, str(known.get("executable") or "python.exe"))
        if known and is_file(asked.files, program):
            yield pep514.Installed(
                company=str(known.get("company", "PythonCore")),
                tag=str(known.get("tag", "")),
                folder=folder,
                executable=program,
                version=str(known.get("sort-version", "")),
            )


def _json(data: str) -> dict[str, object]:
    try:
        known = json.loads(data)
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}
