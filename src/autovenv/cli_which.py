"""The commands that explain, and the one that needs no hook: which, where, status, doctor, exec."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Protocol

import click

from autovenv import native, report, scene, verdict
from autovenv.errors import UsageError
from autovenv.record import record
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autovenv.scene import Scene
    from autovenv.verdict import Verdict


class Place(Protocol):
    """What the commands here need of a :class:`autovenv.hookfiles.Place`."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the asking process."""

    @property
    def home(self) -> str:
        """autovenv's own folder."""


@record
class Asked:
    """The place of a question that came straight here, see :func:`run`."""

    environ: Mapping[str, str]
    home: str


def run(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run ``which`` or ``where`` with ``words`` (the command first) and return the exit status.

    People and editors run these two all the time, so they go without the rest of the command line.

    Raises :class:`autovenv.errors.AutovenvError`, also for click's own complaints.
    """
    from autovenv import facts, paths

    command = which if words[0] == "which" else where
    asked = Asked(environ, paths.data_home(environ, home=facts.read(environ).home))
    try:
        done = command.main(
            list(words[1:]), prog_name=f"autovenv {words[0]}", standalone_mode=False, obj=asked
        )
    except click.ClickException as error:
        raise complaint(error) from error
    return int(done or 0)


def complaint(error: click.ClickException) -> UsageError:
    """Return click's complaint as ours."""
    text = shown(error.format_message()).rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "autovenv"
    return UsageError(text[:1].lower() + text[1:], f"help: {command} --help")


_HELP = {"help_option_names": ["-h", "--help"]}
_json = click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")


@click.command(short_help="Say which python wins here, and why.", context_settings=_HELP)
@click.argument("name", default="python")
@_json
@click.option("--explain", is_flag=True, help="Walk every rule of this shell, also in a pipe.")
@click.option("--run", "execute", is_flag=True, help="Run the winner to ask it for its version.")
@click.pass_obj
def which(place: Place, name: str, *, as_json: bool, explain: bool, execute: bool) -> int:
    """Say which NAME (python) this command line would run, what it is, and why it wins.

    Where the output is no terminal, print its path alone. Nothing is executed to find out, but with --run.
    Exit status: 0 if it is the one that should win here, 1 if it is another or there is none.
    """
    here, found = _asked(place, name)
    if execute:
        found = verdict.asked_version(found, dict(place.environ))
    if as_json:
        from autovenv import answers

        click.echo(answers.which(here, found, explain=explain))
    elif _terminal():
        _show(place, here, found, explain=explain)
    elif explain:
        _print(report.which(here, found, explain=True))
    else:
        _print_paths([report.path_of(found)])
        _say(report.troubles(here, found))
        _hint(place, verdict.mismatch(here, found))
        _hint(place, report.one_line_of_cold(here))
    return int(not found.right)


@click.command(
    short_help="List every python in the order this shell would take them.", context_settings=_HELP
)
@click.argument("name", default="python")
@_json
@click.pass_obj
def where(place: Place, name: str, *, as_json: bool) -> int:
    """List everything that NAME (python) could mean here, first choice first.

    Where the output is no terminal, print the paths alone. Exit status: 1 if there is none.
    """
    here, found = _asked(place, name)
    if as_json:
        from autovenv import answers

        click.echo(answers.where(here, found))
    elif _terminal():
        _print(report.where(here, found))
    else:
        _print_paths(report.paths_of(found))
    if found.winner is None:
        _say(report.troubles(here, found))
    return int(found.winner is None)


@click.command(short_help="Say what holds in this shell and this folder.")
@_json
@click.pass_obj
def status(place: Place, *, as_json: bool) -> int:
    """Say what holds in this shell and this folder: the hook, the project, what is active, what was decided.

    Exit status: 1 if an environment here is refused, gone, not allowed, or will not switch on.
    """
    here = scene.look(place.environ, home=place.home)
    if as_json:
        from autovenv import answers

        click.echo(answers.status(here))
    else:
        _print(report.status(here))
    return int(not report.settled(here))


@click.command(short_help="Check the whole installation.")
@_json
@click.option("--report", "as_report", is_flag=True, help="Print what a bug report needs, without secrets.")
@click.pass_obj
def doctor(place: Place, *, as_json: bool, as_report: bool) -> int:
    """Check the whole installation; say what is wrong, and what mends it. Changes nothing.

    Exit status: 1 if a check fails.
    """
    from autovenv import doctor as checks
    from autovenv import situation

    known = situation.look(place.environ, home=place.home)
    findings = checks.examine(known)
    if as_json:
        from autovenv import answers

        click.echo(answers.doctor(findings))
    elif as_report:
        from autovenv import bugreport

        _print(bugreport.lines(known, findings))
    else:
        _print(checks.lines(findings))
    return int(any(one.result is checks.Result.FAIL for one in findings))


@click.command(
    "exec",
    short_help="Run a command in this folder's environment.",
    context_settings={"allow_interspersed_args": False},
)
@click.argument("command", metavar="[--] COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def exec_(place: Place, command: tuple[str, ...]) -> int:
    """Run COMMAND in the allowed environment of this folder, without a hook: for scripts, cron and editors.

    Exit status: the command's; 127 if there is none, 126 if it cannot run, 1 if no environment is allowed.
    """
    from autovenv.run import run as run_command

    return run_command(command, place.environ, home=place.home)


def _asked(place: Place, name: str) -> tuple[Scene, Verdict]:
    """Look, and say in one line what was left off from a name of another system."""
    if not name or "\0" in name:
        raise UsageError("the name is empty", "type: autovenv which python")
    here = scene.look(place.environ, home=place.home)
    found = verdict.judge(here, name)
    if found.name != name:
        _hint(place, f"looking for {shown(found.name)}: outside Windows its name has no .exe")
    return here, found


def _show(place: Place, here: Scene, found: Verdict, *, explain: bool) -> None:
    """Show the answer on a terminal: a panel, or plain lines where the terminal is a dumb one."""
    if place.environ.get("TERM", "dumb") == "dumb":
        _print(report.which(here, found, explain=explain))
        return
    from autovenv import panel

    told, title = report.rows(here, found), report.title(here, found)
    panel.draw(title, told, right=found.right, to=sys.stdout, environ=place.environ)
    if explain:
        _print(report.explained(here, found))


def _terminal() -> bool:
    return sys.stdout.isatty()


def _print(lines: list[str]) -> None:
    """Print lines for a person; a letter that this terminal's encoding lacks comes as its escape."""
    for line in lines:
        click.echo(line.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))


def _print_paths(paths: list[str]) -> None:
    """Print paths for another program, as the shell will read them."""
    for path in filter(None, paths):
        click.echo(_encoded(path))


def _encoded(path: str) -> bytes:
    if not native.WINDOWS:
        return os.fsencode(path)
    import ctypes

    page = ctypes.windll.kernel32.GetConsoleOutputCP()  # type: ignore[attr-defined,unused-ignore]
    return in_code_page(path, page)


def in_code_page(path: str, page: int) -> bytes:
    """Return a path as shells on Windows read it from a pipe: in the console's code page (0: no console).

    A letter that the code page lacks becomes ``?``, as in all that Windows' own programs print.
    """
    return path.encode(f"cp{page}" if page else "utf-8", "replace")


def _say(lines: list[str]) -> None:
    """Print what only a person reads, to stderr."""
    for line in lines:
        click.echo(f"autovenv: {line}", err=True)


def _hint(place: Place, line: str) -> None:
    """Print a line that one may do without, unless AUTOVENV_QUIET is set."""
    if line and not place.environ.get("AUTOVENV_QUIET"):
        _say([line])
