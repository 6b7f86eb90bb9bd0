"""Is a folder part of the git repository around it? Answered from the index file; git is never run.

Running git in a folder that somebody else may have filled runs what its configuration names (fsmonitor and
others). The format is that of git's ``Documentation/gitformat-index.txt``: versions 2 to 4, split and sparse
indexes.
"""

from __future__ import annotations

import os
import stat
from enum import Enum

from autovenv import native
from autovenv.venvcfg import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

INDEX_LIMIT = 1 << 30
SMALL = 64 * 1024
ENTRY = 40  # bytes before the object name: times, device, inode, mode, owner, size
SPARSE_MODE = 0o040000
RUN_BITS = 0xFFFFFFFF


class Tracked(Enum):
    """The answer; UNKNOWN when there is a repository whose index cannot be read or understood."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Unreadable(Exception):  # noqa: N818 - caught in this module
    """The repository is there, but not as expected."""


def tracked(project: str, name: str = ".venv") -> Tracked:
    """Return whether ``name`` in the folder ``project``, or anything below it, is in the nearest git index.

    Letter case is ignored, because a file system may ignore it. Never raises for what is on the disk.
    """
    try:
        folder = os.path.realpath(project)
        top, gitdir = repository(folder)
        if not gitdir:
            return Tracked.NO
        wanted = os.fsencode(os.path.relpath(os.path.join(folder, name), top)).lower()
        return Tracked.YES if _holds(gitdir, wanted) else Tracked.NO
    except (OSError, ValueError, IndexError, Unreadable):
        return Tracked.UNKNOWN


def repository(folder: str) -> tuple[str, str]:
    """Return the nearest working tree's top and its git folder, ("", "") if ``folder`` is in none.

    A ``.git`` folder without HEAD is none, as for git. Raises OSError or Unreadable.
    """
    while True:
        gitdir = _gitdir(folder)
        if gitdir:
            return folder, gitdir
        parent = os.path.dirname(folder)
        if parent == folder:
            return "", ""
        folder = parent


def _gitdir(folder: str) -> str:
    path = os.path.join(folder, ".git")
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if stat.S_ISDIR(mode):
        return path if os.path.lexists(os.path.join(path, "HEAD")) else ""
    # Worktrees and submodules: one line that names the real folder.
    text = native.decoded(read_regular(os.path.realpath(path), SMALL) or b"")
    if not text.startswith("gitdir: "):
        raise Unreadable(path)
    gitdir = os.path.join(folder, text[len("gitdir: ") :].rstrip("\r\n"))
    if not os.path.lexists(os.path.join(gitdir, "HEAD")):
        raise Unreadable(path)
    return gitdir


def _hash_size(gitdir: str) -> int:
    """Return the bytes of an object name: 32 if the repository's configuration says sha256, else 20."""
    common = _small(os.path.join(gitdir, "commondir")).strip()
    config = _small(os.path.join(gitdir, native.decoded(common), "config")).lower()
    for line in config.split(b"\n"):
        key, _, value = line.partition(b"=")
        if key.strip().endswith(b"objectformat") and value.strip().startswith(b"sha256"):
            return 32
    return 20


def _small(path: str) -> bytes:
    try:
        return read_regular(path, SMALL * 16) or b""
    except FileNotFoundError:
        return b""


def _holds(gitdir: str, wanted: bytes) -> bool:
    size = _hash_size(gitdir)
    data = _index(os.path.join(gitdir, "index"))
    if data is None:
        return False
    own, end = _matches(data, size, wanted)
    link = _extensions(data, end, size).get(b"link", b"")
    if own or not link or not any(link[:size]):
        return bool(own)
    shared = _index(os.path.join(gitdir, f"sharedindex.{link[:size].hex()}"))
    if shared is None:
        raise Unreadable(gitdir)
    found, end = _matches(shared, size, wanted)
    _extensions(shared, end, size)
    deleted = set(_set_bits(link[size:], max(found) + 1)) if found and len(link) > size else set()
    return any(position not in deleted for position in found)


def _index(path: str) -> bytes | None:
    try:
        data = read_regular(path, INDEX_LIMIT)
    except FileNotFoundError:
        return None
    if data is None:
        raise Unreadable(path)
    return data


