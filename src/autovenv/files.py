"""What a search and an identification ask of a file system; the real one, and nothing that executes.

Everything that looks at files takes a :class:`Files`, so that layouts of other systems can be laid down as
data. Paths are absolute and spelled as the system spells them: ``flavour`` is ``posixpath`` or ``ntpath``.
"""

from __future__ import annotations

import os
import stat
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from autovenv import native
from autovenv.record import record
from autovenv.text import same_place

if TYPE_CHECKING:
    from types import ModuleType


class Sort(Enum):
    """What stands at a path, links followed."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"
    DANGLING = "dangling"
    CLOSED = "closed"
    """The folder it lies in may not be entered, so nobody knows."""


@record
class Look:
    """What was seen at a path.

    ``executable``: the user may execute it. ``size`` in bytes. ``alias`` is the target of a Windows app
    execution alias as its reparse point spells it, "" for anything else.
    """

    sort: Sort
    executable: bool = False
    size: int = 0
    alias: str = ""


class Files(Protocol):
    """A file system, read only. No method raises for a path that is missing, odd or forbidden."""

    @property
    def flavour(self) -> ModuleType:
        """``posixpath`` or ``ntpath``."""

    def look(self, path: str) -> Look | None:
        """Return what stands at ``path``, links followed; None if there is nothing."""

    def head(self, path: str, size: int = 1024) -> bytes:
        """Return up to ``size`` first bytes of a regular file; nothing for anything else."""

    def tail(self, path: str, size: int = 1024) -> bytes:
        """Return up to ``size`` last bytes of a regular file."""

    def names(self, folder: str) -> list[str]:
        """Return the names in ``folder``, sorted; none if it cannot be listed."""

    def link(self, path: str) -> str:
        """Return where the link at ``path`` leads, as it is written; "" if it is none."""

    def real(self, path: str) -> str:
        """Return ``path`` with all links followed."""

    def same(self, one: str, other: str) -> bool:
        """Return whether two paths lead to the same file; no, if one is missing."""


class RealFiles:
    """The file system of this machine."""

    flavour = os.path

    def look(self, path: str) -> Look | None:
        """See :class:`Files`."""
        try:
            info = os.stat(path)
        except PermissionError:
            return Look(Sort.CLOSED)
        except (OSError, ValueError):
            return self._unfollowed(path)
        if stat.S_ISDIR(info.st_mode):
            return Look(Sort.FOLDER)
        if getattr(info, "st_reparse_tag", 0) == APP_ALIAS:
            return self._unfollowed(path)
        sort = Sort.FILE if stat.S_ISREG(info.st_mode) else Sort.OTHER
        return Look(sort, _executable(path), info.st_size)

    def _unfollowed(self, path: str) -> Look | None:
        """Return what stands at a path that cannot be followed: a link to nowhere, or an app alias."""
        try:
            info = os.lstat(path)
        except (OSError, ValueError):
            return None
        if getattr(info, "st_reparse_tag", 0) == APP_ALIAS:
            return Look(Sort.FILE, executable=True, alias=alias_target(_reparse_data(path)))
        return Look(Sort.DANGLING)

    def head(self, path: str, size: int = 1024) -> bytes:
        """See :class:`Files`."""
        return _part(path, size, from_end=False)

    def tail(self, path: str, size: int = 1024) -> bytes:
        """See :class:`Files`."""
        return _part(path, size, from_end=True)

    def names(self, folder: str) -> list[str]:
        """See :class:`Files`."""
        try:
            return sorted(os.listdir(folder))
        except (OSError, ValueError):
            return []

    def link(self, path: str) -> str:
        """See :class:`Files`."""
        try:
            return os.readlink(path)
        except (OSError, ValueError):
            return ""

    def real(self, path: str) -> str:
        """See :class:`Files`."""
        try:
            return os.path.realpath(path)
        except (OSError, ValueError):
            return path

    def same(self, one: str, other: str) -> bool:
        """See :class:`Files`."""
        return same_place(one, other)


REAL = RealFiles()


def is_file(files: Files, *parts: str) -> bool:
    """Return whether there is a regular file at the joined ``parts``."""
    seen = files.look(files.flavour.join(*parts))
    return seen is not None and seen.sort is Sort.FILE


def is_folder(files: Files, *parts: str) -> bool:
    """Return whether there is a folder at the joined ``parts``."""
    seen = files.look(files.flavour.join(*parts))
    return seen is not None and seen.sort is Sort.FOLDER


def text(files: Files, *parts: str, limit: int = 64 * 1024) -> str:
    """Return the file at the joined ``parts`` as text; "" if it is missing or larger than ``limit`` bytes."""
    data = files.head(files.flavour.join(*parts), limit + 1)
    return "" if len(data) > limit else native.decoded(data.removeprefix(b"\xef\xbb\xbf"))


def _executable(path: str) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.X_OK, effective_ids=effective)


_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def _part(path: str, size: int, *, from_end: bool) -> bytes:
    """Return the first or last bytes of a regular file; a pipe or a device is not waited for."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return b""
    try:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            return b""
        if from_end:
            os.lseek(descriptor, max(0, info.st_size - size), os.SEEK_SET)
        return _read(descriptor, size)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _read(descriptor: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = os.read(descriptor, size - len(data))
        if not piece:
            break
        data += piece
    return data


# ---- app execution aliases of Windows ---------------------------------------------------------------

APP_ALIAS = 0x8000001B
"""IO_REPARSE_TAG_APPEXECLINK."""


def alias_target(data: bytes) -> str:
    """Return the program that an app execution alias starts, from its reparse data; "" if it is none.

    The data: tag (4 bytes), length (2), reserved (2), version (4), then NUL-ended UTF-16 strings: package,
    application, target, kind.
    """
    if int.from_bytes(data[:4], "little") != APP_ALIAS:
        return ""
    strings = data[12:].decode("utf-16-le", "replace").split("\0")
    return strings[2] if len(strings) > 2 else ""


def _reparse_data(path: str) -> bytes:
    """Return the reparse data of ``path`` on Windows (not run on any machine yet); nothing elsewhere."""
    if os.name != "nt":
        return b""
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel.CreateFileW.restype = ctypes.c_void_p
    # Open for reading attributes: FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, existing only.
    handle = kernel.CreateFileW(ctypes.c_wchar_p(path), 0, 7, None, 3, 0x02200000, None)
    if handle in (None, ctypes.c_void_p(-1).value):
        return b""
    buffer, count = ctypes.create_string_buffer(16384), ctypes.c_ulong()
    pointer = ctypes.c_void_p(handle)
    try:  # FSCTL_GET_REPARSE_POINT
        done = kernel.DeviceIoControl(pointer, 0x900A8, None, 0, buffer, 16384, ctypes.byref(count), None)
    finally:
        kernel.CloseHandle(pointer)
    return buffer.raw[: count.value] if done else b""
