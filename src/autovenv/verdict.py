"""Which command wins in a scene, whether it is the right one, and what mends it if not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from autovenv import facts, owners, search
from autovenv.decision import Action
from autovenv.files import Sort
from autovenv.identify import Identity, Trouble, What, identify, is_python, venv_of
from autovenv.record import changed, record
from autovenv.search import Candidate, Entry, Kind, Step
from autovenv.text import same_place, shown, typed

if TYPE_CHECKING:
    from autovenv.scene import Scene

_ALWAYS = frozenset({"python", "python3", "pip", "pip3"})
"""Names that everybody expects of an environment, whether they lie in it or not."""


@record
class Seen:
    """A candidate and what it is; ``identity`` is None where there is no file."""

    candidate: Candidate
    identity: Identity | None

    @property
    def works(self) -> bool:
        """Whether the shell takes it and nothing is seen that would make it fail."""
        broken = self.identity is not None and self.identity.what is What.BROKEN
        stub = self.identity is not None and self.identity.what is What.STORE_STUB
        return self.candidate.runs and not broken and not stub


@record
class Home:
    """Whose a console script is: its interpreter, and the environment that this one is of.

    ``place`` is the environment's folder, or the interpreter itself where it is of none.
    """

    interpreter: str
    place: str


@record
class Pair:
    """A script and python, each with the environment that it works in. ``script`` is the name ("pip")."""

    script: str
    home: Home
    python: str
    python_place: str

    @property
    def differ(self) -> bool:
        """Whether what the script installs or runs is not what python sees."""
        return not same_place(self.home.place, self.python_place)


@record
class Verdict:
    """The answer to ``which``.

    ``name`` is what was searched. ``wanted`` is the file that should win, "" if any may. ``right`` is whether
    it does. ``cause`` says in words why another wins, ``remedy`` is the command that mends it. ``steps`` is
    the whole walk, ``rule`` the rule by which the winner wins. ``pair`` compares pip, or the script asked
    for, with python.
    """

    name: str
    seen: tuple[Seen, ...]
    winner: Seen | None
    wanted: str
    right: bool
    cause: str = ""
    remedy: str = ""
    steps: tuple[Step, ...] = ()
    rule: str = ""
    pair: Pair | None = None


def judge(scene: Scene, name: str) -> Verdict:
    """Return the verdict on ``name``; ``python.exe`` is looked for as python where there is none."""
    name, steps = _searched(scene, name)
    found = search.candidates_of(steps)
    seen = tuple(Seen(one, identify(one.path, scene.machine) if one.path else None) for one in found)
    first = search.winner(found)
    taken = next((one for one in seen if one.candidate is first), None)
    wanted = _wanted(scene, name)
    right = taken is not None and taken.works and (not wanted or _lies_in(taken, os.path.dirname(wanted)))
    known = Verdict(name, seen, taken, wanted, right, steps=steps, rule=rule(scene, taken, steps))
    known = changed(known, pair=_pair(scene, known))
    if right:
        return known
    cause, remedy = _trouble(scene, known)
    return changed(known, cause=cause, remedy=remedy)


def _searched(scene: Scene, name: str) -> tuple[str, tuple[Step, ...]]:
    """Return the name that is looked for, and the walk."""
    steps = _walk(scene, name)
    plain = search.without_exe(name)
    if plain == name or search.candidates_of(steps):
        return name, steps
    return plain, _walk(scene, plain)


def _walk(scene: Scene, name: str) -> tuple[Step, ...]:
    asked = search.query(name, environ=scene.environ, cwd=scene.cwd, shell=scene.shell)
    return search.walk(asked)


def winner_path(scene: Scene, name: str) -> str:
    """Return the file that this shell would run for ``name``, "" if there is none."""
    first = search.winner(search.candidates_of(_walk(scene, name)))
    return first.path if first and first.runs else ""


def _wanted(scene: Scene, name: str) -> str:
    """Return the file of the expected venv, "" where the venv has no say in this name."""
    if not scene.expected or "/" in name:
        return ""
    path = os.path.join(scene.expected, "bin", name)
    return path if name in _ALWAYS or os.path.lexists(path) else ""


def _lies_in(seen: Seen, folder: str) -> bool:
    return same_place(os.path.dirname(seen.candidate.path), folder)


# ---- why it wins ----------------------------------------------------------------------------------

_RULES = {
    Kind.ALIAS: "an alias comes before everything on PATH",
    Kind.MACRO: "a macro comes before everything on PATH, at the start of a typed line",
    Kind.KEYWORD: "it is a word of the shell's own grammar",
    Kind.FUNCTION: "a function comes before everything on PATH",
    Kind.CMDLET: "a cmdlet comes before everything on PATH",
    Kind.BUILTIN: "what the shell does itself comes before everything on PATH",
    Kind.HASHED: "the shell remembers this place and does not search PATH again",
}


def rule(scene: Scene, taken: Seen | None, steps: tuple[Step, ...]) -> str:
    """Return the rule by which the winner wins, and the PATH entry, "" if there is no winner."""
    if taken is None:
        return ""
    one = taken.candidate
    if one.kind is not Kind.FILE:
        return _RULES.get(one.kind, "")
    if one.entry is Entry.CURRENT:
        return "cmd looks in the current folder before PATH"
    if not one.position:
        return "it was named by its path"
    count = sum(step.rule == "PATH" and step.position > 0 for step in steps)
    folder = scene.path(one.folder) or "(empty: the current folder)"
    return f"first on PATH: entry {one.position} of {count}, {folder}"


# ---- whose a script is ----------------------------------------------------------------------------


def _pair(scene: Scene, known: Verdict) -> Pair | None:
    """Compare pip with python, and any other script of a Python that is asked for."""
    if is_python(known.name):
        return _pair_of(scene, _pip_of(known.name), python=known.name)
    return _pair_of(scene, known.name, python="python", script=known.winner)


def _pip_of(python: str) -> str:
    return "pip3" if os.path.basename(python) == "python3" else "pip"


def _pair_of(scene: Scene, name: str, *, python: str, script: Seen | None = None) -> Pair | None:
    interpreter = _interpreter(scene, name, script)
    path = winner_path(scene, python) or winner_path(scene, "python3")
    if not interpreter or not path or "/" in name:
        return None
    return Pair(name, Home(interpreter, place_of(scene, interpreter)), path, place_of(scene, path))


def _interpreter(scene: Scene, name: str, script: Seen | None) -> str:
    """Return the file of the interpreter that runs the script ``name``, "" if that is none of a Python."""
    path = script.candidate.path if script else winner_path(scene, name)
    known = script.identity if script else identify(path, scene.machine) if path else None
    if known is None:
        return ""
    named = owners.interpreter(known.leads_to, scene.machine) if known.leads_to else known.belongs_to
    if not named or scene.machine.elsewhere(named):
        return ""
    return named if os.path.isabs(named) else winner_path(scene, named)


def place_of(scene: Scene, interpreter: str) -> str:
    """Return the environment's folder that an interpreter works in, or its real file where it is in none."""
    known = identify(interpreter, scene.machine)
    led = known.leads_to or interpreter  # a shim works in the environment of what it leads to
    return venv_of(led, scene.machine) or known.root or os.path.realpath(led)


