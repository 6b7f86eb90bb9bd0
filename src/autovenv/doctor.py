"""``doctor``: every check of an installation, as functions of a :class:`Situation`. No input or output."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from autovenv import doctor_windows, spelling
from autovenv.finding import Finding, Result
from autovenv.machine import says_where
from autovenv.text import shown
from autovenv.trust import PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from autovenv.situation import PathEntry, Situation, StartFile
    from autovenv.spelling import Spelling

__all__ = ["CHECKS", "Finding", "Result", "examine", "lines"]


def examine(known: Situation) -> tuple[Finding, ...]:
    """Return what all checks found, in their order."""
    return tuple(one for check in CHECKS for one in check(known))


def lines(findings: Iterable[Finding]) -> list[str]:
    """Return the findings for a person: failures and notes with what to do, what is well in one word each."""
    told: list[str] = []
    for one in findings:
        told.append(f"{_WORD[one.result]:<5} {one.check}: {one.fact}")
        if one.remedy:
            told.append(f"      do: {one.remedy}")
    failed = sum(one.result is Result.FAIL for one in findings)
    return [*told, "", f"{failed} failed" if failed else "nothing failed"]


_WORD = {Result.OK: "ok", Result.NOTE: "note", Result.FAIL: "FAIL"}


def _spelling(known: Situation) -> Spelling:
    """Return how the asking shell spells commands."""
    return spelling.of(known.known.shell or known.shell, windows=known.windows)


# ---- the hook -------------------------------------------------------------------------------------


class _Floor(Enum):
    """The oldest version of each shell that the hook works in; below the second, C3 is off."""

    BASH = ("bash", (3, 2), (4, 4))
    ZSH = ("zsh", (5, 3), (5, 3))
    FISH = ("fish", (3, 6), (3, 6))


def state_folder(known: Situation) -> Iterator[Finding]:
    """autovenv's own folder: the hooks believe what lies there, so it must be nobody else's."""
    place = known.shown(known.home)
    if known.state_mode is None:
        yield Finding("folder", Result.FAIL, f"{place} is not there", "autovenv install-hook")
    elif not known.state_mine:
        yield Finding(
            "folder",
            Result.FAIL,
            f"{place} belongs to another user",
            f"ls -ld {_spelling(known).word(known.home)}",
        )
    elif known.state_mode & 0o077 and not known.windows:
        fact = f"{place} has the mode {known.state_mode:04o}, so others may reach into it"
        yield Finding("folder", Result.FAIL, fact, f"chmod 700 {_spelling(known).word(known.home)}")
    else:
        yield Finding("folder", Result.OK, f"{place} is yours alone")


def hook_files(known: Situation) -> Iterator[Finding]:
    """The copies of the hooks and completions in our folder."""
    if known.state_mode is None:
        return
    if known.stale:
        names = ", ".join(known.shown(one) for one in known.stale)
        yield Finding(
            "files", Result.FAIL, f"missing or of another version: {names}", "autovenv install-hook"
        )
    else:
        yield Finding("files", Result.OK, "hooks and completions are those of this version")


def start_files(known: Situation) -> Iterator[Finding]:
    """Our lines in the start-up files."""
    if not known.start_files:
        fact = "no start-up file has autovenv's lines, and I cannot tell which shell this is"
        names = "cmd (or powershell)" if known.windows else "bash (or zsh, or fish)"
        yield Finding("start-up", Result.FAIL, fact, f"autovenv install-hook {names}")
    for one in known.start_files:
        yield from _start_file(known, one)


def _start_file(known: Situation, one: StartFile) -> Iterator[Finding]:
    place, install = known.shown(one.path), f"autovenv install-hook {one.shell}"
    if one.state == "refused":
        yield Finding(
            "start-up", Result.FAIL, one.error, f"put in yourself what this prints: autovenv hook {one.shell}"
        )
    elif one.state != "current":
        what = "has no lines of autovenv" if one.state == "absent" else "has lines of another version"
        yield Finding("start-up", Result.FAIL, f"{place} {what}", install)
    else:
        yield Finding("start-up", Result.OK, f"{place} loads the hook of {one.shell}")
        yield from _order_in(known, one)


_REPLACES = {
    "bash": re.compile(r"^\s*(?:export\s+)?PROMPT_COMMAND=(?!.*PROMPT_COMMAND)"),
    "zsh": re.compile(r"^\s*(?:precmd|chpwd|preexec)_functions=(?!.*_functions)"),
    "fish": re.compile(r"^\s*functions\s+(?:-e|--erase)\s+__autovenv"),
}
_BECOMES = re.compile(r"^\s*exec\s+(?:\S*/)?(?:bash|zsh|fish|tmux|nu|xonsh)\b")


def _order_in(known: Situation, one: StartFile) -> Iterator[Finding]:
    """Lines behind ours that throw the hook away, and lines before ours after which nothing is read."""
    place, replaces = known.shown(one.path), _REPLACES.get(one.shell)
    for number, line in enumerate(one.text.splitlines(), start=1):
        if replaces and number > one.ours and replaces.match(line):
            fact = f"line {number} of {place} sets anew what the hook hangs on: {shown(line.strip()[:60])}"
            yield Finding("order", Result.FAIL, fact, "move autovenv's three lines below it")
        if number < one.ours and _BECOMES.match(line):
            fact = (
                f"line {number} of {place} starts another shell before our lines: {shown(line.strip()[:60])}"
            )
            yield Finding("order", Result.NOTE, fact, "install the hook for that shell too")


def this_shell(known: Situation) -> Iterator[Finding]:
    """Did the shell that asks read the hook, and one that this program understands?"""
    name = known.known.shell or known.shell or "this shell"
    if known.known.loaded:
        version = shown(known.known.version)
        if known.known.hook != PROTOCOL:
            fact = f"{name} has loaded a hook of protocol {known.known.hook}; this program speaks {PROTOCOL}"
            yield Finding("shell", Result.FAIL, fact, "autovenv install-hook, then open a new terminal")
        else:
            yield Finding("shell", Result.OK, f"{shown(name)} {version} has loaded the hook")
        yield from _floor(known)
    elif any(one.shell == known.shell and one.state == "current" for one in known.start_files):
        fact = f"{shown(name)} has not read the hook"
        yield Finding("shell", Result.FAIL, fact, f"open a new terminal, or type: {known.reload}")
    else:
        yield Finding("shell", Result.FAIL, f"{shown(name)} has no hook", "autovenv install-hook")


def _floor(known: Situation) -> Iterator[Finding]:
    floor = next((one.value for one in _Floor if one.value[0] == known.known.shell), None)
    numbers = tuple(int(one) for one in re.findall(r"\d+", known.known.version)[:2])
    if floor is None or len(numbers) < 2:
        return
    name, oldest, whole = floor
    if numbers < oldest:
        fact = f"{name} {shown(known.known.version)} is older than {'.'.join(map(str, oldest))}"
        yield Finding("shell", Result.FAIL, fact, f"use a newer {name}")
    elif numbers < whole:
        fact = (
            f"{name} before {'.'.join(map(str, whole))}: an environment that you make is not seen by itself"
        )
        yield Finding("shell", Result.NOTE, fact, "after making one, type: autovenv allow")


def program(known: Situation) -> Iterator[Finding]:
    """The program that the hooks start."""
    if not known.program:
        if known.state_mode is not None:
            fact = f"nothing in {known.shown(known.home)} names the program"
            yield Finding("program", Result.FAIL, fact, "autovenv install-hook")
    elif not known.program_runs:
        fact = f"{known.shown(known.program)}, which the hooks start, is gone or cannot be executed"
        again = f"{'py' if known.windows else 'python3'} install.py, or: autovenv install-hook"
        yield Finding("program", Result.FAIL, fact, again)
    else:
        yield Finding("program", Result.OK, f"the hooks start {known.shown(known.program)}")


def switched_off(known: Situation) -> Iterator[Finding]:
    """AUTOVENV_DISABLE, autovenv off, and what is remembered of projects that are gone."""
    if known.environ.get("AUTOVENV_DISABLE"):
        unset = _spelling(known).unset.format("AUTOVENV_DISABLE")
        yield Finding("off", Result.NOTE, "AUTOVENV_DISABLE is set", unset)
    if known.known.off:
        yield Finding("off", Result.NOTE, "it is off in this shell", "autovenv on")
    if known.gone:
        fact = f"{len(known.gone)} of {known.markers} allowed projects have no environment any more"
        yield Finding("projects", Result.NOTE, fact, "autovenv projects --prune")


# ---- PATH -----------------------------------------------------------------------------------------

_TOOLS = (
    ("/.asdf/shims", "asdf", "asdf.sh"),
    ("/mise/shims", "mise", "mise activate"),
    ("/.rye/shims", "rye", "rye/env"),
    ("/condabin", "conda", "conda initialize"),
    ("/conda/bin", "conda", "conda initialize"),
    ("conda3/bin", "conda", "conda initialize"),
    ("forge/bin", "conda", "conda initialize"),
    ("/scoop/shims", "Scoop", "scoop"),
    ("/microsoft/windowsapps", "the Microsoft Store", "WindowsApps"),
    ("/shims", "pyenv", "pyenv init"),  # wherever PYENV_ROOT is; after those that end like it
)


def path_order(known: Situation) -> Iterator[Finding]:
    """Does the active environment's folder come before the folders of other tools?"""
    active = known.here.active if known.here else ""
    if not active:
        return
    spelled, entries = _spelling(known), [known.folded(one.text) for one in known.path]
    place = known.folded(f"{active}/{spelled.scripts}")
    before = entries.index(place) if place in entries else len(entries)
    found = [(at, name) for at in range(before) for end, name, _ in _TOOLS if entries[at].endswith(end)]
    if place not in entries:
        own = known.shown(active + known.separator + spelled.scripts)
        fact = f"{own} is active, but not on PATH"
        yield Finding("PATH", Result.FAIL, fact, f"autovenv off{spelled.also}autovenv on")
    elif found:
        at, tool = found[0]
        fact = f"{tool}'s {known.shown(known.path[at].text)} comes before the active environment"
        yield Finding("PATH", Result.FAIL, fact, _tool_remedy(known, tool))
    else:
        yield Finding("PATH", Result.OK, "the active environment comes before other tools")


