"""The search, compared with real shells where they can tell."""

from __future__ import annotations

import os
import subprocess

import pytest

from autovenv import search
from autovenv.facts import ShellFacts
from autovenv.search import Entry, Kind, Query


@pytest.fixture
def tree(tmp_path):
    """Folders a and b with a python each, c with one that is not executable, d with a dangling link."""
    for name in "abcd":
        (tmp_path / name).mkdir()
    for name in "abc":
        program(tmp_path / name / "python")
    (tmp_path / "c" / "python").chmod(0o644)
    (tmp_path / "d" / "python").symlink_to(tmp_path / "gone")
    return tmp_path


def program(path):
    path.write_text("#!/bin/sh\necho ran\n")
    path.chmod(0o755)
    return path


def ask(tree, folders, *, name="python", shell=None, path=None):
    joined = ":".join(
        folder if not folder or folder[0] in "./~" else str(tree / folder) for folder in folders
    )
    return search.candidates(Query(name, str(tree), joined if path is None else path, shell or ShellFacts()))


def bash(**known):
    return ShellFacts(shell="bash", hook=1, name="python", **known)


def test_the_first_folder_on_path_wins_and_all_are_kept(tree):
    found = ask(tree, ["b", "a", "b"])
    assert [one.path for one in found] == [str(tree / name / "python") for name in "bab"]
    assert [one.position for one in found] == [1, 2, 3]
    assert search.winner(found) == found[0]


def test_nothing_is_found_where_nothing_is(tree):
    assert ask(tree, ["a"], name="pythonic") == ()
    assert search.winner(()) is None


def test_what_cannot_run_is_shown_and_passed_over(tree):
    found = ask(tree, ["c", "d", "a"])
    assert [one.runs for one in found] == [False, False, True]
    assert found[0].why_not == "it is not executable"
    assert found[1].why_not == "its link leads nowhere"
    assert search.winner(found).path == str(tree / "a" / "python")


def test_a_folder_of_that_name_is_not_a_candidate(tree):
    (tree / "e" / "python").mkdir(parents=True)
    assert ask(tree, ["e"]) == ()


def test_a_pipe_of_that_name_does_not_run(tree):
    (tree / "e").mkdir()
    os.mkfifo(tree / "e" / "python", 0o755)
    (one,) = ask(tree, ["e"])
    assert not one.runs
    assert one.why_not == "it is no regular file"


def test_a_loop_of_links_is_broken(tree):
    (tree / "e").mkdir()
    (tree / "e" / "python").symlink_to("python")
    (one,) = ask(tree, ["e"])
    assert not one.runs


def test_an_entry_that_is_a_file_or_missing_is_passed_over(tree):
    assert [one.path for one in ask(tree, ["a/python", "nowhere", "b"])] == [str(tree / "b" / "python")]


def test_an_empty_entry_is_the_current_folder_and_told_apart(tree):
    program(tree / "python")
    found = ask(tree, ["", "a"])
    assert found[0].path == str(tree / "python")
    assert found[0].entry is Entry.EMPTY
    assert found[1].entry is Entry.ABSOLUTE


def test_a_relative_entry_counts_from_the_current_folder_and_is_told_apart(tree):
    found = search.candidates(Query("python", str(tree), "b:./a", ShellFacts()))
    assert [one.path for one in found] == [str(tree / "b" / "python"), f"{tree}/./a/python"]
    assert {one.entry for one in found} == {Entry.RELATIVE}


@pytest.mark.parametrize(("shell", "unset"), [("bash", 1), ("zsh", 0), ("fish", 0)])
@pytest.mark.parametrize("value", ["", None])
def test_a_path_that_is_empty_means_the_current_folder_and_one_not_set_in_bash_alone(
    tree, shell, unset, value
):
    count = unset if value is None else 1
    program(tree / "python")
    assert len(search.candidates(Query("python", str(tree), value, ShellFacts(shell=shell)))) == count


@pytest.mark.parametrize(("shell", "folder"), [("bash", "home"), ("zsh", "~"), ("fish", "~")])
def test_a_tilde_on_path_is_the_home_in_bash_alone(tree, shell, folder):
    for name in ("home", "~"):
        (tree / name / "bin").mkdir(parents=True)
        program(tree / name / "bin" / "python")
    asked = Query("python", str(tree), "~/bin", ShellFacts(shell=shell), str(tree / "home"))
    assert [one.path for one in search.candidates(asked)] == [str(tree / folder / "bin" / "python")]


COMMANDS = {
    "bash": ["bash", "--norc", "--noprofile", "-c", 'type -P "$0"'],
    "zsh": ["zsh", "-fc", 'whence -p "$0"'],
    "fish": ["fish", "--no-config", "-c", "type -fp $argv[1]"],
}


