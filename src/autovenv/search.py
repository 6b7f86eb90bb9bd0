"""The search for a command, as the asking shell does it. Looks at files, runs none.

:func:`walk` returns every rule that the shell goes through, in its order, and what each one finds; the
candidates and the winner are read off it. This module knows bash, zsh, fish and PowerShell outside Windows;
:mod:`autovenv.search_windows` knows the rest.
"""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING

from autovenv import facts, pep514
from autovenv.files import REAL, Look, Sort
from autovenv.machine import NO_VARIABLES, has_folder
from autovenv.record import changed, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from autovenv.files import Files
    from autovenv.machine import Machine
    from autovenv.pep514 import Registry

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-@%,:")
_MODIFIERS = frozenset({"command", "noglob", "nocorrect", "exec", "time"})


class Kind(Enum):
    """What the shell takes a candidate for."""

    ALIAS = "alias"
    MACRO = "macro"
    KEYWORD = "keyword"
    FUNCTION = "function"
    CMDLET = "cmdlet"
    BUILTIN = "builtin"
    HASHED = "hashed"
    FILE = "file"
    APP_PATH = "app-path"


class Entry(Enum):
    """How the PATH entry that led to a file is written; CURRENT: the shell looks in the current folder."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    EMPTY = "empty"
    CURRENT = "current"


@record
class Candidate:
    """One thing that the name could mean.

    ``path`` is absolute, and "" where there is no file (function, builtin, an alias that cannot be
    followed). ``folder`` is the PATH entry as it is written, ``position`` counts entries from 1 (0: not from
    PATH). ``runs`` is false for what the shell passes over or fails on; ``why_not`` then says why. ``taken``
    is whether the shell stops here, which it does for some that then fail. ``text`` is an alias's text.
    """

    kind: Kind
    path: str = ""
    folder: str = ""
    entry: Entry = Entry.ABSOLUTE
    position: int = 0
    runs: bool = True
    why_not: str = ""
    text: str = ""
    taken: bool = True


@record
class Step:
    """One rule that the shell goes through.

    ``rule`` is what it looks at ("alias", "PATH" …), ``place`` the folder or the like as it is written,
    ``note`` what is to be said of it, "" if nothing.
    """

    rule: str
    place: str = ""
    position: int = 0
    found: tuple[Candidate, ...] = ()
    note: str = ""


@record
class Query:
    """What is searched, for whom, and where.

    ``path`` is PATH, None if it is not set; ``home`` the user's folder, for bash's ``~`` in PATH. ``files``
    and ``registry`` are what is looked at, ``environ`` holds what else counts (PATHEXT …).
    """

    name: str
    cwd: str
    path: str | None
    shell: facts.ShellFacts
    home: str = ""
    files: Files = REAL
    registry: Registry = pep514.NONE
    environ: Mapping[str, str] = NO_VARIABLES

    @property
    def windows(self) -> bool:
        """Whether the searched system is Windows."""
        return bool(self.files.flavour.sep == "\\")

    @property
    def has_folder(self) -> bool:
        """Whether the command is named by its path, so that PATH has no say."""
        return has_folder(self.name, windows=self.windows)

    def join(self, *parts: str) -> str:
        """Join parts of a path as the searched system does."""
        joined: str = self.files.flavour.join(*parts)
        return joined


def query(name: str, *, machine: Machine, shell: facts.ShellFacts) -> Query:
    """Return the query for ``name`` with PATH and the home folder as ``machine`` has them."""
    environ = machine.environ
    path = machine.variable("PATH") if machine.windows else environ.get("PATH")
    home = environ.get("HOME", "") or environ.get("USERPROFILE", "")
    return Query(name, machine.cwd, path, shell, home, machine.files, machine.registry, environ)


def walk(asked: Query) -> tuple[Step, ...]:
    """Return every rule that the shell goes through, in its order; those behind the winner too."""
    if asked.windows:
        from autovenv import search_windows

        return search_windows.walk(asked)
    if asked.has_folder:
        return (Step("path", asked.name, found=tuple(_look(asked, asked.join(asked.cwd, asked.name)))),)
    steps = tuple(_settled(asked, tuple(_on_path(asked))))
    return (*_from_shell(asked, steps), *steps)


def candidates(asked: Query) -> tuple[Candidate, ...]:
    """Return everything that the name could mean, first choice first, duplicates kept."""
    return candidates_of(walk(asked))


def candidates_of(steps: tuple[Step, ...]) -> tuple[Candidate, ...]:
    """Return what the steps of a walk found."""
    return tuple(one for step in steps for one in step.found)


def winner(found: tuple[Candidate, ...]) -> Candidate | None:
    """Return what the shell takes; it may be something that then fails (a stale hashed path in bash)."""
    return next((one for one in found if one.taken), None)


def file_names(name: str, machine: Machine) -> list[str]:
    """Return the names that a file of the command ``name`` may have, in the order in which they are tried."""
    if not machine.windows:
        return [name]
    from autovenv import search_windows

    return search_windows.file_names(name, machine.environ)


def without_exe(name: str) -> str:
    """Return ``python.exe`` as ``python``: the habit of another system; any other name as it is."""
    stem = name[:-4] if name[-4:].lower() == ".exe" else ""
    return stem if stem and "/" not in stem else name


# ---- PATH -----------------------------------------------------------------------------------------


def _on_path(asked: Query) -> Iterator[Step]:
    """Yield a step for each entry of PATH, those that cannot run included."""
    names = [asked.name]
    if asked.shell.shell in POWERSHELL and not asked.name.lower().endswith(".ps1"):
        names.append(asked.name + ".ps1")  # after the program in the same folder, seen on 7.6, Linux
    for position, folder in enumerate(_entries(asked), start=1):
        entry = Entry.EMPTY if not folder else Entry.ABSOLUTE if folder[0] == "/" else Entry.RELATIVE
        place = _expanded(folder, asked) if entry is Entry.RELATIVE else folder
        if place[:1] == "/":
            entry = Entry.ABSOLUTE
        base = os.path.join(asked.cwd, place) if place else asked.cwd
        found = [
            one
            for name in names
            for one in _look(asked, os.path.join(base, name), folder=folder, entry=entry, position=position)
        ]
        yield Step("PATH", folder, position, tuple(found), "" if found else _why_nothing(asked, base))


POWERSHELL = ("pwsh", "powershell")


def _entries(asked: Query) -> list[str]:
    """Split PATH. One that is empty means the current folder; one that is not set too, but in bash alone."""
    if asked.shell.shell in POWERSHELL:
        # PowerShell drops empty entries and leading blanks (CommandDiscovery.cs).
        return [one.lstrip() for one in (asked.path or "").split(":") if one]
    if asked.path:
        return asked.path.split(":")
    return [] if asked.path is None and asked.shell.shell in ("zsh", "fish") else [""]


def _expanded(folder: str, asked: Query) -> str:
    """Return a PATH entry that begins with ``~`` as the shell reads it.

    bash expands ``~``, ``~/x``, ``~+`` and ``~user`` (bash_tilde_expand, seen on 5.2), PowerShell ``~`` and
    ``~/x``; zsh and fish look for a folder of that name.
    """
    head, slash, rest = folder.partition("/")
    known = asked.shell.shell
    if head == "~" and known in ("bash", *POWERSHELL) and asked.home:
        return asked.home + slash + rest
    if known == "bash" and head == "~+":
        return asked.cwd + slash + rest
    if known == "bash" and head == "~-" and asked.environ.get("OLDPWD"):
        return asked.environ["OLDPWD"] + slash + rest
    if known == "bash" and head[:1] == "~" and len(head) > 1:
        return (_home_of(head[1:]) or head) + slash + rest
    return folder


def _home_of(user: str) -> str:
    try:
        import pwd

        return pwd.getpwnam(user).pw_dir
    except (ImportError, KeyError, ValueError):
        return ""


def _look(
    asked: Query, path: str, *, folder: str = "", entry: Entry = Entry.ABSOLUTE, position: int = 0
) -> Iterator[Candidate]:
    """Yield the file at ``path``, if there is one. A folder of that name is passed over in silence."""
    seen = asked.files.look(path)
    if seen is None or seen.sort in (Sort.FOLDER, Sort.CLOSED):
        return
    why_not = _why_not(seen, path)
    taken = not why_not or _taken_though(asked, seen)
    yield Candidate(
        Kind.FILE,
        path=path,
        folder=folder,
        entry=entry,
        position=position,
        runs=not why_not,
        why_not=why_not,
        taken=taken,
    )


def _taken_though(asked: Query, seen: Look) -> bool:
    """Return whether the shell takes a file that it then fails on.

    bash tests for "executable and no folder" only, so it takes a pipe or a device (seen on 5.2). PowerShell
    takes anything but a folder, also what is not executable or a link to nowhere (seen on 7.6, Linux).
    """
    if asked.shell.shell in POWERSHELL:
        return True
    return asked.shell.shell == "bash" and seen.sort is Sort.OTHER and seen.executable


def _why_not(seen: Look, path: str) -> str:
    """Return why no shell runs this file, "" if it does: a regular file that the user may execute."""
    if seen.sort is Sort.DANGLING:
        return DANGLING
    if seen.sort is not Sort.FILE:
        return "it is no regular file"
    return "" if seen.executable or path.endswith(".ps1") else NO_PERMISSION


def _settled(asked: Query, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Where nothing on PATH can be executed, bash takes the first file of the name and fails on it.

    Unless a folder of that name comes before it, or PATH is empty (findcmd.c, seen on 5.2).
    """
    found = candidates_of(steps)
    if asked.shell.shell != "bash" or not asked.path or winner(found):
        return steps
    first = next((one for one in map(_there, steps) if one), None)
    return tuple(
        changed(step, found=tuple(changed(one, taken=one is first) for one in step.found)) for step in steps
    )


