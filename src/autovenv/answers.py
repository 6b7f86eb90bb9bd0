"""The answers as JSON. Each form is numbered and laid down in ``schemas/*.schema.json``; see docs/json.md."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from autovenv import __version__, report, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autovenv.doctor import Finding
    from autovenv.scene import Scene
    from autovenv.search import Step
    from autovenv.verdict import Pair, Seen, Verdict

SCHEMA = 1
"""The number of every form; it rises when a key changes its meaning or goes away. New keys may come."""


def which(scene: Scene, found: Verdict, *, explain: bool) -> str:
    """Return the answer of ``which``; with ``explain`` the rules that were walked too."""
    answer = {**_verdict(scene, found), "candidates": [_seen(scene, seen) for seen in found.seen]}
    if explain:
        answer["steps"] = [_step(step) for step in found.steps]
    return _text(answer)


def where(scene: Scene, found: Verdict) -> str:
    """Return the answer of ``where``."""
    listed = [_seen(scene, seen) for seen in found.seen]
    return _text({"schema": SCHEMA, "autovenv": __version__, "name": found.name, "candidates": listed})


def status(scene: Scene) -> str:
    """Return the answer of ``status``."""
    answer = {
        "schema": SCHEMA,
        "autovenv": __version__,
        "settled": report.settled(scene),
        "shell": _shell(scene),
        "folder": scene.cwd,
        "project": scene.marker.project if scene.marker else None,
        "venv": scene.marker.venv if scene.marker else None,
        "label": scene.marker.label if scene.marker else None,
        "state": scene.found.state.value if scene.found else None,
        "refusal": _refusal(scene),
        "active": scene.active or None,
        "ours": scene.ours,
        "decision": _decision(scene),
        "off": {"variable": scene.disabled, "shell": scene.shell.off},
        "left": scene.shell.opted_out or None,
        "overrides": list(scene.marker.overrides) if scene.marker else [],
        "not_allowed": _cold(scene),
    }
    return _text(answer)


def doctor(findings: Iterable[Finding]) -> str:
    """Return the answer of ``doctor``."""
    listed = [
        {"check": one.check, "result": one.result.value, "fact": one.fact, "remedy": one.remedy or None}
        for one in findings
    ]
    healthy = all(one["result"] != "fail" for one in listed)
    return _text({"schema": SCHEMA, "autovenv": __version__, "healthy": healthy, "findings": listed})


def _text(answer: dict[str, Any]) -> str:
    """Bytes of a path that are no UTF-8 come as ``\\udcNN``; what a terminal could obey is escaped."""
    return json.dumps(answer, indent=2).replace("\x7f", "\\u007f")


def _verdict(scene: Scene, found: Verdict) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "autovenv": __version__,
        "name": found.name,
        "right": found.right,
        "winner": _seen(scene, found.winner) if found.winner else None,
        "rule": found.rule or None,
        "expected": {"venv": scene.expected or None, "path": found.wanted or None},
        "decision": _decision(scene),
        "cause": found.cause or None,
        "remedy": found.remedy or None,
        "script": _pair(found.pair),
        "differ": verdict.mismatch(scene, found) or None,
        "notes": [text for _, text in report.notes(scene, found)],
        "hook": _shell(scene),
    }


def _decision(scene: Scene) -> dict[str, Any]:
    made = scene.decision
    return {
        "row": made.row,
        "action": made.action.value,
        "reason": made.reason,
        "text": report.REASONS[made.row],
    }


def _shell(scene: Scene) -> dict[str, Any]:
    known = scene.shell
    return {
        "loaded": known.loaded,
        "shell": known.shell or None,
        "version": known.version or None,
        "protocol": known.hook,
    }


def _pair(pair: Pair | None) -> dict[str, Any] | None:
    if pair is None:
        return None
    return {
        "name": pair.script,
        "interpreter": pair.home.interpreter,
        "environment": pair.home.place,
        "python": pair.python,
        "python_environment": pair.python_place,
        "same": not pair.differ,
    }


def _seen(scene: Scene, seen: Seen) -> dict[str, Any]:
    known, one = seen.identity, seen.candidate
    return {
        "kind": one.kind.value,
        "path": one.path or None,
        "real": known.real if known else None,
        "version": (known.version or None) if known else None,
        "implementation": (known.implementation or None) if known else None,
        "what": known.what.value if known else None,
        "tool": (known.tool or None) if known else None,
        "environment": (known.root or None) if known else None,
        "leads_to": (known.leads_to or None) if known else None,
        "trouble": (known.trouble.value or None) if known else None,
        "label": report.label(scene, seen),
        "position": one.position or None,
        "entry": one.entry.value,
        "runs": one.runs,
        "why_not": one.why_not or None,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "rule": step.rule,
        "place": step.place,
        "position": step.position or None,
        "found": [one.path or one.kind.value for one in step.found],
        "note": step.note or None,
    }


def _refusal(scene: Scene) -> dict[str, Any] | None:
    if scene.refusal is None:
        return None
    return {
        "word": scene.refusal.word.value,
        "fact": scene.refusal.fact(),
        "remedy": scene.refusal.remedy(scene.spelling),
    }


def _cold(scene: Scene) -> dict[str, Any] | None:
    if scene.cold is None:
        return None
    return {
        "folder": scene.cold.folder,
        "denied": scene.cold.denied,
        "would_refuse": scene.cold.refusal.word.value if scene.cold.refusal else None,
    }
