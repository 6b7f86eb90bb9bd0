"""Paths as a terminal may show them."""

from __future__ import annotations

import os

from autovenv import native


def shown(path: str, *, home: str = "") -> str:
    """Return ``path`` for a terminal: what is not printable becomes ``\\xNN``, ``\\uNNNN`` or
    ``\\UNNNNNNNN``.

    That covers C0, DEL, C1, raw bytes that are no UTF-8 (``os.fsdecode`` makes surrogates of them),
    bidirectional controls and U+2028/9, all of which can repaint a line. ``home`` at the front becomes ``~``.
    """
    if home and home != os.sep and (path == home or path.startswith(home + os.sep)):
        path = "~" + path[len(home) :]
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in path)


def _escape(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def has_control(path: str) -> bool:
    """Whether ``path`` holds a C0 control or DEL; bytes that are no UTF-8 are no control here."""
    return any(char < " " or char == "\x7f" for char in path)


def below(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or lies below it, by spelling alone."""
    return native.below(path, folder)


def same_place(one: str, other: str) -> bool:
    """Whether two paths lead to the same file: by string, else by device and inode. Missing: no."""
    if one == other:
        return True
    try:
        return os.path.samestat(os.stat(one), os.stat(other))
    except (OSError, ValueError):
        return False