def mismatch(scene: Scene, known: Verdict) -> str:
    """Return the sentence about a script that belongs to another Python than python, "" if they agree."""
    pair = known.pair
    if pair is None or not pair.differ:
        return ""
    own = known.winner.identity if known.winner else None
    if own is not None and own.tool in ("pipx", "uv") and not is_python(known.name):
        return ""  # these keep each tool in an environment of its own, on purpose
    does = "installs into" if pair.script.startswith("pip") else "runs in"
    if does == "runs in" and not scene.expected:
        return ""
    return (
        f"{shown(pair.script)} {does} {scene.path(pair.home.place)}, python is {scene.path(pair.python)}:"
        " they differ"
    )


# ---- what is wrong --------------------------------------------------------------------------------


def _trouble(scene: Scene, known: Verdict) -> tuple[str, str]:
    """Return cause and remedy where the wrong command wins, the nearest cause first."""
    taken, wanted = known.winner, known.wanted
    if wanted and not os.path.exists(wanted):
        return _missing(scene, known.name, wanted)
    if taken is None:
        return _not_found(scene, known) if not wanted else _order(scene, wanted)
    return (
        _shell_first(scene, known.name, taken)
        or _broken(scene, taken)
        or _fails(taken)
        or _order(scene, wanted)
    )


