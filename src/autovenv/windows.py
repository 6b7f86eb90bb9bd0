"""The hook for cmd: its files, the AutoRun value, and Clink where there is one. Windows only.

What was in AutoRun before is noted in ``cmd.json`` in autovenv's own folder.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autovenv import autorun, hookfiles, native, paths, rcfile
from autovenv.errors import AutovenvError
from autovenv.hookfiles import AUTORUN, Result, Standing
from autovenv.registry import CurrentUser, try_cmd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from autovenv.autorun import Outcome, Registry, Value
    from autovenv.hookfiles import Place, Record

BATCH = ("hook.bat", "go.bat", "before.bat", "leave.bat", "autovenv.bat", "autorun.bat", "macros.txt")
LUA = "autovenv.lua"
NOTE = "cmd.json"


@dataclass(frozen=True, slots=True)
class AutoRun:
    """Loads the hook of cmd by one entry in AutoRun, and that of Clink by its script in Clink's folder.

    See :class:`autovenv.hookfiles.Loader`. ``probe`` is the self-test: what a few commands do in a new cmd.
    """

    registry: Registry = field(default_factory=CurrentUser)
    probe: Callable[[], Outcome] = try_cmd

    def standing(self, place: Place, name: str) -> Result:
        """Say how things stand. Without leave to use AutoRun it counts that we were installed."""
        try:
            old = self.registry.read()
            wanted = autorun.with_entry(old)
        except OSError as error:
            refused = AutovenvError(f"cannot read AutoRun: {error.strerror or error}")
            return Result(name, Standing.REFUSED, (), hookfiles.with_line(refused, place.line(name)))
        except AutovenvError as error:
            return Result(name, Standing.REFUSED, (), hookfiles.with_line(error, place.line(name)))
        there = old == wanted if place.autorun else name in hookfiles.read_record(place.home).rc
        before = Standing.CURRENT if there else Standing.ABSENT
        clink = _clink_script(place.environ)
        if there and clink and _content(clink) != _brought(os.path.join("clink", LUA)):
            before = Standing.OUTDATED
        files = (*((AUTORUN,) if place.autorun else ()), *((clink,) if clink else ()))
        return Result(name, before, files)

    def add(self, place: Place, result: Result) -> None:
        """Put the entry into AutoRun, and Clink's script into its folder; AutoRun last, or not at all."""
        record = hookfiles.read_record(place.home)
        record.rc[result.shell] = list(result.files)
        hookfiles.write_record(place.home, record)
        clink = _clink_script(place.environ)
        if clink:
            rcfile.write_own(clink, _brought(os.path.join("clink", LUA)))
        if place.autorun:
            autorun.install(self.registry, self.probe, lambda old: _note(place.home, old))

    def holders(self, place: Place, record: Record, name: str) -> tuple[str, ...]:
        """Return AutoRun and Clink's script where they are ours, else our folder if it is used without."""
        old = self.registry.read()
        entry = (AUTORUN,) if old is not None and autorun.has_entry(old.text) else ()
        clink = _clink_script(place.environ)
        script = (clink,) if clink and os.path.isfile(clink) else ()
        folder = os.path.join(place.home, "cmd")
        return (*entry, *script) or ((folder,) if name in record.rc and os.path.isdir(folder) else ())

    def remove(self, place: Place, record: Record, name: str) -> None:  # noqa: ARG002 - the protocol's words
        """Take entry and script away. If it raises, AutoRun is as it was."""
        autorun.uninstall(self.registry, created=_created(place.home))
        for path in filter(None, (_clink_script(place.environ), os.path.join(place.home, NOTE))):
            with contextlib.suppress(OSError):
                os.unlink(path)

    def difference(self, place: Place, result: Result) -> str:  # noqa: ARG002
        """Return what would be put in front of AutoRun."""
        old = self.registry.read()
        wanted = place.autorun and autorun.with_entry(old) != old
        return f"would put in front of AutoRun: {autorun.ENTRY}" if wanted else ""

    def told(self, place: Place, result: Result) -> str:
        """Return where something of ours is."""
        if result.files:
            return " and ".join(
                "one entry in AutoRun" if one == AUTORUN else place.shown(one) for one in result.files
            )
        start = place.line(result.shell)
        return f"files in {place.shown(place.home)}; AutoRun was left alone, so start cmd with: {start}"


def _clink_script(environ: Mapping[str, str]) -> str:
    folder = clink_folder(environ)
    return os.path.join(folder, LUA) if folder else ""


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


def files(home: str, program: str) -> dict[str, bytes]:
    """Return what belongs into autovenv's folder ``home`` for cmd and Clink, by its name there.

    ``program`` is autovenv.exe, "" if this copy has none; then the file that names it is left out.
    """
    found = {os.path.join("cmd", name): _brought(os.path.join("cmd", name)) for name in BATCH}
    found[os.path.join("clink", LUA)] = _brought(os.path.join("clink", LUA))
    if program:
        line, copied = program_line(home, program)
        found[paths.CMD_PROGRAM] = line
        if copied:
            found[os.path.join("bin", "autovenv.exe")] = _content(program) or b""
    return found


def program_line(home: str, program: str) -> tuple[bytes, bool]:
    """Return the line that names the program to cmd, and whether it names a copy in our own folder.

    cmd reads a file in the console's code page, so the line is ASCII: the way from the ``cmd`` folder if that
    will do, else the whole path, else a copy.
    """
    ways = [os.path.relpath(program, os.path.join(home, "cmd"))] if program[:1] == home[:1] else []
    for way in (*ways, program):
        if way.isascii() and not set(way) & set('%!^&"<>|;='):
            return way.encode("ascii") + b"\r\n", False
    return b"..\\bin\\autovenv.exe\r\n", True


def _brought(name: str) -> bytes:
    return _content(paths.brought("shims", name)) or b""


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None


# --- What AutoRun was -----------------------------------------------------------------------------


def _note(home: str, old: Value | None) -> None:
    """Keep what was in AutoRun before our first entry."""
    path = os.path.join(home, NOTE)
    if os.path.exists(path):
        return
    known = None if old is None else {"text": old.text, "kind": old.kind}
    rcfile.write_own(path, json.dumps({"autorun": known}).encode("ascii") + b"\n")


def _created(home: str) -> bool:
    """Whether there was no AutoRun before us. Without a note: no, and an empty value may stay."""
    try:
        known = json.loads(_content(os.path.join(home, NOTE)) or b"")
        return known["autorun"] is None
    except (ValueError, KeyError, TypeError):
        return False
