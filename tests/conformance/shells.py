"""How each shell spells the verbs of the table: data for the harness, which knows no shell by name.

A sixth shell is one more record in SHELLS. A verb that a shell cannot spell is left out of its record; the
cases that use it then declare the deviation beside themselves.
"""

from __future__ import annotations

import os
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autovenv.paths import HOOKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.world import World

    Verb = Callable[["Shell", World, Any], str]

PLAIN = frozenset((string.ascii_letters + string.digits + "_./-").encode())
POWERSHELL_PLAIN = frozenset(bytes([byte]) for byte in PLAIN)
VARIABLES = (
    "VIRTUAL_ENV",
    "PATH",
    "PWD",
    "VIRTUAL_ENV_PROMPT",
    "PYTHONHOME",
    "_AUTOVENV_ACTIVE",
    "CONDA_PREFIX",
)


@dataclass(frozen=True, slots=True)
class Shell:
    """One shell. Every line that it spells is ASCII, whatever bytes the paths hold."""

    name: str
    quote: Callable[[str], str]
    """A path or a value as one word of the shell's language."""
    files: Callable[[Shell, World, str, str], Mapping[str, str]]
    """The start-up files of the home (path below it: text), from the lines before and after the hook's."""
    hook_line: str
    """The line that loads the hook file, given as {file}."""
    hook_line_evaluated: str
    """The line that people paste instead, with the program given as {program}."""
    rc: str
    """The start-up file, below the home, that `source_rc_again` reads."""
    probe: str
    """Writes status and variables, each ended by NUL, to {file}, and changes nothing."""
    interactive: tuple[str, ...] = ("-i",)
    verbs: Mapping[str, Verb] = field(default_factory=dict)
    named: str = ""
    """What `autovenv` calls it, if not by the name of its program."""
    spells_bytes: bool = True
    """Whether its words can hold bytes that are no text."""

    @property
    def hook(self) -> str:
        """The name of its hook file."""
        return HOOKS[self.named or self.name]

    def spell(self, world: World, verb: str, argument: Any) -> str:
        """Return the line to type. Raises MissingVerbError if this shell has no spelling for the verb."""
        try:
            how = self.verbs[verb]
        except KeyError:
            raise MissingVerbError(f"{self.name} has no spelling for {verb}") from None
        return how(self, world, argument)

    def word(self, world: World, text: str) -> str:
        """Return the path that the table calls ``text`` as one word."""
        return self.quote(world.path(text))


class MissingVerbError(LookupError):
    """A case uses a verb that this shell cannot spell, and does not say so."""


def quote_ansi_c(text: str) -> str:
    """Quote for bash and zsh: `$'…'` with octal escapes, which no setting of either reads differently."""
    data = os.fsencode(text)
    if data and PLAIN.issuperset(data):
        return data.decode()
    return "$'" + "".join(chr(byte) if byte in PLAIN else f"\\{byte:03o}" for byte in data) + "'"


def quote_fish(text: str) -> str:
    """Quote for fish: outside quotes, `\\XHH` is a raw byte."""
    data = os.fsencode(text)
    return "".join(chr(byte) if byte in PLAIN else f"\\X{byte:02x}" for byte in data) or "''"


def quote_powershell(text: str) -> str:
    """Quote for PowerShell 7: in double quotes, a backquote and u{X} is a character. Bytes that are no text
    come as U+FFFD, which is how it sees them itself.
    """
    shown = os.fsencode(text).decode("utf-8", "replace")
    return '"' + "".join(c if c.encode() in POWERSHELL_PLAIN else f"`u{{{ord(c):x}}}" for c in shown) + '"'


# ---- spellings ------------------------------------------------------------------------------------


def line(pattern: str) -> Verb:
    """Return a verb whose line is ``pattern``; {a} in it is the argument as one word, {raw} as it stands."""

    def spell(shell: Shell, world: World, argument: Any) -> str:
        word = shell.word(world, argument) if isinstance(argument, str) else ""
        return pattern.format(
            a=word,
            raw=argument,
            shell=shell.name,
            mark=world.mark,
            home=shell.quote(world.home),
            rc=shell.quote(os.path.join(world.home, shell.rc)),
            hook=shell.quote(os.path.join(world.state, shell.hook)),
            launcher=shell.quote(os.path.join(world.state, "launcher")),
            base=shell.quote(world.search),
            root=shell.quote(world.root),
            bare=world.root,
        )

    return spell