def _missing(scene: Scene, name: str, wanted: str) -> tuple[str, str]:
    """Return what to do about an environment that lacks the name, or has lost its Python."""
    root = os.path.dirname(os.path.dirname(wanted))
    if name.startswith("pip"):
        return "the environment has no pip of its own", "python -m ensurepip"
    if not os.path.isdir(root):
        return f"the active environment {scene.path(root)} is gone", "deactivate"
    again = f"python3 -m venv --clear {typed(root)}"
    if os.path.islink(wanted):
        base = identify(wanted, scene.machine).base
        where = f", in {scene.path(base)}," if base else ""
        return f"the Python that the environment was made from{where} is gone (upgraded away?)", again
    return f"the environment has no {shown(name)}", again


def _not_found(scene: Scene, known: Verdict) -> tuple[str, str]:
    """Return what to do where nothing is found. Debian and macOS have python3 and no python."""
    name = known.name
    passed = next((one for one in known.seen if one.candidate.why_not), None)
    if passed is not None:
        fact = f"there is {scene.path(passed.candidate.path)}, but {passed.candidate.why_not}"
        return fact, _let_it_run(passed.candidate)
    if name == "python" and winner_path(scene, "python3"):
        return "there is no python on PATH, but there is python3", "python3"
    if "/" in name:
        return f"there is no {shown(name)}{_instead(scene, name)}", ""
    if not scene.environ.get("PATH"):
        place = "in the current folder only" if known.steps[-1].position else "nowhere"
        return f"PATH is empty, so {shown(name)} is looked for {place}", "open a new terminal"
    folder = next((step.place for step in known.steps if step.note.startswith(search.A_FOLDER)), None)
    also = f"; the {shown(name)} in {scene.path(folder) or '.'} is a folder" if folder is not None else ""
    closed = next((step.place for step in known.steps if step.note == search.CLOSED), None)
    also += f"; {scene.path(closed)} may not be entered" if closed else ""
    return f"there is no {shown(name)} on PATH{also}", ""


def _instead(scene: Scene, name: str) -> str:
    seen = scene.machine.files.look(os.path.join(scene.cwd, name))
    if seen is None:
        return ""
    return ": it is a folder" if seen.sort is Sort.FOLDER else ": its folder may not be entered"


def _shell_first(scene: Scene, name: str, taken: Seen) -> tuple[str, str] | None:
    """Return what stands before PATH and how it is taken away."""
    kind, text = taken.candidate.kind, shown(taken.candidate.text)
    facts_by_kind = {
        Kind.ALIAS: f"an alias of this shell comes first: {text}",
        Kind.MACRO: f"a macro of this console comes first: {text}",
        Kind.FUNCTION: "a function of this shell comes first",
        Kind.HASHED: _stale(scene, taken),
    }
    if kind in facts_by_kind:
        return facts_by_kind[kind], _take_away(scene.shell.shell, kind, name)
    if kind in (Kind.BUILTIN, Kind.KEYWORD, Kind.CMDLET):
        return f"it is a {kind.value} of this shell", ""
    return None


def _take_away(shell: str, kind: Kind, name: str) -> str:
    """Return the command that takes away what stands before PATH. In fish an alias is a function."""
    words = {Kind.ALIAS: "unalias", Kind.FUNCTION: "unset -f"}
    if kind is Kind.HASHED:
        return "hash -r"
    if kind is Kind.MACRO:
        return f"doskey {shown(name)}="
    if shell in search.POWERSHELL:
        return f"Remove-Item {kind.value.capitalize()}:{shown(name)}"
    return f"{'functions -e' if shell == 'fish' else words[kind]} {typed(name)}"


def _stale(scene: Scene, taken: Seen) -> str:
    if taken.candidate.runs:
        return "the shell remembers where it found it earlier"
    return f"the shell remembers {scene.path(taken.candidate.path)}, which is gone"


