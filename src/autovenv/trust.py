"""The mirror of allowed projects below autovenv's own folder: markers, mtime twins, refusals, denials.

``<home>/trust/<absolute project path>/.autovenv-allow`` and its neighbours, as ``shims/README.md`` lays them
down. The hooks read these files with builtins at every prompt, so their order of writing matters: a crash at
any point leaves "not allowed" or "changed", never an allowed environment that nobody has looked at.
"""

from __future__ import annotations

import errno
import os
import stat
import time

from autovenv import native
from autovenv.decision import Found, State
from autovenv.record import changed, record
from autovenv.text import below, has_control
from autovenv.venvcfg import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOCOL = 1
PREFIX = ".autovenv-"
ALLOW = ".autovenv-allow"
REFUSED = ".autovenv-refused"
DENY = ".autovenv-deny"
UNDER = ".autovenv-under"
ANY_UNDER = ".autovenv-any-under"
EPOCH = ".autovenv-epoch"
CFG = (".autovenv-cfg-lo", ".autovenv-cfg-hi")
BIN = (".autovenv-bin-lo", ".autovenv-bin-hi")
# What cmd reads in place of the marker, and its own note of the state that it saw: see cmd_bytes.
CMD = ".autovenv-cmd"
CMD_SEEN = ".autovenv-cmd-seen"
MARKER_LIMIT = 256 * 1024
PATH_LIMIT = native.PATH_LIMIT
NAME_LIMIT = native.NAME_LIMIT
ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}
# A file system may round a time up or down: how far to step until the read-back brackets it, in nanoseconds.
STEPS = (0, 1_000, 1_000_000, 1_000_000_000, 2_000_000_000, 4_000_000_000)


@record
class Home:
    """autovenv's own folder, the one that the hook file lies in."""

    path: str

    @property
    def trust(self) -> str:
        """The root of the mirror."""
        return os.path.join(self.path, "trust")


@record
class Marker:
    """One allowed project, under one of its spellings.

    ``project`` is the spelling of the place that the marker stands at, ``spellings`` all that are known.
    ``target`` is where the environment led when it was allowed, if it is a link. ``c`` is C1, C2, C3 or
    under.
    """

    project: str
    venv: str
    bin: str
    label: str
    spellings: tuple[str, ...] = ()
    target: str = ""
    any_owner: bool = False
    overrides: tuple[str, ...] = ()
    c: str = "C1"


@record
class Twins:
    """The modification times of ``pyvenv.cfg`` and of the bin folder when they were looked at, in
    nanoseconds.
    """

    cfg: int
    bin: int


def marker_place(home: Home, project: str) -> str:
    """Return the mirror folder of ``project``, an absolute path."""
    return home.trust + native.in_mirror(project)


def unplaceable(home: Home, project: str) -> str:
    """Return why ``project`` can have no place in the mirror: "", ``bad-path``, ``mirror-name`` or
    ``too-long``.
    """
    if not native.is_absolute(project) or has_control(project) or native.unfit(project):
        return "bad-path"
    parts = native.parts(project)
    if any(part.startswith(PREFIX) for part in parts):
        return "mirror-name"
    place = os.fsencode(os.path.join(marker_place(home, project), ALLOW + ".0123456789"))
    if len(place) >= PATH_LIMIT or any(len(os.fsencode(part)) > NAME_LIMIT for part in parts):
        return "too-long"
    return ""


