"""The completion files are what the commands of today give, and each shell takes them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ("autovenv.bash", "_autovenv", "autovenv.fish", "autovenv.ps1")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder that the generator has just filled, in a process with another hash seed."""
    folder = tmp_path_factory.mktemp("written")
    environ = {**os.environ, "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, ROOT / "tools/make_completions.py", folder], env=environ, check=True)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_committed_file_is_what_the_commands_give(written, name):
    fresh = (written / name).read_text(encoding="utf-8")
    assert (ROOT / "completions" / name).read_text(encoding="utf-8") == fresh, (
        "a command has changed; run: python tools/make_completions.py"
    )


@pytest.mark.parametrize("name", FILES)
def test_every_visible_command_and_option_is_in_it(name):
    text = (ROOT / "completions" / name).read_text(encoding="utf-8")
    for command in generator().commands():
        assert command.name in text
        for option in command.options:
            for spelling in option.names:
                assert spelling.lstrip("-") in text


def test_the_hidden_verify_is_in_none():
    names = [command.name for command in generator().commands()]
    assert "install-hook" in names
    assert "verify" not in names
    for name in FILES:
        assert "verify" not in (ROOT / "completions" / name).read_text(encoding="utf-8")


def generator():
    spec = importlib.util.spec_from_file_location("make_completions", ROOT / "tools/make_completions.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "command",
    [
        ["bash", "-n", "autovenv.bash"],
        ["zsh", "-f", "-n", "_autovenv"],
        ["fish", "--no-config", "--no-execute", "autovenv.fish"],
        ["fish_indent", "--check", "autovenv.fish"],
        ["shellcheck", "autovenv.bash"],
        ["shfmt", "-i", "2", "-ci", "-d", "autovenv.bash"],
    ],
    ids=lambda command: command[0],
)
def test_the_shell_and_its_linter_take_the_file(command):
    done = subprocess.run(command, cwd=ROOT / "completions", capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
