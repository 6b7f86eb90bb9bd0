"""The person activates an environment by hand (C2), or changes and rebuilds one that is allowed (C4)."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from autovenv.words import Word
from stories.story import ACTIVATED, HINT, MADE, SHELLS, Story, copy_of_python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stories.story import Terminal

PROGRAM = os.path.join(sys.prefix, "bin", "autovenv")
VENV = "python3 -m venv --without-pip .venv"
POSIX = ("bash", "zsh")
SCRIPT = {"bash": "activate", "zsh": "activate", "fish": "activate.fish"}

# ---- C2 -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One way to activate; SCRIPT is the environment's script for this shell, below its bin folder."""

    name: str
    text: str
    shells: tuple[str, ...] = SHELLS
    rc: str = ""
    start: str = "."
    ends_in: str = "."


COUNT = (
    Line("source", "source .venv/bin/SCRIPT"),
    Line("a dot", ". .venv/bin/SCRIPT"),
    Line("a whole path", "source PROJECT/.venv/bin/SCRIPT"),
    Line("quotes", "source './.venv/bin/SCRIPT'"),
    Line("cd first", "cd p && source .venv/bin/SCRIPT", start=".."),
    Line("from a folder below", "source ../.venv/bin/SCRIPT", start="src", ends_in="src"),
    Line("through a folder below", "cd src; source ../.venv/bin/SCRIPT; cd ..", ends_in="."),
    Line("an alias", "act", POSIX, rc="alias act='source .venv/bin/activate'"),
    Line("an abbreviation", "act", ("fish",), rc="abbr -a act -- source .venv/bin/activate.fish"),
    Line("workon", "workon .", POSIX, rc="workon() { source .venv/bin/activate; }"),
    Line("workon in fish", "workon .", ("fish",), rc="function workon; source .venv/bin/activate.fish; end"),
)

COUNT_NOT = (
    Line("a function", "act", POSIX, rc="act() { source .venv/bin/activate; }"),
    Line("a function in fish", "act", ("fish",), rc="function act; source .venv/bin/activate.fish; end"),
    Line("eval", 'eval "$(cat .venv/bin/activate)"', POSIX),
    Line("eval in fish", "cat .venv/bin/activate.fish | source", ("fish",)),
    Line("a script that activates", "source ./settings"),
    Line("a project's script and then activate", "./setup.sh; source .venv/bin/SCRIPT"),
    Line("a hidden line", " source .venv/bin/SCRIPT", ("bash", "fish")),
    Line("a hidden line in zsh", " source .venv/bin/SCRIPT", ("zsh",), rc="setopt hist_ignore_space"),
    Line("an assignment", "export VIRTUAL_ENV=PROJECT/.venv", POSIX),
    Line("an assignment in fish", "set -gx VIRTUAL_ENV PROJECT/.venv", ("fish",)),
)


def _lines(lines: tuple[Line, ...]) -> list[object]:
    return [pytest.param(shell, line, id=f"{shell}-{line.name}") for line in lines for shell in line.shells]


def _ground(tell: Callable[..., Story], shell: str, line: Line) -> Story:
    story = tell(shell, rc=line.rc)
    story.venv("p/.venv")
    os.mkdir(story.path("p/src"))
    story.file("w/p/settings", f"source .venv/bin/{SCRIPT[shell]}\n")
    story.program("w/p/setup.sh", "true")
    return story


def _spelled(line: Line, story: Story) -> str:
    return line.text.replace("SCRIPT", SCRIPT[story.shell.name]).replace("PROJECT", story.project)


@pytest.mark.parametrize(("shell", "line"), _lines(COUNT))
def test_an_environment_that_was_activated_by_hand_switches_on_from_then_on(
    shell: str, line: Line, tell: Callable[..., Story]
) -> None:
    story = _ground(tell, shell, line)
    terminal = story.terminal(os.path.normpath(os.path.join(story.project, line.start)))
    seen = terminal.types(_spelled(line, story))
    assert seen.said.count(ACTIVATED) == 1, seen.said
    assert seen.said.count("autovenv:") == 1, seen.said
    assert seen.variables["PWD"] == os.path.normpath(os.path.join(story.project, line.ends_in))
    story.is_on(seen)
    assert seen.prompt.count("(.venv)") == 1
    story.stays_on(terminal)


