"""What ``which``, ``where`` and ``status`` print for a person, as plain aligned text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from autovenv import trust, verdict
from autovenv.decision import Action, State
from autovenv.identify import What, is_python
from autovenv.search import Entry, Kind
from autovenv.text import shown

if TYPE_CHECKING:
    from autovenv.identify import Identity
    from autovenv.scene import Cold, Scene
    from autovenv.search import Candidate, Step
    from autovenv.verdict import Seen, Verdict
    from autovenv.words import Refusal

REASONS = {
    1: "autovenv is off here, so it takes back the environment that it switched on",
    2: "autovenv is off here, so everything stays as it is",
    3: "a conda environment was activated, so autovenv takes its own back",
    4: "a conda environment is active, so it stays",
    5: "this folder's environment is active already; autovenv looks after it from now on",
    6: "this environment was activated by hand, so it stays",
    7: "the project was left, so its environment goes off",
    8: "no allowed environment belongs to this folder",
    9: "this folder's environment cannot be used now, so it goes off",
    10: "this folder's environment cannot be used now, so it stays off",
    11: "this folder's environment is on, by autovenv",
    12: "this folder's environment was deactivated by hand, and the other project was left",
    13: "this folder's environment was deactivated by hand, so it stays off; to change that: autovenv on",
    14: "another project's environment is on, so it is exchanged for this folder's",
    15: "this folder's environment is allowed, so it goes on",
}
"""Each row of the table of decisions, for a person."""


# ---- which ----------------------------------------------------------------------------------------


def which(scene: Scene, found: Verdict, *, explain: bool) -> list[str]:
    """Return the lines of ``which`` for a person."""
    more = ["", *explained(scene, found)] if explain else []
    return [title(scene, found), *aligned(rows(scene, found)), *more]


def rows(scene: Scene, found: Verdict) -> list[tuple[str, str]]:
    """Return what ``which`` says below its title: a word and a text each."""
    wins = [("wins", found.rule)] if found.rule else []
    what = [*_what_it_is(scene, found.winner), *wins, *_runs_in(scene, found), ("why", row(scene))]
    return [*what, *_trouble(scene, found), *notes(scene, found)]


def path_of(found: Verdict) -> str:
    """Return the winner's file, "" if there is none."""
    return found.winner.candidate.path if found.winner else ""


def row(scene: Scene) -> str:
    """Return the row of the table that decided, in words."""
    made = scene.decision
    return f"row {made.row}, {made.reason}: {REASONS[made.row]}"


def one_line_of_cold(scene: Scene) -> str:
    """Return the line about a ``.venv`` here or above that is not allowed, "" if there is none."""
    cold = scene.cold
    if cold is None:
        return ""
    venv = scene.path(os.path.join(cold.folder, ".venv"))
    command = f"autovenv allow {scene.spelling.word(cold.folder)}"
    if cold.refusal is not None:
        return (
            f"{venv} is not allowed, and would be refused ({cold.refusal.word.value}). Why: autovenv status"
        )
    if cold.denied:
        return f"{venv} is denied, as you said; to change that, type: {command}"
    return f"{venv} is not allowed, type: {command}"


def title(scene: Scene, found: Verdict) -> str:
    taken = found.winner
    if taken is None:
        return f"{shown(found.name)}: not found"
    if taken.candidate.path:
        return scene.path(taken.candidate.path)
    return f"{shown(found.name)}: {_shell_label(taken.candidate)}"


def _what_it_is(scene: Scene, taken: Seen | None) -> list[tuple[str, str]]:
    if taken is None or taken.identity is None:
        return []
    rows = [("is", label(scene, taken))]
    if not is_python(taken.candidate.path):
        return rows
    version = " ".join(filter(None, (taken.identity.implementation, taken.identity.version)))
    return [("version", version or "unknown"), *rows]


def _runs_in(scene: Scene, found: Verdict) -> list[tuple[str, str]]:
    """Return whose environment a script works in."""
    pair = found.pair
    if pair is None or is_python(found.name):
        return []
    word = "installs" if pair.script.startswith("pip") else "runs in"
    return [(word, f"{'into ' if word == 'installs' else ''}{scene.path(pair.home.place)}")]


