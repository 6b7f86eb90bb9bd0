"""``pyvenv.cfg``, read with suspicion.

CPython's ``site`` takes the last of two equal keys in some versions and the first in others, and splits
lines at a bare CR, which other readers do not. A file that two readers could understand differently is
refused.
"""

from __future__ import annotations

import os
import stat

from autovenv import native
from autovenv.record import record
from autovenv.words import Refused, Word

LIMIT = 64 * 1024
FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
LABEL_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._- ")
LABEL_LIMIT = 64


@record
class Config:
    """What ``pyvenv.cfg`` says. ``home`` is never empty; the others are "" where the file is silent.

    ``creator`` is ``uv``, ``virtualenv`` or ``venv``; ``prompt`` is without the quotes that CPython writes.
    """

    home: str
    version: str = ""
    prompt: str = ""
    creator: str = "venv"
    executable: str = ""
    system_site: bool = False


def read(venv: str) -> Config:
    """Return the configuration of the environment folder ``venv``.

    Raises :class:`Refused` with NO_CONFIG (missing, or no regular file: links are not followed), BAD_CONFIG
    (over 64 KiB, not readable, a key twice, NUL or odd line ends) or NO_HOME (no ``home`` key).
    """
    path = os.path.join(venv, "pyvenv.cfg")
    pairs = _pairs(_bytes(path), path)
    if not pairs.get("home"):
        raise Refused(Word.NO_HOME, path)
    return Config(
        home=pairs["home"],
        version=pairs.get("version_info") or pairs.get("version", ""),
        prompt=_unquoted(pairs.get("prompt", "")),
        creator=next((name for name in ("uv", "virtualenv") if name in pairs), "venv"),
        executable=pairs.get("base-executable") or pairs.get("executable", ""),
        system_site=pairs.get("include-system-site-packages", "").lower() == "true",
    )


def read_regular(path: str, limit: int) -> bytes | None:
    """Return the bytes of a regular file, or None if it is none or larger than ``limit``.

    A link is not followed and a FIFO does not hang. Raises OSError.
    """
    descriptor = os.open(path, FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return _up_to(descriptor, limit)
    finally:
        os.close(descriptor)


def _up_to(descriptor: int, limit: int) -> bytes | None:
    data = b""
    while len(data) <= limit:
        piece = os.read(descriptor, limit + 1 - len(data))
        if not piece:
            return data
        data += piece
    return None


def _bytes(path: str) -> bytes:
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Refused(Word.NO_CONFIG, path)
        data = read_regular(path, LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(Word.NO_CONFIG, path) from None
    except OSError:
        raise Refused(Word.BAD_CONFIG, path) from None
    if data is None:
        raise Refused(Word.BAD_CONFIG, path)
    return data


def _pairs(data: bytes, path: str) -> dict[str, str]:
    data = data.replace(b"\r\n", b"\n")
    if any(byte in data for byte in (b"\0", b"\r", b"\v", b"\f", b"\x1c", b"\x1d", b"\x1e")):
        raise Refused(Word.BAD_CONFIG, path)
    pairs: dict[str, str] = {}
    for line in data.split(b"\n"):
        key, equals, value = native.decoded(line).partition("=")
        key = key.strip().lower()
        if not equals:
            continue
        if key in pairs:
            raise Refused(Word.BAD_CONFIG, path)
        pairs[key] = value.strip()
    return pairs


def _unquoted(value: str) -> str:
    # CPython writes repr(prompt).
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value


def label(venv: str, config: Config) -> str:
    """Return what ``activate`` would show, in letters that no shell can take for a command.

    The prompt of ``pyvenv.cfg``, else the folder's name; only ``A-Z a-z 0-9 . _ -`` and space are kept, at
    most 64 of them; "venv" if nothing is left.
    """
    for source in (config.prompt, os.path.basename(venv)):
        kept = "".join(char for char in source if char in LABEL_LETTERS).strip()[:LABEL_LIMIT].strip()
        if kept:
            return kept
    return "venv"