@pytest.mark.parametrize(("shell", "line"), _lines(COUNT_NOT))
def test_an_environment_that_something_else_activated_is_not_remembered(
    shell: str, line: Line, tell: Callable[..., Story]
) -> None:
    story = _ground(tell, shell, line)
    terminal = story.terminal()
    for text in (_spelled(line, story), "true"):
        seen = terminal.types(text)
        assert seen.variables["VIRTUAL_ENV"] == f"{story.project}/.venv"
        assert not seen.variables["_AUTOVENV_ACTIVE"]
        assert ACTIVATED not in seen.said
    assert not story.remembered()
    fresh = story.terminal()
    story.is_off(fresh.opened)
    seen = fresh.types(f"source .venv/bin/{SCRIPT[shell]}")
    assert seen.said.count(ACTIVATED) == 1, "the same environment counts when a person activates it"


def test_activating_by_hand_what_is_a_link_is_refused_and_left_to_the_person(story: Story) -> None:
    os.symlink(story.venv("elsewhere/.venv"), f"{story.project}/.venv")
    terminal = story.terminal()
    assert "autovenv:" not in terminal.opened.said
    story.file("w/elsewhere/.venv/bin/activate", f'VIRTUAL_ENV="{story.project}/.venv"\nexport VIRTUAL_ENV\n')
    story.file("w/elsewhere/.venv/bin/activate.fish", f"set -gx VIRTUAL_ENV {story.project}/.venv\n")
    seen = terminal.types(f"source .venv/bin/{SCRIPT[story.shell.name]}")
    assert seen.said.count(Word.SYMLINK.text) == 1, seen.said
    assert seen.said.count("autovenv:") == 1
    assert not story.markers()
    assert "autovenv:" not in terminal.types("true").said


def test_activating_an_environment_of_another_folder_is_the_persons_own_affair(story: Story) -> None:
    story.venv("other/.venv")
    terminal = story.terminal()
    seen = terminal.types(f"source ../other/.venv/bin/{SCRIPT[story.shell.name]}")
    assert seen.variables["VIRTUAL_ENV"] == story.path("other/.venv")
    assert "autovenv:" not in seen.said
    assert not story.remembered()


# ---- C4 -------------------------------------------------------------------------------------------


def _allowed(story: Story, venv: str = VENV) -> Terminal:
    terminal = story.terminal()
    seen = terminal.types(venv)
    assert seen.said.count(MADE) == 1
    story.is_on(seen)
    return terminal


REBUILD = {
    "removed and made again": (f"rm -rf .venv; {VENV}",),
    "removed first and made again later": ("rm -rf .venv", VENV),
    "uv venv --clear": ("uv venv --clear --quiet",),
    "venv --clear": (f"{VENV} --clear",),
    "by a script": ("rm -rf .venv", "sh ../remake"),
    "made again where it is": (VENV,),
    "upgraded": ("python3 -m venv --without-pip --upgrade .venv",),
    "another tool": ("rm -rf .venv", "virtualenv --no-seed --quiet .venv"),
    "another prompt": (f"{VENV} --clear --prompt other",),
}


@pytest.mark.parametrize("how", REBUILD)
def test_an_allowed_environment_that_is_rebuilt_stays_allowed_without_a_word(story: Story, how: str) -> None:
    story.program("w/remake", VENV)
    terminal = _allowed(story)
    *first, last = REBUILD[how]
    for line in first:
        story.is_off(terminal.types(line))
    seen = terminal.types(line := last)
    assert "autovenv:" not in seen.said, (line, seen.said)
    story.is_on(seen)
    assert seen.prompt.count("(") == 1
    if "--prompt" in last:
        assert story.terminal().opened.prompt == "(other) "
    story.stays_on(terminal)


def test_a_python_that_is_upgraded_below_it_keeps_it_on(
    tell: Callable[..., Story], shell: str, tmp_path: Path
) -> None:
    story = tell(shell, base=lambda: copy_of_python(str(tmp_path)))
    terminal = _allowed(story)
    # A system update replaces the interpreter; the person then does what python's documentation says.
    os.replace(shutil.copy(story.base, f"{story.base}.new"), story.base)
    story.is_on(terminal.types("true"))
    seen = terminal.types("python3 -m venv --without-pip --upgrade .venv")
    assert "autovenv:" not in seen.said
    story.is_on(seen)