def pair(pattern: str) -> Verb:
    """Return a verb for two paths, {a} and {b}."""

    def spell(shell: Shell, world: World, argument: Any) -> str:
        first, second = (shell.word(world, text) for text in argument)
        return pattern.format(a=first, b=second)

    return spell


def assignments(pattern: str, joint: str = "; ") -> Verb:
    """Return a verb for a table of variables: {name} and {value} for each."""

    def spell(shell: Shell, world: World, argument: Any) -> str:
        return joint.join(pattern.format(name=n, value=shell.word(world, v)) for n, v in argument.items())

    return spell


def inside(path: str, pattern: str) -> Verb:
    """Return a verb for a file in the folder that is its argument: {a} is the whole path as one word."""

    def spell(shell: Shell, world: World, argument: Any) -> str:
        return pattern.format(a=shell.quote(os.path.join(world.path(argument), path)))

    return spell


def chain(*verbs: str) -> Verb:
    """Return a verb that is several others on one line, all with its own argument."""

    def spell(shell: Shell, world: World, argument: Any) -> str:
        return "; ".join(shell.spell(world, verb, argument) for verb in verbs)

    return spell


def typed(_shell: Shell, _world: World, argument: Any) -> str:
    """Spell a line that is the same in all shells: only external programs with plain words."""
    return str(argument)


def noninteractive(feed: Mapping[str, str], visit: str) -> Verb:
    """Return the verb that has a non-interactive shell visit a folder, fed in one of several ways."""

    def spell(shell: Shell, world: World, argument: Any) -> str:
        way, folder = argument
        rc, hook = os.path.join(world.home, shell.rc), os.path.join(world.state, shell.hook)
        body = visit.format(a=shell.word(world, folder), rc=shell.quote(rc), hook=shell.quote(hook))
        script = os.path.join(world.root, "script")
        with open(script, "w", encoding="ascii") as file:
            file.write(body + "\n")
        return feed[way].format(body=shell.quote(body), script=shell.quote(script), shell=shell.name)

    return spell


FEEDS = {"command": "{shell} -c {body}", "script": "{shell} {script}", "stdin": "{shell} <{script}"}

# The shell of the pane waits until its output is read. It is a login shell, as tmux starts them.
PANE = (
    "tmux -S {root}/s -f {root}/tmux.conf new-session -d -x 4000 -y 50 "
    "'tmux wait-for read; exec {shell} -l' \\; "
    "pipe-pane 'cat >{root}/pane' \\; wait-for -S read"
)

EXTERNAL: dict[str, Verb] = {
    "tmux_pane": line(PANE),
    "typed": typed,
    "enter": line(""),
    "cd": line("cd -- {a}"),
    "cd_back": line("cd -"),
    "pushd": line("pushd {a}"),
    "popd": line("popd"),
    "make_venv": line("python3 -m venv --without-pip {a}"),
    "remove": line("rm -rf -- {a}"),
    "remove_and_fail": line("rm -rf -- {a}; {shell} -c 'exit 9'"),
    "make_venv_clear": line("python3 -m venv --clear --without-pip {a}"),
    "move": pair("mv -- {a} {b}"),
    "link": pair("ln -s -- {a} {b}"),
    "touch": line("touch -- {a}"),
    "deactivate": line("deactivate"),
    "autovenv_off": line("autovenv off"),
    "autovenv_on": line("autovenv on"),
    "allow": line("autovenv allow"),
    "deny": line("autovenv deny"),
    "fail": line("{shell} -c 'exit {raw}'"),
    "subshell": line("{shell}"),
    "login_shell": line("{shell} -l"),
    "exec_shell": line("exec {shell}"),
    "exec_login_shell": line("exec {shell} -l"),
    "leave": line("exit"),
    "source_rc_again": line(". {rc}"),
    "source_hook_again": line(". {hook}"),
    "noninteractive": noninteractive(
        FEEDS, "cd {a}; . {rc}; . {hook}; printf 'value=%s\\n' \"$VIRTUAL_ENV\""
    ),
}

