"""What only the shell knows reaches ``which``, in real shells: aliases, functions, builtins, memory."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from stories.story import Story, Terminal

REMEMBERING = ("bash", "zsh")
"""fish remembers no places, and an alias is a function there."""
FUNCTION = {"bash": "{}() {{ :; }}", "zsh": "{}() {{ :; }}", "fish": "function {}; end"}


def asked(terminal: Terminal, name: str) -> dict[str, Any]:
    """Return the answer of ``autovenv which NAME --json``, typed into the shell."""
    said = terminal.types(f"autovenv which {name} --json").said
    answer: dict[str, Any] = json.loads(said[said.index("{\n") : said.rindex("}") + 1])
    return answer


def at(story: Story, place: str) -> str:
    """Return a path below the root of the story."""
    return os.path.join(story.world.root, place)


def kinds(terminal: Terminal, name: str) -> list[str]:
    """Return the kinds of all candidates for ``name``, in order."""
    return [one["kind"] for one in asked(terminal, name)["candidates"]]


@pytest.fixture
def terminal(story: Story) -> Terminal:
    """Return a terminal with two folders of programs on PATH."""
    for place in ("one/thing", "two/thing", "two/echo"):
        story.program(place, "true")
    terminal = story.terminal()
    place = story.world.root
    if story.shell.name == "fish":
        terminal.types(f"set -gx PATH {place}/one {place}/two $PATH")
    else:
        terminal.types(f"PATH={place}/one:{place}/two:$PATH")
    return terminal


def test_a_file(story: Story, terminal: Terminal) -> None:
    answer = asked(terminal, "thing")
    assert [one["kind"] for one in answer["candidates"]] == ["file", "file"]
    assert answer["winner"]["path"] == at(story, "one/thing")
    assert answer["hook"]["shell"] == story.shell.name
    assert answer["hook"]["loaded"]


def test_the_exe_of_another_system(story: Story, terminal: Terminal) -> None:
    terminal.types("alias thing='echo x'")
    assert kinds(terminal, "thing.exe")[0] == "alias"


def test_an_alias(story: Story, terminal: Terminal) -> None:
    terminal.types(f"alias thing='{at(story, 'two/thing')} -q'")
    answer = asked(terminal, "thing")
    assert answer["winner"]["kind"] == "alias"
    assert answer["winner"]["path"] == at(story, "two/thing")


def test_a_function(story: Story, terminal: Terminal) -> None:
    terminal.types(FUNCTION[story.shell.name].format("thing"))
    assert kinds(terminal, "thing") == ["function", "file", "file"]


def test_a_builtin(story: Story, terminal: Terminal) -> None:
    assert kinds(terminal, "echo")[0] == "builtin"


def test_a_function_before_a_builtin(story: Story, terminal: Terminal) -> None:
    terminal.types(FUNCTION[story.shell.name].format("test_it"))
    assert kinds(terminal, "test_it") == ["function"]


@pytest.mark.parametrize("shell", REMEMBERING)
def test_an_alias_before_a_function(story: Story, terminal: Terminal) -> None:
    terminal.types(FUNCTION[story.shell.name].format("thing"))
    terminal.types("alias thing='echo x'")
    assert kinds(terminal, "thing")[:2] == ["alias", "function"]


def test_a_word_of_the_grammar(story: Story, terminal: Terminal) -> None:
    expected = {"bash": "keyword", "zsh": "keyword", "fish": "builtin"}[story.shell.name]
    assert kinds(terminal, "while")[:1] == [expected]


@pytest.mark.parametrize("shell", REMEMBERING)
def test_a_place_that_the_shell_remembers(story: Story, terminal: Terminal) -> None:
    """bash and zsh remember where they found a command; one put before it on PATH later is not seen."""
    story.program("two/late", "true")
    assert terminal.types("late").status == 0
    story.program("one/late", "true")
    answer = asked(terminal, "late")
    assert answer["winner"]["kind"] == "hashed"
    assert answer["winner"]["path"] == at(story, "two/late")
    assert [one["kind"] for one in answer["candidates"]] == ["hashed", "file", "file"]
    terminal.types("hash -r")
    assert asked(terminal, "late")["winner"]["path"] == at(story, "one/late")


@pytest.mark.parametrize("shell", REMEMBERING)
def test_asking_makes_the_shell_remember_nothing(story: Story, terminal: Terminal) -> None:
    asked(terminal, "thing")
    assert "one/thing" not in terminal.types("hash").said


def test_its_names_cannot_run_anything(story: Story, terminal: Terminal) -> None:
    """A name is a key in tables of the shell; it must stay one."""
    for name in ("'x[$(touch ran)]'", "'$(touch ran)'", "'a]b'", "'*'", "'(e:touch ran:)'"):
        terminal.types(f"autovenv which {name}; true")
    assert not os.path.exists(os.path.join(story.project, "ran"))
    terminal.types("touch ran")
    assert os.path.exists(os.path.join(story.project, "ran")), "this is where it would be"
