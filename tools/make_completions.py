#!/usr/bin/env python3
"""Write completions/ from the click commands: python tools/make_completions.py [FOLDER]

click's own completion scripts start the program at every Tab, through ``env``, which does not see the shell
function ``autovenv``, and need the program on PATH. The words of autovenv are few and fixed, so they are
written out here instead: Tab starts no program and needs none. A test compares the folder with a fresh run.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

import click

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEAD = "# autovenv completions for {}; written by tools/make_completions.py, do not edit"
SHELLS = "bash zsh fish powershell"


@dataclass(frozen=True)
class Option:
    """An option: its spellings, its help, and what its value is: "", folder or command."""

    names: tuple[str, ...]
    help: str
    value: str


@dataclass(frozen=True)
class Command:
    """A command; ``argument`` says what its arguments are: "", shell, folder, command or line."""

    name: str
    help: str
    options: tuple[Option, ...]
    argument: str


def commands() -> list[Command]:
    """Return the visible commands in the order of ``autovenv --help``."""
    from autovenv.cli import cli

    context = click.Context(cli, info_name="autovenv", **cli.context_settings)
    found = [cli.get_command(context, name) for name in cli.list_commands(context)]
    return [_command(context, each) for each in found if each is not None and not each.hidden]


def main_options() -> tuple[Option, ...]:
    """Return the options of ``autovenv`` itself."""
    from autovenv.cli import cli

    return _options(click.Context(cli, info_name="autovenv", **cli.context_settings), cli)


def _command(parent: click.Context, command: click.Command) -> Command:
    context = click.Context(command, info_name=command.name, parent=parent)
    arguments = [_argument(each) for each in command.params if isinstance(each, click.Argument)]
    summary = command.get_short_help_str(limit=80).rstrip(".")
    return Command(str(command.name), summary, _options(context, command), "".join(arguments))


def _argument(argument: click.Argument) -> str:
    if "SHELL" in str(argument.metavar):
        return "shell"
    if isinstance(argument.type, click.Path):
        return "folder"
    return "line" if argument.nargs == -1 else "command"


def _options(context: click.Context, command: click.Command) -> tuple[Option, ...]:
    listed = [
        each for each in command.get_params(context) if isinstance(each, click.Option) and not each.hidden
    ]
    return tuple(
        Option(tuple(sorted(each.opts, key=len)), (each.help or "").rstrip("."), _value(each))
        for each in listed
    )


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    return "folder" if isinstance(option.type, click.Path) else "command"


# ---- bash ---------------------------------------------------------------------------------------

BASH = r"""
# shellcheck shell=bash
#
# The hook sources this at the first Tab after `autovenv`. bash 3.2 or newer.

# Offer those of the words in $2 that begin with $1.
__autovenv_offer_words() {
  local IFS=' ' word
  for word in $2; do
    if [[ $word == "$1"* ]]; then
      COMPREPLY+=("$word")
    fi
  done
}

# Let bash offer files or folders in its own way ($2: default or dirnames; $3: the same for bash 3.2).
__autovenv_offer_paths() {
  \builtin compopt -o "$2" 2>/dev/null || __autovenv_offer_lines "$3" "$1"
}

# Offer what compgen finds, one a line.
__autovenv_offer_lines() {
  local line
  while IFS='' \builtin read -r line; do
    COMPREPLY+=("$line")
  done < <(\builtin compgen "$1" -- "$2" || \builtin true)
}

# What follows the command: $1 the word so far, $2 the kind, $3 how many arguments stand before it.
__autovenv_offer_argument() {
  case $2 in
    shell) __autovenv_offer_words "$1" '@SHELLS@' ;;
    folder) __autovenv_offer_paths "$1" dirnames -d ;;
    command) __autovenv_offer_lines -c "$1" ;;
    line) if (($3)); then __autovenv_offer_paths "$1" default -f; else __autovenv_offer_lines -c "$1"; fi ;;
    *) ;;
  esac
}

__autovenv_completion() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' kind='' options=''
  local -i at=1 count=0
  COMPREPLY=()
  while ((at < COMP_CWORD)) && [[ ${COMP_WORDS[at]} == -* ]]; do at+=1; done
  ((at < COMP_CWORD)) && command=${COMP_WORDS[at]}
  for ((at += 1; at < COMP_CWORD; at++)); do
    [[ ${COMP_WORDS[at]} == -* ]] || count+=1
  done
  case $command in
    '') options='@OPTIONS@' ;;
@COMMANDS@
    *) \builtin return 0 ;;
  esac
  case "$command $previous" in
