"""Which command wins in a scene, whether it is the right one, and what mends it if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autovenv import facts, owners, paths, search, spelling
from autovenv.decision import Action
from autovenv.files import Sort, is_file, is_folder
from autovenv.identify import Identity, Trouble, What, identify, is_python, venv_of
from autovenv.record import changed, record
from autovenv.search import CURRENT_FOLDER, Candidate, Entry, Kind, Step
from autovenv.text import shown

if TYPE_CHECKING:
    from autovenv.files import Look
    from autovenv.scene import Scene
    from autovenv.spelling import Spelling

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
    """A script and python, each with the environment that it works in. ``script`` is the name ("pip").

    ``same`` is whether these are one and the same.
    """

    script: str
    home: Home
    python: str
    python_place: str
    same: bool

    @property
    def differ(self) -> bool:
        """Whether what the script installs or runs is not what python sees."""
        return not self.same


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
    right = taken is not None and taken.works and (not wanted or _lies_beside(scene, taken, wanted))
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
    return search.walk(search.query(name, machine=scene.machine, shell=scene.shell))


def winner_path(scene: Scene, name: str) -> str:
    """Return the file that this shell would run for ``name``, "" if there is none."""
    first = search.winner(search.candidates_of(_walk(scene, name)))
    return first.path if first and first.runs else ""


def _wanted(scene: Scene, name: str) -> str:
    """Return the file of the expected venv, "" where the venv has no say in this name."""
    machine = scene.machine
    if not scene.expected or machine.has_folder(name):
        return ""
    folder = machine.join(scene.expected, machine.scripts)
    for one in search.file_names(name, machine):
        path = machine.join(folder, one)
        if _is_named(machine.files.look(path)):
            return path
    stem = _stem(scene, name)
    return machine.join(folder, f"{stem}.exe" if machine.windows else stem) if stem in _ALWAYS else ""


def _is_named(seen: Look | None) -> bool:
    """Whether something is there, be it a link to nowhere; nobody knows of a folder that is closed."""
    return seen is not None and seen.sort is not Sort.CLOSED


def _is_there(seen: Look | None) -> bool:
    return _is_named(seen) and seen is not None and seen.sort is not Sort.DANGLING


def _stem(scene: Scene, name: str) -> str:
    """Return the name of a program without what Windows adds to it."""
    return search.without_exe(name).lower() if scene.machine.windows else name


def _lies_beside(scene: Scene, seen: Seen, path: str) -> bool:
    above = scene.machine.above
    return scene.machine.same(above(seen.candidate.path), above(path))


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
        pip = "pip3" if _stem(scene, scene.machine.base(known.name)) == "python3" else "pip"
        return _pair_of(scene, pip, python=known.name)
    return _pair_of(scene, known.name, python="python", script=known.winner)


def _pair_of(scene: Scene, name: str, *, python: str, script: Seen | None = None) -> Pair | None:
    interpreter = _interpreter(scene, name, script)
    path = winner_path(scene, python) or winner_path(scene, "python3")
    if not interpreter or not path or scene.machine.has_folder(name):
        return None
    own, others = place_of(scene, interpreter), place_of(scene, path)
    return Pair(name, Home(interpreter, own), path, others, scene.machine.same(own, others))


def _interpreter(scene: Scene, name: str, script: Seen | None) -> str:
    """Return the file of the interpreter that runs the script ``name``, "" if that is none of a Python."""
    path = script.candidate.path if script else winner_path(scene, name)
    known = script.identity if script else identify(path, scene.machine) if path else None
    if known is None:
        return ""
    named = owners.interpreter(known.leads_to, scene.machine) if known.leads_to else known.belongs_to
    if not named or scene.machine.elsewhere(named):
        return ""
    return named if scene.machine.files.flavour.isabs(named) else winner_path(scene, named)


def place_of(scene: Scene, interpreter: str) -> str:
    """Return the environment's folder that an interpreter works in, or its real file where it is in none."""
    known = identify(interpreter, scene.machine)
    led = known.leads_to or interpreter  # a shim works in the environment of what it leads to
    return venv_of(led, scene.machine) or known.root or scene.machine.files.real(led)


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
    if wanted and not _is_there(scene.machine.files.look(wanted)):
        return _missing(scene, known.name, wanted)
    if taken is None:
        return _not_found(scene, known) if not wanted else _unseen(known) or _order(scene, wanted)
    return (
        _shell_first(scene, known.name, taken)
        or _broken(scene, taken)
        or _fails(scene, taken)
        or _in_current_folder(scene, taken)
        or _order(scene, wanted)
    )


def _missing(scene: Scene, name: str, wanted: str) -> tuple[str, str]:
    """Return what to do about an environment that lacks the name, or has lost its Python."""
    machine = scene.machine
    root = machine.above(machine.above(wanted))
    if name.startswith("pip"):
        return "the environment has no pip of its own", "python -m ensurepip"
    if not is_folder(machine.files, root):
        return f"the active environment {scene.path(root)} is gone", "deactivate"
    python = machine.join(root, machine.scripts, "python.exe")
    if machine.windows and _stem(scene, name) == "python3" and is_file(machine.files, python):
        return "on Windows an environment has no python3: its program is python", "python"
    again = scene.spelling.make(root, clear=True)
    if machine.files.link(wanted):
        base = identify(wanted, machine).base
        where = f", in {scene.path(base)}," if base else ""
        return f"the Python that the environment was made from{where} is gone (upgraded away?)", again
    return f"the environment has no {shown(name)}", again


