from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from autovenv import verify
from autovenv.record import changed
from autovenv.trust import unplaceable
from autovenv.verify import COMMANDS, Candidate, Consent, judge
from autovenv.words import Refusal, Word

CONFIG = "home = {home}\n"


def candidate(project, /, **values):
    venv = str(project / ".venv")
    return changed(Candidate(str(project), venv, venv + "/bin"), **values)


def word(project, person, /, *, consent=Consent.C1, any_owner=False, overrides=(), **values):
    refusal = judge(
        candidate(project, **values), consent=consent, person=person, any_owner=any_owner, overrides=overrides
    )
    return refusal.word if refusal else None


def write_config(project, text):
    (project / ".venv" / "pyvenv.cfg").write_bytes(os.fsencode(text))


@pytest.mark.parametrize("consent", Consent)
def test_an_environment_with_nothing_wrong_passes(project, person, consent):
    assert word(project, person, consent=consent) is None


MAKERS = {
    "venv without pip": ["venv", "--without-pip"],
    "venv of copies": ["venv", "--copies", "--without-pip"],
    "venv with system packages": ["venv", "--system-site-packages", "--without-pip"],
    "virtualenv": ["virtualenv", "-q"],
    "virtualenv for one shell": ["virtualenv", "-q", "--activators", "fish"],
    "virtualenv without seeds": ["virtualenv", "-q", "--no-seed"],
    "uv": ["uv", "venv", "-q", "--python", sys.executable],
    "uv with seeds": ["uv", "venv", "-q", "--offline", "--relocatable", "--python", sys.executable],
}


@pytest.mark.parametrize("mask", [0o022, 0o002])
@pytest.mark.parametrize("maker", MAKERS)
def test_what_the_real_makers_make_passes(tmp_path, person, maker, mask):
    project = tmp_path / "a project"
    before = os.umask(mask)
    try:
        project.mkdir()
        subprocess.run(
            [sys.executable, "-m", *MAKERS[maker], ".venv"], cwd=project, check=True, capture_output=True
        )
    finally:
        os.umask(before)
    assert word(project, person, consent=Consent.C3) is None
    strangers = changed(person, private_group=lambda gid: False)
    shared = bool((project / ".venv").stat().st_mode & stat.S_IWGRP)
    assert shared == (mask == 0o002)
    assert word(project, strangers) == (Word.WRITABLE if shared else None)


