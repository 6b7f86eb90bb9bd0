"""Edit a file that belongs to somebody else: one marked block, and every other byte as it was.

Bytes go in and bytes come out. The file is replaced by a finished one with the same owner, mode and
attributes, or it is not touched at all. This module knows nothing of shells or of virtual environments.

The block has three lines. The last one remembers what was added besides it, so that it can be given back::

    # >>> autovenv >>>
    LINE
    # <<< autovenv <<< (added: newline)
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from autovenv import native
from autovenv.errors import AutovenvError
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BEGIN = b"# >>> autovenv >>>"
END = b"# <<< autovenv <<<"
NEW_FILE = b" (added: this file)"
NEWLINES = {0: b"", 1: b" (added: newline)", 2: b" (added: 2 newlines)"}
TEMP_PREFIX = ".autovenv-"
TEMP_SUFFIX = ".tmp"
TRIES = 5
LOCK_SECONDS = 20.0


class State(Enum):
    """How the block in a file compares with the wanted one."""

    ABSENT = "absent"
    CURRENT = "current"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class Block:
    """A block found in a file: the bytes ``start`` to ``end``, with the newline after it."""

    start: int
    end: int
    line: bytes
    newline: bytes
    note: bytes


# --- The encoding ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's text is stored: all below works on its bytes, as an ASCII-compatible encoding has them.

    Only UTF-16 is none, which PowerShell's ``>`` writes: it is told by its byte order mark.
    """

    mark: bytes = b""
    name: str = ""

    def plain(self, content: bytes) -> bytes:
        """Return the content in an encoding in which ASCII is ASCII."""
        text = content[len(self.mark) :]
        return (
            text.decode(self.name, "surrogatepass").encode("utf-8", "surrogatepass") if self.name else content
        )

    def stored(self, plain: bytes) -> bytes:
        """Return the inverse of :meth:`plain`."""
        if not self.name:
            return plain
        return self.mark + plain.decode("utf-8", "surrogatepass").encode(self.name, "surrogatepass")


def encoding_of(content: bytes) -> Encoding | None:
    """Return the encoding of a file's content, None if it could not be given back byte for byte."""
    marks = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
    encoding = next((Encoding(*one) for one in marks if content.startswith(one[0])), Encoding())
    with contextlib.suppress(UnicodeError):
        if encoding.stored(encoding.plain(content)) == content:
            return encoding
    return None


def readable(content: bytes) -> bytes:
    """Return a file's content in an encoding in which ASCII is ASCII, to show it."""
    return _encoding(content).plain(content)


def _encoding(content: bytes | None) -> Encoding:
    return encoding_of(content or b"") or Encoding()


# --- The content: pure functions ------------------------------------------------------------------


def find_blocks(content: bytes) -> list[Block]:
    """Return every complete block: the lines begin, one more, end. Anything less is the user's text."""
    lines = content.split(b"\n")
    starts = _offsets(lines)
    blocks: list[Block] = []
    for index in range(len(lines) - 2):
        note = _note(lines[index + 2])
        if lines[index].rstrip(b"\r") == BEGIN and note is not None:
            newline = b"\r\n" if lines[index].endswith(b"\r") else b"\n"
            end = min(starts[index + 3], len(content))
            blocks.append(Block(starts[index], end, lines[index + 1], newline, note))
    return blocks