@VALUES@
    *) ;;
  esac
  if [[ $current == -* && $kind != line ]]; then
    __autovenv_offer_words "$current" "$options"
  elif [[ -z $command ]]; then
    __autovenv_offer_words "$current" '@NAMES@'
  else
    __autovenv_offer_argument "$current" "$kind" "$count"
  fi
}

\builtin complete -F __autovenv_completion autovenv
"""


def bash() -> str:
    """Return the completion file for bash, which needs no library."""
    known = commands()
    cases = [f"    {each.name}) kind='{each.argument}' options='{_names(each.options)}' ;;" for each in known]
    offer = '__autovenv_offer_argument "$current" {} 0 && \\builtin return 0 ;;'
    values = [
        f"    '{each.name} {name}') {offer.format(option.value)}"
        for each in known
        for option in each.options
        if option.value
        for name in option.names
    ]
    return HEAD.format("bash") + _filled(
        BASH,
        SHELLS=SHELLS,
        OPTIONS=_names(main_options()),
        COMMANDS="\n".join(cases),
        VALUES="\n".join(values),
        NAMES=" ".join(each.name for each in known),
    )


def _names(options: tuple[Option, ...]) -> str:
    return " ".join(name for option in options for name in option.names)


def _filled(template: str, **words: str) -> str:
    for name, text in words.items():
        template = template.replace(f"@{name}@", text)
    return template


# ---- zsh ----------------------------------------------------------------------------------------

ZSH = r"""
#
# An autoloaded function: its folder is on fpath, and compdef names it.

