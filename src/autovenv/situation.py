"""What ``doctor`` looks at, gathered once. Reads only, and runs nothing."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from autovenv import facts, hookfiles, paths, pep514, rcfile, scene, shells, trust, verdict
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
    """A start-up file that should hold our lines. ``state``: absent, current, outdated or refused.

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

    def shown(self, path: str) -> str:
        """Return ``path`` for a person's eyes."""
        return shown(path, home=self.user_home)


def look(environ: Mapping[str, str], *, home: str) -> Situation:
    """Return the situation of this process, with autovenv's folder ``home``."""
    known = facts.read(environ)
    place = hookfiles.Place(environ, home, hookfiles.program(sys.argv[0]))
    user_home = paths.user_home(environ)
    here, python = _scene(environ, home)
    program = _first_line(os.path.join(home, "cli"))
    mode, mine = _state(home)
    shell = known.shell or shells.current_shell(environ) or ""
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
        path=tuple(_entry(one) for one in environ.get("PATH", "").split(os.pathsep)),
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


def _first_line(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return os.fsdecode(stream.readline(4096).rstrip(b"\n"))
    except OSError:
        return ""


def _state(home: str) -> tuple[int | None, bool]:
    try:
        info = os.stat(home)
    except OSError:
        return None, True
    return stat.S_IMODE(info.st_mode), info.st_uid == os.geteuid()


def _start_files(place: hookfiles.Place, shell: str) -> list[StartFile]:
    """Return the start-up files that were noted at installation, and those of the asking shell."""
    noted = hookfiles.read_record(place.home).rc
    listed = {name: files for name, files in noted.items() if files and name in shells.SUPPORTED}
    if shell in shells.SUPPORTED and shell not in listed:
        # ZDOTDIR given: nothing is started to ask for it.
        quiet = {"ZDOTDIR": place.user_home, **place.environ}
        listed[shell] = shells.rc_files(shell, quiet)
    return [_start_file(place, name, path) for name, files in listed.items() for path in files]


def _start_file(place: hookfiles.Place, name: str, path: str) -> StartFile:
    try:
        content = rcfile.read(path).content
        state = rcfile.state(content, place.line(name, path))
    except AutovenvError as error:
        return StartFile(name, path, "refused", error=error.fact)
    data = content or b""
    blocks = rcfile.find_blocks(data)
    ours = data[: blocks[0].start].count(b"\n") + 1 if blocks else 0
    return StartFile(name, path, state.value, os.fsdecode(data), ours)


def _entry(text: str) -> PathEntry:
    try:
        info = os.stat(text or ".")
    except (OSError, ValueError):
        return PathEntry(text, exists=False, folder=False)
    others = bool(info.st_mode & stat.S_IWOTH) and not info.st_mode & stat.S_ISVTX
    return PathEntry(text, folder=stat.S_ISDIR(info.st_mode), others_write=others)