def read_marker(home: Home, project: str) -> Marker | None:
    """Return the marker at ``project``'s place, or None if there is none that can be believed.

    Believed: a regular file of the current user, protocol 1, whose second line is this very place.
    """
    text = _own_text(os.path.join(marker_place(home, project), ALLOW))
    lines = text.split("\n")
    if (
        len(lines) < 5
        or lines[0] != f"autovenv {PROTOCOL}"
        or native.folded(lines[1]) != native.folded(project)
        or not all(lines[2:5])
    ):
        return None
    pairs = [line.partition("=")[::2] for line in lines[5:] if "=" in line]
    single = dict(pairs)
    place, venv, bin_folder, label = lines[1:5]
    return Marker(
        place,
        venv,
        bin_folder,
        label,
        spellings=tuple(value for key, value in pairs if key == "spelling") or (project,),
        target=single.get("target", ""),
        any_owner=single.get("any-owner") == "1",
        overrides=tuple(value for key, value in pairs if key == "override"),
        c=single.get("consent", "C1"),
    )


def marker_bytes(marker: Marker) -> bytes:
    """Return the file that :func:`read_marker` reads."""
    lines = [f"autovenv {PROTOCOL}", marker.project, marker.venv, marker.bin, marker.label]
    lines += [f"spelling={spelling}" for spelling in marker.spellings]
    lines += [f"override={name}" for name in marker.overrides]
    lines += [f"consent={marker.c}"]
    lines += [f"target={marker.target}"] if marker.target else []
    lines += ["any-owner=1"] if marker.any_owner else []
    return os.fsencode("\n".join(lines) + "\n")


def cmd_bytes(marker: Marker) -> bytes | None:
    """Return the marker as cmd reads it: one line ``1|environment|folder for PATH|label``, ended by CRLF.

    cmd reads a file in the console's code page, so the line is ASCII: an environment inside the project is
    named from there, and one elsewhere by its whole path. None if that cannot be.
    """
    inside = native.below(marker.venv, marker.project) and len(marker.venv) > len(marker.project)
    venv = marker.venv[len(marker.project.rstrip(os.sep)) + 1 :] if inside else marker.venv
    line = f"{PROTOCOL}|{venv}|{os.path.basename(marker.bin)}|{marker.label}\r\n"
    return line.encode("ascii") if line.isascii() and line.count("|") == 3 else None


def _write_for_cmd(place: str, marker: Marker) -> None:
    _unlink(place, CMD, CMD_SEEN)
    line = cmd_bytes(marker) if native.WINDOWS else None
    if line is not None:
        _write(os.path.join(place, CMD), line)


def write_marker(home: Home, marker: Marker, *, spelling: str, seen: Twins | None = None) -> Marker:
    """Allow ``marker`` at the place of ``spelling``, twins first, and return it as written there.

    ``seen`` are the times from before the environment was judged; without it they are taken now. A denial
    and a refusal at that place end. Raises OSError.
    """
    own = changed(marker, project=spelling, spellings=marker.spellings or (spelling,))
    place = marker_place(home, spelling)
    make_folder(place)
    with _NewEpoch(home):
        _unlink(place, DENY, REFUSED)
        refresh_twins(home, own, seen=seen)
        _write(os.path.join(place, ALLOW), marker_bytes(own))
        _write_for_cmd(place, own)
    return own


def look(marker: Marker) -> Twins | None:
    """Return the present times of the marker's environment; None if its ``pyvenv.cfg`` or bin folder is
    missing.
    """
    return look_at(marker.venv, marker.bin)


def look_at(venv: str, bin_folder: str) -> Twins | None:
    """Like :func:`look`, for an environment and its bin folder."""
    cfg = _stat(os.path.join(venv, "pyvenv.cfg"))
    folder = _stat(bin_folder)
    if cfg is None or folder is None or not stat.S_ISREG(cfg.st_mode) or not stat.S_ISDIR(folder.st_mode):
        return None
    return Twins(cfg.st_mtime_ns, folder.st_mtime_ns)


def modified(path: str) -> int | None:
    """Return the modification time of a regular file in nanoseconds, None if it is none."""
    info = _stat(path)
    return info.st_mtime_ns if info is not None and stat.S_ISREG(info.st_mode) else None