def test_an_environment_made_from_another_one_passes(project, person, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    words = [str(project / ".venv/bin/python"), "-m", "venv", "--without-pip", ".venv"]
    subprocess.run(words, cwd=inner, check=True)
    assert word(inner, person, consent=Consent.C3) is None


@pytest.mark.parametrize(
    "name", ["with space", "quo'te", "$HOME", "`x`", "*[a]?", "-dash", "ünï日本", "caf\udce9", "a&b;c"]
)
def test_odd_names_of_folders_pass(tmp_path, make_venv, person, name):
    project = tmp_path / name
    project.mkdir()
    make_venv(project / ".venv")
    assert word(project, person) is None


@pytest.mark.parametrize("name", ["a:b", "a\nb", "a\tb", "a\x1bb", "a\x7fb"])
def test_a_name_that_path_cannot_hold_is_refused(tmp_path, make_venv, person, name):
    project = tmp_path / name
    project.mkdir()
    make_venv(project / ".venv")
    assert word(project, person) is Word.BAD_PATH


def test_paths_that_have_no_place_in_the_mirror_are_refused(project, person, home):
    assert word(project, person, project="relative") is Word.BAD_PATH
    assert word(project, person, project="/x/.autovenv-allow/y") is Word.MIRROR_NAME
    assert word(project, person, project="/" + "n" * 256) is Word.TOO_LONG
    assert word(project, person, project="/" + "n/" * 3000) is Word.TOO_LONG
    assert unplaceable(home, str(project)) == ""


@pytest.mark.parametrize("root", ["/", "/tmp", "/var/tmp"])
def test_a_root_is_no_project(project, person, root):
    assert word(project, person, project=root) is Word.BAD_PROJECT


def test_a_drive_is_no_project(project, person):
    windows = changed(person, windows_drive=lambda path: path.startswith("/mnt/c"))
    assert word(project, windows, project="/mnt/c") is Word.BAD_PROJECT
    assert word(project, person, project="/mnt/c") is not Word.BAD_PROJECT


def test_a_venv_in_the_home_folder_passes(own_home, make_venv, person):
    make_venv(own_home / ".venv")
    assert word(own_home, person) is None


def test_a_python_below_the_home_folder_is_no_reason_in_the_home_folder(
    own_home, make_venv, person, tmp_path
):
    base = own_home / ".pyenv" / "bin"
    base.mkdir(parents=True)
    make_venv(own_home / ".venv", config=CONFIG.format(home=base))
    assert word(own_home, person) is None
    assert word(own_home, changed(person, home=str(tmp_path))) is Word.HOME_INSIDE


@pytest.mark.parametrize("consent", [Consent.C2, Consent.C3, Consent.C4, Consent.UNDER])
def test_a_link_needs_the_persons_word(project, person, consent):
    (project / ".venv").rename(project / "real")
    (project / ".venv").symlink_to("real")
    (project / "real/bin/activate").unlink()
    (project / "real/bin/activate.fish").write_text("x")
    assert word(project, person, consent=consent) is Word.SYMLINK
    assert word(project, person, consent=Consent.C1) is None
    target = os.path.realpath(project / ".venv")
    assert word(project, person, consent=consent, target=target) == (
        None if consent is Consent.C4 else Word.SYMLINK
    )
    assert word(project, person, consent=consent, target=target + "x") is Word.SYMLINK


def test_a_bin_folder_that_is_a_link_is_refused(project, person):
    (project / ".venv/bin").rename(project / "bin")
    (project / ".venv/bin").symlink_to("../bin")
    assert word(project, person) is Word.SYMLINK


def broken_config(project):
    write_config(project, "home = /a\nhome = /b\n")


def no_home_key(project):
    write_config(project, "version = 3\n")


def home_gone(project):
    write_config(project, "home = /nowhere/at/all\n")


def relative_home(project):
    write_config(project, "home = usr/bin\n")


def home_in_project(project):
    (project / "py").mkdir()
    write_config(project, CONFIG.format(home=project / "py"))


def home_linked_into_project(project):
    (project / "py").mkdir()
    (project.parent / "outside").symlink_to(project / "py")
    write_config(project, CONFIG.format(home=project.parent / "outside"))


def home_in_the_environment(project):
    write_config(project, CONFIG.format(home=project / ".venv/bin/x"))
    (project / ".venv/bin/x").mkdir()


def python_of_the_project(project):
    (project / "evil").write_text("#!/bin/sh\n")
    (project / "evil").chmod(0o755)
    (project / ".venv/bin/python").unlink()
    (project / ".venv/bin/python").symlink_to("../../evil")


def python_gone(project):
    for name in ("python", "python3"):
        (project / ".venv/bin" / name).unlink()


def python_dangling(project):
    (project / ".venv/bin/python").unlink()
    (project / ".venv/bin/python").symlink_to("/nowhere/python")


def python_not_executable(project):
    for name in ("python", "python3"):
        (project / ".venv/bin" / name).unlink()
    (project / ".venv/bin/python").write_text("x")


def no_activate(project):
    (project / ".venv/bin/activate").unlink()


def windows_layout(project):
    (project / ".venv/bin").rename(project / ".venv/Scripts")


def windows_home(project):
    write_config(project, "home = C:\\Python312\n")


def no_bin(project):
    (project / ".venv/bin").rename(project / "elsewhere")


def bin_is_a_file(project):
    no_bin(project)
    (project / ".venv/bin").write_text("x")


def no_environment(project):
    (project / ".venv").rename(project / "elsewhere")


def venv_is_a_file(project):
    no_environment(project)
    (project / ".venv").write_text("elsewhere\n")


def config_gone(project):
    (project / ".venv/pyvenv.cfg").unlink()


def moved(project):
    (project / ".venv/bin/activate").write_text("VIRTUAL_ENV='/somewhere/else/.venv'\n")


def shadows_ls(project):
    (project / ".venv/bin/ls").write_text("x")


def shadows_git_as_a_folder(project):
    (project / ".venv/bin/GIT").mkdir()


BREAKAGES = {
    broken_config: Word.BAD_CONFIG,
    no_home_key: Word.NO_HOME,
    home_gone: Word.NO_HOME,
    relative_home: Word.NO_HOME,
    home_in_project: Word.HOME_INSIDE,
    home_linked_into_project: Word.HOME_INSIDE,
    home_in_the_environment: Word.HOME_INSIDE,
    python_of_the_project: Word.HOME_INSIDE,
    python_gone: Word.NO_INTERPRETER,
    python_dangling: Word.NO_INTERPRETER,
    python_not_executable: Word.NO_INTERPRETER,
    no_activate: Word.UNFINISHED,
    windows_layout: Word.OTHER_OS,
    windows_home: Word.OTHER_OS,
    no_bin: Word.NO_INTERPRETER,
    bin_is_a_file: Word.NO_INTERPRETER,
    no_environment: Word.NO_CONFIG,
    venv_is_a_file: Word.NO_CONFIG,
    config_gone: Word.NO_CONFIG,
    moved: Word.MOVED,
    shadows_ls: Word.SHADOWS_COMMAND,
    shadows_git_as_a_folder: Word.SHADOWS_COMMAND,
}


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda one: one.__name__)
def test_each_breakage_has_its_word(project, person, breakage):
    breakage(project)
    assert word(project, person) is BREAKAGES[breakage]


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda one: one.__name__)
def test_a_judgement_leaves_the_disk_as_it_was(project, person, breakage):
    breakage(project)
    before = tree(project.parent)
    word(project, person)
    assert tree(project.parent) == before
    assert len(before) > 3


