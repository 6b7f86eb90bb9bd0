"""What ``doctor`` looks at, gathered once. Reads only, and runs nothing."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from autovenv import facts, hookfiles, native, paths, pep514, rcfile, scene, shells, trust, verdict
from autovenv.errors import AutovenvError
from autovenv.record import record
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autovenv.facts import ShellFacts
    from autovenv.pep514 import Registry
    from autovenv.scene import Scene
    from autovenv.verdict import Verdict


@record
class StartFile:
    """A start-up file that should hold our lines, or cmd's AutoRun. ``state``: absent, current, outdated or
    refused.

    ``text`` is the whole file; ``ours`` the number of the line that our block begins at, from 1, 0 if there
    is none. ``error`` says why the file was refused.
    """

    shell: str
    path: str
    state: str
    text: str = ""
    ours: int = 0
    error: str = ""


@record
class PathEntry:
    """One entry of PATH as it is written, and what is there."""

    text: str
    exists: bool = True
    folder: bool = True
    others_write: bool = False


@record
class Situation:
    """Everything that the checks look at.

    ``shell`` is the asking shell's name, "" if unknown; ``known`` what its hook handed over. ``here`` and
    ``python`` are the scene and the verdict on python, None where the current folder is gone. ``stale`` are
    the files of ours that are missing or outdated, ``program`` what the file ``cli`` names, "" if there is
    none. ``state_mode`` is None where our folder is missing. ``markers`` are the allowed projects, ``gone``
    those of them whose environment is missing.
    """

    environ: Mapping[str, str]
    user_home: str
    home: str
    shell: str
    known: ShellFacts
    platform: str = sys.platform
    here: Scene | None = None
    python: Verdict | None = None
    start_files: tuple[StartFile, ...] = ()
    stale: tuple[str, ...] = ()
    program: str = ""
    program_runs: bool = False
    state_mode: int | None = None
    state_mine: bool = True
    path: tuple[PathEntry, ...] = ()
    markers: int = 0
    gone: tuple[str, ...] = ()
    registry: Registry = pep514.NONE

    @property
    def windows(self) -> bool:
        """Whether the system is Windows."""
        return self.platform == "win32"

    @property
    def separator(self) -> str:
        """What stands between two names in a path."""
        return "\\" if self.windows else "/"

    def folded(self, path: str) -> str:
        """Return ``path`` as entries of PATH are compared: no slash at the end, case only where it counts."""
        text = path.replace("\\", "/").lower() if self.windows else path
        return text.rstrip("/")

    @property
    def reload(self) -> str:
        """What to type to get the hook into the terminal that is open now."""
        return shells.SHELLS[self.shell].reload if self.shell in shells.SHELLS else "exec $SHELL"

    def shown(self, path: str) -> str:
        """Return ``path`` for a person's eyes."""
        return shown(path, home=self.user_home)


def look(environ: Mapping[str, str], *, home: str) -> Situation:
    """Return the situation of this process, with autovenv's folder ``home``."""
    known = facts.read(environ)
    place = hookfiles.Place(environ, home, hookfiles.program(sys.argv[0]))
    user_home = paths.user_home(environ)
    here, python = _scene(environ, home)
    shell = known.shell or shells.current_shell(environ) or ""
    program = _program(home, shell)
    mode, mine = _state(home)
    state = trust.Home(home)
    markers = [marker for marker in trust.projects(state) if marker.project == marker.spellings[0]]
    return Situation(
        environ=environ,
        user_home=user_home,
        home=home,
        shell=shell,
        known=known,
        here=here,
        python=python,
        start_files=tuple(_start_files(place, shell)),
        stale=tuple(name for name in hookfiles.pending_files(place) if os.path.basename(name) != "cli"),
        program=program,
        program_runs=os.path.isfile(program) and os.access(program, os.X_OK),
        state_mode=mode,
        state_mine=mine,
        path=tuple(_entry(one) for one in environ.get("PATH", "").split(native.PATH_SEPARATOR)),
        markers=len(markers),
        gone=tuple(marker.project for marker in markers if not os.path.isdir(marker.venv)),
        registry=pep514.real(),
    )


def _scene(environ: Mapping[str, str], home: str) -> tuple[Scene | None, Verdict | None]:
    try:
        here = scene.look(environ, home=home)
    except AutovenvError:
        return None, None
    return here, verdict.judge(here, "python")


def _program(home: str, shell: str) -> str:
    """Return the program that the hook of ``shell`` starts; cmd has a file of its own for it."""
    if shell != "cmd":
        return _first_line(os.path.join(home, "cli"))
    named = _first_line(os.path.join(home, paths.CMD_PROGRAM))
    return os.path.normpath(os.path.join(home, "cmd", named)) if named else ""


def _first_line(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return native.decoded(stream.readline(4096).rstrip(b"\r\n"))
    except OSError:
        return ""


def _state(home: str) -> tuple[int | None, bool]:
    try:
        info = os.stat(home)
    except OSError:
        return None, True
    return stat.S_IMODE(info.st_mode), info.st_uid == native.user()


def _start_files(place: hookfiles.Place, shell: str) -> list[StartFile]:
    """Return the start-up files that were noted at installation, and those of the asking shell."""
    noted = hookfiles.read_record(place.home).rc
    listed = {name: files for name, files in noted.items() if files and name in shells.SUPPORTED}
    if shell in shells.SUPPORTED and shell not in listed:
        # ZDOTDIR given: nothing is started to ask for it.
        quiet = {"ZDOTDIR": place.user_home, **place.environ}
        listed[shell] = shells.rc_files(shell, quiet)
    found = []
    for name, files in listed.items():
        if shells.SHELLS[name].way is shells.Way.AUTORUN:
            found.append(_auto_run(place, name))
        else:
            found += [_start_file(place, name, path) for path in files]
    return found


def _auto_run(place: hookfiles.Place, name: str) -> StartFile:
    """Return how AutoRun stands, or the files alone where the person wanted it left alone."""
    noted = hookfiles.read_record(place.home).rc
    known = hookfiles.loading(
        replace(place, autorun=name not in noted or hookfiles.AUTORUN in noted[name]), name
    )
    used = hookfiles.AUTORUN in known.files or known.error
    what = hookfiles.AUTORUN if used else os.path.join(place.home, "cmd")
    return StartFile(name, what, known.before.value, error=known.error.fact if known.error else "")


def _start_file(place: hookfiles.Place, name: str, path: str) -> StartFile:
    try:
        content = rcfile.read(path).content
        state = rcfile.state(content, place.line(name, path))
    except AutovenvError as error:
        return StartFile(name, path, "refused", error=error.fact)
    data = rcfile.readable(content or b"")
    blocks = rcfile.find_blocks(data)
    ours = data[: blocks[0].start].count(b"\n") + 1 if blocks else 0
    return StartFile(name, path, state.value, native.decoded(data), ours)


def _entry(text: str) -> PathEntry:
    try:
        info = os.stat(text or ".")
    except (OSError, ValueError):
        return PathEntry(text, exists=False, folder=False)
    # On Windows the mode of every folder says so; who may really write is not looked at there.
    others = bool(info.st_mode & stat.S_IWOTH) and not info.st_mode & stat.S_ISVTX and not native.WINDOWS
    return PathEntry(text, folder=stat.S_ISDIR(info.st_mode), others_write=others)
