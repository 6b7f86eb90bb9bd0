"""What a person is told to type: each shell's own spelling, and really one word in those that are here."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovenv import spelling
from conftest import program as find_program

VENV = r"C:\my code\p\.venv"
PRINT = {
    "bash": ["bash", "--norc", "--noprofile", "-c"],
    "zsh": ["zsh", "-f", "-c"],
    "fish": ["fish", "--no-config", "-c"],
    "pwsh": ["pwsh", "-NoProfile", "-NonInteractive", "-Command"],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/a/b-c.d", "/a/b-c.d"), ("/a b", "'/a b'"), ("/a'b", "'/a'\\''b'"), ("/$(x)", "'/$(x)'"), ("", "''")],
)
def test_a_path_can_be_typed_as_it_is_printed(path, expected):
    assert spelling.of("bash", windows=False).word(path) == expected


@pytest.mark.parametrize(
    ("shell", "path", "expected"),
    [
        ("cmd", r"C:\p\.venv", r"C:\p\.venv"),
        ("cmd", r"C:\a b", r'"C:\a b"'),
        ("cmd", r"C:\R&D", r'"C:\R&D"'),
        ("powershell", r"C:\p\.venv", r"C:\p\.venv"),
        ("powershell", r"C:\a b", r"'C:\a b'"),
        ("powershell", r"C:\it's", r"'C:\it''s'"),
        ("powershell", "C:\\it\u2019s", "'C:\\it\u2019\u2019s'"),
        ("powershell", r"C:\$x", r"'C:\$x'"),
        ("bash", r"C:\p", r"'C:\p'"),
        ("", r"C:\p", r"C:\p"),
        ("", r"C:\a b", r'"C:\a b"'),
    ],
)
def test_a_windows_path_is_spelled_by_the_asking_shell(shell, path, expected):
    assert spelling.of(shell, windows=True).word(path) == expected


@pytest.mark.parametrize(
    ("shell", "windows", "make", "activate"),
    [
        ("bash", False, "python3 -m venv --clear '/a b'", "source '/a b/bin/activate'"),
        ("fish", False, "python3 -m venv --clear '/a b'", "source '/a b/bin/activate.fish'"),
        ("powershell", False, "python3 -m venv --clear '/a b'", "& '/a b/bin/Activate.ps1'"),
        ("", False, "python3 -m venv --clear '/a b'", "source '/a b/bin/activate'"),
        ("cmd", True, 'python -m venv --clear "/a b"', r'"/a b\Scripts\activate.bat"'),
        ("powershell", True, "python -m venv --clear '/a b'", r"& '/a b\Scripts\Activate.ps1'"),
        ("bash", True, "python -m venv --clear '/a b'", r"source '/a b\Scripts\activate'"),
        ("", True, 'python -m venv --clear "/a b"', r'"/a b\Scripts\activate.bat"'),
    ],
)
def test_making_and_activating(shell, windows, make, activate):
    known = spelling.of(shell, windows=windows)
    assert known.make("/a b", clear=True) == make
    assert known.activate("/a b") == activate


def test_the_second_command_runs_after_the_first_in_each_shell():
    assert spelling.of("cmd", windows=True).make_in(r"C:\p q") == r'cd /d "C:\p q" && python -m venv .venv'
    assert spelling.of("powershell", windows=True).make_in(r"C:\p") == r"cd C:\p; python -m venv .venv"
    assert spelling.of("zsh", windows=False).make_in("/p") == "cd /p && python3 -m venv .venv"


@pytest.mark.parametrize(
    ("shell", "unset", "export"),
    [
        ("bash", "unset X", "export X=1"),
        ("fish", "set -e X", "set -gx X 1"),
        ("powershell", "Remove-Item Env:X", "$env:X = '1'"),
        ("cmd", 'set "X="', 'set "X=1"'),
    ],
)
def test_variables(shell, unset, export):
    known = spelling.of(shell, windows=True)
    assert (known.unset.format("X"), known.export.format("X", "1")) == (unset, export)


TEXTS = st.lists(
    st.text(st.sampled_from("ab Z09 /\\'\"$`!;&|<>()[]{}*?~#%^=,@-+_.é\u2018\u2019\u201c日"), max_size=20),
    min_size=1,
    max_size=40,
)


@pytest.mark.parametrize("shell", PRINT)
@settings(max_examples=25, deadline=None)
@given(texts=TEXTS)
def test_a_word_is_that_word_in_the_real_shell(shell, texts):
    known = spelling.of(shell, windows=False)
    program, *words = PRINT[shell]
    if shell == "pwsh":
        line = "".join(f"[Console]::Out.Write({known.quote(text)} + '|');" for text in texts)
    else:
        line = "".join(f"printf '%s|' {known.word(text)};" for text in texts)
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [find_program(program), *words, line], env=environ, capture_output=True, timeout=60, check=True
    )
    assert done.stdout.decode() == "".join(f"{text}|" for text in texts)
