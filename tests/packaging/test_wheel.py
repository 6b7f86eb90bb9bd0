"""The built wheel, installed where the sources are out of the way."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BROUGHT = sorted(
    path for folder in ("shims", "completions") for path in (ROOT / folder).rglob("*") if path.is_file()
)
PASSED_ON = ("PIP_", "UV_", "SSL_", "REQUESTS_", "CURL_", "HTTP_", "HTTPS_", "NO_PROXY", "http", "no_proxy")


def environ_in(home):
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    return {**passed_on, "HOME": str(home), "PATH": os.environ["PATH"], "SHELL": "/bin/bash"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of this module's own, which is also the home of what it runs."""
    return tmp_path_factory.mktemp("packaging")


@pytest.fixture(scope="module")
def built(folder):
    """The wheel and the source archive, built as a packager does."""
    done = subprocess.run(
        ["uv", "build", "--quiet", "--out-dir", folder / "dist", ROOT],
        env=environ_in(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "dist"


@pytest.fixture(scope="module")
def program(built, folder):
    """The program of a fresh environment that has nothing but the wheel."""
    [wheel] = built.glob("*.whl")
    for words in (
        ["venv", "--quiet", folder / "venv"],
        ["pip", "install", "--quiet", "--python", folder / "venv", wheel],
    ):
        done = subprocess.run(
            ["uv", *words], env=environ_in(folder), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return folder / "venv/bin/autovenv"


@pytest.fixture
def home(tmp_path):
    """A home folder for the installed program."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def run(program, home, *words):
    done = subprocess.run(
        [program, *words],
        cwd=home,
        env=environ_in(home),
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_there_are_hooks_and_completions_to_be_brought():
    assert {"hook.bash", "hook.zsh", "hook.fish", "autovenv.bash", "_autovenv", "autovenv.fish"} <= {
        path.name for path in BROUGHT
    }


@pytest.mark.parametrize("path", BROUGHT, ids=lambda path: path.name)
def test_the_wheel_brings_every_file_byte_for_byte(built, path):
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(f"autovenv/{path.relative_to(ROOT)}") == path.read_bytes()


def test_the_wheel_brings_nothing_but_the_package(built):
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"autovenv"}


def test_the_source_archive_can_be_installed_from(built):
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {
        "install.py",
        "shims/hook.bash",
        "completions/_autovenv",
        "src/autovenv/cli.py",
        "LICENSE",
    } <= names


def test_the_installed_program_prints_the_line_and_writes_what_it_loads(program, home):
    data = home / ".local/share/autovenv"
    assert run(program, home, "hook", "bash") == f"[ ! -r '{data}/hook.bash' ] || . '{data}/hook.bash'\n"
    assert (data / "hook.bash").read_bytes() == (ROOT / "shims/hook.bash").read_bytes()
    assert (data / "cli").read_text() == f"{program}\n"


def test_the_installed_program_shows_what_it_would_change(program, home):
    shown = run(program, home, "install-hook", "--dry-run", "bash")
    assert "+# >>> autovenv >>>" in shown.splitlines()
    assert list(home.iterdir()) == []


def test_the_installed_program_does_not_come_from_the_sources(program, home):
    python = program.with_name("python")
    code = "import autovenv, autovenv.paths as p; print(autovenv.__file__); print(p.hook_source('bash'))"
    found = subprocess.run([python, "-I", "-c", code], cwd=home, capture_output=True, text=True, check=True)
    for line in found.stdout.splitlines():
        assert Path(line).is_relative_to(program.parents[1])


def test_the_wheel_brings_the_schemas_and_what_a_terminal_and_a_windows_program_need(built, program, home):
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    wanted = {f"autovenv/schemas/{name}.schema.json" for name in ("which", "where", "status", "doctor")}
    assert wanted <= set(names)
    python = program.with_name("python")
    subprocess.run([python, "-I", "-c", "from autovenv import panel; import pefile"], cwd=home, check=True)
    assert run(program, home, "where", "--json", "sh").startswith("{")
