"""Real repositories and archives that bring, change or hide an environment. Nothing of them ever runs."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from autovenv.words import Word
from stories.story import HINT, MADE, Story

if TYPE_CHECKING:
    from stories.story import Terminal

VENV = "python3 -m venv --without-pip .venv"


def git(story: Story, folder: str, *words: str) -> None:
    """Run git in a folder below the folder of projects."""
    story.run("git", "-C", story.path(folder), *words)


def source(story: Story) -> None:
    """Make a repository that ignores .venv, as they should, with one commit."""
    story.file("w/source/.gitignore", ".venv\n")
    story.run("git", "init", "-q", "-b", "main", story.path("source"))
    git(story, "source", "add", ".")
    git(story, "source", "commit", "-qm", "1")


def commit(story: Story, *paths: str) -> None:
    """Commit paths of the source, ignored or not."""
    git(story, "source", "add", "-f", *paths)
    git(story, "source", "commit", "-qm", "more")


def own_clone(story: Story) -> Terminal:
    """Clone the source, and make an environment in it: the person's own, ignored, allowed and active."""
    story.run("git", "clone", "-q", story.path("source"), story.project)
    terminal = story.terminal()
    seen = terminal.types(VENV)
    assert seen.said.count(MADE) == 1
    story.is_on(seen)
    return terminal


def nothing_runs(story: Story, terminal: Terminal) -> None:
    """Assert that what people type without thinking is the system's."""
    for line in ("ls", "cd .", "command -v ls", "python3 -c 'print(1)'"):
        seen = terminal.types(line)
        story.is_off(seen)
        assert "/.venv/" not in seen.said
    assert not story.ran


def test_a_committed_environment_stays_cold_and_cannot_be_allowed(story: Story) -> None:
    source(story)
    story.arm(story.venv("source/.venv"))
    commit(story, ".venv")
    terminal = story.terminal(story.path())
    story.stays_cold(terminal.types("git clone -q source q && cd q"), terminal.types("true"))
    nothing_runs(story, terminal)
    assert terminal.types("autovenv allow").status == 1
    os.unlink(story.path("q/.venv/bin/ls"))
    seen = terminal.types("autovenv allow")
    assert seen.status == 1
    assert "is part of a git repository" in seen.said
    assert "git rm -r --cached" in seen.said
    nothing_runs(story, terminal)
    assert not story.remembered()


def test_a_pull_that_plants_a_command_in_my_own_environment_switches_it_off(story: Story) -> None:
    source(story)
    terminal = own_clone(story)
    story.arm(story.path("source/.venv"), "ls")
    commit(story, ".venv/bin/ls")
    seen = terminal.types("git pull -q")
    assert os.path.exists(f"{story.project}/.venv/bin/ls"), seen.said
    story.refused(seen, Word.TRACKED)
    nothing_runs(story, terminal)
    for line in ("cd ..", "cd p"):
        seen = terminal.types(line)
        story.is_off(seen)
        assert "autovenv:" not in seen.said, "told once"
    fresh = story.terminal()
    story.is_off(fresh.opened)
    assert "autovenv:" not in fresh.opened.said
    assert "part of a git repository" in fresh.types("autovenv allow").said
    # Taken back upstream, the person's own environment is as it was.
    git(story, "source", "rm", "-rqf", ".venv")
    git(story, "source", "commit", "-qm", "less")
    seen = terminal.types("git pull -q")
    assert "autovenv:" not in seen.said
    story.is_on(seen)
    assert not story.ran


def test_a_pull_that_plants_any_file_in_bin_switches_it_off(story: Story) -> None:
    source(story)
    terminal = own_clone(story)
    story.arm(story.path("source/.venv"), "innocent")
    commit(story, ".venv/bin/innocent")
    story.refused(terminal.types("git pull -q"), Word.TRACKED)
    nothing_runs(story, terminal)


def test_a_pull_that_changes_no_more_than_the_code_keeps_it_on(story: Story) -> None:
    source(story)
    terminal = own_clone(story)
    story.file("w/source/code.py", "x = 1\n")
    commit(story, "code.py")
    calls = story.world.calls()
    seen = terminal.types("git pull -q")
    assert "autovenv:" not in seen.said
    story.is_on(seen)
    assert story.world.calls() == calls


def test_a_forced_checkout_of_a_branch_with_an_environment_switches_it_off(story: Story) -> None:
    source(story)
    git(story, "source", "checkout", "-qb", "other")
    story.hostile("source/.venv")
    commit(story, ".venv")
    git(story, "source", "checkout", "-q", "main")
    terminal = own_clone(story)
    story.refused(terminal.types("git checkout -qf other"), Word.TRACKED)
    nothing_runs(story, terminal)
    story.is_off(terminal.types("git checkout -q main"))
    seen = terminal.types(f"rm -rf .venv; {VENV}")
    assert "autovenv:" not in seen.said, "an allowed one that is rebuilt"
    story.is_on(seen)
    assert not story.ran


