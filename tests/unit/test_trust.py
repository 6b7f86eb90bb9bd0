from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovenv import trust
from autovenv.decision import State
from autovenv.trust import Home, Marker, Twins

SECOND = 1_000_000_000


@pytest.fixture
def marker(project):
    venv = str(project / ".venv")
    return Marker(str(project), venv, f"{venv}/bin", "demo", spellings=(str(project),))


def place(home, project):
    return trust.marker_place(home, str(project))


def left(home):
    """What is in the mirror but for the epoch."""
    return [name for name in os.listdir(home.trust) if not name.startswith(".autovenv-epoch")]


def epoch(home):
    """The flag of the epoch that stands, as a hook sees it: named by .autovenv-epoch, or none."""
    with open(home.trust + "/.autovenv-epoch", encoding="ascii") as file:
        flag = ".autovenv-epoch-" + file.read().strip()
    flags = [name for name in os.listdir(home.trust) if name.startswith(".autovenv-epoch-")]
    assert flags in ([], [flag])
    return flag if flags else None


def test_a_marker_is_five_lines_for_the_hooks_and_pairs_for_the_program(home, marker, project):
    trust.write_marker(home, marker, spelling=str(project))
    with open(place(home, project) + "/.autovenv-allow", "rb") as file:
        lines = os.fsdecode(file.read()).split("\n")
    assert lines[:5] == ["autovenv 1", str(project), marker.venv, marker.bin, "demo"]
    assert all("=" in line for line in lines[5:-1])
    assert lines[-1] == ""


def test_what_is_written_is_read(home, project):
    venv = str(project / ".venv")
    whole = Marker(
        str(project), venv, f"{venv}/bin", "a b", (str(project), "/s=x"), "/t", True, ("ls", "git"), "C3"
    )
    trust.write_marker(home, whole, spelling=str(project))
    assert trust.read_marker(home, str(project)) == whole


@given(
    st.lists(
        st.binary(min_size=1, max_size=30).filter(lambda b: not set(b) & {0, 10, 47}), min_size=1, max_size=4
    )
)
def test_any_name_without_a_newline_survives_in_a_marker(tmp_path_factory, parts):
    home = Home(str(tmp_path_factory.mktemp("h")))
    project = "/" + "/".join(os.fsdecode(b"d" + part) for part in parts)
    one = Marker(project, project + "/.venv", project + "/.venv/bin", "x", (project,))
    trust.write_marker(home, one, spelling=project)
    assert trust.read_marker(home, project) == one


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data.replace(b"autovenv 1", b"autovenv 2"),
        lambda data: data.replace(b"project\n", b"elsewhere\n", 1),
        lambda data: data.replace(b"\ndemo\n", b"\n\n", 1),
        lambda data: b"\n" + data,
        lambda data: data + b"#" * trust.MARKER_LIMIT,
    ],
)
def test_an_odd_marker_allows_nothing(home, marker, project, damage):
    trust.write_marker(home, marker, spelling=str(project))
    assert trust.read_marker(home, str(project)) is not None
    path = place(home, project) + "/.autovenv-allow"
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write(damage(data))
    assert trust.read_marker(home, str(project)) is None


@pytest.mark.parametrize("kind", ["folder", "link", "fifo"])
def test_a_marker_that_is_no_regular_file_allows_nothing(home, marker, project, kind):
    trust.write_marker(home, marker, spelling=str(project))
    path = place(home, project) + "/.autovenv-allow"
    os.rename(path, path + ".real")
    {"folder": os.mkdir, "fifo": os.mkfifo, "link": lambda one: os.symlink(path + ".real", one)}[kind](path)
    assert trust.read_marker(home, str(project)) is None


def test_a_marker_of_another_user_allows_nothing(home, marker, project, monkeypatch):
    trust.write_marker(home, marker, spelling=str(project))
    assert trust.read_marker(home, str(project)) is not None
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert trust.read_marker(home, str(project)) is None


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022, 0o077, 0o777])
def test_nobody_else_can_look_into_the_mirror_whatever_the_umask(home, marker, project, mask):
    before = os.umask(mask)
    try:
        trust.write_marker(home, marker, spelling=str(project))
        trust.write_refused(home, marker, "tracked")
        trust.under_add(home, str(project.parent))
        trust.deny(home, str(project / "denied"))
    finally:
        os.umask(before)
    modes = {}
    for folder, _, files in os.walk(home.trust):
        modes[stat.S_IMODE(os.stat(folder).st_mode)] = "folder"
        for name in files:
            modes[stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)] = "file"
    assert modes == {0o700: "folder", 0o600: "file"}