def _unseen(known: Verdict) -> tuple[str, str] | None:
    """Return why the shell does not look at PATH at all."""
    note = next((step.note for step in known.steps if step.rule == "PATH" and not step.position), "")
    return (note, "take entries out: Settings > Edit environment variables") if note else None


def _not_found(scene: Scene, known: Verdict) -> tuple[str, str]:
    """Return what to do where nothing is found. Debian and macOS have python3 and no python."""
    name = known.name
    passed = next((one for one in known.seen if one.candidate.why_not), None)
    if passed is not None:
        fact = f"there is {scene.path(passed.candidate.path)}, but {passed.candidate.why_not}"
        return fact, _let_it_run(scene, passed.candidate)
    if _stem(scene, name) == "python":
        others = ("python3", "py") if scene.machine.windows else ("python3",)
        other = next((one for one in others if winner_path(scene, one)), "")
        if other:
            return f"there is no python on PATH, but there is {other}", other
    if scene.machine.has_folder(name):
        return f"there is no {shown(name)}{_instead(scene, name)}", ""
    if not scene.machine.variable("PATH"):
        here = any(step.position or (step.rule == CURRENT_FOLDER and not step.note) for step in known.steps)
        place = "in the current folder only" if here else "nowhere"
        return f"PATH is empty, so {shown(name)} is looked for {place}", "open a new terminal"
    folder = next((step.place for step in known.steps if step.note.startswith(search.A_FOLDER)), None)
    also = f"; the {shown(name)} in {scene.path(folder) or '.'} is a folder" if folder is not None else ""
    closed = next((step.place for step in known.steps if step.note == search.CLOSED), None)
    also += f"; {scene.path(closed)} may not be entered" if closed else ""
    return f"there is no {shown(name)} on PATH{also}", ""


def _instead(scene: Scene, name: str) -> str:
    seen = scene.machine.files.look(scene.machine.join(scene.cwd, name))
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
        return facts_by_kind[kind], _take_away(scene.spelling, kind, name)
    if kind in (Kind.BUILTIN, Kind.KEYWORD, Kind.CMDLET):
        return f"it is a {kind.value} of this shell", ""
    return None


def _take_away(spelling: Spelling, kind: Kind, name: str) -> str:
    """Return the command that takes away what stands before PATH."""
    words = {Kind.HASHED: spelling.rehash, Kind.FUNCTION: spelling.unfunction, Kind.MACRO: "doskey {}="}
    return words.get(kind, spelling.unalias).format(spelling.word(name))


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
        return fact, _make_again(scene, identity)
    return f"it cannot work: {scene.text(identity.problem)}", _make_again(scene, identity)


def _make_again(scene: Scene, identity: Identity) -> str:
    """Return the command that makes the environment of a command again, by whoever keeps it."""
    name = scene.spelling.word(scene.machine.base(identity.root))
    keepers = {"pipx": f"pipx reinstall {name}", "uv": f"uv tool install --reinstall {name}"}
    again = scene.spelling.make(identity.root, clear=True) if identity.root else ""
    return keepers.get(identity.tool, again)


def _fails(scene: Scene, taken: Seen) -> tuple[str, str] | None:
    """Return why the shell fails on what it takes."""
    if taken.candidate.runs:
        return None
    return f"the shell fails on it: {taken.candidate.why_not}", _let_it_run(scene, taken.candidate)


def _let_it_run(scene: Scene, one: Candidate) -> str:
    """Return the command that makes a program on PATH executable; none for a file that a folder brought."""
    chosen = one.position > 0 and one.entry is Entry.ABSOLUTE
    return (
        f"chmod +x {scene.spelling.word(one.path)}" if chosen and one.why_not == search.NO_PERMISSION else ""
    )


def _in_current_folder(scene: Scene, taken: Seen) -> tuple[str, str] | None:
    """Return how cmd is kept from what the current folder brings."""
    if taken.candidate.entry is not Entry.CURRENT:
        return None
    name = scene.path(scene.machine.base(taken.candidate.path))
    fact = f"cmd looks in the current folder first, and there is a {name} in it"
    return fact, scene.spelling.export.format("NoDefaultCurrentDirectoryInExePath", "1")


def _order(scene: Scene, wanted: str) -> tuple[str, str]:
    """Return why the environment's folder is not first on PATH."""
    if scene.decision.action is not Action.KEEP:
        return _pending(scene)
    folder = scene.machine.above(wanted)
    if scene.machine.on_path(folder):
        fact = "another folder was put before the environment's on PATH"
    else:
        fact = "the environment is active, but its folder is not on PATH"
    if scene.ours and scene.shell.loaded:
        return fact, f"autovenv off{scene.spelling.also}autovenv on"
    return fact, _shell_spelling(scene).activate(scene.machine.above(folder))


def _shell_spelling(scene: Scene) -> Spelling:
    """Return how the shell around spells commands, also where its hook is not loaded."""
    if scene.shell.loaded:
        return scene.spelling
    from autovenv.shells import current_shell

    return spelling.of(current_shell(scene.environ) or "", windows=scene.machine.windows)


def _pending(scene: Scene) -> tuple[str, str]:
    """Return why what was decided has not happened yet."""
    if scene.shell.loaded:
        return "this shell changes over at its next prompt", "autovenv status"
    return how_to_load(scene)


def how_to_load(scene: Scene) -> tuple[str, str]:
    """Return what keeps the hook from this shell, and what brings it."""
    names = (*paths.HOOKS.values(), paths.CMD_HOOK)
    if any(is_file(scene.machine.files, scene.home.path, name) for name in names):
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
        texts.append(f"{fact}; type: {scene.spelling.make(root, clear=True)}")
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
