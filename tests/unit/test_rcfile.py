"""The user's own files: one block in, the same bytes out, and nothing lost on the way."""

from __future__ import annotations

import os
import stat
import struct
import threading

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from autovenv import rcfile
from autovenv.errors import AutovenvError
from autovenv.rcfile import State

LINE = "[ ! -r '/h/hook.bash' ] || . '/h/hook.bash'"
BLOCK = b"# >>> autovenv >>>\n" + LINE.encode() + b"\n# <<< autovenv <<<\n"

PIECES = st.sampled_from(
    [
        b"\n", b"\r\n", b"\r", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\\", b"x=1", b"#", b" ",
        rcfile.BEGIN, rcfile.END, rcfile.BEGIN + b"\n", rcfile.END + b"\n", rcfile.END + b" (added: newline)",
    ]
)  # fmt: skip
CONTENTS = st.one_of(st.binary(), st.lists(PIECES, max_size=12).map(b"".join)).filter(
    lambda content: not content.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16: see test_powershell
)


@pytest.fixture
def folder(tmp_path):
    """A folder of the test's own, in which nothing may be left behind."""
    return tmp_path


def add(content):
    return rcfile.with_block(content, LINE)


# --- Content -----------------------------------------------------------------------------------------


def test_the_block_is_three_lines_at_the_end():
    assert add(b"x=1\n") == b"x=1\n" + BLOCK


@given(CONTENTS)
@example(b"")
@example(b"x=1")
@example(b"x=1\r\ny=2")
@example(b"\xef\xbb\xbf")
@example(b"x=1 \\")
@example(b"x=1 \\\n")
@example(rcfile.BEGIN)
@example(rcfile.BEGIN + b"\nfoo\n")
@example(rcfile.END + b"\n")
def test_adding_and_removing_gives_every_byte_back(content):
    assume(not rcfile.find_blocks(content))
    added = add(content)
    assert added != content
    assert rcfile.state(added, LINE) is State.CURRENT
    assert rcfile.without_block(added) == content


@given(CONTENTS)
def test_adding_twice_is_adding_once(content):
    assert add(add(content)) == add(content)


@given(CONTENTS)
def test_renewing_an_old_line_touches_nothing_else(content):
    assume(not rcfile.find_blocks(content))
    old = rcfile.with_block(content, "an older line")
    assert rcfile.state(old, LINE) is State.OUTDATED
    assert add(old) == add(content)


@given(CONTENTS, CONTENTS)
def test_what_the_user_writes_below_the_block_stays_a_line_of_its_own(before, after):
    assume(after and not rcfile.find_blocks(before) and not rcfile.find_blocks(after))
    whole = add(before) + after
    assume(len(rcfile.find_blocks(whole)) == 1)
    left = rcfile.without_block(whole)
    assert left.startswith(before)
    assert left.endswith(after)
    assert not before or before.endswith(b"\n") or left[len(before) :].lstrip(b"\r").startswith(b"\n")


def test_a_new_file_goes_away_again_unless_the_user_has_written_into_it():
    made = add(None)
    assert made == b"# >>> autovenv >>>\n" + LINE.encode() + b"\n# <<< autovenv <<< (added: this file)\n"
    assert rcfile.without_block(made) is None
    assert rcfile.without_block(made + b"x=1\n") == b"x=1\n"


def test_an_empty_file_stays_an_empty_file():
    assert rcfile.without_block(add(b"")) == b""


def test_a_block_whose_last_newline_an_editor_took_away_is_still_ours():
    assert rcfile.without_block(add(b"x=1")[:-1]) == b"x=1"


def test_lines_end_as_the_file_does_and_carry_a_comment_so_that_no_word_ends_in_a_carriage_return():
    added = add(b"x=1\r\n")
    assert added == b"x=1\r\n# >>> autovenv >>>\r\n" + LINE.encode() + b" #\r\n# <<< autovenv <<<\r\n"


def test_a_backslash_at_the_end_does_not_swallow_our_first_line():
    assert b"\\\n\n# >>> autovenv >>>" in add(b"x=1 \\\n")
    assert b"\\\n\n# >>> autovenv >>>" in add(b"x=1 \\")
    assert b"\\\\\n# >>> autovenv >>>" in add(b"x=1 \\\\\n")


def test_half_a_block_is_the_users_own_text():
    for text in (rcfile.BEGIN + b"\n", rcfile.END + b"\n", rcfile.BEGIN + b"\na\nb\n" + rcfile.END + b"\n"):
        assert rcfile.state(text, LINE) is State.ABSENT
        assert rcfile.without_block(text) == text