def _there(step: Step) -> Candidate | str:
    """Return the file that an entry of PATH gave, the note about a folder, or nothing."""
    one = next((one for one in step.found if one.why_not != DANGLING), None)
    return one or (step.note if step.note.startswith(A_FOLDER) else "")


DANGLING = "its link leads nowhere"
NO_PERMISSION = "it is not executable"
A_FOLDER = "a folder is called"
CURRENT_FOLDER = "current folder"
CLOSED = "this folder may not be entered"


def _why_nothing(asked: Query, folder: str) -> str:
    """Return why an entry of PATH gave nothing, if there is more to say than that."""
    seen = asked.files.look(os.path.join(folder, asked.name))
    if seen is not None and seen.sort is Sort.FOLDER:
        return f"{A_FOLDER} {asked.name} there; it is passed over"
    if seen is not None:
        return CLOSED
    there = asked.files.look(folder)
    if there is None:
        return "there is no such folder"
    return "" if there.sort is Sort.FOLDER else "it is no folder"


# ---- what only the shell knows ----------------------------------------------------------------------

BEFORE_PATH = {
    "bash": (Kind.ALIAS, Kind.KEYWORD, Kind.FUNCTION, Kind.BUILTIN),
    "zsh": (Kind.ALIAS, Kind.KEYWORD, Kind.FUNCTION, Kind.BUILTIN),
    "fish": (Kind.ALIAS, Kind.FUNCTION, Kind.BUILTIN),
    "pwsh": (Kind.ALIAS, Kind.FUNCTION, Kind.CMDLET),
    "powershell": (Kind.ALIAS, Kind.FUNCTION, Kind.CMDLET),
    "cmd": (Kind.MACRO, Kind.BUILTIN),
}
"""What each shell takes before it looks on PATH, in its order (bash manual, Command Search and Execution; zsh
manual, Command Execution; about_Command_Precedence). In fish an alias is a function."""


