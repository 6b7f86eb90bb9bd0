"""Where the program begins. ``verify``, which hooks start, goes its own short way without click."""

from __future__ import annotations

import os
import sys

from autovenv.errors import AutovenvError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autovenv.consent import Line
    from autovenv.trust import Home

USAGE = (
    "autovenv verify --home FOLDER --shell SHELL"
    " (--place PROJECT | --under FOLDER | --line FOLDER [--activated VENV])"
)
SEPARATOR = "\x1e"
FACTS = "_AUTOVENV_FACTS"
ASKS = ("which", "where", "status", "doctor")
"""The commands that a console's macros matter to."""
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``autovenv`` with ``argv`` (default: the process's own words) and return the exit status.

    0 as it should be, 1 not so or refused, 2 usage, 130 interrupted. No traceback unless AUTOVENV_DEBUG is
    set.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if os.environ.get("AUTOVENV_DEBUG"):
        return _run(words)
    try:
        return _run(words)
    except AutovenvError as error:
        return _fail(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return 1
    except OSError as error:
        return _fail(AutovenvError(_told(error)))


def _run(words: list[str]) -> int:
    if words[:1] == ["verify"]:
        return verify(words[1:], os.environ)
    if os.name == "nt" and words and words[0] in ASKS and FACTS in os.environ:
        from autovenv import console, facts

        os.environ[FACTS] = facts.with_macros(os.environ[FACTS], console.macros())
    if words[:1] in (["which"], ["where"]):
        from autovenv import cli_which

        return cli_which.run(words, os.environ)
    from autovenv import cli

    return cli.run(words)


def _fail(error: AutovenvError) -> int:
    from autovenv.consent import to_stderr

    for line in error.lines():
        to_stderr(line)
    return error.code


def _told(error: OSError) -> str:
    from autovenv.text import shown

    reason = (error.strerror or type(error).__name__).lower()
    return f"{shown(os.fsdecode(error.filename))}: {reason}" if error.filename else reason


def _forget_stdout() -> None:
    # The interpreter flushes stdout once more at its end, which would fail again.
    try:  # noqa: SIM105 - contextlib is one more import
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        pass


def verify(words: list[str], environ: Mapping[str, str]) -> int:
    """Do what a hook asks; return 0 allowed, 1 refused, 3 no consent. Prints to stderr only.

    ``environ`` carries ``_AUTOVENV_LINE``, ``_AUTOVENV_ALIASES``, ``_AUTOVENV_STATUS``, ``_AUTOVENV_SINCE``.
    Raises :class:`UsageError`.
    """
    given = options(words)
    from autovenv import consent
    from autovenv.verify import current_person

    home, person = _home(given.get("--home", "")), current_person(environ)
    if place := given.get("--place"):
        return consent.after_change(home, place, person=person)
    if folder := given.get("--under"):
        return consent.new_under(home, folder, person=person)
    if cwd := given.get("--line"):
        return consent.after_line(home, cwd, _line(given, environ), person=person)
    raise UsageError("verify needs --place, --under or --line", USAGE)


def options(words: list[str]) -> dict[str, str]:
    """Return the options of ``verify`` by name. Raises :class:`UsageError` for anything else."""
    known = {"--home", "--shell", "--place", "--under", "--line", "--activated"}
    found: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in known or name in found:
            raise UsageError("verify is for the hooks, and does not know these words", USAGE)
        found[name] = value if equals else next(rest, "")
    return found


def _home(path: str) -> Home:
    from autovenv import native
    from autovenv.trust import Home

    if not native.is_absolute(path) or not os.path.isdir(path):
        raise UsageError("verify needs --home, autovenv's own folder", USAGE)
    if os.stat(path).st_uid != native.user():
        raise AutovenvError("autovenv's own folder belongs to another user")
    return Home(os.path.normpath(path))


def _line(given: Mapping[str, str], environ: Mapping[str, str]) -> Line:
    from autovenv import consent

    if given.get("--shell") == "cmd":
        return _line_of_cmd(given, environ)
    return consent.Line(
        text=environ.get("_AUTOVENV_LINE", ""),
        shell=given.get("--shell", ""),
        aliases=aliases(environ.get("_AUTOVENV_ALIASES", "")),
        status=0 if environ.get("_AUTOVENV_STATUS") == "0" else 1,
        since=number(environ.get("_AUTOVENV_SINCE", "")),
        activated=given.get("--activated", ""),
        quiet=bool(environ.get("AUTOVENV_QUIET")),
    )


def _line_of_cmd(given: Mapping[str, str], environ: Mapping[str, str]) -> Line:
    """cmd can hand over no line unharmed, nor seconds: the console knows it, and the time is a clock's."""
    import time

    from autovenv import consent, console

    return consent.Line(  # noqa: S604 - shell is a name
        text=console.last_line(),
        shell="cmd",
        aliases={},
        status=0 if environ.get("_AUTOVENV_STATUS") == "0" else 1,
        since=console.clock(environ.get("_AUTOVENV_SINCE", ""), now=time.time()),
        activated=given.get("--activated", ""),
        quiet=bool(environ.get("AUTOVENV_QUIET")),
    )


def aliases(text: str) -> dict[str, str]:
    """Return the records ``name=value`` of ``text``, which are separated by U+001E."""
    pairs = (entry.partition("=") for entry in text.split(SEPARATOR))
    return {name.strip(): value for name, equals, value in pairs if equals and name.strip()}


def number(text: str) -> int | None:
    """Return the whole number in ``text``, None if it is none or out of reason."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
