"""What only PowerShell has: `$?` and `$Error`, drives, language modes, other people's prompts and events."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pexpect
import pytest

from conformance.shells import POWERSHELL_SHELL
from conformance.world import World
from conftest import program as find_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TIMEOUT = 60
HINT = "autovenv: this .venv is off, because I did not see you make it. If it is yours, type: autovenv allow"
HOOK = ". '{hook}'\n"
MARK = "ready> "


def begin(words: list[str]) -> tuple[str, list[str]]:
    """Return a program and its arguments, as pexpect wants them."""
    return words[0], words[1:]


class Terminal:
    """A person at a PowerShell: types lines, and reads what is seen up to the next prompt."""

    def __init__(
        self,
        world: World,
        *,
        before: str = "",
        after: str = "",
        hook: str = HOOK,
        words: tuple[str, ...] = (),
        tracer: tuple[str, ...] = (),
        folder: str = "",
        more: tuple[tuple[str, str], ...] = (),
    ) -> None:
        profile = os.path.join(world.home, POWERSHELL_SHELL.rc)
        os.makedirs(os.path.dirname(profile), exist_ok=True)
        ours = hook.replace("{hook}", world.state + "/hook.ps1")
        text = f"function prompt {{ '{MARK}' }}\n{before}\n{ours}\n{after}\n"
        with open(profile, "w", encoding="utf-8") as file:
            file.write(text)
        environ = {**world.environ()}
        del environ["AUTOVENV_TRACE"]
        environ.update(more)
        self.child = pexpect.spawn(
            *begin([*tracer, find_program("pwsh"), "-NoLogo", *words]),
            env=environ,
            cwd=os.path.join(world.folder, folder),
            encoding="utf-8",
            dimensions=(50, 4000),
            echo=False,
            timeout=TIMEOUT,
        )
        self.child.delaybeforesend = None
        self.first = self._read()

    def _read(self) -> str:
        self.child.expect_exact(MARK)
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.child.before.replace("\r\n", "\n"))

    def types(self, line: str) -> str:
        """Type a line; return what is seen before the next prompt, with what stands before its mark."""
        assert len(line) < 4000
        self.child.send(line + "\r")
        return self._read()

    def asks(self, expression: str) -> str:
        """Return the value of an expression as text."""
        return self.types(expression).rpartition("\n")[0]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A disk with an allowed project `p`, a cold one `q`, and an empty folder `f`."""
    from conformance.table import Case

    find_program("pwsh")
    world = World(str(tmp_path))
    world.build(
        Case("own", (), tree=("venv p/.venv", "folder p/src", "venv q/.venv", "folder f"), allow=(("p",),))
    )
    return world