def tree(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        found[str(path)] = (info.st_mode, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
    return found


def test_a_renamed_real_environment_has_moved(tmp_path, person):
    project = tmp_path / "p"
    project.mkdir()
    for maker in (["venv", "--without-pip"], ["virtualenv", "-q", "--no-seed"], ["uv", "venv", "-q"]):
        subprocess.run([sys.executable, "-m", *maker, "old"], cwd=project, check=True, capture_output=True)
        (project / "old").rename(project / ".venv")
        assert word(project, person) is Word.MOVED, maker
        subprocess.run(["rm", "-r", str(project / ".venv")], check=True)


def test_the_same_place_by_another_spelling_has_not_moved(project, person):
    (project.parent / "link").symlink_to(project)
    (project / ".venv/bin/activate").write_text(f"VIRTUAL_ENV={project.parent}/link/.venv\n")
    assert word(project, person) is None


@pytest.mark.parametrize(
    "line", ['VIRTUAL_ENV="$(pwd)"', "VIRTUAL_ENV=$x", "VIRTUAL_ENV='/a'\"'\"'b'", "nothing", "\xff\0"]
)
def test_what_activate_does_not_say_plainly_is_no_reason(project, person, line):
    (project / ".venv/bin/activate").write_bytes(line.encode("latin-1"))
    assert word(project, person) is None


def test_every_command_that_people_type_is_guarded_and_no_name_of_pythons_own(project, person):
    assert len(COMMANDS) >= 60
    assert {"ls", "cat", "cd", "git", "ssh", "sudo", "bash", "env"} <= COMMANDS
    assert (
        not {"python", "python3", "pip", "activate", "deactivate", "pytest", "uv", "http", "black"} & COMMANDS
    )
    for name in sorted(COMMANDS):
        path = project / ".venv/bin" / name
        path.write_text("x")
        refusal = judge(candidate(project), consent=Consent.C1, person=person)
        assert (refusal.word, refusal.name, refusal.path) == (Word.SHADOWS_COMMAND, name, str(path))
        assert word(project, person, overrides=(name,)) is None
        path.unlink()


def test_an_override_is_for_its_own_name_only(project, person):
    shadows_ls(project)
    (project / ".venv/bin/cat").write_text("x")
    assert word(project, person, overrides=("ls",)) is Word.SHADOWS_COMMAND
    assert word(project, person, overrides=("ls", "cat")) is None


# -- owners and modes


PARTS = ["", ".venv", ".venv/bin", ".venv/pyvenv.cfg"]


@pytest.mark.parametrize("part", PARTS)
def test_what_everybody_can_write_is_refused(project, person, part):
    path = project / part
    path.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IWOTH)
    assert word(project, person) is Word.WRITABLE
    assert word(project, person, any_owner=True) is Word.WRITABLE


@pytest.mark.parametrize("part", PARTS)
def test_what_a_shared_group_can_write_is_refused_and_a_private_one_not(project, person, part):
    path = project / part
    path.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IWGRP)
    assert word(project, person) is None
    shared = changed(person, private_group=lambda gid: False)
    assert word(project, shared) is Word.WRITABLE
    assert word(project, shared, any_owner=True) is None


