"""The one decision of the hooks, as a pure function: what a prompt does, and why.

The rows are those of ``shims/README.md``; the hooks of all shells carry the same numbers. No input or output
here.
"""

from __future__ import annotations

from enum import Enum

from autovenv.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Action(Enum):
    """What a hook does to the shell."""

    ACTIVATE = "activate"
    ADOPT = "adopt"
    SWITCH = "switch"
    DEACTIVATE = "deactivate"
    KEEP = "keep"


class State(Enum):
    """How an allowed environment compares with what was judged last."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"
    REFUSED = "refused"


@record
class Found:
    """The deepest allowed project of a folder. ``word`` is the reason word if ``state`` is REFUSED."""

    project: str
    venv: str
    state: State
    word: str = ""


@record
class Facts:
    """All that the decision depends on.

    ``off``: AUTOVENV_DISABLE or ``autovenv off``. ``active``: VIRTUAL_ENV. ``same``: active is found's venv.
    ``ours``: the hook made active what is active. ``dressed``: this very process defined our functions for
    it. ``conda``: a conda environment other than base was activated after ours. ``opted_out``: the person
    left found's project by hand.
    """

    off: bool = False
    found: Found | None = None
    active: str = ""
    same: bool = False
    ours: bool = False
    dressed: bool = False
    conda: bool = False
    opted_out: bool = False


@record
class Decision:
    """What to do, the reason word, and the row that said so; ``opts_out``: remember the project as left."""

    action: Action
    reason: str
    row: int
    opts_out: bool = False


@record
class Row:
    """One row of the table: when it fits, in words and as a function."""

    number: int
    when: str
    action: Action
    reason: str
    fits: Callable[[Facts], bool]


def _state(facts: Facts) -> State | None:
    """Return the state of what was found. Raises ValueError if it was not resolved by ``verify``."""
    if facts.found is None:
        return None
    if facts.found.state is State.CHANGED:
        raise ValueError("changed: verify has to look before this can be decided")
    return facts.found.state


def _adopts(facts: Facts) -> bool:
    return bool(facts.active) and facts.same and not facts.dressed and _state(facts) is State.UNCHANGED


def _unusable(facts: Facts) -> bool:
    return _state(facts) in {State.GONE, State.REFUSED}


WORD = "venv-missing, or the word of the refusal"

ROWS: tuple[Row, ...] = (
    Row(1, "off, ours", Action.DEACTIVATE, "off", lambda f: f.off and f.ours),
    Row(2, "off", Action.KEEP, "off", lambda f: f.off),
    Row(3, "conda, ours", Action.DEACTIVATE, "manual", lambda f: f.conda and f.ours),
    Row(4, "conda", Action.KEEP, "manual", lambda f: f.conda),
    Row(5, "active, same, unchanged, not dressed", Action.ADOPT, "adopted", _adopts),
    Row(6, "active, not ours", Action.KEEP, "manual", lambda f: bool(f.active) and not f.ours),
    Row(7, "no found, ours", Action.DEACTIVATE, "left-project", lambda f: f.found is None and f.ours),
    Row(8, "no found", Action.KEEP, "no-project", lambda f: f.found is None),
    Row(9, "gone or refused, ours", Action.DEACTIVATE, WORD, lambda f: _unusable(f) and f.ours),
    Row(10, "gone or refused", Action.KEEP, WORD, _unusable),
    Row(11, "ours, same", Action.KEEP, "already-active", lambda f: f.ours and f.same),
    Row(12, "opted_out of found, ours", Action.DEACTIVATE, "opted-out", lambda f: f.opted_out and f.ours),
    Row(13, "opted_out of found", Action.KEEP, "opted-out", lambda f: f.opted_out),
    Row(14, "ours (another project's)", Action.SWITCH, "other-project", lambda f: f.ours),
    Row(15, "otherwise", Action.ACTIVATE, "entered-project", lambda _: True),
)


def decide(facts: Facts) -> Decision:
    """Return the action of the first row that fits.

    Raises ValueError if the answer depends on a state that is still CHANGED.
    """
    row = next(row for row in ROWS if row.fits(facts))
    return Decision(row.action, _reason(row, facts), row.number, opts_out=row.number == 3)


def _reason(row: Row, facts: Facts) -> str:
    if row.reason is not WORD or facts.found is None:
        return row.reason
    return "venv-missing" if facts.found.state is State.GONE else facts.found.word or "refused"
