"""Which command wins in a scene, whether it is the right one, and what mends it if not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autovenv import search
from autovenv.decision import Action
from autovenv.identify import Identity, What, identify, is_python
from autovenv.search import Candidate, Entry, Kind
from autovenv.text import same_place, shown, typed

if TYPE_CHECKING:
    from autovenv.scene import Scene

_ALWAYS = frozenset({"python", "python3", "pip", "pip3"})
"""Names that everybody expects of an environment, whether they lie in it or not."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate and what it is; ``identity`` is None where there is no file."""

    candidate: Candidate
    identity: Identity | None

    @property
    def works(self) -> bool:
        """Whether the shell takes it and nothing is seen that would make it fail."""
        broken = self.identity is not None and self.identity.what is What.BROKEN
        return self.candidate.runs and not broken


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to ``which``.

    ``name`` is what was searched. ``wanted`` is the file that should win, "" if any may. ``right`` is whether
    it does. ``cause`` says in words why another wins, ``remedy`` is the command that mends it.
    """

    name: str
    seen: tuple[Seen, ...]
    winner: Seen | None
    wanted: str
    right: bool
    cause: str = ""
    remedy: str = ""


def judge(scene: Scene, name: str) -> Verdict:
    """Return the verdict on ``name``; ``python.exe`` is looked for as python where there is none."""
    name, found = _searched(scene, name)
    seen = tuple(Seen(one, identify(one.path) if one.path else None) for one in found)
    first = search.winner(found)
    taken = next((one for one in seen if one.candidate is first), None)
    wanted = _wanted(scene, name)
    right = taken is not None and taken.works and (not wanted or _lies_in(taken, os.path.dirname(wanted)))
    cause, remedy = ("", "") if right else _trouble(scene, name, taken, wanted)
    return Verdict(name, seen, taken, wanted, right, cause, remedy)


def _searched(scene: Scene, name: str) -> tuple[str, tuple[Candidate, ...]]:
    """Return the name that is looked for, and what it could mean."""
    found = _candidates(scene, name)
    plain = search.without_exe(name)
    return (name, found) if found or plain == name else (plain, _candidates(scene, plain))


def _candidates(scene: Scene, name: str) -> tuple[Candidate, ...]:
    asked = search.query(name, environ=scene.environ, cwd=scene.cwd, shell=scene.shell)
    return search.candidates(asked)


def _wanted(scene: Scene, name: str) -> str:
    """Return the file of the expected venv, "" where the venv has no say in this name."""
    if not scene.expected or "/" in name:
        return ""
    path = os.path.join(scene.expected, "bin", name)
    return path if name in _ALWAYS or os.path.lexists(path) else ""


def _lies_in(seen: Seen, folder: str) -> bool:
    return same_place(os.path.dirname(seen.candidate.path), folder)


def _trouble(scene: Scene, name: str, taken: Seen | None, wanted: str) -> tuple[str, str]:
    """Return cause and remedy where the wrong command wins, the nearest cause first."""
    if wanted and not os.path.exists(wanted):
        return _missing(scene, name, wanted)
    if taken is None:
        return _not_found(scene, name) if not wanted else _order(scene, wanted)
    return _shell_first(scene, name, taken) or _broken(scene, taken) or _order(scene, wanted)


def _missing(scene: Scene, name: str, wanted: str) -> tuple[str, str]:
    """Return what to do about an environment that lacks the name, or has lost its Python."""
    root = os.path.dirname(os.path.dirname(wanted))
    if name.startswith("pip"):
        return "the environment has no pip of its own", "python -m ensurepip"
    if not os.path.isdir(root):
        return f"the active environment {scene.path(root)} is gone", "deactivate"
    lost = "the Python that the environment was made from is gone"
    fact = lost if os.path.islink(wanted) else f"the environment has no {shown(name)}"
    return fact, f"python3 -m venv --clear {typed(root)}"


def _not_found(scene: Scene, name: str) -> tuple[str, str]:
    """Return what to do where PATH has no such command. Debian and macOS have python3 and no python."""
    if name == "python" and search.winner(_candidates(scene, "python3")):
        return "there is no python on PATH, but there is python3", "python3"
    where = "" if "/" in name else " on PATH"
    return f"there is no {shown(name)}{where}", ""


def _shell_first(scene: Scene, name: str, taken: Seen) -> tuple[str, str] | None:
    """Return what stands before PATH and how it is taken away."""
    kind = taken.candidate.kind
    erase = "functions -e" if scene.shell.shell == "fish" else ""  # an alias is a function there
    if kind is Kind.ALIAS:
        fact = f"an alias of this shell comes first: {shown(taken.candidate.text)}"
        return fact, f"{erase or 'unalias'} {typed(name)}"
    if kind is Kind.FUNCTION:
        return "a function of this shell comes first", f"{erase or 'unset -f'} {typed(name)}"
    if kind in (Kind.BUILTIN, Kind.KEYWORD):
        return f"it is a {kind.value} of this shell", ""
    if kind is Kind.HASHED:
        return "the shell remembers where it found it earlier", "hash -r"
    return None


def _broken(scene: Scene, taken: Seen) -> tuple[str, str] | None:
    """Return why the winner cannot work."""
    identity = taken.identity
    if identity is None or identity.what is not What.BROKEN:
        return None
    remedy = f"python3 -m venv --clear {typed(identity.root)}" if identity.root else ""
    return f"it cannot work: {scene.path(identity.problem)}", remedy


def _order(scene: Scene, wanted: str) -> tuple[str, str]:
    """Return why the environment's folder is not first on PATH."""
    bin_folder = os.path.dirname(wanted)
    if scene.decision.action is not Action.KEEP:
        return _pending(scene)
    root = os.path.dirname(bin_folder)
    if bin_folder in scene.environ.get("PATH", "").split(":"):
        fact = "another folder was put before the environment's on PATH"
    else:
        fact = "the environment is active, but its folder is not on PATH"
    if scene.ours and scene.shell.loaded:
        return fact, "autovenv off; autovenv on"
    return fact, f"source {typed(os.path.join(root, 'bin', _script(scene)))}"


