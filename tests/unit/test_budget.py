"""``verify`` is started from a prompt: what it imports is counted, because that is what it costs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autovenv import entry

SOURCE = os.path.dirname(os.path.dirname(entry.__file__))
HEAVY = {
    "click",
    "re",
    "typing",
    "pathlib",
    "subprocess",
    "argparse",
    "dataclasses",
    "inspect",
    "shutil",
    "tempfile",
}
# Counted without site: autovenv's own 12, os and enum with what they need; 34 on CPython 3.11.
LIMIT = 38
RUN = """
import sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
from autovenv import entry
code = entry.main(sys.argv[2:])
print(code, *sorted(set(sys.modules) - before))
"""


def modules(*words, **environ):
    """Run the program in a bare interpreter; return its status and the modules that it imported."""
    whole = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environ}
    command = [sys.executable, "-I", "-S", "-c", RUN, SOURCE, *map(str, words)]
    done = subprocess.run(command, env=whole, capture_output=True, text=True, check=True)
    code, *names = done.stdout.split()
    return int(code), set(names)


@pytest.fixture
def line(project):
    since = str(int((project / ".venv/pyvenv.cfg").stat().st_mtime))
    return {"_AUTOVENV_LINE": "uv venv", "_AUTOVENV_STATUS": "0", "_AUTOVENV_SINCE": since}


def test_verify_imports_little_and_nothing_heavy(home, project, line, git):
    git(project, "init", "-q")
    words = ["verify", "--home", home.path, "--shell", "bash"]
    code, first = modules(*words, "--line", project, **line)
    assert code == 0
    code, again = modules(*words, "--place", project)
    assert code == 0
    for names in (first, again):
        assert {"autovenv.verify", "autovenv.gitindex", "autovenv.trust"} <= names
        assert not names & HEAVY
        assert len(names) <= LIMIT, sorted(names)


def test_the_counter_sees_click_when_the_commands_are_loaded():
    script = "import sys; sys.path[:0] = sys.argv[1:]; from autovenv import cli; print(*sys.modules)"
    import click

    folder = os.path.dirname(os.path.dirname(click.__file__))
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, SOURCE, folder], capture_output=True, text=True, check=True
    )
    assert {"click", "re", "typing"} <= set(done.stdout.split())


def test_group_and_user_lists_are_loaded_only_where_a_group_may_write(home, project, line):
    words = ["verify", "--home", home.path, "--shell", "bash", "--line", project]
    assert "grp" not in modules(*words, **line)[1]
    (project / ".venv").chmod(0o775)
    assert "grp" in modules(*words, **line)[1]
