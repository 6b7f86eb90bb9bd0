"""The commands: read the words, call, say what came of it. Nothing else imports click."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from autovenv import __version__, facts, hookfiles, native, paths, shells
from autovenv.decision import State
from autovenv.errors import AutovenvError, UsageError
from autovenv.hookfiles import Place, Result, Standing
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

ORDER = (
    "install-hook", "uninstall-hook", "allow", "deny", "projects",
    "which", "where", "status", "doctor", "exec", "on", "off", "hook",
)  # fmt: skip
ELSEWHERE = "autovenv.cli_which"
"""The module with the commands that explain; it is imported only for them."""

EXPECTED = {
    "activate": "entering the project's folder does that; the first time, type: autovenv allow",
    "deactivate": "type: deactivate",
    "init": "type: autovenv install-hook",
    "install": "type: autovenv install-hook",
    "setup": "type: autovenv install-hook",
    "shell": "type: autovenv install-hook",
    "uninstall": "type: autovenv uninstall-hook",
    "trust": "type: autovenv allow",
    "permit": "type: autovenv allow",
    "add": "type: autovenv allow",
    "untrust": "type: autovenv deny",
    "disallow": "type: autovenv deny",
    "block": "type: autovenv deny",
    "revoke": "type: autovenv deny",
    "remove": "type: autovenv deny",
    "list": "type: autovenv projects",
    "ls": "type: autovenv projects",
    "prune": "type: autovenv projects --prune",
    "enable": "type: autovenv on",
    "disable": "type: autovenv off",
    "check": "type: autovenv doctor",
    "diagnose": "type: autovenv doctor",
    "explain": "type: autovenv which --explain",
    "python": "type: autovenv which",
    "info": "type: autovenv status",
    "run": "type: autovenv exec",
    "create": f"type: {native.PYTHON} -m venv .venv",
    "new": f"type: {native.PYTHON} -m venv .venv",
    "venv": f"type: {native.PYTHON} -m venv .venv",
    "help": "type: autovenv --help",
    "version": "type: autovenv --version",
}


class Commands(click.Group):
    """The group: lists its commands in the order of use, and answers words that other tools have."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, without those whose module is not there."""
        return [name for name in ORDER if self.get_command(ctx, name) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, imported from elsewhere if need be."""
        return super().get_command(ctx, cmd_name) or _from_elsewhere(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one is meant."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise UsageError(f"there is no command {shown(args[0])}", _suggestion(args[0]))
        return super().resolve_command(ctx, args)


def _from_elsewhere(name: str) -> click.Command | None:
    if name not in ORDER or importlib.util.find_spec(ELSEWHERE) is None:
        return None
    known = vars(importlib.import_module(ELSEWHERE)).values()
    return next((each for each in known if isinstance(each, click.Command) and each.name == name), None)


def _suggestion(word: str) -> str:
    near = difflib.get_close_matches(word, ORDER, n=1)
    return EXPECTED.get(word) or (f"type: autovenv {near[0]}" if near else "all commands: autovenv --help")


_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(cls=Commands, invoke_without_command=True, context_settings=_HELP)
@click.version_option(__version__, "--version", "-V", message="autovenv %(version)s")
@click.option("--home", "home", default="", hidden=True, help="The folder of the hook that asks.")
@click.pass_context
def cli(ctx: click.Context, home: str) -> None:
    """A project's .venv is active inside the project's folder, and only there.

    Environments that you made or activated yourself switch on by themselves; any other
    stays off until you type: autovenv allow. Allowing one means that its code can run.
    """
    ctx.obj = _place(home)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(args: list[str]) -> int:
    """Run one command line (without the program's name) and return the exit status.

    Raises :class:`AutovenvError`, also for click's own complaints, and KeyboardInterrupt.
    """
    try:
        return int(cli.main(args, prog_name="autovenv", standalone_mode=False) or 0)
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.ClickException as error:
        from autovenv.cli_which import complaint

        raise complaint(error) from error


def _place(home: str) -> Place:
    environ = os.environ
    known = home or facts.read(environ).home
    return Place(environ, paths.data_home(environ, home=known), hookfiles.program(sys.argv[0]))


# --- The hook -------------------------------------------------------------------------------------

_all = click.option("--all", "every", is_flag=True, help="Every supported shell.")


@cli.command(
    "install-hook",
    short_help="Make new terminals switch environments.",
    help=f"""Make new terminals switch environments.

    SHELL is {", ".join(shells.SHELLS)}; default: the one you are in.
    """,
)
@click.argument("names", metavar="[SHELL]...", nargs=-1)
@_all
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--no-autorun", is_flag=True, hidden=not native.WINDOWS, help="cmd: leave the registry alone.")
@click.pass_obj
def install_hook(  # noqa: PLR0913 - one for each option
    place: Place, names: tuple[str, ...], *, every: bool, dry_run: bool, yes: bool, no_autorun: bool
) -> int:
    """Install for the shells that are named, or meant; return the worst status of them."""
    place = replace(place, autorun=not no_autorun)
    wanted = _wanted(place, names, every=every)
    if dry_run:
        return _show_changes(place, wanted)
    results = hookfiles.install(place, wanted)
    _say_installed(place, results)
    if not yes and any(result.error is None for result in results):
        _ask_for_folder(place)
    return _complain(results)


@cli.command("uninstall-hook", short_help="Give every file back as it was.")
@click.argument("names", metavar="[SHELL]...", nargs=-1)
@_all
@click.option("--keep-trust", is_flag=True, help="Keep the list of allowed projects.")
@click.pass_obj
def uninstall_hook(place: Place, names: tuple[str, ...], *, every: bool, keep_trust: bool) -> int:
    """Give every file back as it was. Default: all shells."""
    wanted = [shells.named(name).name for name in names] if names and not every else list(shells.SUPPORTED)
    results = hookfiles.uninstall(place, wanted, keep_trust=keep_trust)
    removed = [result for result in results if result.before is not Standing.ABSENT and not result.error]
    for result in removed:
        click.echo(f"Removed for {result.shell}: {hookfiles.told(place, result)}")
    if not removed and not any(result.error for result in results):
        click.echo("There was no hook to remove.")
    elif removed and facts.read(place.environ).loaded:
        click.echo("Terminals that are open keep it until you close them.")
    return _complain(results)


@cli.command("hook", short_help="Print the line that loads the hook.")
@click.argument("name", metavar="SHELL")
@click.pass_obj
def hook(place: Place, name: str) -> None:
    """Print the line that loads the hook, for a start-up file that you manage yourself."""
    line = shells.source_line(shells.named(name).name, place.home)
    hookfiles.refresh(place)
    click.echo(os.fsencode(line))


def _wanted(place: Place, names: Iterable[str], *, every: bool) -> list[str]:
    chosen = [shells.named(name).name for name in dict.fromkeys(names)]
    if every:
        chosen = list(dict.fromkeys([*chosen, *shells.installed_shells(place.environ)]))
    current = None if chosen else shells.current_shell(place.environ)
    if not chosen and current is None:
        raise UsageError(
            "I cannot tell which shell this is", "name it, for example: autovenv install-hook bash"
        )
    return chosen or [shells.named(current or "").name]


def _show_changes(place: Place, names: Iterable[str]) -> int:
    results = [hookfiles.standing(place, name) for name in names]
    for result in results:
        if result.error is None:
            click.echo(hookfiles.difference(place, result) or f"{result.shell}: nothing to change")
    for path in hookfiles.pending_files(place):
        click.echo(f"would write {place.shown(path)}")
    return _complain(results)


_DONE = {
    Standing.ABSENT: "Installed for {}: {} (undo: autovenv uninstall-hook)",
    Standing.OUTDATED: "Renewed for {}: {}",
    Standing.CURRENT: "Already installed for {}: {}",
}


def _say_installed(place: Place, results: Iterable[Result]) -> None:
    done = [result for result in results if result.error is None]
    for result in done:
        click.echo(_DONE[result.before].format(result.shell, hookfiles.told(place, result)))
    current = shells.current_shell(place.environ)
    if done and not facts.read(place.environ).loaded:
        if current in [result.shell for result in done]:
            click.echo(f"This terminal does not have it yet. Type: {shells.named(str(current)).reload}")
        else:
            click.echo(f"It works from the next {done[0].shell} on.")


def _complain(results: Iterable[Result]) -> int:
    results = list(results)
    for line in [line for result in results for one in result.barred for line in one.lines()]:
        click.echo(line, err=True)
    errors = [result.error for result in results if result.error]
    for error in errors:
        for line in error.lines():
            click.echo(line, err=True)
    return max((error.code for error in errors), default=0)


def _ask_for_folder(place: Place) -> None:
    """Ask, once in a life and only a person, which folder's environments are all wanted."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or not hookfiles.first_question(place.home):
        return
    question = "Switch on all environments of yours below which folder? (Enter: none)"
    folder = click.prompt(question, default="", show_default=False, prompt_suffix=" ").strip()
    if folder:
        _allow_under(place, folder)


# --- Consent --------------------------------------------------------------------------------------


@cli.command("allow", short_help="Let the environment here switch on by itself.")
@click.argument("projects", metavar="[PROJECT]...", nargs=-1, type=click.Path())
@click.option(
    "--venv", metavar="DIR", default="", type=click.Path(), help="The environment, if it is elsewhere."
)
@click.option("--under", metavar="DIR", type=click.Path(), help="Any environment of mine below DIR.")
@click.option("--any-owner", is_flag=True, help="Also if it belongs to another user.")
@click.option(
    "--command", "overrides", metavar="NAME", multiple=True, help="It may replace the command NAME."
)
@click.pass_obj
def allow(  # noqa: PLR0913 - one for each option
    place: Place,
    *,
    projects: tuple[str, ...],
    venv: str,
    under: str | None,
    any_owner: bool,
    overrides: tuple[str, ...],
) -> None:
    """Let the environment of PROJECT (default: this folder) switch on here. Its code can then run."""
    if venv and len(projects) > 1:
        raise UsageError("one environment is for one project", "help: autovenv allow --help")
    if under is not None:
        _allow_under(place, under)
    for project in projects or ([""] if under is None else []):
        _allow_one(place, project, venv=venv, any_owner=any_owner, overrides=overrides)


@cli.command("deny", short_help="Keep the environment here off, without a hint.")
@click.argument("projects", metavar="[PROJECT]...", nargs=-1, type=click.Path())
@click.option("--under", metavar="DIR", type=click.Path(), help="Take back: allow --under DIR.")
@click.pass_obj
def deny(place: Place, projects: tuple[str, ...], under: str | None) -> None:
    """Keep the environment of PROJECT (default: this folder) off, without a hint, until you allow it."""
    if under is not None:
        _deny_under(place, under)
    for project in projects or ([""] if under is None else []):
        _deny_one(place, project)


@cli.command("projects", short_help="List the allowed projects.")
@click.option("--prune", is_flag=True, help="Forget those whose environment is gone.")
@click.pass_obj
def projects_(place: Place, *, prune: bool) -> None:
    """List the allowed projects and how each one stands."""
    from autovenv import consent
    from autovenv.trust import Home

    if prune:
        for project in consent.prune(Home(place.home)):
            click.echo(f"forgotten: {place.shown(project)}")
    rows = _project_rows(place)
    for row in _aligned(rows) if sys.stdout.isatty() else ["\t".join(row) for row in rows]:
        click.echo(row)
    if not rows and sys.stdout.isatty():
        click.echo("No project is allowed yet. In a project, type: autovenv allow")


def _allow_under(place: Place, folder: str) -> None:
    from autovenv import consent
    from autovenv.trust import Home

    hookfiles.make_home(place)
    spelled = consent.allow_under(Home(place.home), os.path.expanduser(folder), pwd=_pwd(place))
    click.echo(
        f"Every environment of yours below {place.shown(spelled[0])} switches on by itself from now on."
    )


def _allow_one(place: Place, project: str, *, venv: str, any_owner: bool, overrides: tuple[str, ...]) -> None:
    from autovenv import consent
    from autovenv.trust import Home

    hookfiles.make_home(place)
    marker = consent.allow(
        Home(place.home),
        pwd=_pwd(place),
        project=project,
        venv=venv,
        any_owner=any_owner,
        overrides=overrides,
        environ=place.environ,
    )
    click.echo(
        f"{place.shown(marker.venv)} switches on by itself in {place.shown(marker.project)} from now on."
    )


def _deny_under(place: Place, folder: str) -> None:
    from autovenv import consent, trust

    path = os.path.join(_pwd(place), os.path.expanduser(folder))
    for one in consent.spellings(path) or (os.path.normpath(path),):
        trust.under_remove(trust.Home(place.home), one)
    click.echo(f"New environments below {place.shown(path)} stay off until you allow them.")


def _deny_one(place: Place, project: str) -> None:
    from autovenv import consent
    from autovenv.trust import Home

    hookfiles.make_home(place)
    spelled = consent.deny(Home(place.home), os.path.normpath(os.path.join(_pwd(place), project)))
    click.echo(f"The environment in {place.shown(spelled[0])} stays off from now on (undo: autovenv allow).")


def _pwd(place: Place) -> str:
    from autovenv.scene import logical_cwd

    return logical_cwd(place.environ)


def _project_rows(place: Place) -> list[tuple[str, str, str]]:
    """Return a row for each allowed project, under the first of its spellings, and each named folder."""
    from autovenv import consent, trust

    home = trust.Home(place.home)
    rows = []
    for marker in trust.projects(home):
        if marker.project == marker.spellings[0]:
            found, word = consent.describe(home, marker.project)
            known = "gone" if found is None or found.state is State.GONE else "on"
            rows.append(
                (
                    place.shown(marker.project),
                    f"off: {word.value}" if word else known,
                    place.shown(marker.venv),
                )
            )
    return rows + [
        (place.shown(folder), "below", "every environment of yours") for folder in trust.unders(home)
    ]


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(2)]
    return [f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}" for row in rows]


# --- This shell only ------------------------------------------------------------------------------


@cli.command("on", short_help="Switch environments in this shell again.")
@click.pass_obj
def on(place: Place) -> None:
    """Switch environments in this shell again."""
    raise _not_loaded(place, "on")


@cli.command("off", short_help="Switch no environments in this shell.")
@click.pass_obj
def off(place: Place) -> None:
    """Switch no environments in this shell."""
    raise _not_loaded(place, "off")


def _not_loaded(place: Place, word: str) -> AutovenvError:
    """The hook's own function answers on and off; the program is asked only where there is none."""
    fact = f"the hook is not loaded in this shell, so there is nothing to switch {word}"
    name = shells.current_shell(place.environ)
    if name not in shells.SHELLS:
        return AutovenvError(fact)
    has_lines = hookfiles.standing(place, name).before in {Standing.CURRENT, Standing.OUTDATED}
    what_now = shells.named(name).reload if has_lines else f"autovenv install-hook {name}"
    return AutovenvError(fact, f"run: {what_now}")
