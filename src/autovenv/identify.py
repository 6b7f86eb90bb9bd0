"""What a command is, told from its place and the files beside it. Executes nothing.

A folder that a clone brought can imitate every shape that is known here, so an answer is a description for a
reader, never a reason to trust.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import Enum

from autovenv import venvcfg
from autovenv.words import Refused


class What(Enum):
    """The sort of place that a command lives in."""

    VENV = "venv"
    CONDA = "conda"
    SHIM = "shim"
    MANAGED = "managed"
    SYSTEM = "system"
    FILE = "file"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a command is.

    ``tool`` is who manages it ("pyenv", "uv" …), ``root`` its environment's folder, ``version`` the
    Python's ("" = unknown, or no Python), ``real`` the file that its links end at, ``problem`` why it
    cannot work.
    """

    what: What
    real: str
    tool: str = ""
    root: str = ""
    version: str = ""
    problem: str = ""


def identify(path: str) -> Identity:
    """Return what the file at ``path`` (absolute) is. Never raises for an odd file."""
    real = os.path.realpath(path)
    root = venv_of(path) or (venv_of(real) if not is_python(path) else "")
    problem = _problem(path, real)
    what, tool, folder = (What.VENV, _tool_of_venv(root), root) if root else _by_place(path, real)
    version = _version(path, real, root) if is_python(path) else ""
    return Identity(What.BROKEN if problem else what, real, tool, folder, version, problem)


def venv_of(path: str) -> str:
    """Return the venv that the file at ``path`` lies in, "" if none.

    Python looks for ``pyvenv.cfg`` beside the file that was named, before it follows its links, and one
    folder above (CPython, Modules/getpath.py).
    """
    folder = os.path.dirname(path)
    for root in (os.path.dirname(folder), folder):
        if os.path.isfile(os.path.join(root, "pyvenv.cfg")):
            return root
    return ""


def is_python(path: str) -> bool:
    """Return whether the name is one of an interpreter: python, python3, python3.12, pypy3, python3.13t."""
    name = os.path.basename(path)
    for stem in ("python", "pypy"):
        if name.startswith(stem):
            return not name[len(stem) :].strip("0123456789.tdw")
    return False


_SHIMS = (
    ("/.pyenv/shims/", "pyenv"),
    ("/mise/shims/", "mise"),
    ("/.asdf/shims/", "asdf"),
    ("/.rye/shims/", "rye"),
)
_MANAGED = (
    ("/.pyenv/versions/", "pyenv"),
    ("/mise/installs/", "mise"),
    ("/.asdf/installs/", "asdf"),
    ("/.rye/py/", "rye"),
    ("/uv/python/", "uv"),
    ("/Cellar/", "Homebrew"),
    ("/nix/store/", "Nix"),
)
_TOOL_VENVS = (
    ("/pipx/venvs/", "pipx"),
    ("/uv/tools/", "uv"),
    ("/.rye/", "rye"),
    ("/pypoetry/virtualenvs/", "Poetry"),
    ("/hatch/env/virtual/", "Hatch"),
)
_SYSTEM = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin")


def _by_place(path: str, real: str) -> tuple[What, str, str]:
    """Return sort, tool and environment of a command that is in no venv. A shim is one by its own place."""
    shim = _match(path, _SHIMS)
    if shim:
        return What.SHIM, shim, ""
    for place in (path, real):
        prefix = os.path.dirname(os.path.dirname(place))
        if os.path.isdir(os.path.join(prefix, "conda-meta")):
            return What.CONDA, "conda", prefix
        tool = _match(place, _MANAGED)
        if tool:
            return What.MANAGED, tool, ""
    system = os.path.dirname(path) in _SYSTEM and (not is_python(path) or os.path.dirname(real) in _SYSTEM)
    return (What.SYSTEM if system else What.FILE), "", ""


def _tool_of_venv(root: str) -> str:
    return _match(root + "/", _TOOL_VENVS)


def _match(path: str, shapes: tuple[tuple[str, str], ...]) -> str:
    return next((tool for shape, tool in shapes if shape in path), "")