def _tool_remedy(known: Situation, tool: str) -> str:
    word = next(word for _, name, word in _TOOLS if name == tool)
    place = next((known.shown(one.path) for one in known.start_files if word in one.text), "")
    line = f"the line with {word} in {place}" if place else f"the line that starts {tool}"
    now = f"autovenv off{_spelling(known).also}autovenv on"
    return f"put {line} before autovenv's, and open a new terminal; now: {now}"


def path_entries(known: Situation) -> Iterator[Finding]:
    """Entries of PATH by which somebody else's folder could bring a python."""
    findings = [one for entry in known.path for one in _entry(known, entry)]
    yield from findings
    yield from _doubles(known)
    if not any(one.result is Result.FAIL for one in findings):
        yield Finding("PATH", Result.OK, f"{len(known.path)} entries, none that others could fill")


def _entry(known: Situation, entry: PathEntry) -> Iterator[Finding]:
    remedy = "take it out of PATH in the start-up file that puts it there"
    if known.windows:
        remedy = "take it out of PATH: Settings > Edit environment variables"
    if known.windows and not entry.text.strip():
        return  # nobody looks anywhere for it there
    if not entry.text:
        yield Finding("PATH", Result.FAIL, "an entry is empty, which means the current folder", remedy)
    elif not entry.text.startswith("~") and not says_where(entry.text, windows=known.windows):
        fact = f"the entry {shown(entry.text)} is relative, so any folder can bring its own"
        yield Finding("PATH", Result.FAIL, fact, remedy)
    elif entry.others_write:
        fact = f"everybody may write to {known.shown(entry.text)}"
        yield Finding("PATH", Result.FAIL, fact, f"chmod o-w {_spelling(known).word(entry.text)}")


