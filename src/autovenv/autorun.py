"""cmd's AutoRun value: one entry of ours in front of what others put there, and out of it again.

``HKEY_CURRENT_USER\\Software\\Microsoft\\Command Processor``, value ``AutoRun``, is one line that every new
cmd runs (Microsoft, "cmd"). Others chain their entries with ``&``. So the line is never taken apart: ours is
found as a whole, stands first, is one command in parentheses, and has no ``&`` in it. An unparenthesised
``if exist A B & C`` of somebody's would take what stands behind it along when A is gone.

The functions on texts are pure; :func:`install` and :func:`uninstall` work on any :class:`Registry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from autovenv.errors import AutovenvError
from autovenv.paths import CMD_START

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = CMD_START
ENTRY = f'(if exist "{SCRIPT}" "{SCRIPT}")'
"""cmd itself puts in LOCALAPPDATA when it runs the line, whatever the value's type: so the line is ASCII."""
JOINT = " & "
NOTHING = "(ver>nul)"
"""What takes the place of our entry where it stands alone in somebody's parentheses."""
REG_SZ = 1
REG_EXPAND_SZ = 2
LIMIT = 8191 - 4
"""cmd reads no longer line."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the registry: its text and its type."""

    text: str
    kind: int = REG_EXPAND_SZ


class Registry(Protocol):
    """The AutoRun value of the current user. Each method raises OSError."""

    def read(self) -> Value | None:
        """Return the value, None if there is none. One that is no text has the text ""."""

    def write(self, value: Value) -> None:
        """Set it."""

    def delete(self) -> None:
        """Take it away."""


Outcome = tuple[tuple[str, bytes, bytes, int], ...]
"""What each command of the self-test did: its words, stdout, stderr and exit status."""


def with_entry(old: Value | None) -> Value:
    """Return ``old`` with our entry in front, once. Its type and all else stay as they are.

    Raises :class:`AutovenvError` for a value that is no text, or that would become longer than cmd reads.
    """
    if old is None:
        return Value(ENTRY)
    _refuse_odd(old)
    rest = without_entry(old.text)
    new = Value(ENTRY + JOINT + rest if rest else ENTRY, old.kind)
    if len(new.text) > LIMIT:
        raise AutovenvError("AutoRun is so long already that cmd could not read it with my entry")
    return new


def _refuse_odd(old: Value) -> None:
    if old.kind not in (REG_SZ, REG_EXPAND_SZ):
        raise AutovenvError(f"AutoRun is of a type that I do not know ({old.kind}); left as it is")
    if "\0" in old.text:
        raise AutovenvError("AutoRun has a NUL in it; left as it is")


def has_entry(text: str) -> bool:
    """Whether our entry is in the line."""
    return ENTRY.lower() in text.lower()


def without_entry(text: str) -> str:
    """Return the line without our entry, wherever others have moved it, and without one joint beside it."""
    while has_entry(text):
        start = text.lower().index(ENTRY.lower())
        text = _joined(text[:start], text[start + len(ENTRY) :])
    return text


def _joined(before: str, after: str) -> str:
    for joint in (JOINT, "&&", "&", " &", "||"):
        if after.startswith(joint):
            return before + after[len(joint) :]
    if after.lstrip(" ").startswith("&"):
        return before + after.lstrip(" ").lstrip("&")
    for joint in (JOINT, "&&", "&", "& ", "||"):
        if before.endswith(joint):
            return before[: -len(joint)] + after
    return before + NOTHING + after if before.strip() or after.strip() else before + after


def install(registry: Registry, probe: Callable[[], Outcome], keep: Callable[[Value | None], None]) -> bool:
    """Put our entry into AutoRun, unless it stands there; return whether anything was changed.

    ``probe`` runs a few commands in a new cmd and returns what they did: the same before and after.
    ``keep`` notes the value from before. Whatever goes wrong, the value is put back and AutovenvError raised.
    """
    old = _read(registry)
    new = with_entry(old)
    if old == new:
        return False
    before = _probed(probe)
    keep(old)
    if _read(registry) != old:
        raise AutovenvError("somebody else has just changed AutoRun; left as it is", "run it again")
    try:
        registry.write(new)
        if registry.read() != new:
            raise AutovenvError("AutoRun did not take my entry; left as it was")
        _compare(before, _probed(probe))
    except BaseException as error:
        _put_back(registry, old, new)
        raise _told(error) from error
    return True


def uninstall(registry: Registry, *, created: bool) -> bool:
    """Take our entry out of AutoRun, and nothing else; return whether it was there.

    ``created``: there was no such value before us; it goes if nothing of others is left in it.
    Raises :class:`AutovenvError`, with the value as it was.
    """
    old = _read(registry)
    if old is None or not has_entry(old.text):
        return False
    rest = Value(without_entry(old.text), old.kind)
    try:
        if rest.text or not created:
            registry.write(rest)
        else:
            registry.delete()
    except BaseException as error:
        _put_back(registry, old, rest)
        raise _told(error) from error
    return True


def _read(registry: Registry) -> Value | None:
    try:
        return registry.read()
    except OSError as error:
        raise AutovenvError(f"cannot read AutoRun: {error.strerror or error}") from error


def _probed(probe: Callable[[], Outcome]) -> Outcome:
    try:
        return probe()
    except OSError as error:
        raise AutovenvError(f"cannot start cmd to try it: {error.strerror or error}") from error


def _compare(before: Outcome, after: Outcome) -> None:
    for one, other in zip(before, after, strict=True):
        if one != other:
            raise AutovenvError(
                f"cmd {one[0]} did something else with my entry in AutoRun; put back as it was"
            )


def _put_back(registry: Registry, old: Value | None, new: Value) -> None:
    """Restore ``old``, unless somebody else has written meanwhile: then only our entry goes."""
    try:
        now = registry.read()
        if now not in (new, old) and now is not None:
            registry.write(Value(without_entry(now.text), now.kind))
        elif now == old:
            return
        elif old is None:
            registry.delete()
        else:
            registry.write(old)
    except OSError as error:
        raise AutovenvError(
            f"AutoRun could not be put back: {error.strerror or error}",
            "take my entry out yourself, it begins with (if exist and names autovenv: regedit, "
            r"HKEY_CURRENT_USER\Software\Microsoft\Command Processor",
        ) from error


def _told(error: BaseException) -> BaseException:
    if isinstance(error, OSError):
        return AutovenvError(f"cannot change AutoRun: {error.strerror or error}; left as it was")
    return error