def wheel(story: Story) -> str:
    """Write a wheel with one script and return its path."""
    path = story.path("tool-1-py3-none-any.whl")
    info = "tool-1.dist-info"
    files = {
        "tool.py": "def main():\n    print('the tool ran')\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tool\nVersion: 1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nthe-tool = tool:main\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return path


@pytest.mark.parametrize("tool", ["pip", "uv pip"])
def test_a_package_that_adds_a_program_keeps_it_on_without_a_word(story: Story, tool: str) -> None:
    path = wheel(story)
    terminal = _allowed(story, VENV if tool == "uv pip" else "virtualenv -q .venv")
    before = os.stat(f"{story.project}/.venv/bin").st_mtime_ns
    seen = terminal.types(f"{tool} install --quiet --no-deps {path}")
    assert os.stat(f"{story.project}/.venv/bin").st_mtime_ns > before
    assert "autovenv:" not in seen.said
    story.is_on(seen)
    assert "the tool ran" in terminal.types("the-tool").said
    calls = story.world.calls()
    story.stays_on(terminal)
    assert story.world.calls() == calls, "the change was judged once"


def test_a_package_that_adds_a_program_named_like_a_command_switches_it_off(story: Story) -> None:
    terminal = _allowed(story)
    story.arm(f"{story.project}/.venv", "ls")
    seen = terminal.types("true")
    story.refused(seen, Word.SHADOWS_COMMAND)
    assert "autovenv:" not in terminal.types("ls").said
    assert not story.ran
    os.unlink(f"{story.project}/.venv/bin/ls")
    seen = terminal.types("true")
    assert "autovenv:" not in seen.said
    story.is_on(seen)


def test_an_allowed_environment_that_is_moved_away_and_back(story: Story) -> None:
    terminal = _allowed(story)
    story.is_off(terminal.types("mv .venv old"))
    seen = terminal.types("mv old .venv")
    assert HINT not in seen.said
    story.is_on(seen)


def test_a_project_that_is_moved_is_strange_at_its_new_place(story: Story) -> None:
    terminal = _allowed(story)
    seen = terminal.types("cd .. && mv p q && cd q")
    story.is_off(seen)
    seen = terminal.types("autovenv allow")
    assert seen.status == 1
    assert "python3 -m venv --clear" in seen.said
    story.is_off(seen)


def test_another_terminal_binds_the_project_to_one_that_is_as_old_to_the_nanosecond(story: Story) -> None:
    # The twins fit both: only the text of the marker tells one from the other.
    first, other = story.venv("p/.venv"), story.venv("envs/other")
    for name in ("pyvenv.cfg", "bin"):
        times = os.stat(f"{first}/{name}")
        os.utime(f"{other}/{name}", ns=(times.st_atime_ns, times.st_mtime_ns))
    story.run(PROGRAM, "allow", story.project)
    terminal = story.terminal()
    story.is_on(terminal.opened)
    story.is_off(terminal.types("cd .."))
    story.run(PROGRAM, "allow", "--venv", other, story.project)
    story.is_on(terminal.types("cd p"), other)


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_what_was_found_is_remembered_as_long_as_the_epoch_stands(
    shell: str, tell: Callable[..., Story]
) -> None:
    story = tell(shell)
    story.venv("p/.venv")
    story.run(PROGRAM, "allow", story.project)
    trust = story.world.trust.trust
    marker = f"{trust}{story.project}/.autovenv-allow"
    terminal = story.terminal()
    story.is_on(terminal.opened)
    story.is_off(terminal.types("cd .."))
    # Behind the program's back: a shell that looked would see it.
    os.rename(marker, f"{marker}-aside")
    story.is_on(terminal.types("cd p"))
    story.is_off(terminal.types("cd .."))
    (epoch,) = (name for name in os.listdir(trust) if name.startswith(".autovenv-epoch-"))
    os.unlink(f"{trust}/{epoch}")
    story.is_off(terminal.types("cd p"))
    story.is_off(terminal.types("cd .."))
    # No epoch: nothing is remembered, neither that there was nothing
    os.rename(f"{marker}-aside", marker)
    story.is_on(terminal.types("cd p"))
    story.is_off(terminal.types("cd .."))
    # nor what there was.
    os.rename(marker, f"{marker}-aside")
    story.is_off(terminal.types("cd p"))


def test_fish_remembers_ten_folders_and_what_it_found_below_a_project(tell: Callable[..., Story]) -> None:
    story = tell("fish")
    story.venv("p/.venv")
    os.makedirs(f"{story.project}/src")
    story.run(PROGRAM, "allow", story.project)
    terminal = story.terminal()
    story.is_on(terminal.types("cd src"))
    story.is_off(terminal.types("cd ../.."))
    terminal.types("for i in (seq 15); mkdir d$i; cd d$i; cd ..; end")
    assert terminal.types("count $_AUTOVENV_KNOWN").said.split()[-1] == "10"
    terminal.types("cd p")
    terminal.types("for i in (seq 15); mkdir d$i; cd d$i; cd ..; end")
    assert terminal.types("count $_AUTOVENV_MARKER").said.split()[-1] == "14"
    # HOME says where a venv counts in that folder only: with another one all is looked up again.
    story.is_on(terminal.types("cd src"))
    story.is_off(terminal.types(f"cd /; set -gx HOME {story.project}; cd {story.project}/src"))
    story.is_on(terminal.types("cd .."))