def test_a_block_pasted_twice_becomes_one():
    twice = BLOCK + b"x=1\n" + BLOCK
    assert rcfile.state(twice, LINE) is State.OUTDATED
    assert add(twice) == BLOCK + b"x=1\n"
    assert rcfile.without_block(twice) == b"x=1\n"


def test_a_folder_name_that_is_no_utf8_goes_in_as_its_bytes():
    line = ". '" + os.fsdecode(b"/h\xff/hook.bash") + "'"
    assert b"/h\xff/hook.bash" in rcfile.with_block(b"", line)


# --- The file ----------------------------------------------------------------------------------------


def edit(path, **more):
    return rcfile.edit(str(path), add, **more)


def restore(path):
    return rcfile.edit(str(path), lambda content: content and rcfile.without_block(content))


def write(path, content, mode=0o644):
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_mode_owner_and_attributes_are_kept(folder):
    path = write(folder / "rc", b"x=1\n", 0o640)
    os.setxattr(path, "user.note", b"mine")
    assert edit(path)
    after = path.stat()
    assert (stat.S_IMODE(after.st_mode), os.getxattr(path, "user.note")) == (0o640, b"mine")
    assert path.read_bytes() == b"x=1\n" + BLOCK


def access_list(user):
    everyone = 0xFFFFFFFF
    entries = [(1, 6, everyone), (2, 4, user), (4, 4, everyone), (0x10, 4, everyone), (0x20, 0, everyone)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def test_an_access_list_is_kept(folder):
    path = write(folder / "rc", b"x=1\n")
    try:
        os.setxattr(path, "system.posix_acl_access", access_list(1234))
    except OSError as error:
        pytest.fail(f"this file system has no access lists, so they cannot be tested here: {error}")
    before = os.getxattr(path, "system.posix_acl_access")
    assert edit(path)
    assert os.getxattr(path, "system.posix_acl_access") == before


@pytest.mark.parametrize("call", ["setxattr", "fchown", "fchmod"])
def test_a_property_that_cannot_be_kept_is_a_refusal(folder, monkeypatch, call):
    path = write(folder / "rc", b"x=1\n")
    os.setxattr(path, "user.note", b"mine")
    before = path.stat()

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(AutovenvError, match=r"cannot keep owner, mode and attributes of .*rc"):
        edit(path)
    assert_untouched(path, b"x=1\n", before)


def assert_untouched(path, content, before):
    after = path.lstat()
    assert path.read_bytes() == content
    assert (after.st_ino, after.st_mtime_ns, after.st_mode) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_mode,
    )
    assert leftovers(path.parent) == []


def leftovers(folder):
    return [name for name in os.listdir(folder) if name.startswith(rcfile.TEMP_PREFIX)]


def test_a_link_stays_a_link_and_the_file_behind_it_is_replaced(folder):
    (folder / "dotfiles").mkdir()
    real = write(folder / "dotfiles" / "rc", b"x=1\n")
    (folder / "middle").symlink_to("dotfiles/rc")
    link = folder / "rc"
    link.symlink_to("middle")
    assert edit(link)
    assert os.readlink(link) == "middle"
    assert real.read_bytes() == b"x=1\n" + BLOCK
    assert restore(link)
    assert real.read_bytes() == b"x=1\n"


def refused(path, match):
    before = os.lstat(path)
    with pytest.raises(AutovenvError, match=match):
        edit(path)
    after = os.lstat(path)
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert leftovers(path.parent) == []


def test_a_file_with_two_names_is_refused(folder):
    path = write(folder / "rc", b"x=1\n")
    os.link(path, folder / "other")
    refused(path, "rc has another name")


def test_a_read_only_file_is_refused_even_for_root(folder):
    refused(write(folder / "rc", b"x=1\n", 0o444), "rc is read-only")


def test_a_link_to_nowhere_is_refused(folder):
    (folder / "rc").symlink_to("missing")
    refused(folder / "rc", "rc is a link that leads nowhere")


def test_a_loop_of_links_is_refused(folder):
    (folder / "rc").symlink_to("rc2")
    (folder / "rc2").symlink_to("rc")
    refused(folder / "rc", "rc is a link that leads nowhere")


def test_a_folder_is_refused(folder):
    (folder / "rc").mkdir()
    refused(folder / "rc", "rc is not a regular file")


def test_a_pipe_is_refused_without_waiting_for_it(folder):
    os.mkfifo(folder / "rc")
    refused(folder / "rc", "rc is not a regular file")


def test_another_users_file_is_refused_with_the_owners_name(folder, monkeypatch):
    path = write(folder / "rc", b"x=1\n")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(rcfile, "_owner", lambda status: 65534)
    refused(path, "rc belongs to .*; run this without sudo")


