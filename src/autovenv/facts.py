"""What only the asking shell knows, as its function ``autovenv`` hands it over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autovenv.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "_AUTOVENV_FACTS"
SEPARATOR = "\x1e"
OUR_MACRO = "%_AUTOVENV_CMD%"
"""What stands in each macro of the hook for cmd: one that runs the command it is called by hides nothing."""
MAX_ALIAS = 4096
"""Bytes of an alias that a shell hands over; a longer text is cut, so it cannot be followed."""


@record
class ShellFacts:
    """The asking shell in its own words.

    ``hook`` is the protocol number of the hook that is loaded there, 0 where no shell function asked.
    ``home`` is the state folder that this hook lies in. ``dressed`` is the venv (or "1") that this very
    process defined its functions for. ``kind`` is what the shell says that ``name`` is: alias, function,
    builtin, keyword, cmdlet, macro, file, hashed or none, or several of them, separated by spaces, in the
    order in which the shell takes them; it says nothing about any other name. ``alias`` is the text of an
    alias or macro, ``hashed`` the path that the shell remembers for ``name``. ``prompt`` is "anew" where
    the person has defined the prompt after the hook had put its own around it. ``macros``: for cmd, whether
    the hook's are in this console: loaded, missing, or "" if it does not tell.
    """

    shell: str = ""
    version: str = ""
    hook: int = 0
    home: str = ""
    off: bool = False
    dressed: str = ""
    opted_out: str = ""
    prompt: str = ""
    name: str = ""
    kind: str = ""
    hashed: str = ""
    alias: str = ""
    macros: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The words of ``kind``."""
        return tuple(self.kind.split())

    @property
    def loaded(self) -> bool:
        """Whether a hook answered at all."""
        return self.hook > 0

    def dressed_for(self, venv: str) -> bool:
        """Return whether this very process defined its functions for ``venv``."""
        return bool(venv) and self.dressed in ("1", venv)


NONE = ShellFacts()
"""Asked from outside the shell function: nothing is known of the shell."""


def read(environ: Mapping[str, str]) -> ShellFacts:
    """Return the facts in ``environ``; :data:`NONE` if there are none or they are garbled.

    Keys that are not known are left alone, so that a newer hook can talk to an older program. No error is
    raised: facts only explain, they never give consent.
    """
    records = _records(environ.get(VARIABLE, ""))
    hook = _number(records.get("hook", ""))
    if not hook or not records.get("shell"):
        return NONE
    return ShellFacts(
        shell=records["shell"],
        version=records.get("version", ""),
        hook=hook,
        home=records.get("home", ""),
        off=bool(records.get("off")),
        dressed=records.get("dressed", ""),
        opted_out=records.get("opted_out", ""),
        prompt=records.get("prompt", ""),
        name=records.get("name", ""),
        kind=records.get("kind", ""),
        hashed=records.get("hashed", ""),
        alias=records.get("alias", ""),
        macros=records.get("macros", ""),
    )


def with_macros(text: str, macros: Mapping[str, str] | None) -> str:
    """Return the facts ``text`` of a cmd with what its console's ``macros`` add, by names in small letters.

    cmd cannot hand them over itself. Facts of another shell, and macros that nobody tells of, change nothing.
    """
    known = read({VARIABLE: text})
    if known.shell != "cmd" or macros is None:
        return text
    ours = any(OUR_MACRO in body for body in macros.values())
    added = {"macros": "loaded" if ours else "missing"}
    body = macros.get(known.name.lower(), "") if known.name else ""
    if body and OUR_MACRO not in body:
        added |= {"kind": "macro", "alias": body[:MAX_ALIAS]}
    return SEPARATOR.join([text, *(f"{key}={value}" for key, value in added.items())])


def _records(text: str) -> dict[str, str]:
    """Split ``text``; nothing at all if a record has no ``=`` or a key comes twice."""
    records: dict[str, str] = {}
    for one in text.split(SEPARATOR):
        key, equals, value = one.partition("=")
        if not one.strip("\n"):
            continue
        if not equals or key in records:
            return {}
        records[key] = value
    return records


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