def refresh_twins(home: Home, marker: Marker, *, seen: Twins | None = None) -> None:
    """Make the environment's state at ``seen`` (default: now) the one that counts as unchanged.

    Writes nothing if the environment is gone. Raises OSError.
    """
    seen = seen or look(marker)
    if seen is None:
        return
    place = marker_place(home, marker.project)
    make_folder(place)
    _bracket(place, CFG, seen.cfg)
    _bracket(place, BIN, seen.bin)


def clear_refused(home: Home, marker: Marker) -> None:
    """Take a refusal back. Raises OSError."""
    _unlink(marker_place(home, marker.project), REFUSED)


def write_refused(home: Home, marker: Marker, word: str, *, seen: Twins | None = None) -> None:
    """Note that ``verify`` said no, for the reason ``word``, to the state at ``seen``. Raises OSError."""
    place = marker_place(home, marker.project)
    make_folder(place)
    # A shell may remember that this was not refused, and goes by the twins alone.
    with _NewEpoch(home):
        # The refusal comes first: fresh twins without it would allow what was just refused.
        _write(os.path.join(place, REFUSED), word.encode("ascii") + b"\n")
        refresh_twins(home, marker, seen=seen)


def refused_word(home: Home, project: str) -> str:
    """Return the word of a noted refusal at ``project``'s place, "" if there is none."""
    path = os.path.join(marker_place(home, project), REFUSED)
    if _stat(path) is None:
        return ""
    word = _own_text(path).split("\n")[0]
    return word if word and all("a" <= char <= "z" or char == "-" for char in word) else "refused"


def state_of(home: Home, marker: Marker) -> Found:
    """Return the marker's project with the state of its environment, by the same comparison as the hooks'."""
    state, word = _state(home, marker)
    return Found(marker.project, marker.venv, state, word)


def _state(home: Home, marker: Marker) -> tuple[State, str]:
    cfg = _stat(os.path.join(marker.venv, "pyvenv.cfg"))
    if cfg is None or not stat.S_ISREG(cfg.st_mode):
        return State.GONE, ""
    seen = look(marker)
    place = marker_place(home, marker.project)
    if seen is None or not (_within(place, CFG, seen.cfg) and _within(place, BIN, seen.bin)):
        return State.CHANGED, ""
    word = refused_word(home, marker.project)
    return (State.REFUSED, word) if word else (State.UNCHANGED, "")


def places(cwd: str) -> Iterator[str]:
    """Yield the folders from the top to ``cwd``, without ``/`` itself."""
    yield from native.places(cwd)


def find(home: Home, cwd: str, *, user_home: str = "") -> Marker | None:
    """Return the deepest marker along ``cwd`` (logical, absolute), as the hooks do: only the mirror is
    touched.

    A marker at ``user_home`` counts only if ``cwd`` is that very folder.
    """
    best = None
    for project in places(cwd):
        if not os.path.isdir(marker_place(home, project)):
            break
        if native.folded(project) != native.folded(user_home) or native.folded(cwd) == native.folded(
            user_home
        ):
            best = read_marker(home, project) or best
    return best


def projects(home: Home) -> Iterator[Marker]:
    """Yield every believable marker, each spelling for itself, in the order of their places."""
    for project, names in _walk(home.trust, ""):
        if ALLOW in names and (marker := read_marker(home, project)):
            yield marker


def remove(home: Home, project: str) -> None:
    """Remove the marker of ``project`` under all its spellings, with twins and refusals. Raises OSError."""
    marker = read_marker(home, project)
    for spelling in {project, *(marker.spellings if marker else ())}:
        if not unplaceable(home, spelling):
            forget(home, spelling)


def forget(home: Home, project: str) -> None:
    """Remove the marker at one place, with twins and refusal. Raises OSError."""
    place = marker_place(home, project)
    with _NewEpoch(home):
        # The marker goes first: what is left of the others allows nothing.
        _unlink(place, CMD, ALLOW, REFUSED, CMD_SEEN, *CFG, *BIN)
        _prune_folders(home, place)