def _offsets(lines: list[bytes]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _note(line: bytes) -> bytes | None:
    line = line.rstrip(b"\r")
    note = line[len(END) :]
    return note if line.startswith(END) and note in {NEW_FILE, *NEWLINES.values()} else None


def state(content: bytes | None, line: str) -> State:
    """Say whether ``content`` (None: no such file) holds exactly one block with ``line``."""
    blocks = find_blocks(_encoding(content).plain(content or b""))
    if not blocks:
        return State.ABSENT
    wanted = _bare(os.fsencode(line))
    return State.CURRENT if [_bare(block.line) for block in blocks] == [wanted] else State.OUTDATED


def _bare(line: bytes) -> bytes:
    return line.rstrip(b"\r").removesuffix(b" #")


def with_block(content: bytes | None, line: str) -> bytes:
    """Return ``content`` with one block around ``line``: renewed where it stands, else added at the end.

    ``content`` is None if there is no such file. ``line`` is one line without its newline.
    """
    encoding = _encoding(content)
    return encoding.stored(_with_block(None if content is None else encoding.plain(content), line))


def _with_block(content: bytes | None, line: str) -> bytes:
    blocks = find_blocks(content or b"")
    if content is None or not blocks:
        return _appended(content, line)
    for extra in reversed(blocks[1:]):
        content = _cut(content, extra)
    first = blocks[0]
    after = content[first.end :]
    return content[: first.start] + _rendered(line, newline=first.newline, note=first.note) + after


def _appended(content: bytes | None, line: str) -> bytes:
    if content is None:
        return _rendered(line, newline=b"\n", note=NEW_FILE)
    newline = b"\r\n" if content.count(b"\r\n") * 2 > content.count(b"\n") else b"\n"
    count = _newlines_needed(content)
    return content + newline * count + _rendered(line, newline=newline, note=NEWLINES[count])


def _newlines_needed(content: bytes) -> int:
    """Count the newlines to put before the block, so that it starts a line that no backslash carries on.

    In PowerShell a backquote does that.
    """
    ended = not content or content.endswith(b"\n")
    last = content.removesuffix(b"\n").removesuffix(b"\r").rpartition(b"\n")[2]
    carried_on = max((len(last) - len(last.rstrip(sign))) % 2 for sign in (b"\\", b"`"))
    return (0 if ended else 1) + carried_on


def _rendered(line: str, *, newline: bytes, note: bytes) -> bytes:
    code = os.fsencode(line)
    if newline == b"\r\n":
        code += b" #"  # A POSIX shell takes the CR for a part of the last word, unless that is a comment.
    return newline.join((BEGIN, code, END + note, b""))


def without_block(content: bytes) -> bytes | None:
    """Return ``content`` without our blocks and what was added for them; None if the whole file was added."""
    encoding = _encoding(content)
    plain = encoding.plain(content)
    blocks = find_blocks(plain)
    for block in reversed(blocks):
        plain = _cut(plain, block)
    content = encoding.stored(plain) if blocks else content
    made = any(block.note == NEW_FILE for block in blocks)
    return None if made and not content else content


def _cut(content: bytes, block: Block) -> bytes:
    before, after = content[: block.start], content[block.end :]
    if not after:  # With text after the block, the newline has become part of the user's lines.
        count = next((number for number, note in NEWLINES.items() if note == block.note), 0)
        for _ in range(count):
            before = before.removesuffix(block.newline)
    return before + after


# --- The file -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file as it was read: ``real`` is behind all links; no content and no status if it is absent."""

    path: str
    real: str
    content: bytes | None
    status: os.stat_result | None


def read(path: str) -> Snapshot:
    """Read the file at ``path``, and refuse one that could not be replaced faithfully.

    Raises :class:`AutovenvError` for a link that leads nowhere, a file with other names (hard links), a
    read-only file, somebody else's file, and anything but a regular file.
    """
    real = _real(path)
    try:
        handle = os.open(real, os.O_RDONLY | _flags("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
    except FileNotFoundError:
        _refuse_foreign_folder(path, real)
        return Snapshot(path, real, None, None)
    except OSError as error:
        raise _cannot(path, "read", error) from error
    try:
        status = os.fstat(handle)
        _refuse_special(path, status)
        content = _read_all(handle)
        if encoding_of(content) is None:
            raise AutovenvError(f"{shown(path)} begins as UTF-16 and is not; left as it is")
        return Snapshot(path, real, content, status)
    except OSError as error:
        raise _cannot(path, "read", error) from error
    finally:
        os.close(handle)


def _flags(*names: str) -> int:
    """Return those of the flags that the system has."""
    flags = 0
    for name in names:
        flags |= getattr(os, name, 0)
    return flags


def _read_all(handle: int) -> bytes:
    parts = []
    while part := os.read(handle, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _real(path: str) -> str:
    try:
        os.lstat(path)
    except OSError:
        # Not there: its folder may be a link, and may not be there either.
        return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    try:
        return os.path.realpath(path, strict=True)
    except OSError as error:
        raise AutovenvError(f"{shown(path)} is a link that leads nowhere; left as it is") from error


def _refuse_special(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise AutovenvError(f"{shown(path)} is not a regular file; left as it is")
    _refuse_foreign(path, status)
    if status.st_nlink > 1:
        raise AutovenvError(f"{shown(path)} has another name (a hard link); left as it is")
    if not status.st_mode & stat.S_IWUSR:
        raise AutovenvError(f"{shown(path)} is read-only; left as it is")
    if getattr(status, "st_flags", 0):
        raise AutovenvError(f"{shown(path)} has file flags that I cannot keep; left as it is")


def _refuse_foreign_folder(path: str, real: str) -> None:
    folder = os.path.dirname(real)
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    _refuse_foreign(folder, os.stat(folder))
    if not os.access(folder, os.W_OK):
        raise AutovenvError(f"{shown(folder)} is read-only, so I cannot make {shown(path)}")


def _refuse_foreign(path: str, status: os.stat_result) -> None:
    owner = _owner(status)
    if owner != native.user():
        what_now = "run this without sudo" if native.user() == 0 else "left as it is"
        raise AutovenvError(f"{shown(path)} belongs to {user_name(owner)}; {what_now}")


def _owner(status: os.stat_result) -> int:
    return status.st_uid


def user_name(uid: int) -> str:
    """Return the name of the user with this number, or ``user NUMBER`` if it has none."""
    try:
        import pwd

        return shown(pwd.getpwuid(uid).pw_name)
    except (ImportError, KeyError):
        return f"user {uid}"


def _cannot(path: str, verb: str, error: OSError) -> AutovenvError:
    return AutovenvError(f"cannot {verb} {shown(path)}: {error.strerror or error}")


def edit(
    path: str,
    change: Callable[[bytes | None], bytes | None],
    *,
    check: Callable[[str], bool] | None = None,
    keep: Callable[[Snapshot], None] | None = None,
) -> bool:
    """Replace the content of ``path`` by ``change(content)``; None stands for "no file" both ways.

    ``check`` says whether a shell takes the file at a path; if it took the old one, it must take the new one.
    ``keep`` is called with the old file just before it is replaced (for a backup). Returns whether anything
    changed. Raises :class:`AutovenvError`, and then the file is as it was. The caller holds :func:`locked`.
    """
    for _ in range(TRIES):
        old = read(path)
        sweep(os.path.dirname(old.real))
        new = change(old.content)
        if new == old.content:
            return False
        if keep is not None and old.content is not None:
            keep(old)
        if _replaced(old, new, check):
            return True
    raise AutovenvError(f"{shown(path)} is being written by something else; left as it is")


def _replaced(old: Snapshot, new: bytes | None, check: Callable[[str], bool] | None) -> bool:
    """Put ``new`` in the place of ``old``; False if the file has changed since it was read."""
    try:
        if new is None:
            return _removed(old)
        with temporary(os.path.dirname(old.real)) as (handle, temp):
            _write_all(handle, new)
            _dress(handle, old)
            os.fsync(handle)
            _refuse_unparsable(old, temp, check)
            if not _unchanged(old):
                return False
            _put(handle, temp, old)
            _sync_folder(os.path.dirname(old.real))
            return True
    except OSError as error:
        raise _cannot(old.path, "write", error) from error


def _put(handle: int, temp: str, old: Snapshot) -> None:
    """Give the finished file the name of the old one. Raises OSError."""
    if not native.WINDOWS:
        os.rename(temp, old.real)
        return
    os.close(handle)  # an open file cannot be renamed there
    if old.status is None:
        os.rename(temp, old.real)
    else:
        _replace_file(old.real, temp)


def _replace_file(path: str, temp: str) -> None:
    """Put ``temp`` in the place of ``path``, which hands down its access list, attributes and streams.

    (Windows, ReplaceFileW.) Raises OSError, and both files are as they were.
    """
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    if not kernel.ReplaceFileW(ctypes.c_wchar_p(path), ctypes.c_wchar_p(temp), None, 0, None, None):
        raise ctypes.WinError(ctypes.get_last_error())  # type: ignore[attr-defined,unused-ignore]


def _removed(old: Snapshot) -> bool:
    if not _unchanged(old):
        return False
    os.unlink(old.real)
    _sync_folder(os.path.dirname(old.real))
    return True


def _unchanged(old: Snapshot) -> bool:
    now = read(old.path)
    if old.status is None or now.status is None:
        return now.status is old.status
    same_file = (now.real, now.status.st_ino, now.status.st_mode) == (
        old.real,
        old.status.st_ino,
        old.status.st_mode,
    )
    return same_file and now.content == old.content


@contextlib.contextmanager
def temporary(folder: str) -> Iterator[tuple[int, str]]:
    """Yield the handle and path of a new private file in ``folder``; it is removed unless it was renamed."""
    temp = os.path.join(folder, f"{TEMP_PREFIX}{os.urandom(8).hex()}{TEMP_SUFFIX}")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _flags("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")
    handle = os.open(temp, flags, 0o600)
    try:
        yield handle, temp
    finally:
        with contextlib.suppress(OSError):
            os.close(handle)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temp)


def write_own(path: str, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file of our own, whole or not at all. Its folder exists. Raises :class:`AutovenvError`."""
    try:
        with temporary(os.path.dirname(path)) as (handle, temp):
            _write_all(handle, content)
            if not native.WINDOWS:
                os.fchmod(handle, mode)
            os.fsync(handle)
            _rename(handle, temp, path)
    except OSError as error:
        raise _cannot(path, "write", error) from error


def _rename(handle: int, temp: str, path: str) -> None:
    if native.WINDOWS:
        os.close(handle)  # an open file cannot be renamed there
    os.replace(temp, path)


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _sync_folder(folder: str) -> None:
    # The rename is done; a file system that cannot sync a folder must not turn it into a failure.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | _flags("O_CLOEXEC"))
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refuse_unparsable(old: Snapshot, temp: str, check: Callable[[str], bool] | None) -> None:
    if check is None or check(temp):
        return
    if old.content is None or check(old.real):
        raise AutovenvError(f"{shown(old.path)} would no longer parse with my lines in it; left as it is")


def sweep(folder: str) -> None:
    """Remove what a killed run of ours left behind in ``folder``. Call it while holding :func:`locked`."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if _is_leftover(folder, name):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, name))


def _is_leftover(folder: str, name: str) -> bool:
    middle = name.removeprefix(TEMP_PREFIX).removesuffix(TEMP_SUFFIX)
    whole = name == TEMP_PREFIX + middle + TEMP_SUFFIX
    if not whole or len(middle) != 16 or set(middle) - set("0123456789abcdef"):
        return False
    try:
        status = os.lstat(os.path.join(folder, name))
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_uid == native.user()


# --- Owner, mode, attributes ----------------------------------------------------------------------


def _dress(handle: int, old: Snapshot) -> None:
    """Give the new file all that the old one has besides its bytes, and refuse if that cannot be done."""
    if native.WINDOWS:
        return  # _replace_file does that
    if old.status is None:
        os.fchmod(handle, 0o666 & ~_umask())
        return
    try:
        os.fchown(handle, old.status.st_uid, old.status.st_gid)
        _copy_attributes(old.real, handle)
        os.fchmod(handle, stat.S_IMODE(old.status.st_mode))
    except OSError as error:
        raise _cannot_keep(old, error) from error
    if _properties(handle) != _properties(old.real):
        raise _cannot_keep(old, OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP)))


def _cannot_keep(old: Snapshot, error: OSError) -> AutovenvError:
    reason = error.strerror or error
    fact = f"cannot keep owner, mode and attributes of {shown(old.path)} ({reason}); left as it is"
    return AutovenvError(fact)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


if sys.platform == "darwin":

    def _copy_attributes(source: str, target: int) -> None:
        """Copy ACL and extended attributes; Python has no call for them on macOS, its C library has."""
        import ctypes

        library = ctypes.CDLL(None, use_errno=True)
        handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if library.fcopyfile(handle, target, None, 1 << 0 | 1 << 2) < 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
        finally:
            os.close(handle)

    def _attributes(_target: int | str) -> dict[str, bytes]:
        return {}

else:

    def _copy_attributes(source: str, target: int) -> None:
        """Make the extended attributes (ACLs and labels are among them) of ``target`` those of ``source``."""
        wanted, present = _attributes(source), _attributes(target)
        for name in present.keys() - wanted.keys():
            os.removexattr(target, name)
        for name, value in wanted.items():
            if present.get(name) != value:
                os.setxattr(target, name, value)

    def _attributes(target: int | str) -> dict[str, bytes]:
        try:
            return {name: os.getxattr(target, name) for name in os.listxattr(target)}
        except OSError as error:
            if error.errno in {errno.ENOTSUP, errno.ENOSYS}:
                return {}
            raise


def _properties(target: int | str) -> tuple[object, ...]:
    status = os.stat(target)
    return (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, _attributes(target))


# --- One at a time --------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(folder: str) -> Iterator[None]:
    """Hold the lock on ``folder``, which exists, against other runs of ours.

    The lock is on the folder itself, so no lock file is left behind. Where the file system has no such lock,
    the comparison just before the rename still guards. Raises :class:`AutovenvError` after 20 seconds.
    """
    if native.WINDOWS:
        with _mutex(folder):
            yield
        return
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot(folder, "open", error) from error
    try:
        _lock(handle, folder)
        yield
    finally:
        with contextlib.suppress(OSError):  # All is done by now, or another error is on its way.
            os.close(handle)


def _lock(handle: int, folder: str) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while not _lock_taken(handle):
        if time.monotonic() > deadline:
            raise AutovenvError(f"another autovenv is at work in {shown(folder)}")
        time.sleep(0.02)


def _lock_taken(handle: int) -> bool:
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # There is no such lock here (some network file systems).
    return True


@contextlib.contextmanager
def _mutex(folder: str) -> Iterator[None]:
    """Hold a mutex named after ``folder``, as Windows cannot lock one; it ends with the process."""
    import ctypes
    import hashlib

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel.CreateMutexW.restype = ctypes.c_void_p
    name = hashlib.sha256(os.fsencode(native.folded(folder))).hexdigest()
    handle = ctypes.c_void_p(kernel.CreateMutexW(None, 0, f"Local\\autovenv-{name}"))
    try:
        waited = kernel.WaitForSingleObject(handle, int(LOCK_SECONDS * 1000))
        if not handle or waited not in (0, 0x80):  # WAIT_OBJECT_0, WAIT_ABANDONED
            raise AutovenvError(f"another autovenv is at work in {shown(folder)}")
        try:
            yield
        finally:
            kernel.ReleaseMutex(handle)
    finally:
        kernel.CloseHandle(handle)