def troubles(scene: Scene, found: Verdict) -> list[str]:
    """Return the line about a wrong winner, for a person who reads stderr; none if it is right."""
    if found.right or not found.cause:
        return []
    wanted = f"{scene.path(found.wanted)} should win here: " if found.wanted else ""
    return [f"{wanted}{found.cause}{'; do: ' if found.remedy else ''}{found.remedy}"]


def _trouble(scene: Scene, found: Verdict) -> list[tuple[str, str]]:
    if found.right:
        return []
    rows = [("wanted", scene.path(found.wanted))] if found.wanted else []
    if found.cause:
        rows.append(("because", found.cause))
    if found.remedy:
        rows.append(("do", found.remedy))
    return rows


def notes(scene: Scene, found: Verdict) -> list[tuple[str, str]]:
    """Return what is to be said beside it."""
    texts = list(verdict.notes(scene, found))
    if scene.refusal is not None:
        texts.append(f"{scene.refusal.fact(home=scene.user_home)}; {scene.refusal.remedy(scene.spelling)}")
    if scene.cold is not None:
        texts.append(one_line_of_cold(scene))
    if not scene.shell.loaded:
        texts.append("the hook is not loaded in this shell: its aliases and functions were not seen")
    return [("note", text) for text in texts]


def explained(scene: Scene, found: Verdict) -> list[str]:
    """Return what ``--explain`` adds: row, file behind the links, and the shell's rules one by one."""
    from autovenv.decision import ROWS

    made = scene.decision
    facts = [("row", f"{made.row} of {len(ROWS)}: {ROWS[made.row - 1].when} -> {made.action.value}")]
    taken = found.winner
    if taken is not None and taken.identity is not None:
        facts.append(("file", scene.path(taken.identity.real)))
    facts += [("shell", _shell(scene)), ("folder", scene.path(scene.cwd))]
    return [*aligned(facts), "", *walked(scene, found), "", *where(scene, found)]


def walked(scene: Scene, found: Verdict) -> list[str]:
    """Return a line for each rule of the shell, in its order; the one that decides is marked."""
    told: list[tuple[str, ...]] = []
    winner = found.winner.candidate if found.winner else None
    for number, step in enumerate(found.steps, start=1):
        rule = f"PATH {step.position}" if step.rule == "PATH" and step.position else step.rule
        place = "(empty)" if rule.startswith("PATH ") and not step.place else scene.path(step.place)
        wins = any(one is winner for one in step.found)
        told.append((f"{number}.", rule, place or "-", _outcome(scene, step, wins)))
    return [f"the rules of {scene.shell.shell or 'a shell'}, in its order:", *_table(told)] if told else []


def _outcome(scene: Scene, step: Step, wins: bool) -> str:  # noqa: FBT001 - a fact, not a switch
    names = [scene.path(one.path) or _shell_label(one) for one in step.found]
    passed = [
        f"{name} ({one.why_not})" if one.why_not else name
        for name, one in zip(names, step.found, strict=True)
    ]
    text = "; ".join(passed) or (shown(step.note) if step.note else "nothing")
    more = f" [{shown(step.note)}]" if passed and step.note else ""
    return f"{text}{more}{'  <- wins' if wins else ''}"


# ---- where ----------------------------------------------------------------------------------------


def where(scene: Scene, found: Verdict) -> list[str]:
    """Return one line for each candidate: its number in the shell's order, place, version, what it is."""
    rows: list[tuple[str, ...]] = []
    number = 0
    for seen in found.seen:
        number += seen.candidate.runs
        mark = str(number) if seen.candidate.runs else "-"
        rows.append((mark, *_candidate_row(scene, seen)))
    return _table(rows)


def paths_of(found: Verdict) -> list[str]:
    """Return the files that the shell would run, first choice first."""
    return [seen.candidate.path for seen in found.seen if seen.candidate.path and seen.candidate.runs]


def _candidate_row(scene: Scene, seen: Seen) -> tuple[str, str, str]:
    place = scene.path(seen.candidate.path) or f"({seen.candidate.kind.value})"
    version = seen.identity.version if seen.identity else ""
    return place, version or "-", label(scene, seen)


