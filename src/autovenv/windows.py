"""The hook for cmd: its files, the AutoRun value, and Clink where there is one. Windows only.

The files go into ``%LOCALAPPDATA%\\autovenv``, byte for byte as they are. What was in AutoRun before is
noted in ``cmd.json`` beside them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autovenv import autorun, native, paths, registry
from autovenv.errors import AutovenvError
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from autovenv.autorun import Outcome, Registry, Value

BATCH = ("hook.bat", "go.bat", "before.bat", "leave.bat", "autovenv.bat", "autorun.bat", "macros.txt")
LUA = "autovenv.lua"
PROGRAM = "program"
NOTE = "cmd.json"
LINE = f'cmd /k "{autorun.SCRIPT}"'
"""What a shortcut or a profile of Windows Terminal starts, for those who want no AutoRun."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where an installation works: autovenv's folder, its program, the variables, AutoRun, the self-test."""

    home: str
    program: str
    environ: Mapping[str, str]
    registry: Registry
    probe: Callable[[], Outcome]


def machine(environ: Mapping[str, str], home: str, program: str) -> Machine:
    """Return the one that this runs on."""
    return Machine(home, program, environ, registry.CurrentUser(), registry.try_cmd)


def install(place: Machine, *, with_autorun: bool) -> list[str]:
    """Install for cmd, and for Clink if it is there; return what was done, in lines. Twice is once.

    Raises :class:`AutovenvError`; AutoRun is as it was then.
    """
    _write_files(place)
    told = [f"Installed for cmd: files in {shown(place.home)} (undo: autovenv uninstall-hook cmd)"]
    clink = clink_folder(place.environ)
    if clink:
        _write(os.path.join(clink, LUA), _brought(os.path.join("clink", LUA)))
        told.append(f"Installed for Clink: {shown(os.path.join(clink, LUA))}")
    if with_autorun:
        changed = autorun.install(place.registry, place.probe, lambda old: _note(place.home, old))
        told.append(
            "AutoRun loads it in each new cmd that you type in." if changed else "AutoRun has it already."
        )
    else:
        told.append(f"AutoRun was left alone. Start cmd with: {LINE}")
    return told


def uninstall(place: Machine, *, keep_trust: bool = False) -> list[str]:
    """Take all of it away again; return what was done, in lines. Raises :class:`AutovenvError`."""
    told = []
    if autorun.uninstall(place.registry, created=_created(place.home)):
        told.append("Removed for cmd: my entry in AutoRun")
    clink = clink_folder(place.environ)
    if clink and os.path.isfile(os.path.join(clink, LUA)):
        _unlink(os.path.join(clink, LUA))
        told.append(f"Removed for Clink: {shown(os.path.join(clink, LUA))}")
    if os.path.isdir(os.path.join(place.home, "cmd")):
        told.append(f"Removed for cmd: files in {shown(place.home)}")
    for folder in ("cmd", "clink", *(() if keep_trust or others(place.home) else ("trust", "bin"))):
        shutil.rmtree(os.path.join(place.home, folder), ignore_errors=True)
    _unlink(os.path.join(place.home, NOTE))
    with contextlib.suppress(OSError):
        os.rmdir(place.home)
    return told


def installed(place: Machine) -> str:
    """Return how things stand for cmd: absent, current, outdated (files or entry differ), without-autorun."""
    files = _files(place)
    found = {name: _content(os.path.join(place.home, name)) for name in files}
    if not any(found.values()):
        return "absent"
    if found != files:
        return "outdated"
    value = place.registry.read()
    return "current" if value is not None and autorun.has_entry(value.text) else "without-autorun"


def pending(place: Machine, *, with_autorun: bool) -> list[str]:
    """Return what :func:`install` would do, in lines; reads only."""
    files = _files(place)
    told = [
        f"would write {shown(os.path.join(place.home, name))}"
        for name, content in files.items()
        if _content(os.path.join(place.home, name)) != content
    ]
    old = place.registry.read()
    if with_autorun and autorun.with_entry(old) != old:
        told.append(f"would put in front of AutoRun: {autorun.ENTRY}")
    return told


def clink_folder(environ: Mapping[str, str]) -> str:
    """Return the folder that Clink loads scripts from, "" if there is no Clink.

    Clink's profile, ``%LOCALAPPDATA%\\clink``, or Cmder's ``%CMDER_ROOT%\\config``, if it exists.
    """
    cmder = environ.get("CMDER_ROOT", "")
    places = [os.path.join(cmder, "config")] if native.is_absolute(cmder) else []
    local = environ.get("LOCALAPPDATA", "")
    places += [os.path.join(local, "clink")] if native.is_absolute(local) else []
    return next((folder for folder in places if os.path.isdir(folder)), "")


# --- The files ------------------------------------------------------------------------------------


def _files(place: Machine) -> dict[str, bytes]:
    files = {os.path.join("cmd", name): _brought(os.path.join("cmd", name)) for name in BATCH}
    files[os.path.join("clink", LUA)] = _brought(os.path.join("clink", LUA))
    line, copied = program_line(place.home, place.program)
    files[os.path.join("cmd", PROGRAM)] = line
    if copied:
        files[os.path.join("bin", "autovenv.exe")] = _content(place.program) or b""
    return files


def program_line(home: str, program: str) -> tuple[bytes, bool]:
    """Return the line that names the program to cmd, and whether it names a copy in our own folder.

    cmd reads a file in the console's code page, so the line is ASCII: the way from the ``cmd`` folder if that
    will do, else the whole path, else a copy. Raises :class:`AutovenvError` if there is no program.
    """
    if not program or not program.lower().endswith(".exe"):
        raise AutovenvError(
            "cmd needs the program autovenv.exe, and this copy runs without one", "run: py install.py"
        )
    ways = [os.path.relpath(program, os.path.join(home, "cmd"))] if program[:1] == home[:1] else []
    for way in (*ways, program):
        if way.isascii() and not set(way) & set('%!^&"<>|;='):
            return way.encode("ascii") + b"\r\n", False
    return b"..\\bin\\autovenv.exe\r\n", True


def _brought(name: str) -> bytes:
    return _content(paths.brought("shims", name)) or b""


def _write_files(place: Machine) -> None:
    for name, content in _files(place).items():
        path = os.path.join(place.home, name)
        if _content(path) != content:
            _write(path, content)


def _write(path: str, content: bytes) -> None:
    """Put ``content`` at ``path``, whole or not at all. Raises :class:`AutovenvError`."""
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError as error:
        _unlink(temporary)
        raise AutovenvError(f"cannot write {shown(path)}: {error.strerror or error}") from error


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None


def _unlink(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def others(home: str) -> bool:
    """Whether another shell's hook lives in the same folder."""
    return any(os.path.isfile(os.path.join(home, name)) for name in ("hook.ps1", *paths.HOOKS.values()))


# --- What AutoRun was -----------------------------------------------------------------------------


def _note(home: str, old: Value | None) -> None:
    """Keep what was in AutoRun before our first entry."""
    path = os.path.join(home, NOTE)
    if os.path.exists(path):
        return
    known = None if old is None else {"text": old.text, "kind": old.kind}
    _write(path, json.dumps({"autorun": known}).encode("ascii") + b"\n")


def _created(home: str) -> bool:
    """Whether there was no AutoRun before us. Without a note: no, and an empty value may stay."""
    try:
        known = json.loads(_content(os.path.join(home, NOTE)) or b"")
        return known["autorun"] is None
    except (ValueError, KeyError, TypeError):
        return False