_BUILTINS = frozenset(
    (
        *(".", ":", "[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare", "dirs"),
        *(
            "disown",
            "echo",
            "eval",
            "exec",
            "exit",
            "export",
            "false",
            "fc",
            "fg",
            "getopts",
            "hash",
            "history",
        ),
        *("history", "jobs", "kill", "let", "local", "logout", "popd", "printf", "pushd", "pwd", "read"),
        *("readonly", "return", "set", "shift", "source", "suspend", "test", "times", "trap", "true", "type"),
        *("typeset", "ulimit", "umask", "unalias", "unset", "wait"),
    )
)
_KEYWORDS = frozenset(
    (
        *(
            "if",
            "then",
            "elif",
            "else",
            "fi",
            "for",
            "until",
            "while",
            "do",
            "done",
            "case",
            "esac",
            "select",
        ),
        *("function", "time", "coproc", "{", "}", "[[", "!"),
    )
)
COMMON = {Kind.BUILTIN: _BUILTINS, Kind.KEYWORD: _KEYWORDS}
"""What bash and zsh both have themselves. bash tells it to a pipe only, which its hook does without."""


NOT_ASKED = Step("shell", note="not asked: its hook is not loaded here")


def _from_shell(asked: Query, steps: tuple[Step, ...]) -> Iterator[Step]:
    """Yield what stands before PATH. The shell spoke of one name only."""
    known = asked.shell
    if not known.loaded:
        yield NOT_ASKED
        return
    if known.name != asked.name:
        yield Step("shell", note="not asked about this name")
        return
    yield from before_path(asked)
    if known.shell in ("bash", "zsh"):
        yield _hashed(asked, candidates_of(steps))


