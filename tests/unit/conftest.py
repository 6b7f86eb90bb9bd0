"""A state folder, a person, and environments that look like real ones, for the tests of the core."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from autovenv.trust import Home
from autovenv.verify import Person

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACTIVATE = "deactivate () {{ :; }}\nVIRTUAL_ENV={place}\nexport VIRTUAL_ENV\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """autovenv's own folder, empty."""
    path = tmp_path / "state" / "autovenv"
    path.mkdir(parents=True, mode=0o700)
    return Home(str(path))


@pytest.fixture
def person(own_home: Path) -> Person:
    """The user of this process, with a private group of their own, on no Windows drive."""
    return Person(
        uid=os.geteuid(),
        home=str(own_home),
        private_group=lambda gid: gid == os.getegid(),
        windows_drive=lambda path: False,
        temporary=frozenset({"/tmp", "/var/tmp"}),
    )


def build(venv: Path, *, config: str | None = None, activate: bool = True) -> Path:
    """Lay down what ``python -m venv --without-pip`` does, without waiting for it."""
    (venv / "bin").mkdir(parents=True)
    for folder in (venv, venv / "bin"):
        folder.chmod(0o755)
    base = os.path.realpath(sys.executable)
    (venv / "bin" / "python").symlink_to(base)
    (venv / "bin" / "python3").symlink_to("python")
    text = f"home = {os.path.dirname(base)}\nversion = 3.11.7\n" if config is None else config
    (venv / "pyvenv.cfg").write_bytes(os.fsencode(text))
    (venv / "pyvenv.cfg").chmod(0o644)
    if activate:
        (venv / "bin" / "activate").write_bytes(os.fsencode(ACTIVATE.format(place=venv)))
    return venv


@pytest.fixture
def make_venv() -> Callable[..., Path]:
    """Return :func:`build`."""
    return build


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an environment in ``.venv`` that nothing is wrong with."""
    folder = tmp_path / "code" / "project"
    folder.mkdir(parents=True)
    for one in (folder.parent, folder):
        one.chmod(0o755)
    build(folder / ".venv")
    return folder


@pytest.fixture
def git(own_home: Path) -> Callable[..., str]:
    """Run git in a folder, with no configuration but the test's."""

    def run(folder: Path, *words: str) -> str:
        settings = (
            "user.name=t",
            "user.email=t@example.org",
            "protocol.file.allow=always",
            "init.defaultBranch=main",
        )
        options = [word for setting in settings for word in ("-c", setting)]
        done = subprocess.run(["git", *options, *words], cwd=folder, check=True, capture_output=True)
        return os.fsdecode(done.stdout)

    return run
