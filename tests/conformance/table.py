"""Read cases.toml: cases made of steps, each a verb with what is expected after it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.toml")
DEVIATIONS = ("differs", "not-implemented", "bug")


@dataclass(frozen=True, slots=True)
class Expect:
    """What must hold after a step; ``None`` means that the case does not say."""

    action: str | None = None
    """The action in the trace: that of the step's first decision that changed something, else of the last."""
    reason: str | None = None
    active: str | None = None
    """VIRTUAL_ENV; "" for none."""
    path: str | None = None
    """"start": PATH is byte for byte what the shell began with; "same": what it was before this step."""
    path_head: tuple[str, ...] | None = None
    """The first entries of PATH."""
    python: str | None = None
    """What ``python`` on PATH is; "" for none that belongs to this case."""
    times_on_path: Mapping[str, int] | None = None
    label: str | None = None
    """What stands before the prompt in parentheses, or "" if the prompt is the bare one."""
    prompt: str | None = None
    """The prompt as drawn, without the harness's mark."""
    status: int | None = None
    """``$?`` on the next line."""
    says: tuple[str, ...] = ()
    """Parts of the text on the terminal (trace lines taken out)."""
    says_not: tuple[str, ...] = ()
    silent: bool = False
    """Nothing on the terminal but trace lines."""
    value: str | None = None
    """What the verb itself printed after ``value=``."""
    env: Mapping[str, str] | None = None
    processes: int | None = None
    """How often the hook started the program in this step."""
    absent: tuple[str, ...] = ()
    """Files that must not be there: what an injected command would have made."""

    def said(self) -> tuple[str, ...]:
        """Return the names of the expectations that this one states."""
        blank = Expect()
        return tuple(f.name for f in fields(self) if getattr(self, f.name) != getattr(blank, f.name))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the person does."""

    verb: str
    argument: Any
    expect: Expect


@dataclass(frozen=True, slots=True)
class Deviation:
    """Why one shell does not do what the case says. Such a case must fail there."""

    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table. ``oracle`` is empty, or why the Python oracle has no opinion on it."""

    name: str
    steps: tuple[Step, ...]
    tree: tuple[str, ...] = ()
    allow: tuple[tuple[str, ...], ...] = ()
    deny: tuple[str, ...] = ()
    env: Mapping[str, str] | None = None
    rc: tuple[Step, ...] = ()
    rc_after: tuple[Step, ...] = ()
    hook: str = "sourced"
    no_oracle: str = ""
    deviations: Mapping[str, Deviation] | None = None
    row: str = ""
    """The name of the [[case]] that this one was expanded from."""

    def deviation(self, shell: str) -> Deviation | None:
        """Return the declared deviation of ``shell``, if there is one."""
        return (self.deviations or {}).get(shell)

    def verbs(self) -> set[str]:
        """Return the verbs that this case uses."""
        return {step.verb for step in (*self.rc, *self.rc_after, *self.steps)}


def load(file: str = FILE) -> tuple[Case, ...]:
    """Return all cases, those with ``each`` once for each name. Raises ValueError or TypeError."""
    with open(file, "rb") as stream:
        raw = tomllib.load(stream)
    names = {name: _name(value) for name, value in raw["names"].items()}
    return tuple(case for entry in raw["case"] for case in _cases(entry, names))


def _name(value: object) -> str:
    if isinstance(value, dict):
        return os.fsdecode(bytes.fromhex(value["hex"])) * int(value.get("times", 1))
    return str(value)


def _cases(entry: dict[str, Any], names: Mapping[str, str]) -> Iterator[Case]:
    each = entry.pop("each", None)
    if each is None:
        yield _case(entry)
    for name in each or ():
        case = _case(_filled(entry, names[name]))
        yield replace(case, name=f"{entry['name']} ({name})", row=entry["name"])


def _filled(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return value.replace("<name>", name)
    if isinstance(value, list):
        return [_filled(item, name) for item in value]
    if isinstance(value, dict):
        return {_filled(key, name): _filled(item, name) for key, item in value.items()}
    return value


def _case(entry: dict[str, Any]) -> Case:
    entry = dict(entry)
    deviations = {shell: Deviation(**raw) for shell, raw in entry.pop("except", {}).items()}
    for deviation in deviations.values():
        if deviation.kind not in DEVIATIONS or not deviation.why:
            raise ValueError(
                f"{entry['name']}: a deviation needs a kind ({', '.join(DEVIATIONS)}) and a reason"
            )
    for key in ("rc", "rc_after", "steps"):
        entry[key] = tuple(_step(step) for step in entry.get(key, ()))
    entry["tree"] = tuple(entry.get("tree", ()))
    entry["deny"] = tuple(entry.get("deny", ()))
    entry["allow"] = tuple(
        (wish,) if isinstance(wish, str) else tuple(wish) for wish in entry.get("allow", ())
    )
    return Case(**entry, deviations=deviations, row=entry["name"])


def _step(raw: dict[str, Any]) -> Step:
    raw = dict(raw)
    expect = raw.pop("expect", {})
    ((verb, argument),) = raw.items()
    return Step(verb, argument, _expect(expect))


def _expect(raw: dict[str, Any]) -> Expect:
    lists = {"path_head", "says", "says_not", "absent"}
    return Expect(**{k: (_tuple(v) if k in lists else v) for k, v in raw.items()})


def _tuple(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