def test_a_new_file_in_another_users_folder_is_refused(folder, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(rcfile, "_owner", lambda status: 65534)
    with pytest.raises(AutovenvError, match=r"belongs to .*; run this without sudo"):
        edit(folder / "rc")
    assert os.listdir(folder) == []


def test_a_new_file_gets_the_mode_that_the_umask_asks_for(folder):
    old = os.umask(0o027)
    try:
        assert edit(folder / "rc")
    finally:
        os.umask(old)
    assert stat.S_IMODE((folder / "rc").stat().st_mode) == 0o640
    assert restore(folder / "rc")
    assert os.listdir(folder) == []


def test_a_file_that_changes_just_before_the_rename_is_read_again(folder):
    path = write(folder / "rc", b"x=1\n")
    appended = []

    def append_once(_):
        if not appended:
            appended.append(True)
            with path.open("ab") as stream:
                stream.write(b"y=2\n")
        return True

    assert edit(path, check=append_once)
    assert path.read_bytes() == b"x=1\ny=2\n" + BLOCK


def test_a_file_that_never_stops_changing_is_left_alone(folder):
    path = write(folder / "rc", b"x=1\n")

    def append(_):
        with path.open("ab") as stream:
            stream.write(b"y=2\n")
        return True

    with pytest.raises(AutovenvError, match="is being written by something else"):
        edit(path, check=append)
    assert path.read_bytes() == b"x=1\n" + b"y=2\n" * rcfile.TRIES
    assert leftovers(folder) == []


def test_a_result_that_no_longer_parses_is_not_written(folder):
    path = write(folder / "rc", b"x=1\n")
    before = path.stat()
    with pytest.raises(AutovenvError, match="would no longer parse"):
        edit(path, check=lambda candidate: candidate == str(path))
    assert_untouched(path, b"x=1\n", before)


def test_a_file_that_did_not_parse_before_gets_the_block_all_the_same(folder):
    path = write(folder / "rc", b"if\n")
    assert edit(path, check=lambda candidate: False)
    assert path.read_bytes() == b"if\n" + BLOCK


def test_the_old_file_is_handed_over_for_a_backup_before_it_goes(folder):
    path = write(folder / "rc", b"x=1\n")
    kept = []
    assert edit(path, keep=lambda old: kept.append((old.content, path.read_bytes())))
    assert kept == [(b"x=1\n", b"x=1\n")]


def test_nothing_is_written_where_nothing_changes(folder):
    path = write(folder / "rc", b"x=1\n" + BLOCK)
    before = path.stat()
    assert not edit(path)
    assert_untouched(path, b"x=1\n" + BLOCK, before)


def test_what_a_killed_run_left_is_removed_and_nothing_else(folder):
    path = write(folder / "rc", b"x=1\n")
    stray = write(folder / ".autovenv-0123456789abcdef.tmp", b"half")
    others = [
        ".autovenv-0123456789abcdeg.tmp",
        ".autovenv-.tmp",
        ".autovenv-0123456789abcdef",
        "autovenv.tmp",
    ]
    for name in others:
        write(folder / name, b"mine")
    assert edit(path)
    assert not stray.exists()
    assert set(others) <= set(os.listdir(folder))


def test_a_link_with_the_name_of_a_leftover_is_never_followed(folder):
    path = write(folder / "rc", b"x=1\n")
    (folder / ".autovenv-0123456789abcdef.tmp").symlink_to("rc")
    assert edit(path)
    assert (folder / ".autovenv-0123456789abcdef.tmp").is_symlink()


def test_two_at_once_wait_for_each_other(folder):
    path = write(folder / "rc", b"")
    inside, most = [], []

    def work(number):
        with rcfile.locked(str(folder)):
            inside.append(number)
            most.append(len(inside))
            rcfile.edit(str(path), lambda content: content + b"%d\n" % number)
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert sorted(path.read_bytes().split()) == [b"%d" % number for number in range(8)]


def test_a_lock_that_is_never_given_back_is_told_of(folder, monkeypatch):
    monkeypatch.setattr(rcfile, "LOCK_SECONDS", 0.0)
    told = pytest.raises(AutovenvError, match="another autovenv is at work")
    with rcfile.locked(str(folder)), told, rcfile.locked(str(folder)):
        pass


def test_own_files_are_private_whatever_the_umask(folder):
    old = os.umask(0)
    try:
        rcfile.write_own(str(folder / "cli"), b"/usr/bin/autovenv\n")
    finally:
        os.umask(old)
    assert stat.S_IMODE((folder / "cli").stat().st_mode) == 0o600