_autovenv() {
  local curcontext=$curcontext state line
  local -A opt_args
  local -a names
  _arguments -C \
@OPTIONS@ \
    '1: :->command' \
    '*:: :->rest' && return 0
  case $state in
    (command)
      names=(
@NAMES@
      )
      _describe -t commands 'autovenv command' names
      ;;
    (rest)
      case $words[1] in
@COMMANDS@
      esac
      ;;
  esac
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
  _autovenv "$@"
else
  compdef _autovenv autovenv
fi
"""
ZSH_KINDS = {
    "shell": f"'*:shell:({SHELLS})'",
    "folder": "'*:folder:_files -/'",
    "command": "'1:command:_command_names'",
    "line": "'*::command:_normal'",
}


def zsh() -> str:
    """Return the completion function for zsh."""
    known = commands()
    names = [f"        {_single(each.name + ':' + each.help)}" for each in known]
    return (
        "#compdef autovenv\n"
        + HEAD.format("zsh")
        + _filled(
            ZSH,
            OPTIONS=" \\\n".join(f"    {_zsh_option(option, alone=True)}" for option in main_options()),
            NAMES="\n".join(names),
            COMMANDS="\n".join(_zsh_command(each) for each in known),
        )
    )


def _zsh_command(command: Command) -> str:
    words = [_zsh_option(option) for option in command.options]
    if command.argument:
        words.append(ZSH_KINDS[command.argument])
    listed = "".join(f" \\\n            {word}" for word in words)
    return f"        ({command.name})\n          _arguments{listed}\n          ;;"


def _zsh_option(option: Option, *, alone: bool = False) -> str:
    value = {"": "", "folder": ":folder:_files -/", "command": ":command:_command_names"}[option.value]
    text = "".join("\\" + letter if letter in "[]:\\" else letter for letter in option.help)
    rest = _single(f"[{text}]{value}")
    if len(option.names) == 1:
        return f"{option.names[0]}{rest}"
    apart = "(- *)" if alone else "(" + " ".join(option.names) + ")"
    return f"'{apart}'{{{','.join(option.names)}}}{rest}"


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# ---- fish ---------------------------------------------------------------------------------------

FISH_KINDS = {
    "shell": f"'{SHELLS}'",
    "folder": "'(__fish_complete_directories)'",
    "command": "'(__fish_complete_command)'",
    "line": "'(__fish_complete_subcommand --fcs-skip=2)'",
}


def fish() -> str:
    """Return the completion file for fish, which loads it by its name at the first Tab."""
    lines = [HEAD.format("fish"), "", "complete -c autovenv -f"]
    first = "-n __fish_use_subcommand"
    lines += [f"complete -c autovenv {first}{_fish_option(option)}" for option in main_options()]
    for each in commands():
        here = f"-n '__fish_seen_subcommand_from {each.name}'"
        lines += ["", f"complete -c autovenv {first} -a {each.name} -d {_fish_quoted(each.help)}"]
        lines += [f"complete -c autovenv {here}{_fish_option(option)}" for option in each.options]
        if each.argument:
            lines.append(f"complete -c autovenv {here} -a {FISH_KINDS[each.argument]}")
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    names = "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names
    )
    value = f" -x -a {FISH_KINDS[option.value]}" if option.value else ""
    return f"{names}{value} -d {_fish_quoted(option.help)}"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


# ---- PowerShell ---------------------------------------------------------------------------------

POWERSHELL = r"""
#
# The hook dot-sources this at the first Tab after `autovenv`. Windows PowerShell 5.1 or newer.

# Offer those of the names in $table that begin with $word; their values are shown as help.
function global:__autovenv_offer_words([string]$word, [Collections.IDictionary]$table) {
    foreach ($name in $table.Keys) {
        if ($name.StartsWith($word, [StringComparison]::OrdinalIgnoreCase)) {
            [Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $table[$name])
        }
    }
}

# What follows the command: the word so far, the kind, and how many arguments stand before it.
function global:__autovenv_offer_argument([string]$word, [string]$kind, [int]$count) {
    switch ($kind) {
        'shell' { __autovenv_offer_words $word ([ordered]@{ @SHELLS@ }) }
        'folder' {
            foreach ($result in [Management.Automation.CompletionCompleters]::CompleteFilename($word)) {
                if ($result.ResultType -eq 'ProviderContainer') { $result }
            }
        }
        'command' { [Management.Automation.CompletionCompleters]::CompleteCommand($word) }
        'line' {
            if ($count -gt 0) { [Management.Automation.CompletionCompleters]::CompleteFilename($word) }
            else { [Management.Automation.CompletionCompleters]::CompleteCommand($word) }
        }
    }
}

# $word: the word so far; $ast: the whole command; $position: where the cursor is.
function global:__autovenv_completion([string]$word, $ast, [int]$position) {
    $names = [ordered]@{
@NAMES@
    }
    $kinds = @{
@KINDS@
    }
    $options = @{
@OPTIONS@
    }
    $values = @{
@VALUES@
    }
    $before = @(
        foreach ($element in $ast.CommandElements) {
            if ($element.Extent.EndOffset -lt $position) { $element.Extent.Text }
        }
    )
    $command = ''
    $previous = ''
    $count = 0
    for ($at = 1; $at -lt $before.Count; $at++) {
        $previous = $before[$at]
        if ($previous.StartsWith('-')) { continue }
        if ($command) { $count++ } else { $command = $previous }
    }
    $kind = [string]$kinds[$command]
    if ($values.ContainsKey("$command $previous")) {
        __autovenv_offer_argument $word $values["$command $previous"] 0
    } elseif ($word.StartsWith('-') -and $kind -cne 'line' -and $options.ContainsKey($command)) {
        __autovenv_offer_words $word $options[$command]
    } elseif (-not $command) {
        __autovenv_offer_words $word $names
    } else {
        __autovenv_offer_argument $word $kind $count
    }
}

Microsoft.PowerShell.Core\Register-ArgumentCompleter -Native -CommandName 'autovenv' -ScriptBlock {
    __autovenv_completion $args[0] $args[1] $args[2]
}
"""


def powershell() -> str:
    """Return the completion file for PowerShell, in ASCII."""
    known = commands()
    options = {"": main_options(), **{each.name: each.options for each in known}}
    values = {
        f"{each.name} {name}": option.value
        for each in known
        for option in each.options
        if option.value
        for name in option.names
    }
    return HEAD.format("PowerShell") + _filled(
        POWERSHELL,
        SHELLS="; ".join(f"{_doubled(name)} = {_doubled(name)}" for name in SHELLS.split()),
        NAMES=_table({each.name: each.help for each in known}),
        KINDS=_table({each.name: each.argument for each in known}),
        VALUES=_table(values),
        OPTIONS="\n".join(
            f"        {_doubled(name)} = [ordered]@{{\n"
            + _table({spelling: option.help for option in each for spelling in option.names}, deep=12)
            + "\n        }"
            for name, each in options.items()
        ),
    )


def _table(words: dict[str, str], *, deep: int = 8) -> str:
    return "\n".join(f"{' ' * deep}{_doubled(name)} = {_doubled(text)}" for name, text in words.items())


def _doubled(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# ---- all ----------------------------------------------------------------------------------------


def files() -> dict[str, str]:
    """Return the text of every completion file by its name."""
    return {
        "autovenv.bash": bash(),
        "_autovenv": zsh(),
        "autovenv.fish": fish(),
        "autovenv.ps1": powershell(),
    }


def main(arguments: list[str]) -> int:
    """Write the files into the folder, completions/ by default."""
    folder = arguments[0] if arguments else os.path.join(ROOT, "completions")
    for name, text in files().items():
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, os.path.join(ROOT, "src"))
    sys.exit(main(sys.argv[1:]))
