"""What a command is, told from its place and what lies beside it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autovenv.identify import What, identify, is_python


@pytest.fixture
def python(tmp_path):
    """Make a python at a place below tmp_path that nobody may run."""

    def python(place, target=None):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if target is None:
            path.write_text("\x7fELF")
            path.chmod(0o755)
        else:
            path.symlink_to(target)
        return str(path)

    return python


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("python", True),
        ("python3", True),
        ("python3.13t", True),
        ("pypy3.10", True),
        ("pip", False),
        ("python-config", False),
        ("python3-futurize", False),
        ("ipython", False),
    ],
)
def test_the_name_of_an_interpreter_is_known(name, answer):
    assert is_python(f"/x/{name}") is answer


@pytest.mark.parametrize(
    ("place", "what", "tool", "version"),
    [
        (".pyenv/versions/3.12.1/bin/python3.12", What.MANAGED, "pyenv", "3.12.1"),
        (".local/share/mise/installs/python/3.13.0/bin/python3.13", What.MANAGED, "mise", "3.13.0"),
        (".asdf/installs/python/3.11.4/bin/python3.11", What.MANAGED, "asdf", "3.11.4"),
        (".rye/py/cpython@3.12.3/bin/python3.12", What.MANAGED, "rye", "3.12.3"),
        (
            ".local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3.13",
            What.MANAGED,
            "uv",
            "3.13.1",
        ),
        ("opt/Cellar/python@3.12/3.12.8/bin/python3.12", What.MANAGED, "Homebrew", "3.12.8"),
        ("my-3.9.1-project/bin/python3.12", What.FILE, "", "3.12"),
        ("my-3.9.1-project/bin/python", What.FILE, "", ""),
    ],
)
def test_managed_pythons_are_told_by_their_place(python, place, what, tool, version):
    known = identify(python(place))
    assert (known.what, known.tool, known.version) == (what, tool, version)


@pytest.mark.parametrize("tool", ["pyenv", "asdf", "rye"])
def test_a_shim_is_told_by_its_place_and_has_no_version(python, tool):
    known = identify(python(f".{tool}/shims/python3.12"))
    assert (known.what, known.tool, known.version) == (What.SHIM, tool, "")


def test_a_link_to_a_managed_python_is_managed(python, tmp_path):
    real = python(".local/share/uv/python/cpython-3.13.1-linux/bin/python3.13")
    known = identify(python(".local/bin/python", real))
    assert (known.what, known.tool, known.version, known.real) == (What.MANAGED, "uv", "3.13.1", real)


def test_conda_is_told_by_its_records_and_gives_its_version(python, tmp_path):
    path = python("conda/envs/x/bin/python3.11")
    meta = tmp_path / "conda/envs/x/conda-meta"
    meta.mkdir()
    (meta / "python-dateutil-2.8.2-py_0.json").touch()
    (meta / "python-3.11.4-h955ad1f_0.json").touch()
    known = identify(path)
    assert (known.what, known.root, known.version) == (What.CONDA, str(meta.parent), "3.11.4")


def test_the_header_beside_gives_the_whole_version(python, tmp_path):
    path = python("opt/bin/python3.12")
    include = tmp_path / "opt/include/python3.12"
    include.mkdir(parents=True)
    (include / "patchlevel.h").write_text('/* x */\n#define PY_VERSION          "3.12.7+"\n')
    assert identify(path).version == "3.12.7+"
    (include / "patchlevel.h").write_text('#define PY_VERSION "3.12\x1b[31m"\n')
    assert identify(path).version == "3.12"


def test_the_library_beside_gives_the_series_of_a_python_without_a_number(python, tmp_path):
    path = python("opt/bin/python")
    (tmp_path / "opt/lib/python3.10").mkdir(parents=True)
    assert identify(path).version == "3.10"
    (tmp_path / "opt/lib/python3.9").mkdir()
    assert identify(path).version == "", "two of them tell nothing"


def test_a_system_python_is_one(tmp_path):
    known = identify("/usr/bin/python3")
    assert known.what is What.SYSTEM
    assert known.version.startswith("3.")


def test_the_version_of_a_real_environment_is_that_of_its_python(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    known = identify(str(tmp_path / "v/bin/python"))
    assert (known.what, known.root) == (What.VENV, str(tmp_path / "v"))
    assert known.version == ".".join(map(str, sys.version_info[:3]))


def test_the_version_in_a_file_that_is_refused_is_not_repeated(python, tmp_path):
    path = python("v/bin/python")
    (tmp_path / "v/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.1.0\nversion = 3.2.0\n")
    assert identify(path).version == ""
    (tmp_path / "v/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.1.0\n")
    assert identify(path).version == "3.1.0"


def test_a_link_to_an_environments_python_is_outside_of_it_as_python_sees_it(python, tmp_path):
    inner = python("v/bin/python3.12")
    (tmp_path / "v/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.0\n")
    assert identify(python("bin/python", inner)).what is What.FILE
    assert identify(python("bin/tool", inner)).what is What.VENV, "a script brings its own interpreter"


@pytest.mark.parametrize(
    "text",
    [
        "#!{gone}/bin/python\n",
        "#! {gone}/bin/python -I\n",
        "#!/bin/sh\n'''exec' \"{gone}/my dir/python\" \"$0\" \"$@\"\n' '''\n",
        "#!/bin/sh\n'''exec' {gone}/bin/python \"$0\" \"$@\"\n' '''\n",
    ],
)
def test_a_script_whose_interpreter_is_gone_is_broken(tmp_path, text):
    script = tmp_path / "tool"
    script.write_text(text.replace("{gone}", "/nowhere"))
    assert identify(str(script)).what is What.BROKEN
    assert "/nowhere/" in identify(str(script)).problem
    script.write_text("#!/bin/sh\n")
    assert identify(str(script)).what is What.FILE


def test_a_dangling_link_is_broken_and_its_environment_is_named(tmp_path):
    (tmp_path / "v/bin").mkdir(parents=True)
    (tmp_path / "v/pyvenv.cfg").write_text("home = /nowhere\nversion = 3.9.1\n")
    (tmp_path / "v/bin/python").symlink_to("/nowhere/python3.9")
    known = identify(str(tmp_path / "v/bin/python"))
    assert (known.what, known.root, known.version) == (What.BROKEN, str(tmp_path / "v"), "3.9.1")
    assert "/nowhere/python3.9" in known.problem


@pytest.mark.parametrize("data", [b"", b"#!", b"#!\n", b"#!/bin/\0x\n", b"\xff\xfe\x00", b"#!" + b"/" * 5000])
def test_odd_files_are_described_without_an_error(tmp_path, data):
    (tmp_path / "tool").write_bytes(data)
    assert identify(str(tmp_path / "tool")).real == os.path.realpath(tmp_path / "tool")


def test_tools_that_keep_environments_are_named(python, tmp_path):
    python(".local/share/pipx/venvs/black/bin/black")
    (tmp_path / ".local/share/pipx/venvs/black/pyvenv.cfg").write_text("home = /usr/bin\n")
    link = python(".local/bin/black", tmp_path / ".local/share/pipx/venvs/black/bin/black")
    assert (identify(link).what, identify(link).tool) == (What.VENV, "pipx")