def _broken(scene: Scene, taken: Seen) -> tuple[str, str] | None:
    """Return why the winner cannot work."""
    identity = taken.identity
    if identity is None or identity.what not in (What.BROKEN, What.STORE_STUB):
        return None
    if identity.what is What.STORE_STUB:
        where = "switch it off: Settings > Apps > Advanced app settings > App execution aliases"
        return identity.problem, where
    if identity.trouble is Trouble.BASE_GONE:
        root, base = scene.path(identity.root), scene.path(identity.base)
        fact = f"the Python that {root} was made from, in {base}, is gone (upgraded away?)"
        return fact, _make_again(identity)
    return f"it cannot work: {scene.text(identity.problem)}", _make_again(identity)


def _make_again(identity: Identity) -> str:
    """Return the command that makes the environment of a command again, by whoever keeps it."""
    name = typed(os.path.basename(identity.root))
    keepers = {"pipx": f"pipx reinstall {name}", "uv": f"uv tool install --reinstall {name}"}
    again = f"python3 -m venv --clear {typed(identity.root)}" if identity.root else ""
    return keepers.get(identity.tool, again)


def _fails(taken: Seen) -> tuple[str, str] | None:
    """Return why the shell fails on what it takes."""
    if taken.candidate.runs:
        return None
    return f"the shell fails on it: {taken.candidate.why_not}", _let_it_run(taken.candidate)


def _let_it_run(one: Candidate) -> str:
    """Return the command that makes a program on PATH executable; none for a file that a folder brought."""
    chosen = one.position > 0 and one.entry is Entry.ABSOLUTE
    return f"chmod +x {typed(one.path)}" if chosen and one.why_not == search.NO_PERMISSION else ""


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


# ---- what else is to be said ------------------------------------------------------------------------


def notes(scene: Scene, known: Verdict) -> tuple[str, ...]:
    """Return what is to be said beside the verdict, each with what to type where something mends it."""
    texts = [*dangers(known), *environment_notes(scene, known.name)]
    differ = mismatch(scene, known)
    if differ:
        command = "; type: python -m pip" if known.pair and known.pair.script.startswith("pip") else ""
        texts.append(differ + command)
    taken = known.winner
    if taken is not None and taken.identity is not None and taken.identity.trouble is Trouble.MOVED:
        root = taken.identity.root
        fact = f"{scene.path(root)} was moved: its scripts name {scene.path(taken.identity.old_place)}"
        texts.append(f"{fact}; type: python3 -m venv --clear {typed(root)}")
    return tuple(texts)


def dangers(verdict: Verdict) -> tuple[str, ...]:
    """Return what is wrong with PATH entries that led to the winner."""
    taken = verdict.winner
    if taken is None or taken.candidate.entry is Entry.ABSOLUTE:
        return ()
    own = f"so any folder can bring its own {shown(verdict.name)}"
    entry = taken.candidate
    if entry.entry is Entry.CURRENT:
        return (f"dangerous: cmd looks in the current folder first, {own}",)
    how = "is empty, which means the current folder" if entry.entry is Entry.EMPTY else "is relative"
    return (f"dangerous: PATH entry {entry.position} {how}, {own}",)


def environment_notes(scene: Scene, name: str) -> tuple[str, ...]:
    """Return the variables that change what a Python is, wherever it lies."""
    if not is_python(name):
        return ()
    names = [one for one in ("PYTHONHOME", "PYTHONPATH") if scene.environ.get(one)]
    return tuple(f"{one} is set: {scene.path(scene.environ[one])}" for one in names)


def asked_version(known: Verdict, environ: dict[str, str]) -> Verdict:
    """Return the verdict with the version that the winner says itself: runs it, as the person asked."""
    from autovenv import versions

    taken = known.winner
    if taken is None or taken.identity is None or not taken.works or not is_python(taken.candidate.path):
        return known
    quiet = {key: value for key, value in environ.items() if key != facts.VARIABLE}
    version = versions.asked(taken.candidate.path, quiet)
    if not version:
        return known
    told = Seen(taken.candidate, changed(taken.identity, version=version))
    seen = tuple(told if one is taken else one for one in known.seen)
    return changed(known, winner=told, seen=seen)