def _script(scene: Scene) -> str:
    return "activate.fish" if scene.shell.shell == "fish" else "activate"


def _pending(scene: Scene) -> tuple[str, str]:
    """Return why what was decided has not happened yet."""
    if scene.shell.loaded:
        return "this shell changes over at its next prompt", "autovenv status"
    return how_to_load(scene)


def how_to_load(scene: Scene) -> tuple[str, str]:
    """Return what keeps the hook from this shell, and what brings it."""
    if any(os.path.exists(os.path.join(scene.home.path, f"hook.{name}")) for name in ("bash", "zsh", "fish")):
        return "the hook is not loaded in this shell", "open a new terminal"
    return "the hook is not installed", "autovenv install-hook"


def dangers(verdict: Verdict) -> tuple[str, ...]:
    """Return what is wrong with PATH entries that led to the winner."""
    taken = verdict.winner
    if taken is None or taken.candidate.entry is Entry.ABSOLUTE:
        return ()
    entry = taken.candidate
    how = "is empty, which means the current folder" if entry.entry is Entry.EMPTY else "is relative"
    own = f"so any folder can bring its own {shown(verdict.name)}"
    return (f"dangerous: PATH entry {entry.position} {how}, {own}",)


def environment_notes(scene: Scene, name: str) -> tuple[str, ...]:
    """Return the variables that change what a Python is, wherever it lies."""
    if not is_python(name):
        return ()
    names = [one for one in ("PYTHONHOME", "PYTHONPATH") if scene.environ.get(one)]
    return tuple(f"{one} is set: {scene.path(scene.environ[one])}" for one in names)
