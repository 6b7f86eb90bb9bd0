"""Put the hook into a user's shells, and take it away again so that nothing is left.

autovenv's own folder gets copies of the hooks and completions, so that a shell still starts in silence when
the program is gone. How a shell is made to load its hook is a :class:`Loader`'s work:
:mod:`autovenv.startfiles`, for cmd :mod:`autovenv.windows`. What was made on the way, folders included, is
noted in ``installed.json`` and removed by :func:`uninstall`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import sys
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from autovenv import native, paths, rcfile, shells
from autovenv.errors import AutovenvError
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RECORD = "installed.json"
AUTORUN = "AutoRun"
"""How :class:`Result` and the record name cmd's AutoRun value among the files of a shell."""


class Standing(Enum):
    """How things stand for one shell, as :func:`standing` found it."""

    ABSENT = "absent"
    CURRENT = "current"
    OUTDATED = "outdated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """What was found for one shell; ``files`` hold its lines, ``error`` says why it was refused.

    ``barred`` says why some of its files were left out, if not all were.
    """

    shell: str
    before: Standing
    files: tuple[str, ...] = ()
    error: AutovenvError | None = None
    barred: tuple[AutovenvError, ...] = ()


@dataclass(slots=True)
class Record:
    """What an installation made: start-up files and own files by shell, and folders, outermost first."""

    rc: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation works: the environment, autovenv's folder, and the program that hooks start.

    ``program`` is empty if there is no console script; then a launcher is written. ``autorun`` is whether
    cmd's AutoRun value may be changed.
    """

    environ: Mapping[str, str]
    home: str
    program: str = ""
    autorun: bool = True

    @property
    def user_home(self) -> str:
        """The user's home folder, which the lock is on."""
        return paths.user_home(self.environ)

    def line(self, shell: str, file: str = "") -> str:
        """Return the line that loads the hook, as it stands in ``file``."""
        return shells.source_line(shell, self.home, file=file)

    def shown(self, path: str) -> str:
        """Return ``path`` as a person reads it, with ``~`` for the home folder."""
        return shown(path, home=self.user_home)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell of what the system refuses in one line."""
    try:
        yield
    except OSError as error:
        path = os.fsdecode(error.filename) if error.filename else "a file"
        raise AutovenvError(f"cannot use {shown(path)}: {error.strerror or error}") from error


# --- The record -----------------------------------------------------------------------------------


def read_record(home: str) -> Record:
    """Return the record in ``home``; an empty one if there is none, or it is garbled. Raises OSError."""
    try:
        known = json.loads(content_of(os.path.join(home, RECORD)))
        return Record(**{name: known[name] for name in ("rc", "files", "folders", "asked")})
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Record()


def write_record(home: str, record: Record) -> None:
    """Write the record. Path bytes that are not UTF-8 survive as escaped surrogates."""
    known = {name: getattr(record, name) for name in ("rc", "files", "folders", "asked")}
    rcfile.write_own(os.path.join(home, RECORD), json.dumps(known, indent=1).encode("ascii") + b"\n")


# --- How things stand -----------------------------------------------------------------------------


class Loader(Protocol):
    """What brings a shell to load its hook. Each method raises :class:`AutovenvError` and OSError."""

    def standing(self, place: Place, name: str) -> Result:
        """Say how things stand for the shell, whatever our own files are like. Reads only."""

    def add(self, place: Place, result: Result) -> None:
        """Make the shell load its hook."""

    def holders(self, place: Place, record: Record, name: str) -> tuple[str, ...]:
        """Return where something of ours is, as a person knows the place."""

    def remove(self, place: Place, record: Record, name: str) -> None:
        """Take it away again."""

    def difference(self, place: Place, result: Result) -> str:
        """Return what :meth:`add` would change, for a person; "" if nothing."""

    def told(self, place: Place, result: Result) -> str:
        """Return what was put where: a part of a sentence."""


def _loader(name: str) -> Loader:
    if shells.SHELLS[name].way is shells.Way.AUTORUN:
        from autovenv import windows

        return windows.AutoRun()
    from autovenv import startfiles

    return startfiles.StartFiles()


def standing(place: Place, name: str) -> Result:
    """Say how things stand for one shell. Reads only."""
    result = loading(place, name)
    if result.before is Standing.CURRENT and _stale(place):
        return replace(result, before=Standing.OUTDATED)
    return result


def loading(place: Place, name: str) -> Result:
    """Say how things stand for one shell, whatever our own files are like. Reads only."""
    return _loader(name).standing(place, name)


def with_line(error: AutovenvError, line: str) -> AutovenvError:
    """Return ``error`` with the line that loads the hook for a remedy, if it has none of its own."""
    remedy = error.remedy or f"nothing was changed; the line that loads the hook is: {shown(line)}"
    return AutovenvError(error.fact, remedy)


def _own_files(place: Place) -> dict[str, tuple[bytes, int]]:
    """Return content and mode of every file that belongs into autovenv's folder, by its name there."""
    files = {}
    if place.program or not native.WINDOWS:
        files["cli"] = (os.fsencode(place.program or _launcher_path(place.home)) + b"\n", 0o600)
    if not place.program and not native.WINDOWS:
        files[os.path.join("bin", "autovenv")] = (_launcher(), 0o700)
    for name in paths.HOOKS:
        files[paths.HOOKS[name]] = (content_of(paths.hook_source(name)), 0o600)
        if name in paths.COMPLETIONS:
            completion = os.path.join("completions", paths.COMPLETIONS[name])
            files[completion] = (content_of(paths.completion_source(name)), 0o600)
    if native.WINDOWS:
        from autovenv import windows

        files.update((name, (data, 0o600)) for name, data in windows.files(place.home, place.program).items())
    return files


