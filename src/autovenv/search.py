"""The search for a command, as the asking shell does it. Looks at files, runs none."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from autovenv import facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-@%,:")
_MODIFIERS = frozenset({"command", "noglob", "nocorrect", "exec", "time"})


class Kind(Enum):
    """What the shell takes a candidate for, in the order in which it looks."""

    ALIAS = "alias"
    KEYWORD = "keyword"
    FUNCTION = "function"
    BUILTIN = "builtin"
    HASHED = "hashed"
    FILE = "file"


class Entry(Enum):
    """How the PATH entry that led to a file is written."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that the name could mean.

    ``path`` is absolute, and "" where there is no file (function, builtin, an alias that cannot be
    followed). ``folder`` is the PATH entry as it is written, ``position`` counts entries from 1 (0: not from
    PATH). ``runs`` is false for what the shell passes over or fails on; ``why_not`` then says why.
    ``text`` is an alias's text.
    """

    kind: Kind
    path: str = ""
    folder: str = ""
    entry: Entry = Entry.ABSOLUTE
    position: int = 0
    runs: bool = True
    why_not: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched, for whom, and where.

    ``path`` is PATH, None if it is not set; ``home`` the user's folder, for bash's ``~`` in PATH.
    """

    name: str
    cwd: str
    path: str | None
    shell: facts.ShellFacts
    home: str = ""


def query(name: str, *, environ: Mapping[str, str], cwd: str, shell: facts.ShellFacts) -> Query:
    """Return the query for ``name`` with PATH and HOME of ``environ``."""
    return Query(name, cwd, environ.get("PATH"), shell, environ.get("HOME", ""))


def candidates(asked: Query) -> tuple[Candidate, ...]:
    """Return everything that the name could mean, first choice first, duplicates kept."""
    if "/" in asked.name:
        return tuple(_look(os.path.join(asked.cwd, asked.name)))
    files = tuple(on_path(asked))
    return (*_from_shell(asked, files), *files)


def winner(found: tuple[Candidate, ...]) -> Candidate | None:
    """Return what the shell takes: the first that runs; a stale hashed path wins although it fails."""
    return next((one for one in found if one.runs or one.kind is Kind.HASHED), None)


def without_exe(name: str) -> str:
    """Return ``python.exe`` as ``python``: the habit of another system; any other name as it is."""
    stem = name[:-4] if name[-4:].lower() == ".exe" else ""
    return stem if stem and "/" not in stem else name


def on_path(asked: Query) -> Iterator[Candidate]:
    """Yield the files of that name on PATH in PATH's order, those that cannot run included."""
    for position, folder in enumerate(_entries(asked), start=1):
        entry = Entry.EMPTY if not folder else Entry.ABSOLUTE if folder[0] == "/" else Entry.RELATIVE
        place = _expanded(folder, asked) if entry is Entry.RELATIVE else folder
        if place[:1] == "/":
            entry = Entry.ABSOLUTE
        path = os.path.join(os.path.join(asked.cwd, place) if place else asked.cwd, asked.name)
        yield from _look(path, folder=folder, entry=entry, position=position)


def _entries(asked: Query) -> list[str]:
    """Split PATH. A PATH that is empty or not set means the current folder in bash, nothing elsewhere."""
    if asked.path:
        return asked.path.split(":")
    return [""] if asked.shell.shell in ("", "bash") else []


def _expanded(folder: str, asked: Query) -> str:
    """Bash alone reads ``~`` in PATH as the home folder (seen on 5.2; zsh and fish look for a folder "~")."""
    if asked.shell.shell == "bash" and asked.home and (folder == "~" or folder[:2] == "~/"):
        return asked.home + folder[1:]
    return folder


def _look(
    path: str, *, folder: str = "", entry: Entry = Entry.ABSOLUTE, position: int = 0
) -> Iterator[Candidate]:
    """Yield the file at ``path``, if there is one. A folder of that name is passed over in silence."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        if not os.path.lexists(path):
            return
        why_not = "its link leads nowhere"
    else:
        if stat.S_ISDIR(mode):
            return
        why_not = _why_not(path, mode)
    yield Candidate(
        Kind.FILE,
        path=path,
        folder=folder,
        entry=entry,
        position=position,
        runs=not why_not,
        why_not=why_not,
    )


def _why_not(path: str, mode: int) -> str:
    """Return why no shell runs this file, "" if it does: a regular file that the user may execute."""
    if not stat.S_ISREG(mode):
        return "it is no regular file"
    effective = os.access in os.supports_effective_ids
    return "" if os.access(path, os.X_OK, effective_ids=effective) else "it is not executable"


def _from_shell(asked: Query, files: tuple[Candidate, ...]) -> Iterator[Candidate]:
    """Yield what stands before PATH. The shell spoke of one name only."""
    known = asked.shell
    if known.name != asked.name:
        return
    if known.kind == "alias":
        yield _alias(asked)
    elif known.kind in ("function", "builtin", "keyword"):
        yield Candidate(Kind(known.kind))
    first = next((one.path for one in files if one.runs), "")
    if known.hashed and os.path.join(asked.cwd, known.hashed) != first:
        yield from _hashed(os.path.join(asked.cwd, known.hashed))


def _hashed(path: str) -> Iterator[Candidate]:
    """Yield the file that the shell remembered; it is taken without a search, even if it is gone."""
    looked = next(_look(path), None)
    gone = "the shell remembers it, but it is gone"
    yield Candidate(
        Kind.HASHED,
        path=path,
        runs=looked is not None and looked.runs,
        why_not=looked.why_not if looked else gone,
    )


def _alias(asked: Query) -> Candidate:
    """Follow an alias to the file that its first word names; "" where it is more than one plain command."""
    text = asked.shell.alias
    word = _command_word(text)
    target = Query(word, asked.cwd, asked.path, facts.ShellFacts(shell=asked.shell.shell), asked.home)
    led = winner(candidates(target)) if word else None
    return Candidate(Kind.ALIAS, path=led.path if led else "", text=text)


def _command_word(text: str) -> str:
    """Return the command that a plain alias runs: one command of plain words, else ""."""
    if len(os.fsencode(text)) >= facts.MAX_ALIAS or not set(text) <= _PLAIN | {" ", "=", "\\"}:
        return ""
    for word in text.split():
        if word in _MODIFIERS or "=" in word:
            continue
        return word.lstrip("\\")
    return ""