POSIX: dict[str, Verb] = {
    **EXTERNAL,
    "activate_script": line("source {a}/bin/activate"),
    "set": assignments("export {name}={value}"),
    "unset": line("unset {raw}"),
    "path_prepend": line("PATH={a}:$PATH"),
    "path_append": line("PATH=$PATH:{a}"),
    "path_remove": line('gone={a} PATH=:$PATH: PATH=${{PATH/:"$gone":/:}} PATH=${{PATH#:}} PATH=${{PATH%:}}'),
    "path_save": line("saved=$PATH"),
    "path_restore": line("PATH=$saved"),
    "leave_by_hand": line("unset VIRTUAL_ENV"),
    "conda_activate": line("export CONDA_PREFIX={a} CONDA_DEFAULT_ENV=science; PATH={a}/bin:$PATH"),
    "conda_deactivate": line("unset CONDA_PREFIX CONDA_DEFAULT_ENV"),
    "in_substitution": line('value=$(cd -- {a}; printf %s "$VIRTUAL_ENV"); printf \'value=%s\\n\' "$value"'),
    "in_subshell": line("(cd -- {a}; printf 'value=%s\\n' \"$VIRTUAL_ENV\")"),
    "cd_and_ask": line("cd -- {a} && printf 'value=%s\\n' \"$VIRTUAL_ENV\""),
    "cd_nowhere": line("cd -- {a} 2>/dev/null"),
    "cd_twice": pair("cd -- {a} && cd -- {b}"),
    "own_cd": line('cd() {{ builtin cd "$@"; }}'),
}

BASH: dict[str, Verb] = {
    **POSIX,
    "prompt_expands_nothing": line("shopt -u promptvars"),
    "theme_rebuilds_prompt": line("PROMPT_COMMAND+=($'PS1=\"theme {mark}# \"')"),
    "theme_draws_venv": line("PS1='${{VIRTUAL_ENV:+[${{VIRTUAL_ENV##*/}}] }}'$PS1"),
    "strict": line("set -u -o pipefail -o noclobber; shopt -s nullglob"),
    "odd_settings": line("IFS=/; export LC_ALL=C; shopt -s nocasematch nocaseglob dotglob extglob"),
}

ZSH: dict[str, Verb] = {
    **POSIX,
    "theme_rebuilds_prompt": line("theme() {{ PS1='theme {mark}# ' }}; precmd_functions+=(theme)"),
    "theme_draws_venv": line("setopt prompt_subst; PS1='${{VIRTUAL_ENV:+[${{VIRTUAL_ENV:t}}] }}'$PS1"),
    "prompt_expands_nothing": line("unsetopt prompt_subst prompt_percent"),
    "strict": line("set -u -o pipefail -o noclobber; setopt null_glob"),
    "odd_settings": line("IFS=/; export LC_ALL=C; setopt sh_word_split ksh_arrays"),
}

FISH: dict[str, Verb] = {
    **EXTERNAL,
    "activate_script": line("source {a}/bin/activate.fish"),
    "set": assignments("set -gx {name} {value}"),
    "unset": line("set -e {raw}"),
    "path_prepend": line("set -gx PATH {a} $PATH"),
    "path_append": line("set -gx PATH $PATH {a}"),
    "path_remove": line("set -gx PATH (string match -v -- {a} $PATH)"),
    "path_save": line("set -g saved $PATH"),
    "path_restore": line("set -gx PATH $saved"),
    "leave_by_hand": line("set -e VIRTUAL_ENV"),
    "conda_activate": line(
        "set -gx CONDA_PREFIX {a}; set -gx CONDA_DEFAULT_ENV science; set -gx PATH {a}/bin $PATH"
    ),
    "conda_deactivate": line("set -e CONDA_PREFIX; set -e CONDA_DEFAULT_ENV"),
    # A cd in a command substitution persists in fish: come back in it.
    "in_substitution": line(
        "set here $PWD; set value (cd -- {a}; printf %s \"$VIRTUAL_ENV\"; cd $here); "
        "printf 'value=%s\\n' \"$value\""
    ),
    "in_subshell": line("fish -c 'cd -- {a}; printf \"value=%s\\n\" \"$VIRTUAL_ENV\"'"),
    "cd_and_ask": line("cd -- {a} && printf 'value=%s\\n' \"$VIRTUAL_ENV\""),
    "cd_nowhere": line("cd -- {a} 2>/dev/null"),
    "cd_twice": pair("cd -- {a} && cd -- {b}"),
    "own_cd": line("function cd; builtin cd $argv; end"),
    "theme_rebuilds_prompt": line("function theme --on-event fish_prompt; function fish_prompt; "
                                  "printf 'theme {mark}#%s.%s# ' $_harness_id $_harness_lines; end; end"),
    "theme_draws_venv": line("functions -c fish_prompt bare; function fish_prompt; "
                             "test -z \"$VIRTUAL_ENV\"; or printf '[.venv] '; bare; end"),
    "strict": line("true"),
    "odd_settings": line("set -gx LC_ALL C; set -g IFS /"),
}  # fmt: skip