def label(scene: Scene, seen: Seen) -> str:
    """Return what a candidate is, in words."""
    parts = [_shell_label(seen.candidate)] if seen.candidate.kind is not Kind.FILE else []
    if seen.identity is not None:
        parts.append(_identity_label(scene, seen.identity))
    if seen.candidate.why_not and not (seen.identity and seen.identity.problem):
        parts.append(f"passed over: {seen.candidate.why_not}")
    if seen.candidate.entry is not Entry.ABSOLUTE:
        how = (
            "the current folder"
            if seen.candidate.entry is Entry.CURRENT
            else f"{seen.candidate.entry.value} PATH entry"
        )
        parts.append(f"dangerous: {how}")
    return "; ".join(parts)


def _shell_label(candidate: Candidate) -> str:
    if candidate.kind in (Kind.ALIAS, Kind.MACRO):
        return f"{candidate.kind.value} of this shell: {shown(candidate.text)}"
    if candidate.kind is Kind.HASHED:
        return "remembered by this shell"
    if candidate.kind is Kind.APP_PATH:
        return "App Paths of the registry"
    return f"{candidate.kind.value} of this shell"


def _identity_label(scene: Scene, identity: Identity) -> str:
    if identity.what is What.BROKEN:
        return f"broken: {scene.text(identity.problem)}"
    if identity.what in (What.VENV, What.SCRIPT) and identity.root:
        moved = ", moved" if identity.old_place else ""
        posing = "a script posing as python, in " if identity.what is What.SCRIPT else ""
        return f"{posing}{_venv_label(scene, identity)}{moved}"
    if identity.what is What.SHIM:
        known = f"which leads to {scene.path(identity.leads_to)}" if identity.leads_to else _ALONE
        return f"shim of {identity.tool}, {known}"
    root = scene.path(identity.root)
    leads = f", which starts {scene.path(identity.leads_to)}" if identity.leads_to else ""
    known_as = {
        What.CONDA: f"conda environment {root}",
        What.CONDA_BASE: f"base of conda, {root}",
        What.MANAGED: f"managed by {identity.tool}",
        What.SYSTEM: "system",
        What.ALTERNATIVE: "system, by Debian's alternatives",
        What.FRAMEWORK: f"framework build of {identity.tool}",
        What.PYTHON_ORG: "installer of python.org",
        What.STORE: "Python of the Microsoft Store",
        What.STORE_STUB: "the Store's stub, no Python",
        What.INSTALL_MANAGER: f"Python install manager{leads}",
        What.EMBEDDABLE: f"embeddable package, {root}",
        What.APPLE_STUB: "Apple's stub, which starts the command line tools' Python",
        What.SCRIPT: "a script posing as python",
    }
    other = "neither of the system nor in an environment"
    if identity.belongs_to:
        other = f"script that {scene.path(identity.belongs_to)} runs"
    return known_as.get(identity.what, other)


_ALONE = "which alone knows what it runs"
_USUAL = (".venv", "venv", "env")


def _venv_label(scene: Scene, identity: Identity) -> str:
    root = identity.root
    if scene.found is not None and scene.machine.same(root, scene.found.venv):
        return "this project's venv"
    if scene.cold is not None and scene.machine.same(root, os.path.join(scene.cold.folder, ".venv")):
        return "this folder's venv, not allowed"
    tool = f" of {identity.tool}" if identity.tool else ""
    active = ", active" if scene.machine.same(root, scene.active) else ""
    allowed = ", allowed there" if os.path.basename(root) in _USUAL and scene.allowed(root) else ""
    return f"another venv{tool}: {scene.path(root)}{active}{allowed}"


# ---- status ---------------------------------------------------------------------------------------


def status(scene: Scene) -> list[str]:
    """Return the lines of ``status``."""
    rows = [
        ("shell", _shell(scene)),
        ("folder", scene.path(scene.cwd)),
        *_project(scene),
        ("active", _active(scene)),
        *_decided(scene),
        *_switches(scene),
    ]
    return aligned(rows)


def _decided(scene: Scene) -> list[tuple[str, str]]:
    made = scene.decision
    return [("decided", f"{made.action.value}: row {made.row}, {made.reason}"), ("", REASONS[made.row])]