def test_a_fresh_marker_is_unchanged_and_its_twins_bracket_the_times(home, marker, project):
    trust.write_marker(home, marker, spelling=str(project))
    assert trust.state_of(home, marker).state is State.UNCHANGED
    seen = trust.look(marker)
    for low, high, time in (
        (".autovenv-cfg-lo", ".autovenv-cfg-hi", seen.cfg),
        (".autovenv-bin-lo", ".autovenv-bin-hi", seen.bin),
    ):
        assert os.stat(f"{place(home, project)}/{low}").st_mtime_ns <= time
        assert os.stat(f"{place(home, project)}/{high}").st_mtime_ns >= time


@pytest.mark.parametrize("item", ["pyvenv.cfg", "bin"])
@pytest.mark.parametrize("shift", [-SECOND, -1, 1, SECOND, 86_400 * SECOND])
def test_any_other_time_is_a_change(home, marker, project, item, shift):
    trust.write_marker(home, marker, spelling=str(project))
    path = project / ".venv" / item
    time = path.stat().st_mtime_ns
    os.utime(path, ns=(time, time + shift))
    assert trust.state_of(home, marker).state is State.CHANGED
    os.utime(path, ns=(time, time))
    assert trust.state_of(home, marker).state is State.UNCHANGED


@pytest.mark.parametrize("name", [*trust.CFG, *trust.BIN])
def test_a_missing_twin_is_a_change(home, marker, project, name):
    trust.write_marker(home, marker, spelling=str(project))
    os.unlink(f"{place(home, project)}/{name}")
    assert trust.state_of(home, marker).state is State.CHANGED


def test_a_new_script_is_a_change_that_a_refresh_ends(home, marker, project):
    trust.write_marker(home, marker, spelling=str(project))
    time = (project / ".venv/bin").stat().st_mtime_ns
    (project / ".venv/bin/tool").write_text("x")
    os.utime(project / ".venv/bin", ns=(time + 5, time + 5))
    assert trust.state_of(home, marker).state is State.CHANGED
    trust.refresh_twins(home, marker)
    assert trust.state_of(home, marker).state is State.UNCHANGED


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_an_environment_without_a_regular_configuration_is_gone(home, marker, project, kind):
    trust.write_marker(home, marker, spelling=str(project))
    (project / ".venv/pyvenv.cfg").unlink()
    if kind == "folder":
        (project / ".venv/pyvenv.cfg").mkdir()
    assert trust.state_of(home, marker).state is State.GONE


def test_a_refusal_counts_until_the_next_change(home, marker, project):
    trust.write_marker(home, marker, spelling=str(project))
    trust.write_refused(home, marker, "shadows-command")
    found = trust.state_of(home, marker)
    assert (found.state, found.word) == (State.REFUSED, "shadows-command")
    os.utime(project / ".venv/bin", ns=(1, 1))
    assert trust.state_of(home, marker).state is State.CHANGED
    trust.refresh_twins(home, marker)
    trust.clear_refused(home, marker)
    assert trust.state_of(home, marker).state is State.UNCHANGED


@pytest.mark.parametrize("data", [b"", b"\n", b"UPPER\n", b"a b\n", b"\x1b[2J\n"])
def test_an_odd_reason_word_is_not_repeated(home, marker, project, data):
    trust.write_refused(home, marker, "tracked")
    assert trust.refused_word(home, str(project)) == "tracked"
    with open(place(home, project) + "/.autovenv-refused", "wb") as file:
        file.write(data)
    assert trust.refused_word(home, str(project)) == "refused"


def test_twins_are_taken_from_before_the_judgement(home, marker, project):
    seen = trust.look(marker)
    os.utime(project / ".venv/bin", ns=(seen.bin + 7, seen.bin + 7))
    trust.write_marker(home, marker, spelling=str(project), seen=seen)
    assert trust.state_of(home, marker).state is State.CHANGED


