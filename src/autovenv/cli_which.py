"""The commands that explain, and the one that needs no hook: which, where, status, exec."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from autovenv import report, scene, verdict
from autovenv.errors import UsageError
from autovenv.text import shown

if TYPE_CHECKING:
    from autovenv.hookfiles import Place
    from autovenv.scene import Scene
    from autovenv.verdict import Verdict


@click.command(short_help="Say which python wins here, and why.")
@click.argument("name", default="python")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--explain", is_flag=True, help="Say all of it, also where the output is no terminal.")
@click.pass_obj
def which(place: Place, name: str, *, as_json: bool, explain: bool) -> int:
    """Say which NAME (python) this command line would run, what it is, and why it wins.

    Where the output is no terminal, print its path alone. Exit status: 0 if it is the one that should win
    here, 1 if it is another or there is none.
    """
    here, found = _asked(place, name)
    if as_json:
        click.echo(report.as_json(here, found))
    elif explain or _terminal():
        _print(report.which(here, found, explain=explain))
    else:
        _print_paths([report.path_of(found)])
        _say(report.troubles(here, found))
        _hint(place, report.one_line_of_cold(here))
    return int(not found.right)


@click.command(short_help="List every python in the order this shell would take them.")
@click.argument("name", default="python")
@click.pass_obj
def where(place: Place, name: str) -> int:
    """List everything that NAME (python) could mean here, first choice first.

    Where the output is no terminal, print the paths alone. Exit status: 1 if there is none.
    """
    here, found = _asked(place, name)
    if _terminal():
        _print(report.where(here, found))
    else:
        _print_paths(report.paths_of(found))
    if found.winner is None:
        _say(report.troubles(here, found))
    return int(found.winner is None)


@click.command(short_help="Say what holds in this shell and this folder.")
@click.pass_obj
def status(place: Place) -> int:
    """Say what holds in this shell and this folder: the hook, the project, what is active, what was decided.

    Exit status: 1 if an environment here is refused, gone, not allowed, or will not switch on.
    """
    here = scene.look(place.environ, home=place.home)
    _print(report.status(here))
    return int(not report.settled(here))


@click.command(
    "exec",
    short_help="Run a command in this folder's environment.",
    context_settings={"allow_interspersed_args": False},
)
@click.argument("command", metavar="[--] COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def exec_(place: Place, command: tuple[str, ...]) -> None:
    """Run COMMAND in the allowed environment of this folder, without a hook: for scripts, cron and editors.

    Exit status: the command's; 127 if there is none, 126 if it cannot run, 1 if no environment is allowed.
    """
    from autovenv.run import run

    run(command, place.environ, home=place.home)


def _asked(place: Place, name: str) -> tuple[Scene, Verdict]:
    """Look, and say in one line what was left off from a name of another system."""
    if not name or "\0" in name:
        raise UsageError("the name is empty", "type: autovenv which python")
    here = scene.look(place.environ, home=place.home)
    found = verdict.judge(here, name)
    if found.name != name:
        _hint(place, f"looking for {shown(found.name)}: outside Windows its name has no .exe")
    return here, found


def _terminal() -> bool:
    return sys.stdout.isatty()


def _print(lines: list[str]) -> None:
    """Print lines for a person; a letter that this terminal's encoding lacks comes as its escape."""
    for line in lines:
        click.echo(line.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))


def _print_paths(paths: list[str]) -> None:
    """Print paths as their bytes, for another program."""
    for path in filter(None, paths):
        click.echo(os.fsencode(path))


def _say(lines: list[str]) -> None:
    """Print what only a person reads, to stderr."""
    for line in lines:
        click.echo(f"autovenv: {line}", err=True)


def _hint(place: Place, line: str) -> None:
    """Print a line that one may do without, unless AUTOVENV_QUIET is set."""
    if line and not place.environ.get("AUTOVENV_QUIET"):
        _say([line])
