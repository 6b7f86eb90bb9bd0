"""The checks of Windows, over an injected registry and environment (not run on a Windows machine yet)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autovenv.finding import Finding, Result
from autovenv.search_windows import CMD_LIMIT, variable
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from autovenv.facts import ShellFacts
    from autovenv.pep514 import Registry

_POLICY = r"Software\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell"
_GROUP = r"Software\Policies\Microsoft\Windows\PowerShell"
_PROCESSOR = r"Software\Microsoft\Command Processor"
_BLOCKS = ("restricted", "allsigned")


def findings(registry: Registry, environ: Mapping[str, str], *, powershell: bool) -> Iterator[Finding]:
    """Yield what the checks of Windows found; the execution policy counts for who uses ``powershell``."""
    yield path_length(variable(environ, "PATH"))
    if powershell:
        yield execution_policy(scopes(registry))
    yield from auto_run({hive: registry.value(hive, _PROCESSOR, "AutoRun") for hive in ("HKLM", "HKCU")})


def macros(known: ShellFacts) -> Iterator[Finding]:
    """Are the hook's macros in the console that a cmd asks from?"""
    if known.macros == "loaded":
        yield Finding("macros", Result.OK, "this console has the hook's macros over cd and its like")
    elif known.macros == "missing":
        fact = "this console has none of the hook's macros, so cmd does not see a change of folder"
        yield Finding("macros", Result.FAIL, fact, r'"%LOCALAPPDATA%\autovenv\cmd\autorun.bat"')


def path_length(path: str) -> Finding:
    """cmd takes no notice of a PATH over 8191 characters, though where.exe still searches it."""
    if len(path) > CMD_LIMIT:
        fact = f"PATH has {len(path)} characters: cmd ignores one over {CMD_LIMIT}"
        return Finding("PATH", Result.FAIL, fact, "take entries out: Settings > Edit environment variables")
    return Finding("PATH", Result.OK, f"{len(path)} characters, cmd takes {CMD_LIMIT}")


def scopes(registry: Registry) -> dict[str, str]:
    """Return the execution policies that the registry gives, by scope.

    Without the scope Process (the variable PSExecutionPolicyPreference), which a shell hands to its children
    and which says nothing about the next terminal.
    """
    places = {
        "MachinePolicy": ("HKLM", _GROUP),
        "UserPolicy": ("HKCU", _GROUP),
        "CurrentUser": ("HKCU", _POLICY),
        "LocalMachine": ("HKLM", _POLICY),
    }
    return {scope: registry.value(hive, key, "ExecutionPolicy") for scope, (hive, key) in places.items()}


def execution_policy(known: Mapping[str, str]) -> Finding:
    """Judge by the first scope that says something; else a Windows client is Restricted.

    (about_Execution_Policies)
    """
    order = ("MachinePolicy", "UserPolicy", "CurrentUser", "LocalMachine")
    scope = next((one for one in order if known.get(one, "") not in ("", "Undefined")), "")
    policy = known.get(scope, "") or "Restricted"
    if policy.lower() not in _BLOCKS:
        return Finding(
            "execution policy", Result.OK, f"{shown(policy)}: Windows PowerShell reads its profile"
        )
    why = f"by {scope}" if scope else "by default"
    fact = f"{shown(policy)} ({why}): Windows PowerShell does not read its profile, so no hook"
    if scope in ("MachinePolicy", "UserPolicy"):
        return Finding("execution policy", Result.FAIL, fact, "your administrator decides this; ask there")
    remedy = "Set-ExecutionPolicy -Scope CurrentUser RemoteSigned"
    return Finding("execution policy", Result.FAIL, fact, remedy)


def auto_run(values: Mapping[str, str]) -> Iterator[Finding]:
    """The lines that every cmd runs at its start, ours among them."""
    for hive, value in values.items():
        text = value.strip()
        if text.startswith("&"):
            fact = f"AutoRun in {hive} begins with &, so cmd does not start: {shown(text[:60])}"
            yield Finding("AutoRun", Result.FAIL, fact, f'reg delete "{hive}\\{_PROCESSOR}" /v AutoRun')
        unguarded = text.lower().startswith("if ") and "&" in text
        if unguarded:
            fact = f"AutoRun in {hive} begins with an if that takes in all that follows: {shown(text[:60])}"
            yield Finding("AutoRun", Result.NOTE, fact, "put parentheses around its first command")
    own = values.get("HKCU", "")
    if "autovenv" in own.lower():
        yield Finding("AutoRun", Result.OK, "cmd loads autovenv")
    elif own:
        fact = f"AutoRun holds another's line and none of autovenv: {shown(own[:60])}"
        yield Finding("AutoRun", Result.NOTE, fact, "autovenv install-hook cmd")