def powershell_cd(shell: Shell, world: World, argument: Any) -> str:
    """Spell a cd in PowerShell, where what stands before a colon is a drive."""
    path = world.path(argument)
    return "cd -LiteralPath " + shell.quote(f"./{path}" if ":" in path and not os.path.isabs(path) else path)


POWERSHELL: dict[str, Verb] = {
    **EXTERNAL,
    "cd": powershell_cd,
    "tmux_pane": line(PANE.replace(" \\; ", " ';' ").replace("{root}", "{bare}")),
    "pushd": line("pushd -LiteralPath {a}"),
    "activate_script": inside("bin/Activate.ps1", ". {a}"),
    "allow": line('autovenv allow; if ($LASTEXITCODE) {{ sh -c "exit $LASTEXITCODE" }}'),
    "subshell": line("{shell} -NoLogo"),
    # Its current folder is not the process's.
    "exec_shell": line("[IO.Directory]::SetCurrentDirectory($PWD.ProviderPath); exec {shell} -NoLogo"),
    "exec_login_shell": line("[IO.Directory]::SetCurrentDirectory($PWD.ProviderPath); exec {shell} -l"),
    "set": assignments("$env:{name} = {value}"),
    "unset": line("Remove-Item Env:{raw}"),
    "path_prepend": line("$env:PATH = {a} + ':' + $env:PATH"),
    "path_append": line("$env:PATH = $env:PATH + ':' + {a}"),
    "path_remove": line("$env:PATH = ($env:PATH -split ':' -cne {a}) -join ':'"),
    "path_save": line("$saved = $env:PATH"),
    "path_restore": line("$env:PATH = $saved"),
    "leave_by_hand": line("Remove-Item Env:VIRTUAL_ENV"),
    "conda_activate": line(
        "$env:CONDA_PREFIX = {a}; $env:CONDA_DEFAULT_ENV = 'science'; $env:PATH = {a} + '/bin:' + $env:PATH"
    ),
    "conda_deactivate": line("Remove-Item Env:CONDA_PREFIX, Env:CONDA_DEFAULT_ENV"),
    # A cd in a subexpression persists: come back in it.
    "in_substitution": line(
        '$here = $PWD; $value = $(cd -LiteralPath {a}; $env:VIRTUAL_ENV; cd $here); "value=$value"'
    ),
    "in_subshell": line("{shell} -c 'cd -LiteralPath {a}; \"value=$env:VIRTUAL_ENV\"'"),
    "cd_and_ask": line('cd -LiteralPath {a} && "value=$env:VIRTUAL_ENV"'),
    "cd_nowhere": line("cd -LiteralPath {a} 2>$null"),
    "cd_twice": pair("cd -LiteralPath {a} && cd -LiteralPath {b}"),
    "own_cd": line("Remove-Item Alias:cd -Force; function cd {{ Set-Location @args }}"),
    "noninteractive": noninteractive(
        {**FEEDS, "stdin": "cat {script} | {shell} -c -"},
        'cd -LiteralPath {a}; . {rc}; . {hook}; "value=$env:VIRTUAL_ENV"',
    ),
    # It defines the prompt anew while it draws it for the first time, as asynchronous themes do.
    "theme_rebuilds_prompt": line(
        "function prompt {{ function global:prompt {{ 'theme {mark}# ' }}; 'theme {mark}# ' }}"
    ),
    "theme_draws_venv": line(
        "$bare = $function:prompt; "
        "function prompt {{ $(if ($env:VIRTUAL_ENV) {{ '[.venv] ' }}) + (& $bare) }}"
    ),
    "strict": line(
        "Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'; "
        "$PSDefaultParameterValues = @{{ '*:ErrorAction' = 'Stop'; '*:Verbose' = $true }}"
    ),
    "odd_settings": line(
        "$OFS = '/'; $env:LC_ALL = 'C'; $PSNativeCommandUseErrorActionPreference = $true; "
        "function Write-Error {{ throw 1 }}; function Get-Item {{ throw 1 }}; "
        "Set-Alias Get-History Write-Output"
    ),
}  # fmt: skip

# ---- start-up files -------------------------------------------------------------------------------


def bash_files(shell: Shell, world: World, before: str, after: str) -> dict[str, str]:
    """Return bash's files; the login file builds PATH anew, as /etc/profile does on many systems."""
    rc = f"PS1='{world.mark}# '\nHISTCONTROL=ignorespace\n{before}\n{after}\n"
    return {".bashrc": rc, ".bash_profile": f"export PATH={shell.quote(world.search)}\n. ~/.bashrc\n"}


