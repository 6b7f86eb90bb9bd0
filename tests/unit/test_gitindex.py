"""The index as git itself writes it, against ``git ls-files``; and every way in which it can be cut short."""

from __future__ import annotations

import contextlib
import os
import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovenv import gitindex
from autovenv.gitindex import Tracked, tracked

NAMES = [
    ".venv/pyvenv.cfg", ".venv/bin/python", ".vscode/settings.json", ".venvx/a", ".ven", "a/.venv/pyvenv.cfg",
    "a/.venv", "a/b", "z", "0", ".gitignore", "a.venv/x", "ünï/.venv/x", "ünï/y", "sp ace/.venv/x", "venv/x",
    "a/" + "long" * 40 + "/.venv/x", "a/" + "long" * 40 + "/y", "n\nl/.venv/x",
]  # fmt: skip
FOLDERS = ["", "a", "ünï", "sp ace", "a/" + "long" * 40, "n\nl", "a/b2/c"]


def fill(folder, names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


@pytest.fixture
def repo(tmp_path, git):
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def expected(git, repo, folder, name=".venv"):
    """What git says of ``name`` in ``folder``."""
    wanted = f"{folder}/{name}".lstrip("/")
    listed = git(repo, "ls-files", "-z", "--", ".").split("\0")
    return Tracked.YES if any(one == wanted or one.startswith(wanted + "/") for one in listed) else Tracked.NO


def same_as_git(git, repo):
    answers = []
    for folder in FOLDERS:
        (repo / folder).mkdir(parents=True, exist_ok=True)
        answer = tracked(str(repo / folder))
        assert answer == expected(git, repo, folder), folder
        answers.append(answer)
    return answers


VARIANTS = {
    "v2": [],
    "v3": [("add", "--intent-to-add", "later/x")],
    "v4": [("update-index", "--index-version", "4")],
    "split": [("update-index", "--split-index")],
    "split v4": [("update-index", "--index-version", "4"), ("update-index", "--split-index")],
    "untracked cache": [("update-index", "--force-untracked-cache")],
    "committed": [("commit", "-qm", "x")],
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", range(3))
def test_the_answer_is_that_of_git_ls_files(repo, git, variant, seed):
    chosen = [
        name for name in NAMES if random.Random(f"{seed}{name}").random() < 0.5 and name != "a/.venv"
    ] or ["z"]
    fill(repo, chosen)
    fill(repo, ["later/x"])
    git(repo, "add", "-f", "--", *chosen)
    for words in VARIANTS[variant]:
        git(repo, *words)
    same_as_git(git, repo)


def test_the_variants_are_the_formats_that_they_are_named_for(repo, git):
    fill(repo, ["a/b", "later/x"])
    git(repo, "add", "a/b")
    seen = {}
    for name in ("v2", "v3", "v4", "split"):
        for words in VARIANTS[name]:
            git(repo, *words)
        data = (repo / ".git" / "index").read_bytes()
        seen[name] = (data[7], b"link" in data)
        git(repo, "update-index", "--index-version", "2")
    assert seen == {"v2": (2, False), "v3": (3, False), "v4": (4, False), "split": (2, True)}


@pytest.mark.parametrize("version", ["2", "4"])
def test_a_split_index_with_deleted_and_replaced_entries(repo, git, version):
    fill(repo, [*(f"many/{number:03}" for number in range(200)), ".venv/pyvenv.cfg", "a/.venv/x", "a/b"])
    git(repo, "update-index", "--index-version", version)
    git(repo, "add", "-f", ".")
    git(repo, "update-index", "--split-index")
    assert tracked(str(repo)) is Tracked.YES
    settings = ("-c", "core.splitIndex=true", "-c", "splitIndex.maxPercentChange=100")
    git(
        repo,
        *settings,
        "rm",
        "-rqf",
        "--cached",
        ".venv",
        *(f"many/{number:03}" for number in range(0, 200, 3)),
    )
    data = (repo / ".git" / "index").read_bytes()
    assert b"link" in data
    assert same_as_git(git, repo)[:2] == [Tracked.NO, Tracked.YES]
    (repo / "a" / ".venv" / "x").write_text("other")
    git(repo, *settings, "add", "-f", "a/.venv/x", ".venv/pyvenv.cfg")
    assert same_as_git(git, repo)[:2] == [Tracked.YES, Tracked.YES]


def test_a_split_index_without_its_other_half_is_unknown(repo, git):
    fill(repo, [".venv/pyvenv.cfg"])
    git(repo, "add", "-f", ".")
    git(repo, "update-index", "--split-index")
    for half in (repo / ".git").glob("sharedindex.*"):
        half.unlink()
    assert tracked(str(repo)) is Tracked.UNKNOWN


def test_no_repository_and_an_empty_one_track_nothing(tmp_path, repo):
    assert tracked(str(tmp_path)) is Tracked.NO
    assert tracked(str(repo)) is Tracked.NO
    assert tracked(str(tmp_path / "missing")) is Tracked.NO


def test_a_git_folder_without_head_is_no_repository_and_the_next_one_counts(repo, git):
    fill(repo, ["sub/.venv/x"])
    git(repo, "add", "-f", ".")
    (repo / "sub" / ".git").mkdir()
    assert tracked(str(repo / "sub")) is Tracked.YES


def test_the_nearest_repository_counts(repo, git):
    fill(repo, ["sub/.venv/x"])
    git(repo, "add", "-f", ".")
    git(repo / "sub", "init", "-q")
    assert tracked(str(repo / "sub")) is Tracked.NO


@pytest.mark.parametrize("version", ["2", "4"])
def test_letter_case_is_no_way_around(repo, git, version):
    fill(repo, [".VENV/pyvenv.cfg"])
    git(repo, "update-index", "--index-version", version)
    git(repo, "add", "-f", ".")
    assert tracked(str(repo)) is Tracked.YES


def test_a_link_and_a_submodule_named_venv_are_tracked(tmp_path, repo, git):
    (repo / ".venv").symlink_to("elsewhere")
    git(repo, "add", "-f", ".venv")
    assert tracked(str(repo)) is Tracked.YES
    git(repo, "rm", "-qf", ".venv")
    assert tracked(str(repo)) is Tracked.NO
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    fill(other, ["x"])
    git(other, "add", ".")
    git(other, "commit", "-qm", "x")
    git(repo, "submodule", "--quiet", "add", str(other), ".venv")
    assert tracked(str(repo)) is Tracked.YES


def test_a_worktree_has_an_index_of_its_own(tmp_path, repo, git):
    fill(repo, [".venv/x", "y"])
    git(repo, "add", "-f", ".")
    git(repo, "commit", "-qm", "x")
    git(repo, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert (tmp_path / "tree" / ".git").is_file()
    assert tracked(str(tmp_path / "tree")) is Tracked.YES
    git(tmp_path / "tree", "rm", "-rqf", "--cached", ".venv")
    assert tracked(str(tmp_path / "tree")) is Tracked.NO
    assert tracked(str(repo)) is Tracked.YES


def test_a_submodule_with_a_git_file(tmp_path, repo, git):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    fill(other, [".venv/x"])
    git(other, "add", "-f", ".")
    git(other, "commit", "-qm", "x")
    git(repo, "submodule", "--quiet", "add", str(other), "sub")
    assert (repo / "sub" / ".git").is_file()
    assert tracked(str(repo / "sub")) is Tracked.YES
    assert tracked(str(repo)) is Tracked.NO


def test_a_repository_with_longer_object_names(tmp_path, git):
    repo = tmp_path / "sha256"
    repo.mkdir()
    git(repo, "init", "-q", "--object-format=sha256")
    fill(repo, [".venv/x", "a/b"])
    git(repo, "add", "-f", "a/b")
    assert tracked(str(repo)) is Tracked.NO
    git(repo, "add", "-f", ".")
    assert tracked(str(repo)) is Tracked.YES
    git(repo, "commit", "-qm", "x")
    git(repo, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert tracked(str(tmp_path / "tree")) is Tracked.YES


def test_a_sparse_index_hides_nothing(repo, git):
    fill(repo, ["in/x", "out/sub/.venv/x", "out/y", ".venvs/z"])
    git(repo, "add", "-f", ".")
    git(repo, "commit", "-qm", "x")
    git(repo, "sparse-checkout", "init", "--cone", "--sparse-index")
    git(repo, "sparse-checkout", "set", "in")
    assert b"sdir" in (repo / ".git" / "index").read_bytes()
    assert tracked(str(repo)) is Tracked.NO
    assert tracked(str(repo / "in")) is Tracked.NO
    (repo / "out" / "sub").mkdir(parents=True)
    assert tracked(str(repo / "out" / "sub")) is Tracked.UNKNOWN


def test_a_skipped_checksum_is_no_reason_to_fail(repo, git):
    fill(repo, [".venv/x"])
    git(repo, "-c", "index.skipHash=true", "add", "-f", ".")
    assert tracked(str(repo)) is Tracked.YES


@pytest.mark.parametrize(
    "text", ["nonsense\n", "gitdir: /nowhere/at/all\n", "", "gitdir: \n", "gitdir: x\0y\n"]
)
def test_a_git_file_that_leads_nowhere_is_unknown(tmp_path, text):
    (tmp_path / ".git").write_text(text)
    assert tracked(str(tmp_path)) is Tracked.UNKNOWN


def test_what_is_no_index_is_unknown_and_does_not_hang(repo):
    index = repo / ".git" / "index"
    for make in (lambda: index.write_bytes(b""), lambda: index.write_bytes(b"x" * 100), index.mkdir):
        make()
        assert tracked(str(repo)) is Tracked.UNKNOWN
        index.rmdir() if index.is_dir() else index.unlink()
    os.mkfifo(index)
    assert tracked(str(repo)) is Tracked.UNKNOWN


@pytest.fixture(scope="module")
def indexes(tmp_path_factory):
    """Real index files, by variant, that do not hold ``.venv``."""
    import subprocess

    kept = {}
    for version in ("2", "4"):
        repo = tmp_path_factory.mktemp("fuzz")
        fill(repo, [name for name in NAMES if not name.startswith(".venv/") and name != "a/.venv"])
        for words in (("init", "-q"), ("update-index", "--index-version", version), ("add", "-f", ".")):
            subprocess.run(["git", *words], cwd=repo, check=True, capture_output=True)
        kept[version] = (repo, (repo / ".git" / "index").read_bytes())
    return kept


@pytest.mark.parametrize("version", ["2", "4"])
def test_an_index_cut_short_anywhere_is_unknown(indexes, version):
    repo, data = indexes[version]
    index = repo / ".git" / "index"
    index.write_bytes(data)
    assert tracked(str(repo)) is Tracked.NO
    for length in range(len(data)):
        index.write_bytes(data[:length])
        assert tracked(str(repo)) is Tracked.UNKNOWN, length
    index.write_bytes(data)


@pytest.mark.parametrize("version", ["2", "4"])
@given(data=st.data())
def test_a_damaged_index_never_raises(indexes, version, data):
    repo, whole = indexes[version]
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    (repo / ".git" / "index").write_bytes(broken)
    assert tracked(str(repo)) in set(Tracked)
    (repo / ".git" / "index").write_bytes(whole)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_bitmap_end(data):
    with contextlib.suppress(gitindex.Unreadable):
        assert all(0 <= bit < 1063 for bit in gitindex._set_bits(data, 1000))


def long_index(count):
    """A version 2 index of ``count`` entries, none of them below ``.venv``."""
    entries = b""
    parts = []
    for number in range(count):
        name = b"src/package/module%08d.py" % number
        entry = bytes(60) + len(name).to_bytes(2, "big") + name
        parts.append(entry + bytes(8 - len(entry) % 8))
    entries = b"".join(parts)
    return b"DIRC" + (2).to_bytes(4, "big") + count.to_bytes(4, "big") + entries + bytes(20)


def steps(function):
    """Count the lines of Python that ``function`` runs: a measure that a busy machine does not change."""
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return count


def test_the_work_grows_with_the_entries_and_no_faster(repo):
    index = repo / ".git" / "index"
    counts = []
    for size in (1000, 10_000):
        index.write_bytes(long_index(size))
        counts.append(steps(lambda: tracked(str(repo))))
    assert counts[0] > 1000
    assert counts[1] < 11 * counts[0]
    assert counts[1] / 10_000 < 20


def test_two_hundred_thousand_entries_are_read(repo):
    (repo / ".git" / "index").write_bytes(long_index(200_000))
    assert tracked(str(repo)) is Tracked.NO
    assert tracked(str(repo), "src") is Tracked.YES