def settled(scene: Scene) -> bool:
    """Return whether this folder's environment is as one would expect; the exit status of ``status``.

    Not so: it is refused or gone, or a ``.venv`` is not allowed (unless denied), or it should be on and
    nothing will switch it on.
    """
    if scene.found is not None and scene.found.state in (State.REFUSED, State.GONE):
        return False
    if scene.cold is not None and not scene.cold.denied:
        return False
    return scene.decision.action is Action.KEEP or scene.shell.loaded


def _shell(scene: Scene) -> str:
    shell = scene.shell
    if shell.loaded:
        old = "" if shell.hook == trust.PROTOCOL else "; this program speaks another: autovenv install-hook"
        name = " ".join(filter(None, (shown(shell.shell), shown(shell.version))))
        return f"{name}, hook loaded (protocol {shell.hook}{old})"
    from autovenv.shells import current_shell

    fact, remedy = verdict.how_to_load(scene)
    return f"{current_shell(scene.environ) or 'unknown'}: {fact}; do: {remedy}"


def _project(scene: Scene) -> list[tuple[str, str]]:
    """Return the lines about the project that is found, and about a .venv that is not allowed."""
    rows = [("project", _found(scene)), *_marker(scene)]
    if scene.refusal is not None:
        rows += _explained(scene, scene.refusal)
    elif scene.found is not None and scene.found.state is State.GONE:
        make = scene.spelling.make(".venv")
        rows.append(("", f"it switches on again as soon as it is made again there: {make}"))
    return rows + (_cold(scene, scene.cold) if scene.cold else [])


def _found(scene: Scene) -> str:
    found, marker = scene.found, scene.marker
    if found is None or marker is None:
        return "none that is allowed"
    states = {
        State.UNCHANGED: "allowed",
        State.GONE: "allowed, but its environment is gone (venv-missing)",
        State.REFUSED: f"left off: {found.word}",
    }
    usual = scene.machine.slashed(marker.venv) == scene.machine.slashed(os.path.join(marker.project, ".venv"))
    elsewhere = "" if usual else f", environment {scene.path(marker.venv)}"
    return f"{scene.path(marker.project)}{elsewhere}: {states[found.state]}"


def _marker(scene: Scene) -> list[tuple[str, str]]:
    if scene.marker is None:
        return []
    place = os.path.join(trust.marker_place(scene.home, scene.marker.project), trust.ALLOW)
    told = [("marker", scene.path(place)), ("label", scene.marker.label)]
    if scene.marker.overrides:
        told.append(("may replace", ", ".join(map(shown, scene.marker.overrides))))
    return told


def _cold(scene: Scene, cold: Cold) -> list[tuple[str, str]]:
    if cold.refusal is not None:
        venv = scene.path(os.path.join(cold.folder, ".venv"))
        text = f"{venv} is not allowed, and would be refused: {cold.refusal.word.value}"
        return [("here", text), *_explained(scene, cold.refusal)]
    rows = [("here", one_line_of_cold(scene))]
    if cold.under and not cold.denied:
        rows.append(
            ("", f"it lies below {scene.path(cold.under)}, so the hook looks at it at its next prompt there")
        )
    return rows


def _explained(scene: Scene, refusal: Refusal) -> list[tuple[str, str]]:
    """Return the whole explanation of a refusal, and what to do about it."""
    return [("", refusal.fact(home=scene.user_home)), ("", refusal.remedy(scene.spelling))]


def _active(scene: Scene) -> str:
    if not scene.active:
        return "none"
    whose = "switched on by autovenv" if scene.ours else "not by autovenv"
    return f"{scene.path(scene.active)}, {whose}"


def _switches(scene: Scene) -> list[tuple[str, str]]:
    rows = []
    if scene.disabled:
        rows.append(("off", "AUTOVENV_DISABLE is set"))
    if scene.shell.off:
        rows.append(("off", "in this shell; type: autovenv on"))
    if scene.shell.opted_out:
        rows.append(("left", f"{scene.path(scene.shell.opted_out)}, by hand; type: autovenv on"))
    return rows


# ---- columns --------------------------------------------------------------------------------------


def aligned(rows: list[tuple[str, str]]) -> list[str]:
    """Return ``key  value`` lines with the values below each other."""
    width = max((len(key) for key, _ in rows), default=0)
    return [f"  {key:<{width}}  {value}".rstrip() for key, value in rows if key or value]


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    """Return the rows with their columns below each other."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)).rstrip() for line in rows]
