"""The hook as the engine's own parser reads it: what 5.1 has, and nothing that could be taken over.

`Invoke-ScriptAnalyzer` cannot run on the engine, and knows nothing of a hot path; these rules count here.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from conftest import program as find_program

ROOT = Path(__file__).parents[2]
FILES = {
    "start": ROOT / "shims" / "hook.ps1",
    "hook": ROOT / "shims" / "hook-main.ps1",
    "completions": ROOT / "completions" / "autovenv.ps1",
}
ANALYSE = Path(__file__).with_name("analyse.ps1")

# What .NET Framework 4.5 has, which Windows PowerShell 5.1 runs on.
STATIC = {
    "IO.File": {"Exists", "ReadAllText", "GetLastWriteTimeUtc"},
    "IO.Directory": {"Exists"},
    "IO.FileInfo": {"new"},
    "IO.Path": {"GetDirectoryName"},
    "Environment": {"GetEnvironmentVariable", "SetEnvironmentVariable", "GetCommandLineArgs"},
    "string": {"Equals", "Join"},
    "object": {"ReferenceEquals"},
    "type": {"GetType"},
    "regex": {"Replace"},
    "Math": {"Floor", "Max", "Min"},
    "Delegate": {"Combine", "Remove"},
    "Diagnostics.Process": {"Start"},
    "Diagnostics.ProcessStartInfo": {"new"},
    "Collections.Generic.HashSet[string]": {"new"},
    "Collections.Generic.List[string]": {"new"},
    "Collections.Generic.List[scriptblock]": {"new"},
    "Management.Automation.WildcardPattern": {"Escape"},
    "Management.Automation.CompletionResult": {"new"},
    "Management.Automation.CompletionCompleters": {"CompleteFilename", "CompleteCommand"},
}
METHODS = {
    *(
        "Add",
        "Close",
        "Contains",
        "ContainsKey",
        "EndsWith",
        "Exists",
        "Get",
        "GetInvocationList",
        "GetValue",
        "IndexOf",
        "LastIndexOf",
    ),
    *(
        "ReadToEnd",
        "Remove",
        "RemoveAt",
        "Replace",
        "Set",
        "Split",
        "StartsWith",
        "Substring",
        "ToArray",
        "ToLowerInvariant",
        "ToString",
    ),
    *("ToUniversalTime", "TrimEnd", "TrimStart", "WaitForExit", "Write", "WriteErrorLine", "WriteLine"),
}
# Types that only later versions have stand behind a question for the version.
LATER = {"System.EventHandler[System.Management.Automation.LocationChangedEventArgs]"}
CMDLETS = {
    "Microsoft.PowerShell.Core\\Get-History",
    "Microsoft.PowerShell.Core\\Get-Command",
    "Microsoft.PowerShell.Core\\Register-ArgumentCompleter",
    "Microsoft.PowerShell.Management\\Get-Item",
    "Microsoft.PowerShell.Utility\\Remove-Variable",
    "Microsoft.PowerShell.Utility\\Write-Error",
}
# Functions with a cmdlet in them: none is called at an idle prompt, nor at a cd in or out.
WITH_CMDLETS = {
    "__autovenv_recorded",
    "__autovenv_alias",
    "__autovenv_same",
    "__autovenv_adopt",
    "prompt",
    "",
}


def findings(file: Path) -> list[tuple[str, int, str]]:
    """Return (rule, line, text) of each finding."""
    done = subprocess.run(
        [find_program("pwsh"), "-NoProfile", "-File", str(ANALYSE)],
        env={**os.environ, "FILE": str(file)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    rows = [line.split("\t", 2) for line in done.stdout.splitlines() if line]
    assert rows
    return [
        (rule, int(number), text.removeprefix("System.") if rule == "static" else text)
        for rule, number, text in rows
    ]


@pytest.fixture(scope="module", params=FILES)
def found(request: pytest.FixtureRequest) -> list[tuple[str, int, str]]:
    """The findings in each file."""
    return findings(FILES[request.param])


@pytest.fixture(scope="module")
def start() -> list[tuple[str, int, str]]:
    """The findings in what a start needs."""
    return findings(FILES["start"])


@pytest.fixture(scope="module")
def hook() -> list[tuple[str, int, str]]:
    """The findings in the hook."""
    return findings(FILES["hook"])


def test_nothing_in_it_is_newer_than_windows_powershell(found: list[tuple[str, int, str]]) -> None:
    rules = {"parse", "syntax", "escape", "number", "variable"}
    assert [one for one in found if one[0] in rules] == []


def test_it_calls_only_what_the_older_dotnet_has(found: list[tuple[str, int, str]]) -> None:
    static = [text.rpartition("::")[::2] for rule, _, text in found if rule == "static"]
    assert [one for one in static if one[1] not in STATIC.get(one[0], set())] == []
    assert {text for rule, _, text in found if rule == "method"} <= METHODS


def test_it_runs_no_command_that_could_be_another(found: list[tuple[str, int, str]]) -> None:
    """Only functions of ours, and cmdlets by their module, with every parameter named."""
    assert [
        one for one in found if one[0] in {"command", "dynamic", "positional", "operator", "environment"}
    ] == []
    assert {text for rule, _, text in found if rule == "cmdlet"} <= CMDLETS


def test_paths_are_compared_by_their_letters_alone(found: list[tuple[str, int, str]]) -> None:
    assert [one for one in found if one[0] == "compare"] == []


def test_what_it_calls_by_reference_is_known(hook: list[tuple[str, int, str]]) -> None:
    assert Counter(text for rule, _, text in hook if rule == "call-Ampersand") == {
        "& $program @words": 1,
        "& $_AUTOVENV_INNER": 1,
    }
    assert [text for rule, _, text in hook if rule == "call-Dot"] == [
        ". ($global:_AUTOVENV_HOME + '/completions/autovenv.ps1')"
    ]
    assert sum(text == "Diagnostics.Process::Start" for _, _, text in hook) == 1


def test_a_start_reads_the_hook_and_runs_no_other_command(start: list[tuple[str, int, str]]) -> None:
    called = [text for rule, _, text in start if rule.startswith("call-") or rule == "cmdlet"]
    assert called == [". $file"]
    assert "Diagnostics.Process::Start" not in {text for _, _, text in start}


def test_a_type_in_brackets_has_its_full_name(
    start: list[tuple[str, int, str]], hook: list[tuple[str, int, str]]
) -> None:
    """Without `System.`, a name that is not PowerShell's own short one is sought in every assembly at once.

    That took 13 ms, once (7.6).
    """
    short = {"scriptblock", "string", "object", "switch", "bool", "int", "long", "char", "regex"}
    short |= {"NullString"}
    names = {text.removesuffix("[]") for rule, _, text in [*start, *hook] if rule == "type"}
    assert {name for name in names - short if not name.startswith("System.")} == set()


def test_a_start_compiles_few_kinds_of_operation(start: list[tuple[str, int, str]]) -> None:
    """It asks for files by one conversion; calls are in functions, for later or for few."""
    types = {text for rule, _, text in start if rule == "type"}
    own = {"scriptblock", "string"}  # [object] takes 5 ms more than a full name (7.6)
    assert types == own | {"System.Delegate", "System.IO.File", "System.IO.FileInfo"}
    calls = Counter((rule, text) for rule, _, text in start if rule in {"static", "method"})
    assert calls == {
        ("static", "Delegate::Remove"): 1,
        ("static", "IO.File::Exists"): 2,
        ("method", "WriteErrorLine"): 1,
        ("method", "Replace"): 1,
        ("static", "Delegate::Combine"): 1,
    }
    assert all(function_at(number, "start") for rule, number, _ in start if rule in {"static", "method"})
    # A number is paid for wherever it stands, as it is read.
    lines = FILES["start"].read_text(encoding="ascii").splitlines()
    code = [re.sub(r"'[^']*'", "''", line).partition("#")[0] for line in lines]
    assert [line for line in code if re.search(r"\d", line)] == []


def test_no_cmdlet_on_the_way_of_every_prompt_and_cd(hook: list[tuple[str, int, str]]) -> None:
    inside = {function_at(number) for rule, number, _ in hook if rule == "cmdlet"}
    assert inside == WITH_CMDLETS


def function_at(number: int, name: str = "hook") -> str:
    """Return the name of the function that a line of a file is in, "" for none."""
    lines = FILES[name].read_text(encoding="ascii").splitlines()
    for line in reversed(lines[:number]):
        if line == "}":
            return ""
        if match := re.match(r" *function (?:global:)?(\w+)", line):
            return match[1]
    return ""


def test_newer_types_stand_behind_a_question_for_the_version(hook: list[tuple[str, int, str]]) -> None:
    later = [(number, text) for rule, number, text in hook if rule == "type" and "LocationChanged" in text]
    assert {text for _, text in later} == LATER
    assert {function_at(number) for number, _ in later} == {"__autovenv_listen"}
    body = FILES["hook"].read_text(encoding="ascii").partition("function global:__autovenv_listen {\n")[2]
    assert body.lstrip().startswith("if ($PSVersionTable.PSVersion.Major -lt 7) { return }")


@pytest.mark.parametrize("name", FILES)
def test_it_is_ascii_with_newlines_alone(name: str) -> None:
    text = FILES[name].read_bytes()
    assert text.isascii()
    assert b"\r" not in text
    assert b"\t" not in text
    assert max(map(len, text.splitlines())) <= 150


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("$x = 1 ? 2 : 3", "syntax"),
        ("$x = $y ?? 1", "syntax"),
        ("$x ??= 1", "syntax"),
        ("${x}?.Length", "syntax"),
        ("${x}?[0]", "syntax"),
        ("Get-Item x && Get-Item y", "syntax"),
        ("Get-Item x &", "syntax"),
        ("using namespace System", "syntax"),
        ("class A { }", "syntax"),
        ("function f { clean { } }", "syntax"),
        ('"`u{20}"', "escape"),
        ('"`e[1m"', "escape"),
        ("$x = 1u", "number"),
        ("$IsWindows", "variable"),
        ("ls", "command"),
        ("Get-Item -Path x", "command"),
        ("Invoke-Expression x", "command"),
        ("Microsoft.PowerShell.Management\\Get-Item x", "positional"),
        ("& $x", "call-Ampersand"),
        (". $x", "call-Dot"),
        ("$x -eq $y", "compare"),
        ("$x -match 'y'", "operator"),
        ("$env:X = 1", "environment"),
        ("$x.$y()", "dynamic"),
        ("[IO.Path]::GetRelativePath(1, 2)", "static"),
        ("if (", "parse"),
    ],
)
def test_the_rules_find_what_they_are_for(text: str, rule: str, tmp_path: Path) -> None:
    (tmp_path / "bad.ps1").write_text(text + "\n")
    assert rule in {one[0] for one in findings(tmp_path / "bad.ps1")}