def _problem(path: str, real: str) -> str:
    """Return why running the file would fail, "" if nothing is seen."""
    if not os.path.exists(path):
        return f"its link leads to {real}, which is gone" if os.path.islink(path) else "it is gone"
    interpreter = _interpreter(path)
    if interpreter and not os.path.exists(interpreter):
        return f"its first line names {interpreter}, which is gone: was its environment moved?"
    return ""


def _interpreter(path: str) -> str:
    """Return the absolute interpreter that a script names, "" for anything else.

    The second form is what pip and uv write where the path is too long for ``#!`` or has a space:
    ``#!/bin/sh`` and then ``'''exec' "/the/python" "$0" "$@"``.
    """
    lines = _head(path).split(b"\n")
    if not lines[0].startswith(b"#!"):
        return ""
    word = lines[0][2:].strip().split(b" ")[0]
    if word == b"/bin/sh" and len(lines) > 1 and lines[1].startswith(b"'''exec' "):
        word = _first_word(lines[1][len(b"'''exec' ") :])
    return os.fsdecode(word) if word.startswith(b"/") and b"\0" not in word else ""


def _first_word(line: bytes) -> bytes:
    """Return the first word; in double quotes if there are any."""
    return line[1:].split(b'"')[0] if line[:1] == b'"' else line.split(b" ")[0]


def _head(path: str, size: int = 1024) -> bytes:
    """Return the first bytes of a regular file; nothing for a pipe or a device, which is not waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, size) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _version(path: str, real: str, root: str) -> str:
    """Return the version from what lies there, the most exact source first; "" if nothing tells it.

    A shim is no Python of its own: nobody knows without running it.
    """
    if root:
        written = _written(root)
        if written:
            return written
    if _match(path, _SHIMS):
        return ""
    prefix = os.path.dirname(os.path.dirname(real))
    series = _number(os.path.basename(real)) or _series(prefix)
    return _conda(prefix) or _patchlevel(prefix, series) or _folder(real, series) or series


def _written(root: str) -> str:
    """Return the version that pyvenv.cfg gives; "" if it gives none or cannot be believed."""
    try:
        return _number(venvcfg.read(root).version)
    except Refused:
        return ""


def _number(text: str) -> str:
    """Return the dotted number in ``python3.12`` or ``3.12.1.final.0``; "" if there is no dot in it."""
    digits = text.lstrip("abcdefghijklmnopqrstuvwxyz-@")
    end = len(digits) - len(digits.lstrip("0123456789."))
    parts = [part for part in digits[:end].split(".") if part]
    return ".".join(parts[:3]) if len(parts) > 1 else ""


def _series(prefix: str) -> str:
    """Return 3.12 if ``lib/python3.12`` is the only one of its kind beside the file's ``bin``."""
    names = [name for name in _listed(prefix, "lib") if name.startswith("python") and _number(name)]
    return _number(names[0]) if len(names) == 1 else ""


def _patchlevel(prefix: str, series: str) -> str:
    """Return PY_VERSION of the header, which lies there if the development files do."""
    head = _head(os.path.join(prefix, "include", f"python{series}", "patchlevel.h"), 8192)
    text = head.partition(b"#define PY_VERSION")[2].split(b"\n")[0].strip()
    version = text.strip(b'"').decode("ascii", "replace")
    return version if text.startswith(b'"') and set(version) <= _VERSION_LETTERS else ""


_VERSION_LETTERS = frozenset("0123456789.abrc+")


def _conda(prefix: str) -> str:
    """Return the version in the name ``conda-meta/python-3.12.1-h123_0.json``."""
    names = [name for name in _listed(prefix, "conda-meta") if name.startswith("python-")]
    return next(filter(None, (_number(name[len("python-") :]) for name in names)), "")


def _folder(real: str, series: str) -> str:
    """Return the version that a folder on the way is named after, if it is one of ``series``."""
    numbers = (_number(part) for part in reversed(real.split("/")[:-1]))
    return next((number for number in numbers if series and number.startswith(series + ".")), "")


def _listed(*parts: str) -> list[str]:
    try:
        return sorted(os.listdir(os.path.join(*parts)))
    except OSError:
        return []