def content_of(path: str) -> bytes:
    """Return what is in the file at ``path``. Raises OSError."""
    with open(path, "rb") as stream:
        return stream.read()


def _stale(place: Place) -> dict[str, tuple[bytes, int]]:
    """Return those of the own files that are not there as they should be."""
    own = _own_files(place).items()
    return {
        name: wanted
        for name, wanted in own
        if not _as_wanted(found_at(os.path.join(place.home, name)), wanted)
    }


def found_at(path: str) -> tuple[bytes, int] | None:
    """Return content and mode of the regular file at ``path``, None if there is none to be read."""
    try:
        status = os.lstat(path)
        return (content_of(path), stat.S_IMODE(status.st_mode)) if stat.S_ISREG(status.st_mode) else None
    except OSError:
        return None


def _as_wanted(found: tuple[bytes, int] | None, wanted: tuple[bytes, int]) -> bool:
    """Whether a file is as it should be. On Windows a mode says nothing."""
    return found == wanted or (native.WINDOWS and found is not None and found[0] == wanted[0])


# --- The program that hooks start -----------------------------------------------------------------


def program(argv0: str) -> str:
    """Return the absolute path of the running console script; empty if this is no console script.

    Links are kept: pipx and uv renew what a link leads to.
    """
    if native.WINDOWS and not argv0.lower().endswith(".exe"):
        argv0 += ".exe"
    return os.path.abspath(argv0) if os.path.dirname(argv0) and _is_program(argv0) else ""


def _is_program(path: str) -> bool:
    named = os.path.basename(path) == ("autovenv.exe" if native.WINDOWS else "autovenv")
    return named and os.path.isfile(path) and os.access(path, os.X_OK) and "\n" not in os.path.abspath(path)


def _launcher_path(home: str) -> str:
    return os.path.join(home, "bin", "autovenv")


def _launcher() -> bytes:
    """Return a script that starts this very copy of autovenv, for a checkout without a console script.

    It is a shell and a Python file at once, as a ``#!`` line takes no blanks in a path. ``python -m`` would
    import from the folder that the user is in.
    """
    python = shells.quoted(sys.executable)
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.fsencode(
        "#!/bin/sh\n"
        f"'''exec' {python} \"$0\" \"$@\"\n"
        "' '''\n"
        "import os, sys\n"
        f"sys.path.append(os.fsdecode({os.fsencode(package)!r}))\n"
        "from autovenv.entry import main\n"
        "sys.exit(main())\n"
    )


# --- Install --------------------------------------------------------------------------------------


def install(place: Place, names: Iterable[str]) -> list[Result]:
    """Install the hook for the named shells. Twice is once. Each result tells what was there before.

    A shell that is refused is left as it was, and so is everything else if all are refused.
    Raises :class:`AutovenvError` if autovenv's own folder cannot be written.
    """
    _refuse_foreign_home(place.home)
    _refuse_without_program(place)
    with rcfile.locked(place.user_home), _told():
        results = [standing(place, name) for name in names]
        if all(result.error for result in results):
            return results
        fresh, done = not os.path.lexists(place.home), []
        try:
            refresh(place)
            done = [result if result.error else _install_one(place, result) for result in results]
        finally:
            if fresh and all(result.error for result in done):
                _remove_shared(place.home, read_record(place.home), keep_trust=False)
        return done


def _refuse_without_program(place: Place) -> None:
    if native.WINDOWS and not place.program:
        fact = "the hooks need the program autovenv.exe, and this copy runs without one"
        raise AutovenvError(fact, f"run: {native.INSTALL}")


def refresh(place: Place) -> None:
    """Make autovenv's folder, and write those of its files that are absent or outdated."""
    make_home(place)
    for folder in ("", "completions", "bin"):
        rcfile.sweep(os.path.join(place.home, folder))
    for name, (content, mode) in _stale(place).items():
        path = os.path.join(place.home, name)
        make_folders(os.path.dirname(path), mode=0o700)
        rcfile.write_own(path, content, mode=mode)


