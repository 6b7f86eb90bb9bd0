from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovenv import venvcfg
from autovenv.venvcfg import Config
from autovenv.words import Refused, Word

VENV = b"""home = /usr/bin
include-system-site-packages = false
version = 3.12.3
prompt = 'my proj'
executable = /usr/bin/python3.12
command = /usr/bin/python3 -m venv --prompt my proj /p/.venv
"""
VIRTUALENV = b"""home = /usr/bin
implementation = CPython
version_info = 3.11.2.final.0
virtualenv = 20.26
include-system-site-packages = true
base-prefix = /usr
base-exec-prefix = /usr
base-executable = /usr/bin/python3.11
"""
UV = b"home = /usr/bin\nimplementation = CPython\nuv = 0.4.0\nversion_info = 3.12.3\nprompt = demo\n"


def write(folder, data):
    (folder / "pyvenv.cfg").write_bytes(data)
    return str(folder)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (VENV, Config("/usr/bin", "3.12.3", "my proj", "venv", "/usr/bin/python3.12")),
        (VIRTUALENV, Config("/usr/bin", "3.11.2.final.0", "", "virtualenv", "/usr/bin/python3.11", True)),
        (UV, Config("/usr/bin", "3.12.3", "demo", "uv")),
        (b"HOME=/usr/bin", Config("/usr/bin")),
        (b"home = /usr/bin\r\nversion = 3.10\r\n", Config("/usr/bin", "3.10")),
        (b"home = /usr/bin\nno equals sign\n\n", Config("/usr/bin")),
        (b"home = /a=b\n", Config("/a=b")),
        (b"home = /caf\xe9\n", Config("/caf\udce9")),
    ],
)
def test_what_the_makers_write_is_read(tmp_path, data, expected):
    assert venvcfg.read(write(tmp_path, data)) == expected


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", Word.NO_HOME),
        (b"version = 3\n", Word.NO_HOME),
        (b"home =\n", Word.NO_HOME),
        (b"home = /a\nhome = /b\n", Word.BAD_CONFIG),
        (b"home = /a\nHome = /b\n", Word.BAD_CONFIG),
        (b"home = /a\n home=/a\n", Word.BAD_CONFIG),
        (b"home = /a\0\n", Word.BAD_CONFIG),
        (b"home = /a\rhome = /b\n", Word.BAD_CONFIG),
        (b"home = /a\x0chome = /b\n", Word.BAD_CONFIG),
        (b"home = /a\x1eb\n", Word.BAD_CONFIG),
        (b"home = /a\n" + b"#" * (64 * 1024), Word.BAD_CONFIG),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(tmp_path, data, word):
    with pytest.raises(Refused) as caught:
        venvcfg.read(write(tmp_path, data))
    assert caught.value.word is word
    assert caught.value.path == str(tmp_path / "pyvenv.cfg")


def test_a_file_of_exactly_the_limit_is_read(tmp_path):
    data = b"home = /a\n"
    assert venvcfg.read(write(tmp_path, data + b"#" * (venvcfg.LIMIT - len(data)))).home == "/a"


@pytest.mark.parametrize("kind", ["missing", "folder", "link", "fifo", "no venv"])
def test_what_is_no_regular_file_is_no_configuration(tmp_path, kind):
    path, venv = tmp_path / "pyvenv.cfg", tmp_path
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        (tmp_path / "real").write_bytes(VENV)
        path.symlink_to("real")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "no venv":
        venv = tmp_path / "not" / "there"
    with pytest.raises(Refused) as caught:
        venvcfg.read(str(venv))
    assert caught.value.word is Word.NO_CONFIG


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "any-bytes"
    folder.mkdir(exist_ok=True)
    try:
        assert venvcfg.read(write(folder, data)).home
    except Refused as refused:
        assert refused.word in {Word.NO_HOME, Word.BAD_CONFIG}


@pytest.mark.parametrize(
    ("prompt", "folder", "expected"),
    [
        ("", ".venv", ".venv"),
        ("demo", ".venv", "demo"),
        ("my proj", ".venv", "my proj"),
        ("$(rm -rf ~)`x`%n\\w", ".venv", "rm -rf xnw"),
        ("\x1b[31m", ".venv", "31m"),
        ("日本", ".venv", ".venv"),
        ("日本", "環境", "venv"),
        ("a" * 100, ".venv", "a" * 64),
        ("  ", ".venv", ".venv"),
        ("\udcff\udcfe", ".venv", ".venv"),
    ],
)
def test_the_label_has_only_letters_that_no_shell_runs(prompt, folder, expected):
    assert venvcfg.label(f"/p/{folder}", Config("/usr/bin", prompt=prompt)) == expected


def test_the_prompt_of_a_real_environment_is_its_label(tmp_path):
    words = [sys.executable, "-m", "venv", "--without-pip", "--prompt", "my proj", str(tmp_path / "v")]
    subprocess.run(words, check=True)
    config = venvcfg.read(str(tmp_path / "v"))
    assert (config.creator, venvcfg.label(str(tmp_path / "v"), config)) == ("venv", "my proj")