@pytest.mark.parametrize("unit", [1000, 1_000_000, SECOND, 2 * SECOND])
@pytest.mark.parametrize("rounding", ["down", "up", "nearest"])
def test_twins_bracket_on_a_file_system_with_coarse_times(home, marker, project, monkeypatch, unit, rounding):
    add = {"down": 0, "up": unit - 1, "nearest": unit // 2}[rounding]
    real = os.utime
    monkeypatch.setattr(
        os, "utime", lambda path, ns: real(path, ns=tuple((one + add) // unit * unit for one in ns))
    )
    trust.refresh_twins(home, marker, seen=Twins(1_700_000_000_123_456_789, 1_700_000_001_999_999_999))
    for names, time in ((trust.CFG, 1_700_000_000_123_456_789), (trust.BIN, 1_700_000_001_999_999_999)):
        assert trust._within(place(home, project), names, time)


@pytest.mark.parametrize("shift", [-SECOND, SECOND])
def test_between_two_writes_of_a_refresh_nothing_counts_as_unchanged(
    home, marker, project, monkeypatch, shift
):
    trust.write_marker(home, marker, spelling=str(project))
    old = trust.look(marker)
    new = Twins(old.cfg + shift, old.bin + shift)
    seen = []
    real = os.replace

    def replace(source, target):
        real(source, target)
        folder = place(home, project)
        between = [old.cfg + shift // 2, old.cfg, new.cfg]
        seen.append([trust._within(folder, trust.CFG, time) for time in between])

    monkeypatch.setattr(os, "replace", replace)
    trust.refresh_twins(home, marker, seen=new)
    assert seen[0] == [False, False, False]
    assert seen[-1] == [False, False, True]


def test_a_failure_at_any_write_never_leaves_the_new_environment_allowed(home, marker, project, monkeypatch):
    """Between two states, what a crash leaves must be judged again."""
    real = os.replace
    for survive in range(6):
        calls = []

        def replace(source, target, survive=survive, calls=calls):
            calls.append(target)
            if len(calls) > survive:
                raise OSError(28, "No space left on device", target)
            real(source, target)

        fresh = Home(f"{home.path}-{survive}")
        os.mkdir(fresh.path)
        monkeypatch.setattr(os, "replace", replace)
        if survive < 5:
            with pytest.raises(OSError):
                trust.write_marker(fresh, marker, spelling=str(project))
            assert trust.read_marker(fresh, str(project)) is None
        else:
            trust.write_marker(fresh, marker, spelling=str(project))
            assert trust.state_of(fresh, marker).state is State.UNCHANGED
        monkeypatch.setattr(os, "replace", real)
        assert not [name for name in os.listdir(place(fresh, project)) if name.rsplit(".", 1)[-1].isdigit()]


def test_a_failure_while_refusing_never_allows(home, marker, project, monkeypatch):
    trust.write_marker(home, marker, spelling=str(project))
    os.utime(project / ".venv/bin", ns=(5, 5))
    real = os.replace
    for survive in range(5):
        left = iter([True] * survive)

        def replace(source, target, left=left):
            if not next(left, False):
                raise OSError(5, "Input/output error", target)
            real(source, target)

        monkeypatch.setattr(os, "replace", replace)
        with pytest.raises(OSError):
            trust.write_refused(home, marker, "tracked")
        monkeypatch.setattr(os, "replace", real)
        assert trust.state_of(home, marker).state in {State.CHANGED, State.REFUSED}


def test_the_deepest_marker_counts_and_a_gap_ends_the_descent(home, project, make_venv):
    inner = project / "a" / "b"
    make_venv(inner / ".venv")
    for folder in (project, inner):
        venv = str(folder / ".venv")
        trust.write_marker(home, Marker(str(folder), venv, venv + "/bin", "x"), spelling=str(folder))
    assert trust.find(home, str(inner / "c")).project == str(inner)
    assert trust.find(home, str(inner)).project == str(inner)
    assert trust.find(home, str(project / "a")).project == str(project)
    assert trust.find(home, str(project) + "x") is None
    assert trust.find(home, str(project.parent)) is None
    assert trust.find(home, "/") is None


def test_a_marker_at_the_home_folder_counts_only_there(home, marker, project):
    trust.write_marker(home, marker, spelling=str(project))
    assert trust.find(home, str(project), user_home=str(project)) is not None
    assert trust.find(home, str(project / "x"), user_home=str(project)) is None
    assert trust.find(home, str(project / "x")) is not None


def test_find_touches_only_the_mirror(home, tmp_path):
    script = (
        "import sys\nsys.path.insert(0, sys.argv[1])\nfrom autovenv import trust\n"
        "print(trust.find(trust.Home(sys.argv[2]), sys.argv[3]))\n"
    )
    source = os.path.dirname(os.path.dirname(trust.__file__))
    gone = str(tmp_path / "never-there" / "deeper")
    words = [sys.executable, "-I", "-c", script, source, home.path, gone]
    done = subprocess.run(
        ["strace", "-f", "-e", "trace=file", *words], capture_output=True, text=True, check=True
    )
    assert done.stdout == "None\n"
    touched = [line for line in done.stderr.split("\n") if "never-there" in line]
    assert all(home.path in line or "execve" in line for line in touched)
    assert home.trust in done.stderr


def test_all_spellings_are_listed_removed_and_denied(home, marker, project, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(project)
    both = (str(project), str(link))
    whole = Marker(str(project), marker.venv, marker.bin, "x", both)
    for one in both:
        trust.write_marker(home, whole, spelling=one)
    assert sorted(one.project for one in trust.projects(home)) == sorted(both)
    trust.remove(home, str(link))
    assert list(trust.projects(home)) == []
    assert left(home) == []
    for one in both:
        trust.write_marker(home, whole, spelling=one)
    trust.deny(home, str(project))
    assert list(trust.projects(home)) == []
    assert all(trust.is_denied(home, one) for one in both)
    trust.undeny(home, str(link))
    assert not trust.is_denied(home, str(link))


def test_allowing_ends_a_denial_and_a_refusal(home, marker, project):
    trust.deny(home, str(project))
    trust.write_refused(home, marker, "tracked")
    trust.write_marker(home, marker, spelling=str(project))
    assert not trust.is_denied(home, str(project))
    assert trust.state_of(home, marker).state is State.UNCHANGED


def test_a_folder_named_like_a_denial_denies_nothing(home, project):
    trust.make_folder(place(home, project) + "/.autovenv-deny")
    assert not trust.is_denied(home, str(project))


def test_below_a_folder_that_was_named(home, tmp_path):
    code = str(tmp_path / "code")
    assert trust.under_of(home, code + "/p") == ""
    trust.under_add(home, code)
    assert os.path.isfile(home.trust + "/.autovenv-any-under")
    assert trust.under_of(home, code + "/p") == code
    assert trust.under_of(home, code + "/p/q/r") == code
    assert trust.under_of(home, code) == ""
    assert trust.under_of(home, code + "x/p") == ""
    trust.under_add(home, code + "/deep")
    assert trust.under_of(home, code + "/deep/p") == code + "/deep"
    assert list(trust.unders(home)) == [code, code + "/deep"]
    trust.under_remove(home, code)
    assert os.path.isfile(home.trust + "/.autovenv-any-under")
    trust.under_remove(home, code + "/deep")
    assert left(home) == []


def test_each_change_of_what_a_hook_finds_begins_an_epoch(home, marker, project, monkeypatch):
    monkeypatch.setattr("time.time_ns", lambda: 7)  # a clock that stands still
    name = str(project)
    seen = []
    for change in (
        lambda: trust.write_marker(home, marker, spelling=name),
        lambda: trust.write_marker(home, marker, spelling=name),
        lambda: trust.write_refused(home, marker, "tracked"),
        lambda: trust.forget(home, name),
        lambda: trust.deny(home, name),
        lambda: trust.under_add(home, name),
        lambda: trust.under_remove(home, name),
    ):
        change()
        seen.append(epoch(home))
    assert seen.pop(5) is None, "below an --under folder a hook looks at real folders each time"
    assert None not in seen
    assert len(set(seen)) == len(seen)


def test_what_changes_nothing_that_a_hook_remembers_begins_no_epoch(home, marker, project):
    trust.write_marker(home, marker, spelling=str(project))
    trust.write_refused(home, marker, "tracked")
    before = epoch(home)
    trust.refresh_twins(home, marker)
    trust.clear_refused(home, marker)
    assert epoch(home) == before


def test_no_epoch_stands_while_a_change_is_under_way(home, marker, project, monkeypatch):
    trust.write_marker(home, marker, spelling=str(project))
    seen = []
    write = trust._write
    monkeypatch.setattr(
        trust, "_write", lambda path, *more, **named: (seen.append(epoch(home)), write(path, *more, **named))
    )
    trust.write_marker(home, marker, spelling=str(project))
    assert len(seen) >= 5
    assert set(seen) == {None}
    assert epoch(home)


@pytest.mark.parametrize("text", ["", "../../x", "1" * 300, "\N{ARABIC-INDIC DIGIT ONE}"])
def test_an_odd_epoch_is_replaced(home, marker, project, text):
    trust.make_folder(home.trust)
    with open(home.trust + "/.autovenv-epoch", "w", encoding="utf-8") as file:
        file.write(text)
    trust.write_marker(home, marker, spelling=str(project))
    assert epoch(home)


@pytest.mark.parametrize(
    ("project", "word"),
    [
        ("/home/al/p", ""),
        ("/home/al/with space/$x/`y`/*", ""),
        ("/home/al/caf\udce9", ""),
        ("/" + "n" * 255, ""),
        ("relative", "bad-path"),
        ("/home/a:b", "bad-path"),
        ("/home/a\nb", "bad-path"),
        ("/home/a\x7fb", "bad-path"),
        ("/home/.autovenv-allow/p", "mirror-name"),
        ("/home/.autovenv-", "mirror-name"),
        ("/home/.autovenv", ""),
        ("/" + "n" * 256, "too-long"),
        ("/" + "ä" * 128, "too-long"),
        ("/" + "/".join(["n" * 200] * 20), "too-long"),
    ],
)
def test_not_every_path_has_a_place_in_the_mirror(home, project, word):
    assert trust.unplaceable(home, project) == word


def test_only_what_is_certainly_gone_is_missing(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    assert trust.missing(str(tmp_path / "no"))
    assert trust.missing(str(tmp_path / "file" / "no"))
    assert not trust.missing(str(tmp_path / "file"))
    assert not trust.missing(str(tmp_path / "loop"))