@pytest.fixture
def opens(world: World) -> Iterator[Callable[..., Terminal]]:
    """Return the function that opens a terminal; all are closed at the end."""
    opened: list[Terminal] = []

    def begin(**options: object) -> Terminal:
        opened.append(Terminal(world, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.child.close(force=True)


def active(terminal: Terminal) -> str:
    return terminal.asks("$env:VIRTUAL_ENV")


# ---- what a start reads ----

TRACED = "autovenv: trace action=keep reason=no-project from=- to=-\n"
TELLS = "function prompt { \"[$($null -ne $function:__autovenv_hook)]\" + 'ready> ' }"


@pytest.mark.parametrize(
    ("folder", "more", "read", "first"),
    [
        ("f", (), False, ""),
        ("p", (), True, "(.venv) "),
        ("p/src", (), True, "(.venv) "),
        ("q", (), True, HINT + "\n"),
        ("f", (("VIRTUAL_ENV", "/nowhere"),), True, ""),
        ("f", (("AUTOVENV_TRACE", "1"),), True, TRACED),
        ("l", (), False, ""),
    ],
)
def test_the_hook_is_read_at_the_first_prompt_only_where_it_matters(
    opens: Callable[..., Terminal],
    world: World,
    folder: str,
    more: tuple[tuple[str, str], ...],
    *,
    read: bool,
    first: str,
) -> None:
    os.mkdir(f"{world.folder}/l")
    os.symlink("../q/.venv", f"{world.folder}/l/.venv")
    terminal = opens(before=TELLS, folder=folder, more=more)
    assert terminal.first == f"{first}[{read}]"
    assert "[True]" in terminal.types("")


def test_below_a_named_folder_the_hook_is_read_at_the_first_prompt(
    opens: Callable[..., Terminal], world: World
) -> None:
    with open(f"{world.state}/trust/.autovenv-any-under", "w", encoding="ascii"):
        pass
    assert opens(before=TELLS, folder="f").first == "[True]"


@pytest.mark.parametrize("line", ["cd p; $env:VIRTUAL_ENV", "Push-Location p; $env:VIRTUAL_ENV"])
def test_the_first_line_is_seen_whole(opens: Callable[..., Terminal], world: World, line: str) -> None:
    assert opens().types(line) == f"{world.folder}/p/.venv\n(.venv) "


def test_what_the_first_line_makes_was_not_there_before(opens: Callable[..., Terminal]) -> None:
    terminal = opens(folder="f")
    made = terminal.types("python3 -m venv --without-pip .venv")
    assert made == "autovenv: you made .venv, so it switches on here by itself from now on\n(.venv) "


def test_what_the_first_line_only_copies_stays_off(opens: Callable[..., Terminal]) -> None:
    terminal = opens(folder="f")
    assert HINT in terminal.types("cp -R ../q/.venv .venv")
    assert active(terminal) == ""


FAILED = "Get-Item nowhere -ErrorAction SilentlyContinue; sh -c 'exit 7'"


@pytest.mark.parametrize("line", ["$?, $LASTEXITCODE, $Error.Count", "$^, $$", "1; $?", "Get-Item none; $?"])
def test_the_first_line_sees_what_the_profile_left(opens: Callable[..., Terminal], line: str) -> None:
    for after in ("", FAILED):
        assert opens(after=after).types(line) == opens(after=after, hook="").types(line)


@pytest.mark.parametrize("what", ["gone from beside", "of another version than"])
def test_a_hook_that_cannot_be_read_is_told_once_and_stays_off(
    opens: Callable[..., Terminal], world: World, what: str
) -> None:
    file = f"{world.state}/hook-main.ps1"
    with open(file, encoding="ascii") as stream:
        text = stream.read()
    os.unlink(file)
    if what != "gone from beside":
        with open(file, "w", encoding="ascii") as stream:
            stream.write(text.replace("-cne '1 ", "-cne '2 "))
    terminal = opens()
    assert terminal.first == ""
    told = f"autovenv: hook-main.ps1 is {what} hook.ps1; run: autovenv install-hook\n"
    assert terminal.types("cd p") == told
    assert terminal.types('cd .; "$($Error.Count) [$env:VIRTUAL_ENV]"') == "0 []\n"
    # Put right, and the profile read again: it works.
    with open(file, "w", encoding="ascii") as stream:
        stream.write(text)
    terminal.types(f". '{world.state}/hook.ps1'")
    works_in(terminal, world)


def test_uninstalled_before_the_first_line_there_is_nothing_to_say(
    opens: Callable[..., Terminal], world: World
) -> None:
    terminal = opens()
    for name in ("hook.ps1", "hook-main.ps1"):
        os.unlink(f"{world.state}/{name}")
    assert terminal.types("cd p") == ""
    assert terminal.types('"$($Error.Count) [$env:VIRTUAL_ENV]"') == "0 []\n"


def test_the_line_twice_in_a_profile_is_the_line_once(opens: Callable[..., Terminal], world: World) -> None:
    terminal = opens(hook=HOOK * 3)
    works_in(terminal, world)
    listeners = "@($ExecutionContext.InvokeCommand.LocationChangedAction.GetInvocationList()).Count"
    waiting = "$null -eq $ExecutionContext.InvokeCommand.PreCommandLookupAction"
    assert terminal.asks(f"{listeners}, ({waiting})") == "1\nTrue"


def test_another_who_waits_for_commands_goes_on(opens: Callable[..., Terminal], world: World) -> None:
    other = (
        "$global:Seen = 0; $ExecutionContext.InvokeCommand.PreCommandLookupAction = "
        "[Delegate]::Combine($ExecutionContext.InvokeCommand.PreCommandLookupAction, "
        "[EventHandler[Management.Automation.CommandLookupEventArgs]] { $global:Seen++ })"
    )
    for where in ("before", "after"):
        terminal = opens(**{where: other})
        works_in(terminal, world)
        assert terminal.asks("$Seen -gt 0") == "True"
        left = "@($ExecutionContext.InvokeCommand.PreCommandLookupAction.GetInvocationList()).Count"
        assert terminal.asks(left) == "1"


def test_read_again_inside_a_project_it_stays_as_it_is(opens: Callable[..., Terminal], world: World) -> None:
    terminal = opens(folder="p")
    before = terminal.asks("$env:VIRTUAL_ENV, $env:PATH")
    for _ in range(2):
        assert terminal.types(f". '{world.state}/hook.ps1'") == "(.venv) "
    assert terminal.asks("$env:VIRTUAL_ENV, $env:PATH") == before
    terminal.types("deactivate")
    assert active(terminal) == ""


def works_in(terminal: Terminal, world: World) -> None:
    """Say whether the hook does its work in this terminal, wherever it is."""
    terminal.types(f"cd '{world.folder}'")
    said = terminal.asks('cd p; "[$env:VIRTUAL_ENV]"; cd ..; "[$env:VIRTUAL_ENV]"')
    assert said == f"[{world.folder}/p/.venv]\n[]"


# ---- status, errors and what else a line leaves behind ----

SEES = (
    "function prompt { $ok = $?; "
    "\"[$ok $(if (Test-Path variable:LASTEXITCODE) { $LASTEXITCODE })]\" + 'ready> ' }"
)
LOSES = "\n$inner = $function:prompt; function prompt { $null = 1; & $inner }"
STATUS_LINES = [
    *(f"sh -c 'exit {code}'" for code in range(256)),
    *(f"sh -c 'exit {code}' | cat" for code in range(0, 256, 5)),
    *(f"'x' | sh -c 'exit {code}'" for code in range(0, 256, 5)),
    *(f"1..2 | ForEach-Object {{ sh -c 'exit {code}' }}" for code in range(0, 256, 17)),
    "Get-Item not-there",
    "Get-Item not-there -ErrorAction Ignore",
    "throw 'x'",
    "1 / 0",
    "nonsense",
    "1",
    "",
    "$null",
    "cd not-there",
    "Write-Error x",
    "try { throw 1 } catch { }",
    "& { Write-Error x }",
    "sh -c 'exit 3'; 1",
    "1; sh -c 'exit 4'",
    "(sh -c 'exit 5')",
    "$x = sh -c 'exit 6'",
]


def transcript(terminal: Terminal, lines: list[str]) -> list[str]:
    """Type each line, and ask for the status on a line of its own; return both prompts and the answers."""
    return [
        f"{line}: {terminal.types(line)} {terminal.types('$?, $LASTEXITCODE, $Error.Count')}"
        for line in lines
    ]


@pytest.mark.parametrize("where", ["f", "p", "q"])
def test_every_status_is_seen_by_the_next_line_and_by_the_prompt(
    opens: Callable[..., Terminal], where: str
) -> None:
    with_hook, without = opens(before=SEES), opens(before=SEES, hook="")
    for terminal in (with_hook, without):
        terminal.types(f"cd {where}")
    found = [seen.replace("(.venv) ", "") for seen in transcript(with_hook, STATUS_LINES)]
    assert found == transcript(without, STATUS_LINES)
    if where == "p":
        assert active(with_hook)


def test_a_prompt_that_loses_the_status_is_found_out(opens: Callable[..., Terminal]) -> None:
    bad, good = opens(before=SEES + LOSES, hook=""), opens(before=SEES, hook="")
    assert transcript(bad, STATUS_LINES[:3]) != transcript(good, STATUS_LINES[:3])


def test_what_a_line_leaves_behind_is_left_alone(opens: Callable[..., Terminal]) -> None:
    lines = [
        "'abc' -match 'b'; cd p",
        "$Matches[0]",
        "echo one two",
        "$^, $$",
        "Get-Item nowhere; cd ../q",
        "$Error.Count",
        "$Error[0].CategoryInfo.Category",
        "cd ../p/src; 'xyz' -match 'y'",
        "$Matches[0], $^, $$",
        "(Get-History).Count",
        "$ErrorView",
        "cd ../..; cd Env:; cd -",
        "$Error.Count",
        "$LASTEXITCODE",
        "$?",
        "(Get-History -Count 1).CommandLine",
        "$input, $args.Count, $PSItem",
        "$PWD.Path",
        "[Environment]::CurrentDirectory",
    ]
    with_hook, without = opens(), opens(hook="")
    said = HINT + "\n"
    assert [with_hook.types(line).replace("(.venv) ", "").replace(said, "") for line in lines] == [
        without.types(line) for line in lines
    ]


# ---- places ----


def test_a_drive_that_is_no_folder_is_no_project(opens: Callable[..., Terminal]) -> None:
    terminal = opens()
    terminal.types("cd p")
    assert active(terminal)
    for drive in ("Env:", "Function:", "Variable:", "Alias:"):
        assert terminal.types(f"cd {drive}") == ""
        assert active(terminal) == ""
        terminal.types("cd -")
        assert active(terminal)


def test_a_drive_of_the_persons_own_is_the_folder_it_stands_for(
    opens: Callable[..., Terminal], world: World
) -> None:
    terminal = opens()
    terminal.types(f"$null = New-PSDrive -Name W -PSProvider FileSystem -Root '{world.folder}'")
    terminal.types("cd W:/p")
    assert active(terminal) == f"{world.folder}/p/.venv"
    terminal.types("cd W:/f")
    assert active(terminal) == ""


def test_a_provider_path_and_a_slash_at_the_end_are_no_other_place(
    opens: Callable[..., Terminal], world: World
) -> None:
    terminal = opens()
    for path in (
        f"Microsoft.PowerShell.Core\\FileSystem::{world.folder}/p",
        f"{world.folder}/p/",
        f"{world.folder}//p",
    ):
        terminal.types(f"cd '{path}'")
        assert active(terminal) == f"{world.folder}/p/.venv", path
        terminal.types(f"cd '{world.folder}'")
        assert active(terminal) == ""


# ---- who is no person ----


def test_a_shell_in_constrained_language_mode_loads_it_silently_and_stays_off(
    opens: Callable[..., Terminal],
) -> None:
    terminal = opens(before="$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'")
    assert terminal.first.strip() == ""
    assert terminal.types("cd p") == ""
    assert active(terminal) == ""
    assert terminal.asks("$Error.Count, (Test-Path function:autovenv)") == "0\nFalse"


@pytest.mark.parametrize("word", ["-NonInteractive", "-noni", "-NONINTER"])
def test_a_shell_that_may_not_ask_has_no_hook(opens: Callable[..., Terminal], word: str) -> None:
    terminal = opens(words=(word,))
    terminal.types("cd p")
    assert active(terminal) == ""


def test_a_runspace_of_another_program_has_no_hook(opens: Callable[..., Terminal]) -> None:
    terminal = opens()
    terminal.types(
        "$shell = [powershell]::Create([initialsessionstate]::CreateDefault2()).AddScript("
        "'cd p; $null -ne $function:__autovenv_hook')"
    )
    assert terminal.asks("$shell.Invoke() -join ','") == "False"
    assert active(terminal) == ""


# ---- other people's prompts and events ----

WRAPPED = "$global:Original = $function:prompt; function global:prompt { 'wrapped ' + (& $global:Original) }"


def works(terminal: Terminal) -> None:
    """Say whether the hook does its work in this terminal."""
    terminal.types("cd p")
    assert active(terminal)
    terminal.types("cd ..")
    assert active(terminal) == ""
    assert terminal.asks("$Error.Count") == "0"


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_prompt_that_others_have_wrapped_still_calls_ours(
    opens: Callable[..., Terminal], where: str
) -> None:
    terminal = opens(**{where: WRAPPED})
    works(terminal)
    assert terminal.types("cd p").split(" ")[-3:] in (["(.venv)", "wrapped", ""], ["wrapped", "(.venv)", ""])


def test_the_profile_read_again_below_a_wrapper_does_not_call_itself(opens: Callable[..., Terminal]) -> None:
    terminal = opens()
    terminal.types(WRAPPED)
    for _ in range(3):
        terminal.types(". '{}'".format(terminal.asks("$_AUTOVENV_HOME") + "/hook.ps1"))
        terminal.types(WRAPPED.replace("Original", "Other"))
    works(terminal)


def test_a_prompt_that_is_defined_anew_is_wrapped_at_the_next_cd_and_keeps_its_looks(
    opens: Callable[..., Terminal],
) -> None:
    terminal = opens()
    assert terminal.types("cd p") == "(.venv) "
    assert terminal.types("function prompt { 'mine ready> ' }") == "mine "
    assert terminal.types("cd ..") == "mine "
    assert active(terminal) == ""
    terminal.types("cd p; mkdir made | Out-Null")
    assert active(terminal).endswith("/p/.venv")
    assert terminal.types("$function:prompt.ToString().Contains('__autovenv_prompt')") == "True\nmine "


def test_doctor_and_status_tell_of_a_prompt_that_was_defined_anew(opens: Callable[..., Terminal]) -> None:
    said = "defined anew after the hook was loaded"
    terminal = opens()
    for command in ("autovenv doctor", "autovenv status"):
        assert said not in terminal.types(command)
    terminal.types("function prompt { 'mine ready> ' }")
    for command in ("autovenv doctor", "autovenv status", "cd p", "autovenv doctor"):
        told = terminal.types(command)
        assert (said in told) == command.startswith("autovenv"), told
    # One that a profile defines after our line is nothing to tell of.
    terminal = opens(after="function prompt { 'late ready> ' }")
    assert said not in terminal.types("autovenv doctor")


def test_a_prompt_defined_in_a_later_profile_is_wrapped(opens: Callable[..., Terminal]) -> None:
    terminal = opens(after="function prompt { 'late ready> ' }")
    assert terminal.types("cd p") == "(.venv) late "


def test_conda_renames_the_prompt_and_finds_it_again(opens: Callable[..., Terminal]) -> None:
    backup = (
        "Rename-Item Function:prompt CondaPromptBackup; "
        "function global:prompt { 'conda ' + (CondaPromptBackup) }"
    )
    terminal = opens(after=backup)
    works(terminal)
    terminal = opens()
    terminal.types(backup)
    works(terminal)


def test_the_events_of_others_go_on(opens: Callable[..., Terminal]) -> None:
    other = (
        "$global:Seen = 0; $ExecutionContext.SessionState.InvokeCommand.LocationChangedAction = "
        "[EventHandler[Management.Automation.LocationChangedEventArgs]] { $global:Seen++ }"
    )
    terminal = opens(before=other)
    works(terminal)
    assert terminal.asks("$Seen") == "2"
    # One that takes the event for itself, after us: the prompt sees the change, and joins it again.
    terminal = opens()
    terminal.types(other)
    terminal.types("cd p")
    assert active(terminal)
    assert (
        terminal.asks("cd ..; cd p; $env:VIRTUAL_ENV; cd ..; $env:VIRTUAL_ENV; $Seen").split("\n")[-1] == "4"
    )
    assert active(terminal) == ""


def test_an_event_of_others_that_fails_does_not_stop_ours(opens: Callable[..., Terminal]) -> None:
    terminal = opens()
    terminal.types(
        "$c = $ExecutionContext.SessionState.InvokeCommand; "
        "$theirs = [EventHandler[Management.Automation.LocationChangedEventArgs]] { throw 'theirs' }; "
        "$c.LocationChangedAction = [Delegate]::Combine($c.LocationChangedAction, $theirs)"
    )
    terminal.types("cd p")
    assert active(terminal)


OVER = """
foreach ($name in 'Get-Item', 'Get-History', 'Get-Command', 'Remove-Variable', 'Write-Error', 'Write-Host',
    'Out-Default', 'Test-Path', 'Set-Location', 'Get-Location', 'ForEach-Object', 'Where-Object',
    'Select-Object', 'Register-ArgumentCompleter', 'Get-Alias', 'New-Object') {
    Set-Item -Path "function:global:$name" -Value { throw 'not this one' }
}
Remove-Item function:Out-Default, function:Set-Location
Set-Alias -Name 'Get-Variable' -Value 'nothing-of-that-name' -Scope Global
$global:PSDefaultParameterValues = @{
    '*:ErrorAction' = 'Stop'; '*:WarningAction' = 'Stop'; 'Get-History:Count' = 1
    'Write-Error:Message' = 'no'
}
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$VerbosePreference = 'Continue'
$DebugPreference = 'Continue'
"""


def test_functions_over_every_command_do_not_run_in_their_place(opens: Callable[..., Terminal]) -> None:
    terminal = opens(after=OVER)
    assert terminal.types("Set-Location p") == "(.venv) "
    assert terminal.types("deactivate") == ""
    assert terminal.types("Set-Location ../f") == ""
    made = terminal.types("python3 -m venv --without-pip .venv")
    assert made == "autovenv: you made .venv, so it switches on here by itself from now on\n(.venv) "
    assert terminal.types("false").endswith("(.venv) ")
    assert terminal.types("Set-Location ..") == ""
    for words in ("which", "which -h", "where python3", "off", "on", "status", ""):
        said = terminal.types(f"autovenv {words}")
        assert "Line |" not in said
        assert said or words in ("on", "off")
    assert terminal.types("$Error.Count").strip() == "0"


# ---- consent ----


def test_a_line_of_another_session_lends_nothing(opens: Callable[..., Terminal]) -> None:
    """The history of the session counts, whatever others put into it."""
    terminal = opens()
    terminal.types("cd f")
    terminal.types(
        "$entry = [pscustomobject]@{ CommandLine = 'python3 -m venv .venv'; ExecutionStatus = 'Completed'; "
        "StartExecutionTime = Get-Date; EndExecutionTime = Get-Date }"
    )
    seen = terminal.types("cp -R ../q/.venv .venv; Add-History $entry")
    assert "this .venv is off" in seen
    assert active(terminal) == ""


def test_a_history_that_was_cleared_lends_nothing(opens: Callable[..., Terminal]) -> None:
    terminal = opens()
    terminal.types("cd f")
    assert "this .venv is off" in terminal.types("python3 -m venv --without-pip .venv; Clear-History")
    assert active(terminal) == ""


def test_several_lines_pasted_at_once_are_judged_together(opens: Callable[..., Terminal]) -> None:
    terminal = opens()
    terminal.types("cd f")
    terminal.child.send("cp -R ../q/.venv .venv\rpython3 -m venv --without-pip .venv\r")
    said = terminal._read() + terminal._read()
    assert "this .venv is off" in said
    assert active(terminal) == ""


def test_an_alias_counts_as_what_it_stands_for(opens: Callable[..., Terminal]) -> None:
    terminal = opens(before="Set-Alias py python3; Set-Alias python ./evil")
    terminal.types("cd f")
    assert "you made .venv" in terminal.types("py -m venv --without-pip .venv")


def test_times_to_a_hundred_nanoseconds_are_read_as_the_program_wrote_them(
    opens: Callable[..., Terminal], world: World
) -> None:
    config = os.path.join(world.folder, "p", ".venv", "pyvenv.cfg")
    for nanoseconds in (1_700_000_000_123_456_789, 1_700_000_000_999_999_999, 1_700_000_000_000_000_001):
        os.utime(config, ns=(nanoseconds, nanoseconds))
        world.allow("p")
        before = world.calls()
        terminal = opens()
        terminal.types("cd p")
        assert active(terminal)
        assert world.calls() == before


def test_another_terminals_deny_shows_at_the_next_prompt(
    opens: Callable[..., Terminal], world: World
) -> None:
    terminal = opens()
    assert terminal.types("cd p") == "(.venv) "
    world.deny("p")
    assert terminal.types("") == ""
    assert active(terminal) == ""
