"""install.py, for real, in a home of its own: in, and out again without a trace."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SYSTEM = "/usr/bin/python3"
PYTHONS = [sys.executable, *([SYSTEM] if os.path.exists(SYSTEM) else [])]
# How this machine reaches its package index.
PASSED_ON = ("PIP_", "UV_", "SSL_", "REQUESTS_", "CURL_", "HTTP_", "HTTPS_", "NO_PROXY", "http", "no_proxy")


@pytest.fixture
def home(tmp_path):
    """An empty home folder with a .bashrc."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bashrc").write_bytes(b"x=1")
    return home


def environ_in(home):
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    # pip starts a rustc that it finds on PATH, and that may write into the home folder.
    path = f"{os.path.dirname(shutil.which('uv') or '')}:/usr/local/bin:/usr/bin:/bin"
    return {**passed_on, "HOME": str(home), "PATH": path, "SHELL": "/bin/bash"}


def install(python, home, *words):
    command = [python, ROOT / "install.py", *words]
    return subprocess.run(
        command,
        cwd=home,
        env=environ_in(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def names(home):
    return sorted(str(path.relative_to(home)) for path in home.rglob("*"))


@pytest.mark.parametrize("python", PYTHONS)
def test_from_nothing_to_a_hook_that_loads_and_back(python, home):
    done = install(python, home, "bash")
    assert done.returncode == 0, done.stderr
    assert "Installed for bash: 3 lines in ~/.bashrc" in done.stdout
    program = home / ".local/share/autovenv-app/bin/autovenv"
    assert (home / ".local/share/autovenv/cli").read_text() == f"{program}\n"
    assert os.readlink(home / ".local/bin/autovenv") == str(program)
    version = subprocess.run(
        ["bash", "-ic", "autovenv --version"], env=environ_in(home), capture_output=True, check=False
    )
    assert version.stdout.startswith(b"autovenv ")

    again = install(python, home, "bash")
    assert "Already installed for bash" in again.stdout, again.stderr

    back = install(python, home, "--uninstall")
    assert back.returncode == 0, back.stderr
    assert back.stdout.splitlines()[-1] == "Removed autovenv."
    assert names(home) == [".bashrc"]
    assert (home / ".bashrc").read_bytes() == b"x=1"


def test_with_uv_the_tool_keeps_the_program_and_removes_it(home):
    done = install(sys.executable, home, "--with", "uv", "bash")
    assert done.returncode == 0, done.stderr
    assert (home / ".local/share/autovenv/cli").read_text() == f"{home}/.local/bin/autovenv\n"
    back = install(sys.executable, home, "--uninstall")
    assert back.stdout.splitlines()[-1] == "Removed autovenv."
    assert not (home / ".local/bin/autovenv").exists()
    assert (home / ".bashrc").read_bytes() == b"x=1"


def test_uninstalling_what_is_not_there_says_so(home):
    done = install(sys.executable, home, "--uninstall")
    assert (done.stdout, done.stderr, done.returncode) == ("There was no autovenv to remove.\n", "", 0)
    assert names(home) == [".bashrc"]


def test_a_wrong_way_is_told_of(home):
    done = install(sys.executable, home, "--with", "brew")
    assert (done.stderr, done.returncode) == ("autovenv: --with needs one of: venv, uv, pipx\n", 1)


def test_a_home_of_another_user_is_left_alone(home):
    if os.geteuid() != 0:
        pytest.fail("this test gives a folder to another user, so it runs as root; CI does")
    os.chown(home, 65534, 65534)
    done = install(sys.executable, home, "bash")
    assert done.stderr == f"autovenv: {home} belongs to another user; run this without sudo\n"
    assert (done.returncode, names(home)) == (1, [".bashrc"])


# --- Machines that lack something --------------------------------------------------------------------


@pytest.fixture
def module(home, monkeypatch):
    """install.py as a module, in the home of the test."""
    spec = importlib.util.spec_from_file_location("install", ROOT / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return module


def failing(command):
    return subprocess.CompletedProcess(command, 1, "", "no")


@pytest.mark.parametrize(
    ("manager", "remedy"),
    [
        ("apt-get", "run: sudo apt install python3-venv"),
        ("dnf", "run: sudo dnf install python3-pip"),
        ("apk", "run: apk add py3-pip"),
        ("none", "install the parts `venv` and `ensurepip` of this Python"),
    ],
)
def test_without_venv_pip_uv_and_pipx_the_one_missing_package_is_named(
    module, home, monkeypatch, capsys, manager, remedy
):
    monkeypatch.setattr(module, "run", failing)
    monkeypatch.setattr(shutil, "which", lambda name: name if name == manager else None)
    assert module.main(["bash"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"autovenv: this Python ({sys.executable}) cannot make an environment",
        remedy,
    ]
    assert names(home) == [".bashrc"]


def test_a_failed_renewal_puts_the_old_program_back(module, home, monkeypatch):
    app = home / ".local/share/autovenv-app"
    app.mkdir(parents=True)
    (app / "old").touch()
    monkeypatch.setattr(module, "run", failing)
    with pytest.raises(module.Failed):
        module.with_venv()
    assert (app / "old").exists()


def test_an_old_python_names_a_newer_one(module, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "python3.12" else None)
    assert module.main([]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "autovenv: needs Python 3.10 or newer, and this is 3.9",
        "run: python3.12 install.py",
    ]


def test_a_program_that_was_there_is_not_replaced_by_the_link(module, home):
    other = home / ".local/bin/autovenv"
    other.parent.mkdir(parents=True)
    other.write_text("mine")
    assert module.link("/app/bin/autovenv") == []
    assert other.read_text() == "mine"


def test_its_syntax_is_that_of_python_3_8():
    import ast

    ast.parse((ROOT / "install.py").read_text(encoding="utf-8"), feature_version=(3, 8))
