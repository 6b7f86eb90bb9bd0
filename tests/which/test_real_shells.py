"""The search against bash, zsh and fish themselves, over random layouts and PATHs: no difference is allowed.

Each layout is asked with many PATHs in one process of each shell, so that thousands take seconds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autovenv import search
from autovenv.facts import ShellFacts
from autovenv.search import Query

LAYOUTS = 250
PATHS = 20
"""For each layout; together there are 5,000."""
NAMES = ("python", "py t'h\"o$n\\", "pÿ\U0001f40d")
SORTS = (
    *("program", "program", "program", "plain", "folder", "dangling", "loop", "to program", "to folder"),
    *("pipe", "dead pipe", "for others", "for group", "unreadable", "nothing"),
)
FOLDERS = ("a", "b", "c d", "e:f"[:1], "tilde", "~", "linked", "deep/er", "a/python")

# Setting PATH makes each of them forget what it has hashed.
POSIX = (
    'n=$1; shift; for p; do if [[ $p == unset ]]; then unset PATH; else PATH=$p; fi; {}; printf "\\0"; done'
)
FISH = (
    'for p in $argv[2..-1]; if test "$p" = unset; set -e PATH; else; set -gx PATH $p; end;'
    ' type -fp -- $argv[1]; printf "\\0"; end'
)
SCRIPTS = {
    "bash": ["bash", "--norc", "--noprofile", "-c", POSIX.format('type -P -- "$n"'), "bash"],
    "zsh": ["zsh", "-fc", POSIX.format('whence -p -- "$n"'), "zsh"],
    "fish": ["fish", "--no-config", "-c", FISH],
}
ONCE = {
    "bash": ["bash", "--norc", "--noprofile", "-c", "type -P python"],
    "zsh": ["zsh", "-fc", "whence -p python"],
    "fish": ["fish", "--no-config", "-c", "type -fp python"],
}

entries = st.one_of(
    st.sampled_from(FOLDERS).map(lambda name: "@/" + name),
    st.sampled_from(FOLDERS),
    st.sampled_from(
        ["", "", ".", "./a", "..", "@", "~", "~/a", "~/tilde", "~+", "~+/a", "~root", "~nobody/x"]
    ),
    st.sampled_from(
        ["nowhere", "@/nowhere", "@/a/", "@//a", "a/../b", "@/linked/../a", "~nosuchuser", "~/", "-"]
    ),
)
paths = st.one_of(
    st.lists(entries, min_size=1, max_size=6).map(":".join),
    st.sampled_from(["", "unset", ":", "::", "@/a:", ":@/a"]),
)
layouts = st.fixed_dictionaries(
    {place: st.sampled_from(SORTS) for place in ("a", "b", "c d", "e", "tilde", "~", "deep/er", ".")}
)


def lay(tree, layout, name):
    """Lay the files called ``name`` down in the folders of ``tree``."""
    for folder in ("a", "b", "c d", "e", "tilde", "~", "deep/er"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    if not (tree / "linked").is_symlink():
        (tree / "linked").symlink_to("b")
    for folder, sort in layout.items():
        put(tree, tree / folder / name, sort)


def put(tree, path, sort):
    target = tree / "target"
    if sort == "folder":
        path.mkdir()
    elif sort in ("pipe", "dead pipe"):
        os.mkfifo(path, 0o755 if sort == "pipe" else 0o644)
    elif sort in ("dangling", "loop", "to program", "to folder"):
        places = {"dangling": "gone", "loop": path.name, "to program": target, "to folder": tree / "b"}
        path.symlink_to(places[sort])
    elif sort != "nothing":
        path.write_text("#!/bin/sh\n")
        path.chmod(
            {"plain": 0o644, "for others": 0o601, "for group": 0o610, "unreadable": 0o111}.get(sort, 0o755)
        )


def ours(shell, name, path, tree):
    asked = Query(name, str(tree), None if path == "unset" else path, ShellFacts(shell), str(tree))
    first = search.winner(search.candidates(asked))
    return first.path if first else ""


def theirs(shell, name, listed, tree):
    environ = {"PATH": "/nowhere", "HOME": str(tree), "PWD": str(tree), "LC_ALL": "C.UTF-8"}
    command = [*SCRIPTS[shell], name, *listed]
    done = subprocess.run(
        command, cwd=tree, env=environ, capture_output=True, check=False, executable=shutil.which(shell)
    )
    answers = os.fsdecode(done.stdout).split("\0")
    assert len(answers) == len(listed) + 1, done.stderr
    return [answer.removesuffix("\n") for answer in answers[:-1]]


def place(path, tree):
    """Return folder and name of a path, the folder with its links followed."""
    if not path:
        return None
    whole = os.path.join(tree, path)
    return os.path.realpath(os.path.dirname(whole)), os.path.basename(whole)


def compare(shell, tree, name, listed):
    """Return the PATHs for which the shell and the search differ."""
    told = theirs(shell, name, listed, tree)
    pairs = [(path, ours(shell, name, path, tree), answer) for path, answer in zip(listed, told, strict=True)]
    return [one for one in pairs if place(one[1], tree) != place(one[2], tree)], sum(
        bool(one[2]) for one in pairs
    )


@pytest.fixture
def counted():
    return {"paths": 0, "found": 0}


@pytest.mark.parametrize("shell", SCRIPTS)
def test_no_difference(shell, find_program, counted):
    find_program(shell)

    @settings(
        max_examples=LAYOUTS,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to find the smallest case would take minutes, and each is small
        suppress_health_check=list(HealthCheck),
    )
    @given(layouts, st.sampled_from(NAMES), st.lists(paths, min_size=PATHS, max_size=PATHS))
    def run(layout, name, listed):
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder).resolve()
            put(tree, tree / "target", "program")
            lay(tree, layout, name)
            listed = [path.replace("@", str(tree)) for path in listed]
            differ, found = compare(shell, tree, name, listed)
            counted["paths"] += len(listed)
            counted["found"] += found
            assert not differ

    run()
    assert counted["paths"] >= 5000
    assert counted["found"] >= counted["paths"] // 4, "there was hardly anything to find"


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_comparison_sees_a_difference(shell, tmp_path, monkeypatch):
    for folder in "ab":
        (tmp_path / folder).mkdir()
        put(tmp_path, tmp_path / folder / "python", "program")
    listed = [f"{tmp_path}/a:{tmp_path}/b"]
    assert compare(shell, tmp_path, "python", listed) == ([], 1)
    real = search._entries
    monkeypatch.setattr(search, "_entries", lambda asked: real(asked)[::-1])
    assert len(compare(shell, tmp_path, "python", listed)[0]) == 1


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_path_that_is_inherited_is_read_the_same(shell, tmp_path):
    """fish reads an inherited PATH by another way than one that is set."""
    for folder in (".", "a", "b"):
        (tmp_path / folder).mkdir(exist_ok=True)
        put(tmp_path, tmp_path / folder / "python", "program")
    # zsh's own start-up files set a PATH that is empty.
    for path in (
        "" if shell != "zsh" else ":",
        ":",
        "a",
        ":a",
        "a:",
        f"{tmp_path}/b::",
        "./a",
        "nowhere",
        "nowhere:",
        "nowhere::a",
    ):
        environ = {"PATH": path, "HOME": str(tmp_path), "PWD": str(tmp_path)}
        done = subprocess.run(
            ONCE[shell],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            executable=shutil.which(shell),
        )
        answer = done.stdout.strip()
        assert place(ours(shell, "python", path, tmp_path), tmp_path) == place(answer, tmp_path), path


@pytest.mark.parametrize("shell", SCRIPTS)
def test_another_user_without_permission(shell, find_program):
    """Folders that may not be entered, and programs that only their owner may run."""
    find_program(shell)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder).resolve()
        tree.chmod(0o755)
        for name, mode in (("closed", 0o700), ("open", 0o755), ("unlisted", 0o711)):
            (tree / name).mkdir()
            put(tree, tree / name / "python", "program")
            (tree / name).chmod(mode)
        (tree / "mine").mkdir()
        put(tree, tree / "mine" / "python", "program")
        (tree / "mine" / "python").chmod(0o700)
        listed = [f"{tree}/{one}" for one in ("closed", "mine", "unlisted", "open")]
        listed += [":".join(listed), f"{tree}/closed:{tree}/mine", f"{tree}/mine:{tree}/open"]
        assert as_nobody(lambda: compare(shell, tree, "python", listed)[0]) == "[]"


def as_nobody(work):
    """Return what ``work`` returns, as text, done by a user without rights."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(65534, 65534, 65534)
                os.setresuid(65534, 65534, 65534)
            text = str(work())
        except BaseException as error:
            text = repr(error)
        os.write(writes, text.encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return text


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        ("bash", 'for n; do echo "$n $(type -t -- "$n")"; done'),
        ("zsh", 'for n; do echo "$n ${$(whence -w -- "$n")##* }"; done'),
    ],
)
def test_what_is_taken_for_granted_in_both_is_there(shell, script, find_program):
    options = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"]}[shell]
    words = {
        search.Kind.BUILTIN: "builtin",
        search.Kind.KEYWORD: "keyword" if shell == "bash" else "reserved",
    }
    reserved = {"declare", "export", "local", "readonly", "typeset"}  # in zsh words of its grammar first
    for kind, names in search.COMMON.items():
        command = [find_program(shell), *options, "-c", script, shell, *sorted(names)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        told = dict(line.split() for line in done.stdout.splitlines())
        differ = {name for name, word in told.items() if word != words[kind]}
        assert differ == (reserved if (shell, kind) == ("zsh", search.Kind.BUILTIN) else set())
        known = ShellFacts(shell, hook=1, name=min(names))
        first = search.winner(search.candidates(Query(min(names), "/", "/usr/bin", known)))
        assert first.kind is kind