@pytest.mark.parametrize("part", PARTS)
def test_another_owner_is_refused_unless_any_is_wanted(project, person, part):
    stranger = changed(person, uid=person.uid + 1000)
    assert word(project, stranger) is Word.OTHER_OWNER
    assert word(project, stranger, any_owner=True) is None


@pytest.mark.parametrize("part", PARTS)
def test_files_given_to_another_user_are_refused(project, person, part):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away; the test above holds without root")
    os.chown(project / part, 12345, 12345)
    assert word(project, person) is Word.OTHER_OWNER
    assert word(project, person, any_owner=True) is None


def test_a_project_folder_of_roots_is_as_good_as_ones_own(project, person):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    for part in PARTS[1:]:
        os.chown(project / part, 12345, 12345)
    assert word(project, changed(person, uid=12345)) is None
    os.chown(project, 54321, 54321)
    assert word(project, changed(person, uid=12345)) is Word.OTHER_OWNER


def test_an_ancestor_that_everybody_can_write_is_refused_unless_sticky(project, person):
    project.parent.chmod(0o777)
    assert word(project, person) is Word.ANCESTOR_WRITABLE
    project.parent.chmod(0o1777)
    assert word(project, person) is None
    project.parent.chmod(0o775)
    assert word(project, changed(person, private_group=lambda gid: False)) is None


def test_the_ancestors_of_what_a_link_leads_to_count_too(project, person, tmp_path, make_venv):
    shared = tmp_path / "shared"
    shared.mkdir()
    make_venv(shared / "v")
    (shared / "v/bin/activate").write_text("x")
    (project / ".venv").rename(project / "old")
    (project / ".venv").symlink_to(shared / "v")
    assert word(project, person) is None
    shared.chmod(0o777)
    assert word(project, person) is Word.ANCESTOR_WRITABLE


@pytest.mark.parametrize("part", [*PARTS, ".."])
def test_a_windows_drive_has_its_own_words(project, person, part):
    windows = changed(person, windows_drive=lambda path: True)
    assert word(project, windows) is None
    (project / part).chmod(0o777)
    assert word(project, windows) is Word.WINDOWS_DRIVE