def zsh_files(shell: Shell, world: World, before: str, after: str) -> dict[str, str]:
    """Return zsh's files; without PROMPT_SP, which fills a line of the terminal with blanks."""
    rc = f"unsetopt prompt_sp prompt_cr\nPS1='{world.mark}# '\n{before}\n{after}\n"
    return {".zshrc": rc, ".zprofile": f"export PATH={shell.quote(world.search)}\n"}


def fish_files(shell: Shell, world: World, before: str, after: str) -> dict[str, str]:
    """Return fish's file. fish draws a prompt again as one types: the mark counts the prompts."""
    rc = "\n".join([
        f"if status is-login; set -gx PATH {shell.quote(world.search).replace(':', ' ')}; end",
        "if status is-interactive",
        "function fish_greeting; end",
        "set -g fish_autosuggestion_enabled 0",
        # of this process alone: `exec fish` keeps the process id, and begins to count anew
        "set -q _harness_id; or set -g _harness_id (random)",
        "set -q _harness_lines; or set -g _harness_lines 0",
        "function _harness_count --on-event fish_prompt; set _harness_lines (math $_harness_lines + 1); end",
        f"function fish_prompt; printf '{world.mark}#%s.%s# ' $_harness_id $_harness_lines; end",
        before,
        after,
        "end",
    ])  # fmt: skip
    return {".config/fish/config.fish": rc + "\n"}


def powershell_files(shell: Shell, world: World, before: str, after: str) -> dict[str, str]:
    """Return the profile of PowerShell, and what sh reads when PowerShell is a login shell."""
    # It puts its own folder on PATH each time it starts.
    path = "$env:PATH = ($env:PATH -split ':' -cne $PSHOME) -join ':'"
    rc = f"{path}\nfunction prompt {{ '{world.mark}# ' }}\n{before}\n{after}\n"
    return {shell.rc: rc, ".profile": f"export PATH='{world.search}'\n"}


POWERSHELL_PROBE = (
    "[IO.File]::WriteAllText({{file}}, [string]::Join([string][char]0, @("
    "$(if ($?) {{ 0 }} elseif ((Test-Path variable:LASTEXITCODE) -and $LASTEXITCODE) {{ $LASTEXITCODE }} "
    "else {{ 1 }})"
    + "".join(
        ", $PWD.ProviderPath" if name == "PWD" else f", [Environment]::GetEnvironmentVariable('{name}')"
        for name in VARIABLES
    )
    + ", '')))"
).replace("{{file}}", "{file}")  # fmt: skip

POSIX_PROBE = (
    "\\builtin printf '%s\\0' \"$?\" " + " ".join(f'"${{{name}-}}"' for name in VARIABLES) + " >|{{file}}"
).replace("{{file}}", "{file}").replace("${", "${{").replace("-}", "-}}")  # fmt: skip

BASH_SHELL = Shell(
    "bash",
    quote_ansi_c,
    bash_files,
    hook_line="[ -r {file} ] && . {file}",
    hook_line_evaluated='eval "$({program} hook bash)"',
    rc=".bashrc",
    probe=POSIX_PROBE,
    verbs=BASH,
)
ZSH_SHELL = Shell(
    "zsh",
    quote_ansi_c,
    zsh_files,
    hook_line="[ -r {file} ] && . {file}",
    hook_line_evaluated='eval "$({program} hook zsh)"',
    rc=".zshrc",
    probe=POSIX_PROBE,
    verbs=ZSH,
)
FISH_SHELL = Shell(
    "fish",
    quote_fish,
    fish_files,
    hook_line="test -r {file}; and source {file}",
    hook_line_evaluated="{program} hook fish | source",
    rc=".config/fish/config.fish",
    probe="builtin printf '%s\\0' $status " + " ".join(f'"${name}"' for name in VARIABLES) + " >{file}",
    verbs=FISH,
)
POWERSHELL_SHELL = Shell(
    "pwsh",
    quote_powershell,
    powershell_files,
    hook_line="if (Test-Path -LiteralPath {file}) {{ . {file} }}",
    hook_line_evaluated="& {program} hook powershell | Invoke-Expression",
    rc=".config/powershell/profile.ps1",
    probe=POWERSHELL_PROBE,
    interactive=("-NoLogo",),
    verbs=POWERSHELL,
    named="powershell",
    spells_bytes=False,
)

SHELLS = {shell.name: shell for shell in (BASH_SHELL, ZSH_SHELL, FISH_SHELL, POWERSHELL_SHELL)}
