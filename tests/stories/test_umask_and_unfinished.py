"""The umask of Ubuntu and Fedora desktops, users other than root, and a Debian without python3-venv."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import stat
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

import autovenv
from autovenv.words import Word
from conformance.world import python_outside
from stories.story import MADE, Story, complete_python, copy_of_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VENV = "python3 -m venv --without-pip .venv"

# ---- who may write --------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", ["022", "027", "077"])
def test_a_usual_umask_is_no_trouble(shell: str, umask: str, tell: Callable[..., Story]) -> None:
    story = tell(shell, rc=f"umask {umask}")
    terminal = story.terminal()
    seen = terminal.types(VENV)
    assert seen.said.count(MADE) == 1
    story.is_on(seen)
    story.stays_on(terminal)


def test_an_environment_that_everybody_can_write_to_stays_off(shell: str, tell: Callable[..., Story]) -> None:
    story = tell(shell, rc="umask 000")
    terminal = story.terminal()
    story.refused(terminal.types(VENV), Word.WRITABLE)
    assert stat.S_IMODE(os.stat(f"{story.project}/.venv").st_mode) == 0o777
    assert not story.markers()
    terminal.types("chmod -R go-w .venv")
    story.is_on(terminal.types("autovenv allow"))


def other_user() -> pwd.struct_passwd:
    """Return a user of this machine with a group of his own; no user is made for a test."""
    for user in pwd.getpwall():
        group = next((one for one in grp.getgrall() if one.gr_gid == user.pw_gid), None)
        if user.pw_uid and group and group.gr_name == user.pw_name and not group.gr_mem:
            return user
    raise AssertionError("no user with a group of his own")


def readable_python() -> str:
    """Return an interpreter that every user can start: this one may be in a home folder."""
    for path in (python_outside(), "/usr/bin/python3", "/usr/local/bin/python3"):
        real = os.path.realpath(path)
        above = [real]
        while above[-1] != "/":
            above.append(os.path.dirname(above[-1]))
        if all(os.path.exists(one) and os.stat(one).st_mode & stat.S_IXOTH for one in above):
            return real
    raise AssertionError("no python that every user can start")


@pytest.fixture
def common_ground() -> Iterator[str]:
    """Return a folder that another user can reach; pytest's own are closed to him."""
    root = tempfile.mkdtemp(prefix="autovenv-")
    yield root
    shutil.rmtree(root)


@pytest.mark.parametrize("umask", ["022", "002"])
@pytest.mark.parametrize("line", [VENV, "uv venv -q"])
def test_an_ordinary_user_with_a_group_of_his_own(
    shell: str, umask: str, line: str, common_ground: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(shell, common_ground, rc=f"umask {umask}", base=readable_python)
    try:
        if os.geteuid() == 0:
            become(story, other_user(), monkeypatch)
        terminal = story.terminal()
        assert terminal.types("id -u").said.strip() == str(os.stat(story.project).st_uid) != "0"
        seen = terminal.types(line)
        assert seen.said.count(MADE) == 1, seen.said
        story.is_on(seen)
        mode = os.stat(f"{story.project}/.venv/bin").st_mode
        assert bool(mode & stat.S_IWGRP) == (umask == "002")
        assert {stat.S_IMODE(os.stat(path).st_mode) & 0o077 for path in state_files(story)} == {0}
        story.stays_on(terminal)
    finally:
        story.close()


def state_files(story: Story) -> list[str]:
    """Return the folders and files of the mirror."""
    top = story.world.trust.trust
    return [os.path.join(folder, name) for folder, names, files in os.walk(top) for name in (*names, *files)]


def become(story: Story, user: pwd.struct_passwd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every terminal of this story be another user's."""
    root = story.world.root
    source = os.path.join(root, "source")
    shutil.copytree(os.path.dirname(autovenv.__file__), os.path.join(source, "autovenv"))
    story.program(
        os.path.relpath(os.path.join(story.world.state, "launcher"), root),
        f'PYTHONPATH={source} exec {story.base} -m autovenv "$@"',
    )
    shutil.copy(os.path.join(sys.prefix, "bin", "uv"), os.path.join(root, "uv"))
    story.program("tools/uv", f'exec {root}/uv "$@"')
    shell, setpriv = shutil.which(story.shell.name), shutil.which("setpriv")
    assert setpriv is not None, "setpriv (util-linux) is not installed"
    words = f"{setpriv} --reuid={user.pw_uid} --regid={user.pw_gid} --clear-groups {shell}"
    story.program(f"login/{story.shell.name}", f'exec {words} "$@"')
    monkeypatch.setenv("PATH", f"{root}/login:{os.environ['PATH']}")
    for folder, _, files in os.walk(root):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


# ---- half made ------------------------------------------------------------------------------------


def test_what_debian_leaves_without_python3_venv_is_told_of_and_mended(
    shell: str, tell: Callable[..., Story], tmp_path: Path
) -> None:
    story = tell(shell, base=lambda: copy_of_python(str(tmp_path), without=("ensurepip",)))
    terminal = story.terminal()
    seen = terminal.types("python3 -m venv .venv")
    assert seen.status == 1
    venv = f"{story.project}/.venv"
    assert os.path.isfile(f"{venv}/pyvenv.cfg")
    assert os.path.islink(f"{venv}/bin/python3")
    assert not [name for name in os.listdir(f"{venv}/bin") if not name.startswith("python")]
    story.refused(seen, Word.UNFINISHED)
    for line in ("true", "cd ..", "cd p"):
        seen = terminal.types(line)
        story.is_off(seen)
        assert "autovenv:" not in seen.said, (line, seen.said)
    seen = terminal.types("autovenv allow")
    assert seen.status == 1
    assert "python3-venv" in seen.said
    assert not story.markers()
    complete_python(story.base, "ensurepip")
    seen = terminal.types("python3 -m venv --clear .venv")
    assert seen.status == 0, seen.said
    assert seen.said.count(MADE) == 1, seen.said
    story.is_on(seen)
    assert terminal.types("command -v pip").said.endswith("/p/.venv/bin/pip")
    story.stays_on(terminal)


@pytest.mark.parametrize(
    "again", ["python3 -m venv .venv", "rm -rf .venv; python3 -m venv .venv", "uv venv --clear -q"]
)
def test_a_half_made_one_can_be_finished_in_other_ways(
    shell: str, again: str, tell: Callable[..., Story], tmp_path: Path
) -> None:
    story = tell(shell, base=lambda: copy_of_python(str(tmp_path), without=("ensurepip",)))
    terminal = story.terminal()
    story.refused(terminal.types("python3 -m venv .venv"), Word.UNFINISHED)
    seen = terminal.types(again.replace("-m venv", "-m venv --without-pip"))
    assert seen.said.count(MADE) == 1, seen.said
    story.is_on(seen)
    story.stays_on(terminal)


def test_a_half_made_one_under_umask_002(shell: str, tell: Callable[..., Story], tmp_path: Path) -> None:
    story = tell(shell, rc="umask 002", base=lambda: copy_of_python(str(tmp_path), without=("ensurepip",)))
    terminal = story.terminal()
    story.refused(terminal.types("python3 -m venv .venv"), Word.UNFINISHED)
    seen = terminal.types("python3 -m venv --clear --without-pip .venv")
    assert seen.said.count(MADE) == 1, seen.said
    story.is_on(seen)