def _doubles(known: Situation) -> Iterator[Finding]:
    texts = [known.folded(one.text) for one in known.path]
    spelled = dict(zip(texts, (one.text for one in known.path), strict=True))
    double = sorted(spelled[one] for one in set(texts) if one and texts.count(one) > 1)
    if double:
        fact = f"more than once on PATH: {', '.join(known.shown(one) for one in double[:5])}"
        yield Finding("PATH", Result.NOTE, fact, "harmless; a start-up file that is read twice adds them")
    missing = sum(not one.exists for one in known.path)
    if missing:
        yield Finding("PATH", Result.NOTE, f"{missing} entries lead to no folder", "harmless; take them out")


def which_python(known: Situation) -> Iterator[Finding]:
    """Is the python that wins here the one that should?"""
    found = known.python
    if found is None:
        yield Finding("python", Result.FAIL, "the current folder is gone", "cd")
    elif found.right:
        place = known.shown(found.winner.candidate.path) if found.winner else ""
        yield Finding("python", Result.OK, f"{place or 'python'} wins here, as it should")
    elif found.wanted:
        fact = f"another than {known.shown(found.wanted)} wins here: {found.cause}"
        yield Finding("python", Result.FAIL, fact, found.remedy or "autovenv which --explain")
    else:
        yield Finding("python", Result.NOTE, found.cause, found.remedy or "autovenv which --explain")