def _matches(data: bytes, size: int, wanted: bytes) -> tuple[list[int], int]:
    """Return the positions of the entries at or below ``wanted``, and the offset behind the last entry.

    Raises Unreadable if the index is not whole, or if a sparse entry hides what lies at ``wanted``.
    """
    version, count = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
    if data[:4] != b"DIRC" or version not in {2, 3, 4}:
        raise Unreadable("version")
    limit = len(data) - size
    names = _compressed(data, count, size, limit) if version == 4 else _plain(data, count, size, limit)
    found, end, first, width = [], 12, wanted[:1], len(wanted)
    for position, (name, offset, start) in enumerate(names):
        end = offset
        if name[:1].lower() != first:
            continue
        lower = name[: width + 1].lower()
        if lower[:width] == wanted and lower[width:] in {b"", b"/"}:
            found.append(position)
        elif name[-1:] == b"/" and _sparse(data, start) and wanted.startswith(name.lower()):
            raise Unreadable("sparse")
    return found, end


def _sparse(data: bytes, start: int) -> bool:
    return int.from_bytes(data[start + 24 : start + 28], "big") == SPARSE_MODE


def _plain(data: bytes, count: int, size: int, limit: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (name, offset of the next entry, offset of this one) of a version 2 or 3 index."""
    start = 12
    for _ in range(count):
        name = start + ENTRY + size + (4 if data[start + ENTRY + size] & 0x40 else 2)
        end = data.index(b"\0", name, limit)
        # Entries are padded with 1 to 8 NULs to a multiple of eight bytes.
        after = start + ((end - start + 8) & ~7)
        if after > limit:
            raise Unreadable("short")
        yield data[name:end], after, start
        start = after


def _compressed(data: bytes, count: int, size: int, limit: int) -> Iterator[tuple[bytes, int, int]]:
    """Like :func:`_plain` for version 4, where a name continues the one before it."""
    start, last = 12, b""
    for _ in range(count):
        at = start + ENTRY + size + (4 if data[start + ENTRY + size] & 0x40 else 2)
        byte = data[at]
        strip, at = byte & 0x7F, at + 1
        while byte & 0x80:
            byte = data[at]
            strip, at = ((strip + 1) << 7) | (byte & 0x7F), at + 1
        end = data.index(b"\0", at, limit)
        if strip > len(last):
            raise Unreadable("prefix")
        last = last[: len(last) - strip] + data[at:end]
        yield last, end + 1, start
        start = end + 1


def _extensions(data: bytes, start: int, size: int) -> dict[bytes, bytes]:
    """Return the extensions by their four letters. Raises Unreadable if they do not fill the file up to its
    hash.

    A name in lower case says that a reader who does not know it must not go on.
    """
    found, limit = {}, len(data) - size
    while start != limit:
        name, length = data[start : start + 4], int.from_bytes(data[start + 4 : start + 8], "big")
        start += 8
        if start + length > limit or (not b"A" <= name[:1] <= b"Z" and name not in {b"link", b"sdir"}):
            raise Unreadable("extension")
        found[name] = data[start : start + length]
        start += length
    return found


def _set_bits(data: bytes, limit: int) -> Iterator[int]:
    """Yield the positions below ``limit`` that are set in an EWAH bitmap, as git writes it.

    Raises Unreadable if it is short.
    """
    count = int.from_bytes(data[4:8], "big")
    if len(data) < 12 + 8 * count:
        raise Unreadable("bitmap")
    position, at = 0, 0
    while at < count and position < limit:
        word = _word(data, at)
        run, literals = 64 * ((word >> 1) & RUN_BITS), word >> 33
        if word & 1:
            yield from range(position, min(position + run, limit))
        position += run
        for literal in range(at + 1, min(at + 1 + literals, count)):
            yield from (position + bit for bit in range(64) if _word(data, literal) >> bit & 1)
            position += 64
        at += 1 + literals


def _word(data: bytes, number: int) -> int:
    return int.from_bytes(data[8 + 8 * number : 16 + 8 * number], "big")