def deny(home: Home, project: str) -> None:
    """Remember a no for ``project``: its markers go, and nobody hints there again. Raises OSError."""
    marker = read_marker(home, project)
    for spelling in {project, *(marker.spellings if marker else ())}:
        place = marker_place(home, spelling)
        make_folder(place)
        with _NewEpoch(home):
            _write(os.path.join(place, DENY), os.fsencode(spelling) + b"\n")
            _unlink(place, CMD, ALLOW, REFUSED, CMD_SEEN, *CFG, *BIN)


def is_denied(home: Home, project: str) -> bool:
    """Whether a no is remembered for ``project`` itself."""
    return os.path.isfile(os.path.join(marker_place(home, project), DENY))


def undeny(home: Home, project: str) -> None:
    """Forget a no. Raises OSError."""
    place = marker_place(home, project)
    _unlink(place, DENY)
    _prune_folders(home, place)


def under_add(home: Home, folder: str) -> None:
    """Want every environment of the user's own below ``folder``. Raises OSError."""
    place = marker_place(home, folder)
    make_folder(place)
    with _NewEpoch(home):
        _write(os.path.join(place, UNDER), os.fsencode(folder) + b"\n")
        _write(os.path.join(home.trust, ANY_UNDER), b"")


def under_of(home: Home, cwd: str) -> str:
    """Return the deepest folder above ``cwd`` below which environments are wanted, or "". Strictly above."""
    best = ""
    for folder in places(os.path.dirname(cwd)):
        place = marker_place(home, folder)
        if not os.path.isdir(place):
            break
        if native.folded(_own_text(os.path.join(place, UNDER))) == native.folded(folder + "\n"):
            best = folder
    return best


def unders(home: Home) -> Iterator[str]:
    """Yield the folders below which environments are wanted."""
    for folder, names in _walk(home.trust, ""):
        if UNDER in names:
            yield folder


def under_remove(home: Home, folder: str) -> None:
    """Take :func:`under_add` back. Raises OSError."""
    place = marker_place(home, folder)
    with _NewEpoch(home):
        _unlink(place, UNDER)
        _prune_folders(home, place)
        if not any(True for _ in unders(home)):
            _unlink(home.trust, ANY_UNDER)


def leftovers(home: Home) -> Iterator[str]:
    """Yield places that hold files of ours but no marker, and whose folder is gone: for ``projects
    --prune``.
    """
    for project, names in _walk(home.trust, ""):
        ours = {REFUSED, DENY, CMD_SEEN, *CFG, *BIN} & names
        if ours and ALLOW not in names and missing(project):
            yield project


def discard(home: Home, project: str) -> None:
    """Remove everything at one place but markers and ``.autovenv-under``. Raises OSError."""
    place = marker_place(home, project)
    _unlink(place, REFUSED, DENY, CMD_SEEN, *CFG, *BIN)
    _prune_folders(home, place)


def missing(path: str) -> bool:
    """Whether ``path`` certainly does not exist: an unreadable disk or a dead mount is no proof."""
    try:
        os.lstat(path)
    except OSError as error:
        return error.errno in ABSENT
    return False


class _NewEpoch:
    """Around every change of what a hook finds in the mirror.

    ``.autovenv-epoch`` holds a number, and ``.autovenv-epoch-<number>`` stands as long as nothing changes:
    so long may a shell remember what it found where. It is away while a change is under way, after one that
    was cut short, and where a hook has to look below ``--under`` folders; then hooks just look each time.
    """

    def __init__(self, home: Home) -> None:
        self._trust = home.trust

    def __enter__(self) -> None:
        self._end()

    def __exit__(self, *_: object) -> None:
        try:
            # Another process may have begun one meanwhile. No number comes twice, however coarse the clock.
            number = max(time.time_ns(), self._end() + 1)
            _write(os.path.join(self._trust, EPOCH), b"%d\n" % number)
            if _stat(os.path.join(self._trust, ANY_UNDER)) is None:
                _write(os.path.join(self._trust, f"{EPOCH}-{number}"), b"")
        except OSError:
            pass

    def _end(self) -> int:
        """End the present epoch, if there is one, and return its number."""
        text = _own_text(os.path.join(self._trust, EPOCH)).strip()
        if not text.isdecimal() or len(text) > NAME_LIMIT // 2:
            return 0
        _unlink(self._trust, f"{EPOCH}-{text}")
        return int(text)