# ---- others ---------------------------------------------------------------------------------------


def editors_and_conda(known: Situation) -> Iterator[Finding]:
    """Others that switch environments on by themselves."""
    environ = known.environ
    if environ.get("TERM_PROGRAM") == "vscode" and any(_activates(name) for name in environ):
        fact = "VS Code activates an environment in its terminals too; autovenv takes that over"
        yield Finding("VS Code", Result.NOTE, fact, 'settings: "python.terminal.activateEnvironment": false')
    if environ.get("CONDA_DEFAULT_ENV") == "base":
        fact = "conda switches its base on in every shell; a project's environment comes before it"
        yield Finding("conda", Result.NOTE, fact, "conda config --set auto_activate_base false")
    elif environ.get("CONDA_PREFIX"):
        fact = (
            f"the conda environment {known.shown(environ['CONDA_PREFIX'])} is active, so autovenv steps back"
        )
        yield Finding("conda", Result.NOTE, fact, "conda deactivate")


def _activates(name: str) -> bool:
    return name.startswith("VSCODE_") and ("ACTIVATE" in name)


_THEMES = (
    ("starship init", "starship"),
    ("oh-my-posh init", "oh-my-posh"),
    ("powerlevel10k", "powerlevel10k"),
    ("tide", "tide"),
    ("bobthefish", "bobthefish"),
    ("powerline", "powerline"),
)
_THEME_VARIABLES = (
    ("STARSHIP_SHELL", "starship"),
    ("POSH_THEME", "oh-my-posh"),
    ("P9K_VERSION", "powerlevel10k"),
)


def prompt_theme(known: Situation) -> Iterator[Finding]:
    """A theme that draws the environment itself, so that it could be there twice."""
    texts = [
        line
        for one in known.start_files
        for line in one.text.splitlines()
        if not line.lstrip().startswith("#")
    ]
    names = {name for variable, name in _THEME_VARIABLES if known.environ.get(variable)}
    names |= {name for word, name in _THEMES if any(word in line for line in texts)}
    if names and not known.environ.get("VIRTUAL_ENV_DISABLE_PROMPT"):
        fact = f"{', '.join(sorted(names))} may draw the environment in the prompt too"
        line = _spelling(known).export.format("VIRTUAL_ENV_DISABLE_PROMPT", "1")
        remedy = f"if you see it twice: {line} in your start-up file"
        yield Finding("prompt", Result.NOTE, fact, remedy)


def prompt_anew(known: Situation) -> Iterator[Finding]:
    """A prompt that was defined after the hook had put its own around the one before (PowerShell)."""
    if known.known.prompt:
        fact = (
            "the function prompt was defined anew after the hook was loaded; it is called again, but "
            "shows no (name) of the environment"
        )
        remedy = "define it in your profile (before or after our lines), and open a new terminal"
        yield Finding("prompt", Result.NOTE, fact, remedy)


def python_variables(known: Situation) -> Iterator[Finding]:
    """PYTHONHOME and PYTHONPATH, which change every Python."""
    if known.environ.get("PYTHONHOME"):
        fact = (
            f"PYTHONHOME is {known.shown(known.environ['PYTHONHOME'])}: all Pythons seek their library there"
        )
        yield Finding("PYTHONHOME", Result.FAIL, fact, _spelling(known).unset.format("PYTHONHOME"))
    if known.environ.get("PYTHONPATH"):
        fact = "PYTHONPATH is set: every Python, also one in an environment, looks there first"
        yield Finding("PYTHONPATH", Result.NOTE, fact, _spelling(known).unset.format("PYTHONPATH"))


def windows(known: Situation) -> Iterator[Finding]:
    """What there is on Windows alone: PATH's length, the execution policy, AutoRun."""
    if known.windows:
        used = known.shell == "powershell" or any(one.shell == "powershell" for one in known.start_files)
        yield from doctor_windows.findings(known.registry, known.environ, powershell=used)
        yield from doctor_windows.macros(known.known)


CHECKS: tuple[Callable[[Situation], Iterator[Finding]], ...] = (
    state_folder,
    hook_files,
    program,
    start_files,
    this_shell,
    switched_off,
    which_python,
    path_order,
    path_entries,
    editors_and_conda,
    prompt_theme,
    prompt_anew,
    python_variables,
    windows,
)
"""Every check, in the order in which they are told."""