def before_path(asked: Query) -> Iterator[Step]:
    """Yield a step for each kind that this shell takes before PATH."""
    said = asked.shell.kinds
    order = BEFORE_PATH.get(asked.shell.shell, BEFORE_PATH["bash"])
    for kind in (*order, *(one for one in Kind if one.value in said and one not in order)):
        if kind in (Kind.FILE, Kind.HASHED):
            continue
        common = asked.shell.shell in ("bash", "zsh") and asked.name in COMMON.get(kind, ())
        found = (_known(asked, kind),) if kind.value in said or common else ()
        yield Step(kind.value, found=found)


def _known(asked: Query, kind: Kind) -> Candidate:
    return _alias(asked, kind) if kind in (Kind.ALIAS, Kind.MACRO) else Candidate(kind)


def _hashed(asked: Query, files: tuple[Candidate, ...]) -> Step:
    """Return the file that the shell remembered: bash takes it without a search, even if it is gone (but with
    ``shopt -s checkhash``); zsh searches PATH again where it cannot run.
    """
    first = winner(files)
    known = asked.shell.hashed
    path = asked.join(asked.cwd, known)
    if not known or (first is not None and path == first.path):
        return Step("hashed", known)
    looked = next(_look(asked, path), None)
    runs = looked is not None and looked.runs
    why_not = looked.why_not if looked else "the shell remembers it, but it is gone"
    taken = runs or asked.shell.shell == "bash"
    return Step(
        "hashed", known, found=(Candidate(Kind.HASHED, path, runs=runs, why_not=why_not, taken=taken),)
    )


def _alias(asked: Query, kind: Kind) -> Candidate:
    """Follow an alias to the file that its first word names; "" where it is more than one plain command."""
    text = asked.shell.alias
    word = command_word(text)
    if asked.shell.shell == "zsh" and word.startswith("="):
        word = word[1:]  # =python is the python of PATH
    target = changed(asked, name=word, shell=facts.ShellFacts(shell=asked.shell.shell))
    led = winner(candidates(target)) if word else None
    return Candidate(kind, path=led.path if led else "", text=text)


def command_word(text: str) -> str:
    """Return the command that a plain alias runs: one command of plain words, else ""."""
    if len(os.fsencode(text)) >= facts.MAX_ALIAS or not set(text) <= _PLAIN | {" ", "=", "\\"}:
        return ""
    for word in text.split():
        if word in _MODIFIERS or ("=" in word and word[0] != "="):
            continue
        return word.lstrip("\\")
    return ""