def make_folder(path: str) -> None:
    """Make ``path`` and what is missing above it, mode 0700 whatever the umask. Raises OSError."""
    if os.path.isdir(path):
        return
    make_folder(os.path.dirname(path))
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
    else:
        # The umask may have taken bits of the owner's away.
        os.chmod(path, 0o700)


def _write(path: str, data: bytes, *, time: int | None = None) -> None:
    """Put ``data`` at ``path`` whole or not at all, mode 0600, with modification time ``time`` in
    nanoseconds.
    """
    temporary = f"{path}.{os.getpid()}"
    _unlink(os.path.dirname(path), os.path.basename(temporary))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o600)
    try:
        try:
            if not native.WINDOWS:  # the folder of the user's own, which all of it lies in, is private there
                os.fchmod(descriptor, 0o600)
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
        if time is not None:
            os.utime(temporary, ns=(time, time))
        os.replace(temporary, path)
    except BaseException:
        _unlink(os.path.dirname(path), os.path.basename(temporary))
        raise


def _bracket(place: str, names: tuple[str, str], time: int) -> None:
    low, high = (os.path.join(place, name) for name in names)
    old = _stat(high)
    # Between the two writes the bracket must be empty, not wider than either state.
    order = [(high, 1), (low, -1)] if old is not None and time < old.st_mtime_ns else [(low, -1), (high, 1)]
    for path, sign in order:
        _write_time(path, time, sign)


def _write_time(path: str, time: int, sign: int) -> None:
    for step in STEPS:
        _write(path, b"", time=time + sign * step)
        kept = os.stat(path).st_mtime_ns
        if (kept - time) * sign >= 0:
            return


def _within(place: str, names: tuple[str, str], time: int) -> bool:
    low, high = (_stat(os.path.join(place, name)) for name in names)
    return low is not None and high is not None and low.st_mtime_ns <= time <= high.st_mtime_ns


def _own_text(path: str) -> str:
    """Return the text of a regular file of the current user, "" if it is none."""
    try:
        info = os.lstat(path)
        if not stat.S_ISREG(info.st_mode) or info.st_uid != native.user():
            return ""
        return native.decoded(read_regular(path, MARKER_LIMIT) or b"")
    except OSError:
        return ""


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def _unlink(folder: str, *names: str) -> None:
    for name in names:
        _unlink_one(os.path.join(folder, name))


def _unlink_one(path: str) -> None:
    try:
        os.unlink(path)
    except OSError as error:
        if error.errno not in ABSENT:
            raise


def _prune_folders(home: Home, place: str) -> None:
    while below(place, home.trust) and place != home.trust:
        try:
            os.rmdir(place)
        except OSError:
            return
        place = os.path.dirname(place)


def _walk(root: str, project: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each mirror folder as (project, names of the files in it), parents first, without recursion."""
    waiting = [project]
    while waiting:
        project = waiting.pop()
        try:
            with os.scandir(root + project) as entries:
                listed = sorted(entries, key=lambda entry: entry.name, reverse=True)
        except OSError:
            continue
        waiting += [project + os.sep + one.name for one in listed if one.is_dir(follow_symlinks=False)]
        yield (
            native.from_mirror(project) or "/",
            {entry.name for entry in listed if not entry.is_dir(follow_symlinks=False)},
        )
