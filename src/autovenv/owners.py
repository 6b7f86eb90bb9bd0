"""Whose a console script is: the interpreter that its first line or its launcher names. Executes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autovenv import native
from autovenv.machine import HERE

if TYPE_CHECKING:
    from autovenv.machine import Machine

_HEAD = 1024
_TAIL = 64 * 1024
_MAGIC = (b"UVSC", b"UVPY")
"""How a launcher of uv ends: the path of a python, its length (4 bytes, little-endian), and this."""


def interpreter(path: str, machine: Machine = HERE) -> str:
    """Return the interpreter that runs the script at ``path``, "" if it is no script of a Python.

    Absolute, or the bare name that ``#!/usr/bin/env`` is given.
    """
    line = _line(path, machine)
    words = line.split(" ")
    if words[0].endswith("/env"):
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    name = machine.base(words[0]) if words else ""
    return words[0] if _pythonic(name) else line if _pythonic(machine.base(line)) else ""


def named(path: str, machine: Machine = HERE) -> str:
    """Return the absolute program that a script's first line names, "" for anything else."""
    if machine.windows:
        line = _line(path, machine)
        return line if line[1:3] == ":\\" else ""
    word = _posix(machine.files.head(path, _HEAD))
    return word if word.startswith("/") and "\0" not in word else ""


def _pythonic(name: str) -> bool:
    return name.lower().startswith(("python", "pypy", "graalpy"))


def _line(path: str, machine: Machine) -> str:
    head = machine.files.head(path, _HEAD)
    if head[:2] == b"MZ":
        return launcher(machine.files.tail(path, _TAIL))
    if machine.windows or not head.startswith(b"#!"):
        return native.decoded(head[2:].split(b"\n")[0].strip().strip(b'"')) if head[:2] == b"#!" else ""
    first = native.decoded(head[2:].split(b"\n")[0].strip())
    return first if first.split(" ")[0].endswith("/env") else _posix(head)


def _posix(head: bytes) -> str:
    """Return the program that a first line names.

    The second form is what pip and uv write where the path is too long for ``#!`` or has a space:
    ``#!/bin/sh`` and then ``'''exec' "/the/python" "$0" "$@"``.
    """
    lines = head.split(b"\n")
    if not lines[0].startswith(b"#!"):
        return ""
    word = lines[0][2:].strip().split(b" ")[0]
    if word == b"/bin/sh" and len(lines) > 1 and lines[1].startswith(b"'''exec' "):
        word = _first_word(lines[1][len(b"'''exec' ") :])
    return native.decoded(word)


def _first_word(line: bytes) -> bytes:
    """Return the first word; in double quotes if there are any."""
    return line[1:].split(b'"')[0] if line[:1] == b'"' else line.split(b" ")[0]


def launcher(tail: bytes) -> str:
    """Return the interpreter that a Windows launcher starts, from the end of its file; "" if there is none.

    pip's (distlib): the launcher, ``#!`` and a path, a newline, then a zip. uv's: the path, its length, and a
    mark at the very end.
    """
    if tail[-4:] in _MAGIC:
        size = int.from_bytes(tail[-8:-4], "little")
        return tail[-8 - size : -8].decode("utf-8", "replace") if 0 < size <= len(tail) - 8 else ""
    start = _zip_start(tail)
    if start < 0:
        return ""
    line = tail[:start].rstrip(b"\r\n").rpartition(b"#!")[2]
    text = line.decode("utf-8", "replace").strip().strip('"')
    return text if 0 < len(text) < _HEAD and "\n" not in text else ""


def _zip_start(tail: bytes) -> int:
    """Return where the zip in ``tail`` begins, -1 if none is there whole (APPNOTE 4.3.16)."""
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        return -1
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    offset = int.from_bytes(tail[end + 16 : end + 20], "little")
    start = end - directory - offset
    # The offsets count from the start of the zip, or, if it was written behind the launcher, of the file.
    return start if start >= 0 else tail.find(b"PK\x03\x04")


def made_for(script: str) -> list[str]:
    """Return the absolute folders that an ``activate`` script sets VIRTUAL_ENV to, if plainly quoted."""
    found = []
    for line in script.split("\n"):
        name, _, value = line.strip().removeprefix("export ").partition("=")
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        absolute = value.startswith("/") or value[1:3] == ":\\"
        if name == "VIRTUAL_ENV" and absolute and not any(char in value for char in "'\"$`"):
            found.append(value)
    return found
