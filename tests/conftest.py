"""What every test gets: a home of its own, and the certainty that each shell is really there."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

import engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Variables that would lead a test out of its own home, or change what a hook decides.
FOREIGN = (
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
    "VIRTUAL_ENV_DISABLE_PROMPT",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
)
PREFIXES = ("AUTOVENV_", "_AUTOVENV_", "_OLD_VIRTUAL_", "GIT_", "PYTHON")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty home folder, and no trace of the environment of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    # At its first start in a home fish makes completions from all man pages, in the background.
    (home / ".local/share/fish/generated_completions").mkdir(parents=True)
    for name in list(os.environ):
        if name in FOREIGN or (name.startswith(PREFIXES) and name != "PYTHONPATH"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ZDOTDIR", str(home))
    for name, folder in (
        ("CONFIG", ".config"),
        ("DATA", ".local/share"),
        ("CACHE", ".cache"),
        ("STATE", ".local/state"),
    ):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / folder))
    return home


def program(name: str) -> str:
    """Return the absolute path of a program that the tests need; a missing one is a failure, never a skip."""
    if name == "pwsh" and engine.pwsh() is None and not engine.in_ci():
        pytest.skip(engine.MISSING)
    found = engine.pwsh() if name == "pwsh" else shutil.which(name)
    if found is None:
        pytest.fail(
            f"{name} is not installed, and the tests run it. The test command in CONTRIBUTING.md installs it."
        )
    return os.path.abspath(found)


@pytest.fixture(scope="session")
def find_program() -> Callable[[str], str]:
    """Return :func:`program`, for tests that start a shell or a tool."""
    return program
