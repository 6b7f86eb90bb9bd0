"""The person makes an environment, and is in it at the next prompt: any line that counts, the real tools."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from stories.story import HINT, MADE, SHELLS, Story

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VENV = "python3 -m venv --without-pip .venv"
"""Most stories leave pip out, which takes python longer than all the rest; the first one does not."""
UMASK = {"022": "", "002": "umask 002"}
ACTIVATE = {"bash": "activate", "zsh": "activate", "fish": "activate.fish"}
POSIX = ("bash", "zsh")
PYPROJECT = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = []\n'
IN_PROJECT = {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "POETRY_NO_INTERACTION": "1"}
METADATA = {"pyproject.toml": PYPROJECT}


@dataclass(frozen=True, slots=True)
class Line:
    """One line that counts. ``before`` are lines typed earlier; ``rc`` goes into the start-up file."""

    name: str
    text: str
    shells: tuple[str, ...] = SHELLS
    folder: str = ""
    rc: str = ""
    before: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


LINES = (
    Line("python", "python3 -m venv .venv"),
    Line("mkdir and cd first", f"mkdir q && cd q && {VENV}", folder="q"),
    Line("cd there and back", f"mkdir q; cd q; cd ..; {VENV}"),
    Line("several commands", f"clear; rm -rf .venv; touch x || echo no; export A=b; {VENV} >/dev/null 2>&1"),
    Line("activated in the same line", f"{VENV} && source .venv/bin/ACTIVATE"),
    Line("activated with a dot", f"{VENV}; . .venv/bin/ACTIVATE", POSIX),
    Line("virtualenv", "virtualenv .venv"),
    Line("virtualenv as a module", f"{sys.executable} -m virtualenv --no-seed .venv"),
    Line("uv venv", "uv venv"),
    Line("uv venv with options", "uv --quiet venv --seed --no-index .venv || uv -q venv --clear .venv"),
    Line("uv sync", "uv sync", files=METADATA),
    Line("uv run", "uv run --no-project true; uv run true", files=METADATA),
    Line("uv init and sync", "uv init --quiet && uv sync"),
    Line("poetry install", "poetry install --no-root", files=METADATA, environ=IN_PROJECT),
    Line("poetry env use", "poetry env use python3", files=METADATA, environ=IN_PROJECT),
    Line("an alias", "mkv", POSIX, rc=f"alias mkv='{VENV}'"),
    Line("an alias of the program", "py3 -m venv --without-pip .venv", POSIX, rc="alias py3=python3"),
    Line("an abbreviation", "mkv", ("fish",), rc=f"abbr -a mkv -- {VENV}"),
    Line("an alias of fish", "mkv", ("fish",), rc=f"alias mkv '{VENV}'"),
    Line("a history expansion", "!py", POSIX, before=("mkdir ../q && cd ../q", VENV, "cd ../p")),
    Line("a cd that failed before it", VENV, before=("cd /no-such-folder",)),
    Line("a variable in front", f"FOO=1 {VENV}"),
    Line("time", f"time {VENV}"),
    Line("command", f"command {VENV}"),
    Line("a backslash", f"\\{VENV}"),
    Line("quotes", "python3 -m 'venv' --without-pip \".venv\""),
    Line("noglob", f"noglob {VENV}", ("zsh",)),
    Line("an interpreter by its path", "TOOLS/python3 -m venv --without-pip .venv"),
    Line("a comment behind", f"{VENV} # here it is", ("bash", "fish")),
)


def _lines() -> list[object]:
    return [
        pytest.param(shell, umask, line, id=f"{shell}-{umask}-{line.name}")
        for line in LINES
        for shell in line.shells
        for umask in UMASK
    ]


@pytest.mark.parametrize(("shell", "umask", "line"), _lines())
def test_a_line_that_makes_an_environment_switches_it_on(
    shell: str, umask: str, line: Line, tell: Callable[..., Story]
) -> None:
    story = tell(shell, rc="; ".join(filter(None, (UMASK[umask], line.rc))), environ=line.environ)
    for name, text in line.files.items():
        story.file(f"w/p/{name}", text)
    project = os.path.join(story.project, line.folder).rstrip("/")
    terminal = story.terminal()
    for earlier in line.before:
        terminal.types(earlier)
    text = line.text.replace("ACTIVATE", ACTIVATE[shell]).replace("TOOLS", story.world.tools)
    seen = terminal.types(text)
    assert seen.said.count(MADE) == 1, seen.said
    assert seen.said.count("autovenv:") == 1, seen.said
    assert seen.status == 0
    story.is_on(seen, os.path.join(project, ".venv"))
    story.stays_on(terminal, project)
    assert HINT not in terminal.types("cd ..").said


@pytest.mark.parametrize("shell", POSIX)
def test_the_line_before_once_more_counts(shell: str, tell: Callable[..., Story]) -> None:
    story = tell(shell)
    in_the_way = story.file("w/p/.venv", "")
    terminal = story.terminal()
    assert MADE not in terminal.types_unwatched(VENV)
    os.unlink(in_the_way)
    seen = terminal.types("!!")
    assert seen.said.count(MADE) == 1, seen.said
    story.is_on(seen)
    story.stays_on(terminal)


def test_lines_that_are_pasted_one_by_one_count(story: Story) -> None:
    terminal = story.terminal()
    seen = terminal.pastes("mkdir q", "cd q", VENV)
    assert seen.said.count(MADE) == 1, seen.said
    story.is_on(seen, story.path("p/q/.venv"))
    story.stays_on(terminal, story.path("p/q"))


PASTE = {"bash": "bind 'set enable-bracketed-paste on'"}


def test_lines_that_are_pasted_as_one_count(shell: str, tell: Callable[..., Story]) -> None:
    story = tell(shell, rc=PASTE.get(shell, ""))
    terminal = story.terminal()
    seen = terminal.pastes_as_one("mkdir q", "cd q", VENV)
    assert seen.said.count(MADE) == 1, seen.said
    story.is_on(seen, story.path("p/q/.venv"))
    story.stays_on(terminal, story.path("p/q"))


def test_a_paste_with_a_script_in_it_does_not_count(shell: str, tell: Callable[..., Story]) -> None:
    story = tell(shell, rc=PASTE.get(shell, ""))
    aside = story.hostile("aside")
    story.program("w/p/setup.sh", f"mv {aside} .venv && touch .venv/pyvenv.cfg")
    terminal = story.terminal()
    story.stays_cold(terminal.pastes_as_one("./setup.sh", "python3 -m venv --without-pip other"))
    story.would_switch_on(terminal)