def make_home(place: Place) -> None:
    """Make autovenv's folder, if there is none, and note which folders above it had to be made."""
    _refuse_foreign_home(place.home)
    made = make_folders(place.home, mode=0o700)
    if not native.WINDOWS and stat.S_IMODE(os.stat(place.home).st_mode) != 0o700:
        os.chmod(place.home, 0o700)
    if made:
        record = read_record(place.home)
        record.folders = [*record.folders, *made]
        write_record(place.home, record)


def make_folders(path: str, *, mode: int = 0o777) -> list[str]:
    """Make the folder and those above it that are missing; return what was made, outermost first."""
    made = missing_folders(path)
    try:
        for folder in made:
            os.mkdir(folder, mode)
            if mode == 0o700:
                os.chmod(folder, mode)  # An odd umask could have taken even the owner's rights away.
    except OSError as error:
        raise AutovenvError(f"cannot make {shown(path)}: {error.strerror or error}") from error
    return made


def missing_folders(path: str) -> list[str]:
    """Return the folders that would have to be made, outermost first."""
    missing: list[str] = []
    while not os.path.lexists(path):
        missing.insert(0, path)
        path = os.path.dirname(path)
    return missing


def _refuse_foreign_home(home: str) -> None:
    folder = home
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    try:
        status = os.stat(folder)
    except OSError as error:
        raise AutovenvError(f"cannot use {shown(folder)}: {error.strerror or error}") from error
    if status.st_uid != native.user():
        what_now = "; run this without sudo" if native.user() == 0 else ""
        raise AutovenvError(f"{shown(folder)} belongs to {rcfile.user_name(status.st_uid)}{what_now}")


def _install_one(place: Place, result: Result) -> Result:
    try:
        with _told():
            _loader(result.shell).add(place, result)
    except AutovenvError as error:
        error = with_line(error, place.line(result.shell))
        return Result(result.shell, Standing.REFUSED, result.files, error)
    return result


# --- Show -----------------------------------------------------------------------------------------


def difference(place: Place, result: Result) -> str:
    """Return what :func:`install` would change for one shell, besides our own files; empty if nothing."""
    return _loader(result.shell).difference(place, result)


def told(place: Place, result: Result) -> str:
    """Return what of ours is where for one shell: a part of a sentence."""
    return _loader(result.shell).told(place, result)


def pending_files(place: Place) -> list[str]:
    """Return the files in autovenv's folder that :func:`install` would write."""
    return [os.path.join(place.home, name) for name in sorted(_stale(place))]


def first_question(home: str) -> bool:
    """Return whether the installation has not asked its question yet, and note that it has now."""
    record = read_record(home)
    if record.asked:
        return False
    record.asked = True
    write_record(home, record)
    return True


# --- Uninstall ------------------------------------------------------------------------------------


def uninstall(place: Place, names: Iterable[str], *, keep_trust: bool = False) -> list[Result]:
    """Take the hook away from the named shells; with the last one goes all else that was made.

    ``keep_trust`` leaves the remembered projects. A refused file keeps its lines, and then the hook that they
    load stays.
    """
    _refuse_foreign_home(place.home)
    with rcfile.locked(place.user_home), _told():
        record = read_record(place.home)
        results = [_uninstall_one(place, record, name) for name in names]
        if any(_loader(name).holders(place, record, name) for name in shells.SUPPORTED):
            if os.path.isdir(place.home):
                write_record(place.home, record)
        else:
            _remove_shared(place.home, record, keep_trust=keep_trust)
        return results


def _uninstall_one(place: Place, record: Record, name: str) -> Result:
    loader = _loader(name)
    files = loader.holders(place, record, name)
    try:
        loader.remove(place, record, name)
    except AutovenvError as error:
        return Result(name, Standing.REFUSED, files, error)
    record.files.pop(name, None)
    record.rc.pop(name, None)
    return Result(name, Standing.CURRENT if files else Standing.ABSENT, files)


def _remove_shared(home: str, record: Record, *, keep_trust: bool) -> None:
    for name in (*paths.HOOKS.values(), "cli"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(home, name))
    for name in ("completions", "bin", "backup", "cmd", "clink", *(() if keep_trust else ("trust",))):
        shutil.rmtree(os.path.join(home, name), ignore_errors=True)
    if os.path.isdir(home):
        rcfile.sweep(home)
    if keep_trust and os.path.isdir(os.path.join(home, "trust")):
        return write_record(home, record)  # The folders are still to be removed, one day.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(home, RECORD))
    for folder in [home, *reversed(record.folders)]:
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    return None