@pytest.mark.parametrize("target", ["hidden/env", "../elsewhere/env"])
def test_a_link_that_a_repository_brings_is_not_followed(story: Story, target: str) -> None:
    source(story)
    story.hostile("source/hidden/env")
    story.hostile("elsewhere/env")
    os.symlink(target, story.path("source/.venv"))
    commit(story, ".venv", "hidden")
    terminal = story.terminal(story.path())
    seen = terminal.types("git clone -q source q && cd q")
    assert os.path.isfile(story.path("q/.venv/pyvenv.cfg"))
    assert "autovenv:" not in seen.said
    nothing_runs(story, terminal)
    assert not story.remembered()
    seen = terminal.types("autovenv allow")
    assert seen.status == 1
    assert "is part of a git repository" in seen.said


def test_a_link_of_my_own_is_followed_once_allowed_and_not_elsewhere(story: Story) -> None:
    story.venv("one/env")
    story.hostile("two/env")
    terminal = story.terminal()
    seen = terminal.types("ln -s ../one/env .venv")
    story.is_off(seen)
    assert not story.remembered()
    story.is_on(terminal.types("autovenv allow"))
    story.stays_on(terminal)
    seen = terminal.types("ln -sfn ../two/env .venv")
    story.refused(seen, Word.SYMLINK)
    assert not story.ran
    story.is_on(terminal.types("ln -sfn ../one/env .venv"))


def archive(story: Story, venv: str) -> None:
    """Pack an environment as it was long ago."""
    for folder, _, files in os.walk(venv, topdown=False):
        for path in (*(os.path.join(folder, name) for name in files), folder):
            os.utime(path, (1_000_000_000, 1_000_000_000), follow_symlinks=False)
    story.run("tar", "cf", story.path("old.tar"), "-C", os.path.dirname(venv), ".venv")


def test_an_old_archive_over_an_allowed_place_is_looked_at_again(story: Story) -> None:
    venv = story.arm(story.venv("other/.venv"), "ls", "python", "activate", "activate.fish")
    archive(story, venv)
    terminal = story.terminal()
    story.is_on(terminal.types(VENV))
    story.refused(terminal.types("rm -rf .venv; tar xf ../old.tar"), Word.SHADOWS_COMMAND)
    nothing_runs(story, terminal)
    story.is_off(story.terminal().opened)


def test_an_old_archive_without_guile_over_an_allowed_place_is_a_backup(story: Story) -> None:
    terminal = story.terminal()
    story.is_on(terminal.types(VENV))
    copy = story.path("copy/.venv")
    shutil.copytree(f"{story.project}/.venv", copy, symlinks=True)
    archive(story, copy)
    seen = terminal.types("rm -rf .venv; tar xf ../old.tar")
    assert "autovenv:" not in seen.said
    story.is_on(seen)


def test_a_submodule_with_an_environment_stays_cold(story: Story) -> None:
    source(story)
    story.hostile("source/.venv")
    commit(story, ".venv")
    story.run("git", "init", "-q", story.project)
    terminal = story.terminal()
    seen = terminal.types("git -c protocol.file.allow=always submodule --quiet add ../source sub && cd sub")
    assert os.path.isfile(f"{story.project}/sub/.venv/pyvenv.cfg"), seen.said
    story.stays_cold(seen)
    assert "is part of a git repository" in terminal.types("autovenv allow").said
    nothing_runs(story, terminal)


def test_a_worktree_with_an_environment_stays_cold(story: Story) -> None:
    source(story)
    git(story, "source", "branch", "plain")
    story.hostile("source/.venv")
    commit(story, ".venv")
    story.run("git", "clone", "-q", story.path("source"), story.project)
    terminal = story.terminal(story.path())
    terminal.types("git -C p worktree add -q ../tree -b new")
    seen = terminal.types("cd tree")
    assert os.path.isfile(story.path("tree/.venv/pyvenv.cfg")), seen.said
    story.stays_cold(seen)
    assert "is part of a git repository" in terminal.types("autovenv allow").said
    nothing_runs(story, terminal)


@pytest.mark.parametrize("kind", ["worktree", "submodule"])
def test_an_environment_of_my_own_in_such_a_place_counts(story: Story, kind: str) -> None:
    source(story)
    story.run("git", "clone", "-q", story.path("source"), story.project)
    if kind == "worktree":
        git(story, "p", "worktree", "add", "-q", "sub", "-b", "new")
    else:
        git(story, "p", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../source", "sub")
    terminal = story.terminal(f"{story.project}/sub")
    seen = terminal.types(VENV)
    assert seen.said.count(MADE) == 1, seen.said
    story.is_on(seen, f"{story.project}/sub/.venv")
    story.stays_on(terminal, f"{story.project}/sub")


def test_adding_my_own_environment_to_the_repository_switches_it_off_when_it_changes(story: Story) -> None:
    source(story)
    terminal = own_clone(story)
    terminal.types("git add -f .venv")
    story.arm(f"{story.project}/.venv", "extra")
    seen = terminal.types("true")
    story.refused(seen, Word.TRACKED)
    terminal.types("git rm -rqf --cached .venv")
    seen = terminal.types("autovenv allow")
    assert HINT not in seen.said
    story.is_on(seen)