MOUNTS = """sysfs /sys sysfs rw 0 0
/dev/sdc / ext4 rw 0 0
C:\\ /mnt/c 9p rw,dirsync 0 0
D: /mnt/my\\040drive drvfs rw 0 0
none /mnt/c/wsl ext4 rw 0 0
short
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/al", "ext4"),
        ("/mnt/c", "9p"),
        ("/mnt/c/Users/al", "9p"),
        ("/mnt/cc", "ext4"),
        ("/mnt/my drive/x", "drvfs"),
        ("/mnt/c/wsl/x", "ext4"),
        ("/sys/x", "sysfs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_its_deepest_mount(path, kind):
    assert verify.file_system(path, MOUNTS) == kind


@pytest.mark.parametrize("release", ["6.6.87.2-microsoft-standard-WSL2\n", "6.1.0-debian\n"])
def test_windows_drives_are_looked_for_under_wsl_only(monkeypatch, release):
    files = {"/proc/sys/kernel/osrelease": release, "/proc/mounts": MOUNTS}
    monkeypatch.setattr(verify, "_kernel_text", files.__getitem__)
    assert verify.windows_drive("/mnt/c/x") == ("microsoft" in release)
    assert not verify.windows_drive("/home/al")


@pytest.mark.parametrize(
    ("primary", "name", "members", "private"),
    [
        (1000, "al", [], True),
        (1000, "al", ["al"], True),
        (1000, "al", ["al", "bo"], False),
        (1000, "users", [], False),
        (100, "al", [], False),
    ],
)
def test_a_private_group_is_primary_of_the_same_name_and_without_others(
    monkeypatch, primary, name, members, private
):
    import grp
    import pwd
    from types import SimpleNamespace

    monkeypatch.setattr(pwd, "getpwuid", lambda uid: SimpleNamespace(pw_name="al", pw_gid=primary))
    monkeypatch.setattr(grp, "getgrgid", lambda gid: SimpleNamespace(gr_name=name, gr_mem=members))
    assert verify.private_group(1000) is private


def test_a_user_or_group_that_nobody_knows_is_not_private(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 3_999_999)
    assert not verify.private_group(3_999_999)


def test_an_access_list_makes_a_private_group_shared(project, person, monkeypatch):
    path = project / ".venv"
    path.chmod(0o775)
    assert word(project, person) is None
    lists = {str(path): b"x"}
    monkeypatch.setattr(os, "getxattr", lambda one, name: lists.get(one, b""), raising=False)
    assert word(project, person) is Word.WRITABLE


# -- git


@pytest.mark.parametrize("consent", Consent)
def test_what_is_in_the_git_index_is_refused(project, person, git, consent):
    git(project.parent, "init", "-q")
    assert word(project, person, consent=consent) is None
    git(project.parent, "add", "-f", "project/.venv/pyvenv.cfg")
    assert word(project, person, consent=consent) is Word.TRACKED
    (project.parent / ".git/index").write_bytes(b"DIRC")
    assert word(project, person, consent=consent) is Word.GIT_UNREADABLE


def test_a_tracked_link_and_a_tracked_target_are_refused(project, person, git, tmp_path, make_venv):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    make_venv(elsewhere / "v")
    (elsewhere / "v/bin/activate").write_text("x")
    (project / ".venv").rename(project / "old")
    (project / ".venv").symlink_to(elsewhere / "v")
    git(elsewhere, "init", "-q")
    assert word(project, person) is None
    git(elsewhere, "add", "-f", "v/pyvenv.cfg")
    assert word(project, person) is Word.TRACKED
    git(elsewhere, "rm", "-q", "--cached", "v/pyvenv.cfg")
    git(project, "init", "-q")
    git(project, "add", "-f", ".venv")
    assert word(project, person) is Word.TRACKED


def test_nothing_of_the_project_is_run(project, git, tmp_path):
    """strace sees one program start: the python that judges."""
    git(project, "init", "-q")
    (project / "venv.py").write_text("raise SystemExit('ran')")
    script = (
        "import sys, os\nsys.path.insert(0, sys.argv[1])\nfrom autovenv.verify import *\n"
        "p = sys.argv[2]\n"
        "print(judge(Candidate(p, p + '/.venv', p + '/.venv/bin'), consent=Consent.C1,"
        " person=current_person(os.environ)))\n"
    )
    source = os.path.dirname(os.path.dirname(verify.__file__))
    words = [
        "strace",
        "-f",
        "-e",
        "trace=execve,execveat,clone,clone3,fork,vfork",
        sys.executable,
        "-I",
        "-c",
        script,
    ]
    done = subprocess.run(
        [*words, source, str(project)], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout == "None\n"
    calls = [
        line for line in done.stderr.split("\n") if "(" in line and "+++" not in line and "---" not in line
    ]
    assert len([line for line in calls if line.startswith("execve(")]) >= 1
    assert all(line.startswith("execve(") for line in calls)
    assert not any(".venv" in line.split("[")[0] for line in calls)


def test_a_folder_that_cannot_be_read_is_said_so(project, person, monkeypatch):
    def fail(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", fail)
    assert word(project, person) is Word.UNREADABLE


# -- the texts


@pytest.mark.parametrize("one", Word)
def test_every_word_has_one_line_for_the_shell_and_a_remedy(one):
    assert one.text.startswith("autovenv: ")
    assert one.text.isascii()
    assert "\n" not in one.text + one.fact + one.remedy
    assert "left off" in one.text
    assert len(one.text) <= 130
    assert "{" not in one.text
    assert "{path}" in one.fact
    assert one.remedy
    assert one.value == one.name.lower().replace("_", "-")


def test_the_texts_that_were_asked_for():
    assert Word.TRACKED.text == (
        "autovenv: .venv is part of this git repository, so others can change it; left off."
        " Why, and what to do: autovenv status"
    )
    assert Word.UNFINISHED.text == (
        "autovenv: .venv is unfinished; left off. Do what python said above,"
        " then: python3 -m venv --clear .venv"
    )
    assert Word.WINDOWS_DRIVE.text == (
        "autovenv: Windows drives let every user write here; left off."
        " Keep the project under your Linux home, e.g. ~/code"
    )


@pytest.mark.parametrize("one", Word)
def test_the_error_names_the_path_escaped_and_the_remedy_quotes_it(one):
    refusal = Refusal(one, "/home/al/a b\x1b[2J", "/home/al/a b\x1b[2J/.venv", "ls")
    error = refusal.error(home="/home/al")
    assert "~/a b\\x1b[2J" in error.fact
    assert all(line.isprintable() and "{" not in line for line in error.lines())
    assert len(error.lines()) == 2