@pytest.mark.parametrize("shell", COMMANDS)
@pytest.mark.parametrize(
    "folders",
    [
        ["a", "b"],
        ["c", "b"],
        ["d", "b"],
        ["nowhere", "", "a"],
        ["./b", "a"],
        ["a", "a"],
        ["e", "b"],
        ["b", ""],
    ],
    ids=",".join,
)
def test_a_real_shell_takes_the_same_file(tree, shell, folders):
    program(tree / "python")
    (tree / "e" / "python").mkdir(parents=True)
    found = ask(tree, folders, shell=ShellFacts(shell=shell))
    path = ":".join(folder if not folder or folder[0] == "." else str(tree / folder) for folder in folders)
    asked = subprocess.run(
        [*COMMANDS[shell], "python"],
        cwd=tree,
        env={"PATH": path, "HOME": str(tree), "PWD": str(tree)},
        executable=f"/usr/bin/{shell}",
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip()
    told = os.path.normpath(os.path.join(tree, asked.stdout.strip()))
    assert os.path.normpath(search.winner(found).path) == told


def test_a_name_with_a_slash_is_that_file(tree):
    (one,) = ask(tree, ["b"], name="a/python")
    assert (one.path, one.position) == (str(tree / "a" / "python"), 0)
    assert ask(tree, ["b"], name="./nothing") == ()


@pytest.mark.parametrize("kind", ["function", "builtin", "keyword"])
def test_what_the_shell_has_itself_comes_before_path(tree, kind):
    found = ask(tree, ["a"], shell=bash(kind=kind))
    assert [one.kind for one in found] == [Kind(kind), Kind.FILE]
    assert search.winner(found).path == ""


@pytest.mark.parametrize("kind", ["file", "none", "", "something new"])
def test_other_kinds_add_nothing(tree, kind):
    assert [one.kind for one in ask(tree, ["a"], shell=bash(kind=kind))] == [Kind.FILE]


def test_what_the_shell_says_of_one_name_says_nothing_of_another(tree):
    program(tree / "a" / "pip")
    assert [one.kind for one in ask(tree, ["a"], name="pip", shell=bash(kind="function"))] == [Kind.FILE]


@pytest.mark.parametrize(
    "text",
    ["python", "other", "command other", "X=1 other -q", "\\other", "noglob other --long=1", "{b}/python"],
)
def test_a_plain_alias_is_followed_to_its_file(tree, text):
    program(tree / "a" / "other")
    text = text.replace("{b}", str(tree / "b"))
    first = ask(tree, ["a"], shell=bash(kind="alias", alias=text))[0]
    assert first.kind is Kind.ALIAS
    expected = (
        tree / "b" / "python" if "/b/" in text else tree / "a" / ("python" if text == "python" else "other")
    )
    assert first.path == str(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cd x; python",
        "$PY",
        "`x`",
        "python && y",
        "'python'",
        "X=1",
        "~/python",
        "a\npython",
        "python " * 700,
    ],
)
def test_an_alias_that_is_more_than_one_plain_command_is_not_followed(tree, text):
    first = ask(tree, ["a"], shell=bash(kind="alias", alias=text))[0]
    assert (first.kind, first.path, first.text) == (Kind.ALIAS, "", text)
    assert search.winner(ask(tree, ["a"], shell=bash(kind="alias", alias=text))).path == ""


def test_a_remembered_path_wins_over_path_if_it_is_another(tree):
    found = ask(tree, ["a", "b"], shell=bash(kind="hashed", hashed=str(tree / "b" / "python")))
    assert [one.kind for one in found] == [Kind.HASHED, Kind.FILE, Kind.FILE]
    assert search.winner(found).path == str(tree / "b" / "python")


def test_a_remembered_path_that_path_gives_too_is_not_told_twice(tree):
    found = ask(tree, ["a"], shell=bash(kind="hashed", hashed=str(tree / "a" / "python")))
    assert [one.kind for one in found] == [Kind.FILE]


def test_a_remembered_path_that_is_gone_still_wins_and_does_not_run(tree):
    found = ask(tree, ["a"], shell=bash(kind="hashed", hashed=str(tree / "z" / "python")))
    assert search.winner(found).kind is Kind.HASHED
    assert not search.winner(found).runs
    assert "gone" in search.winner(found).why_not


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("python.exe", "python"),
        ("python3.EXE", "python3"),
        ("python3.11", "python3.11"),
        (".exe", ".exe"),
        ("./x.exe", "./x.exe"),
        ("python", "python"),
    ],
)
def test_the_exe_of_another_system_is_left_off(typed, plain):
    assert search.without_exe(typed) == plain


def test_bytes_that_are_no_text_are_found(tree):
    name = os.fsdecode(b"py\xffthon")
    program(tree / "a" / name)
    (one,) = ask(tree, ["a"], name=name)
    assert os.fsencode(one.path).endswith(b"/a/py\xffthon")
