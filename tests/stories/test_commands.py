"""The person says so: allow, deny and projects, by the function in the shell and by the program itself."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from autovenv.words import Word
from stories.story import ACTIVATED, HINT, MADE, Story

if TYPE_CHECKING:
    from collections.abc import Callable

VENV = "python3 -m venv --without-pip .venv"
PROGRAM = os.path.join(sys.prefix, "bin", "autovenv")

# ---- allow ----------------------------------------------------------------------------------------


def test_allow_switches_on_what_was_off(story: Story) -> None:
    story.venv("p/.venv")
    terminal = story.terminal()
    story.hinted_once(terminal.opened)
    story.is_off(terminal.opened)
    seen = terminal.types("autovenv allow")
    assert seen.status == 0
    story.is_on(seen)
    story.stays_on(terminal)


def test_allow_from_a_folder_below_means_the_project(story: Story) -> None:
    story.venv("p/.venv")
    os.makedirs(f"{story.project}/src/deep")
    terminal = story.terminal(f"{story.project}/src/deep")
    assert "autovenv:" not in terminal.opened.said
    story.is_on(terminal.types("autovenv allow"))
    assert story.markers() == [story.project]


def test_allow_of_a_named_project_counts_there(story: Story) -> None:
    story.venv("p/.venv")
    terminal = story.terminal(story.path())
    story.is_off(terminal.types("autovenv allow p"))
    story.is_on(terminal.types("cd p"))


def test_the_program_itself_does_what_the_function_does(story: Story) -> None:
    assert os.path.exists(PROGRAM), "autovenv is not installed in the test environment"
    story.venv("p/.venv")
    terminal = story.terminal()
    story.is_off(terminal.opened)
    story.run(PROGRAM, "allow", cwd=story.project, PWD=story.project)
    terminal.types("cd ..")
    story.is_on(terminal.types("cd p"))
    story.stays_on(terminal)
    story.run(PROGRAM, "deny", story.project)
    story.is_off(story.terminal().opened)


def test_allow_refuses_with_the_reason_and_changes_nothing(story: Story) -> None:
    story.arm(story.venv("p/.venv"), "ls")
    terminal = story.terminal()
    story.hinted_once(terminal.opened)
    seen = terminal.types("autovenv allow")
    assert seen.status == 1
    assert "would run in place of your command ls" in seen.said
    assert "autovenv allow --command ls" in seen.said
    story.is_off(seen)
    assert not story.remembered()
    story.is_on(terminal.types("autovenv allow --command ls"))
    assert not story.ran


def test_allow_binds_an_environment_elsewhere(story: Story) -> None:
    venv = story.venv("envs/science")
    terminal = story.terminal()
    seen = terminal.types("autovenv allow --venv ../envs/science")
    assert seen.status == 0, seen.said
    story.is_on(seen, venv)
    assert seen.prompt == "(science) "
    story.is_off(terminal.types("cd .."))
    story.is_on(terminal.types("cd p"), venv)
    story.is_on(story.terminal().opened, venv)


def test_allow_of_nothing_says_how_to_make_one(story: Story) -> None:
    seen = story.terminal().types("autovenv allow")
    assert seen.status == 1
    assert "python3 -m venv .venv" in seen.said
    assert not story.remembered()


# ---- allow --under --------------------------------------------------------------------------------


@pytest.mark.parametrize("made", ["sh ../make-one", "../make-one; true", f"sh -c '{VENV}'", VENV])
def test_below_a_folder_that_was_named_any_environment_of_mine_switches_on(story: Story, made: str) -> None:
    story.program("w/make-one", VENV)
    terminal = story.terminal()
    seen = terminal.types("autovenv allow --under ..")
    assert seen.status == 0, seen.said
    seen = terminal.types(made)
    assert HINT not in seen.said
    story.is_on(seen)
    story.stays_on(terminal)


def test_below_a_folder_that_was_named_an_older_environment_of_mine_switches_on(story: Story) -> None:
    story.venv("p/.venv")
    terminal = story.terminal(story.path())
    terminal.types("autovenv allow --under .")
    seen = terminal.types("cd p")
    assert "autovenv:" not in seen.said
    story.is_on(seen)
    story.stays_on(terminal)


def test_below_a_folder_that_was_named_a_committed_environment_stays_off(story: Story) -> None:
    story.run("git", "init", "-q", story.path("source"))
    story.hostile("source/.venv")
    story.run("git", "add", "-f", ".venv", cwd=story.path("source"))
    story.run("git", "commit", "-qm", "1", cwd=story.path("source"))
    terminal = story.terminal(story.path())
    terminal.types("autovenv allow --under .")
    story.refused(terminal.types("git clone -q source q && cd q"), Word.TRACKED)
    for line in ("true", "cd ..", "cd q"):
        seen = terminal.types(line)
        story.is_off(seen)
        assert "autovenv:" not in seen.said, "told once"
    fresh = story.terminal(story.path("q")).opened
    story.is_off(fresh)
    story.hinted_once(fresh)
    assert not story.markers()
    assert not story.ran
    # The control: the same environment outside a repository.
    shutil.copytree(story.path("source/.venv"), f"{story.project}/.venv", symlinks=True)
    story.is_on(terminal.types("cd ../p"))


def test_a_folder_where_strangers_files_land_cannot_be_named(story: Story) -> None:
    terminal = story.terminal()
    for folder in ("~", "/", "/tmp"):
        assert terminal.types(f"autovenv allow --under {folder}").status == 1
    assert not story.remembered()


def test_an_under_that_is_taken_back_ends(story: Story) -> None:
    terminal = story.terminal(story.path())
    terminal.types("autovenv allow --under .")
    assert terminal.types("autovenv deny --under .").status == 0
    story.venv("p/.venv")
    story.hinted_once(terminal.types("cd p"))


# ---- deny -----------------------------------------------------------------------------------------


def test_deny_means_off_and_no_hint_ever_again(story: Story) -> None:
    terminal = story.terminal()
    story.is_on(terminal.types(VENV))
    story.is_off(terminal.types("autovenv deny"))
    activate = "activate.fish" if story.shell.name == "fish" else "activate"
    for line in ("true", "cd ..", "cd p", f"{VENV} --clear", f"rm -rf .venv; {VENV}"):
        seen = terminal.types(line)
        story.is_off(seen)
        assert "autovenv:" not in seen.said
    assert ACTIVATED not in terminal.types(f"source .venv/bin/{activate}").said
    fresh = story.terminal()
    story.is_off(fresh.opened)
    assert "autovenv:" not in fresh.opened.said
    assert not story.markers()
    story.is_on(fresh.types("autovenv allow"))


# ---- projects -------------------------------------------------------------------------------------


def test_projects_lists_what_is_allowed_and_prune_forgets_what_is_gone(story: Story) -> None:
    terminal = story.terminal()
    assert MADE in terminal.types(VENV).said
    assert MADE in terminal.types(f"mkdir ../q && cd ../q && {VENV}").said
    listed = terminal.types("autovenv projects").said
    assert story.project in listed
    assert story.path("q") in listed
    terminal.types("rm -rf .venv")
    assert "q" in terminal.types("autovenv projects --prune").said
    assert story.markers() == [story.project]
    seen = terminal.types(f"mkdir .venv; touch .venv/x; {VENV}")
    assert seen.said.count(MADE) == 1, "what was forgotten is new again"


def test_off_and_on_are_for_this_terminal_only(shell: str, tell: Callable[..., Story]) -> None:
    story = tell(shell)
    terminal = story.terminal()
    story.is_on(terminal.types(VENV))
    story.is_off(terminal.types("autovenv off"))
    story.is_on(story.terminal().opened)
    seen = terminal.types(f"mkdir ../q; cd ../q; {VENV}")
    story.is_off(seen)
    assert HINT not in seen.said
    terminal.types("cd ../p")
    story.is_on(terminal.types("autovenv on"))
