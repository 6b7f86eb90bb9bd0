"""Installing and uninstalling: what comes, goes again, whatever happens in between."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autovenv import hookfiles, paths, rcfile, shells
from autovenv.errors import AutovenvError
from autovenv.hookfiles import Place, Standing

PROGRAM = "/opt/some where/bin/autovenv"
SOURCE = Path(paths.__file__).parents[1]


@pytest.fixture
def home(tmp_path):
    """A person's home folder with start-up files of several kinds."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bashrc").write_bytes(b"alias ll='ls -l'\nexport X=1")
    (home / ".zshrc").write_bytes(b"setopt autocd\r\n")
    return home


def place_in(home, program=PROGRAM, **more):
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], **more}
    return Place(environ, paths.data_home(environ), program)


def tree(folder):
    """Return everything below the folder: kind, mode, and bytes or link target, by path."""
    found = {}
    for at, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = os.path.join(at, name)
            mode = os.lstat(path).st_mode
            if os.path.islink(path):
                found[os.path.relpath(path, folder)] = (mode, os.readlink(path))
            else:
                found[os.path.relpath(path, folder)] = (
                    mode,
                    None if os.path.isdir(path) else Path(path).read_bytes(),
                )
    return found


def standings(results):
    return [(result.shell, result.before) for result in results]


def test_every_shell_gets_its_lines_and_its_files(home):
    place = place_in(home)
    results = hookfiles.install(place, shells.SUPPORTED)
    assert standings(results) == [(name, Standing.ABSENT) for name in shells.SUPPORTED]
    for result in results:
        for path in result.files:
            line = place.line(result.shell, path)
            assert rcfile.state(Path(path).read_bytes(), line) is rcfile.State.CURRENT
    data = Path(place.home)
    assert (data / "cli").read_bytes() == PROGRAM.encode() + b"\n"
    for name in shells.SUPPORTED:
        assert (data / paths.HOOKS[name]).read_bytes() == Path(paths.hook_source(name)).read_bytes()
        completion = paths.COMPLETIONS[name]
        assert (data / "completions" / completion).read_bytes() == Path(
            paths.completion_source(name)
        ).read_bytes()
    assert (home / ".config/fish/completions/autovenv.fish").is_file()


def test_its_folder_is_private_whatever_the_umask(home):
    old = os.umask(0o002)
    try:
        hookfiles.install(place_in(home), ["bash"])
    finally:
        os.umask(old)
    data = home / ".local/share/autovenv"
    modes = {stat & 0o777 for stat, _ in tree(data).values()} | {data.stat().st_mode & 0o777}
    assert modes == {0o700, 0o600}


def test_twice_is_once(home):
    place = place_in(home)
    hookfiles.install(place, shells.SUPPORTED)
    before = tree(home)
    results = hookfiles.install(place, shells.SUPPORTED)
    assert {result.before for result in results} == {Standing.CURRENT}
    assert tree(home) == before


def test_uninstalling_leaves_the_home_as_it_was(home):
    before = tree(home)
    hookfiles.install(place_in(home), shells.SUPPORTED)
    assert tree(home) != before
    results = hookfiles.uninstall(place_in(home), shells.SUPPORTED)
    assert {result.before for result in results} == {Standing.CURRENT}
    assert tree(home) == before


def test_uninstalling_leaves_folders_that_were_there_or_have_gained_something(home):
    (home / ".config/fish").mkdir(parents=True)
    before = tree(home)
    hookfiles.install(place_in(home), shells.SUPPORTED)
    (home / ".local/share/other").mkdir()
    hookfiles.uninstall(place_in(home), shells.SUPPORTED)
    assert tree(home).keys() - before.keys() == {".local", ".local/share", ".local/share/other"}


def test_uninstalling_one_shell_keeps_what_the_other_needs(home):
    hookfiles.install(place_in(home), ["bash", "fish"])
    hookfiles.uninstall(place_in(home), ["bash"])
    assert (home / ".bashrc").read_bytes() == b"alias ll='ls -l'\nexport X=1"
    assert (home / ".local/share/autovenv/hook.fish").is_file()
    assert hookfiles.standing(place_in(home), "fish").before is Standing.CURRENT
    hookfiles.uninstall(place_in(home), ["fish"])
    assert not (home / ".local").exists()


def test_uninstalling_what_is_not_there_changes_nothing(home):
    before = tree(home)
    results = hookfiles.uninstall(place_in(home), shells.SUPPORTED)
    assert {result.before for result in results} == {Standing.ABSENT}
    assert tree(home) == before


def test_allowed_projects_go_too_unless_they_are_to_be_kept(home):
    trust = home / ".local/share/autovenv/trust/p"
    for keep in (True, False):
        hookfiles.install(place_in(home), ["bash"])
        trust.mkdir(parents=True, exist_ok=True)
        hookfiles.uninstall(place_in(home), ["bash"], keep_trust=keep)
        assert trust.is_dir() == keep
    assert not (home / ".local").exists()


def test_files_of_others_in_its_folder_are_left(home):
    hookfiles.install(place_in(home), ["bash"])
    other = home / ".local/share/autovenv/notes.txt"
    other.write_text("mine")
    hookfiles.uninstall(place_in(home), ["bash"])
    assert [path.name for path in other.parent.iterdir()] == ["notes.txt"]


def test_lines_are_found_again_after_its_own_folder_was_deleted_by_hand(home):
    before = tree(home)
    hookfiles.install(place_in(home), shells.SUPPORTED)
    shutil.rmtree(home / ".local")
    hookfiles.uninstall(place_in(home), shells.SUPPORTED)
    left = tree(home)
    assert {path: left[path] for path in before} == before
    assert [path for path in left if path.endswith("conf.d/autovenv.fish")] == []


def test_lines_are_found_again_after_zdotdir_has_moved(home, tmp_path):
    elsewhere = tmp_path / "z"
    elsewhere.mkdir()
    hookfiles.install(place_in(home, ZDOTDIR=str(elsewhere)), ["zsh"])
    assert (elsewhere / ".zshrc").exists()
    hookfiles.uninstall(place_in(home), ["zsh"])
    assert not (elsewhere / ".zshrc").exists()


def test_an_old_line_and_an_old_copy_are_outdated_and_renewed(home):
    place = place_in(home)
    hookfiles.install(place, ["bash"])
    for path, old in (
        (home / ".bashrc", rcfile.with_block(b"", "old line")),
        (Path(place.home, "hook.bash"), b"old"),
    ):
        path.write_bytes(old)
        assert hookfiles.standing(place, "bash").before is Standing.OUTDATED
        assert standings(hookfiles.install(place, ["bash"])) == [("bash", Standing.OUTDATED)]
        assert hookfiles.standing(place, "bash").before is Standing.CURRENT


def test_a_login_file_that_does_not_lead_to_bashrc_gets_the_lines_too(home):
    (home / ".profile").write_text("PATH=$PATH:~/bin\n")
    before = tree(home)
    [result] = hookfiles.install(place_in(home), ["bash"])
    assert [os.path.basename(path) for path in result.files] == [".bashrc", ".profile"]
    assert b'[ -z "${BASH_VERSION-}" ] || ' in (home / ".profile").read_bytes()
    hookfiles.uninstall(place_in(home), ["bash"])
    assert tree(home) == before


def test_a_backup_is_made_once_and_goes_with_a_clean_uninstall(home):
    hookfiles.install(place_in(home), ["bash"])
    backup = Path(f"{home}/.local/share/autovenv/backup{home}/.bashrc")
    assert backup.read_bytes() == b"alias ll='ls -l'\nexport X=1"
    (home / ".bashrc").write_bytes(b"y=2\n")
    hookfiles.install(place_in(home), ["bash"])
    assert backup.read_bytes() == b"alias ll='ls -l'\nexport X=1"


# --- Refusals ----------------------------------------------------------------------------------------


def test_a_refused_file_leaves_the_whole_home_alone_and_names_the_line_to_paste(home):
    (home / ".bashrc").chmod(0o444)
    before = tree(home)
    [result] = hookfiles.install(place_in(home), ["bash"])
    assert result.before is Standing.REFUSED
    fact, remedy = result.error.lines()
    assert str(home / ".bashrc") in fact
    assert place_in(home).line("bash") in remedy
    assert tree(home) == before


def test_one_refused_shell_does_not_keep_the_others_from_it(home):
    (home / ".zshrc").chmod(0o444)
    results = hookfiles.install(place_in(home), ["bash", "zsh"])
    assert standings(results) == [("bash", Standing.ABSENT), ("zsh", Standing.REFUSED)]
    assert hookfiles.standing(place_in(home), "bash").before is Standing.CURRENT


def test_a_login_file_that_is_refused_keeps_bashrc_from_being_changed(home):
    (home / ".profile").write_text("true\n")
    (home / ".profile").chmod(0o444)
    before = tree(home)
    assert standings(hookfiles.install(place_in(home), ["bash"])) == [("bash", Standing.REFUSED)]
    assert tree(home) == before


def test_a_failure_at_the_second_file_takes_the_first_back(home, monkeypatch):
    (home / ".profile").write_text("true\n")
    before = tree(home)
    monkeypatch.setattr(
        shells, "parses", lambda name, path, environ: not Path(path).read_bytes().startswith(b"true\n#")
    )
    assert standings(hookfiles.install(place_in(home), ["bash"])) == [("bash", Standing.REFUSED)]
    assert tree(home) == before


def test_an_installation_that_cannot_write_its_own_files_leaves_none(home, monkeypatch):
    before = tree(home)
    real, written = rcfile.write_own, []

    def write_three(path, content, **more):
        if len(written) == 3:
            raise AutovenvError("cannot write: no space left on device")
        written.append(path)
        real(path, content, **more)

    monkeypatch.setattr(rcfile, "write_own", write_three)
    with pytest.raises(AutovenvError, match="no space left"):
        hookfiles.install(place_in(home), ["bash"])
    assert len(written) == 3
    assert tree(home) == before


def test_its_folder_becomes_private_if_it_was_not(home):
    data = home / ".local/share/autovenv"
    data.mkdir(parents=True)
    data.chmod(0o777)
    hookfiles.install(place_in(home), ["bash"])
    assert data.stat().st_mode & 0o777 == 0o700


def test_a_home_of_another_user_is_refused_by_name_before_anything_is_written(home):
    if os.geteuid() != 0:
        pytest.fail("this test gives a file to another user, so it runs as root; CI does")
    os.chown(home, 65534, 65534)
    os.chown(home / ".bashrc", 65534, 65534)
    before = tree(home)
    with pytest.raises(AutovenvError, match=r"home belongs to nobody; run this without sudo"):
        hookfiles.install(place_in(home), ["bash"])
    with pytest.raises(AutovenvError, match=r"home belongs to nobody; run this without sudo"):
        hookfiles.uninstall(place_in(home), ["bash"])
    assert tree(home) == before


def test_another_users_start_up_file_is_refused_by_name(home):
    if os.geteuid() != 0:
        pytest.fail("this test gives a file to another user, so it runs as root; CI does")
    os.chown(home / ".bashrc", 65534, 65534)
    before = tree(home)
    [result] = hookfiles.install(place_in(home), ["bash"])
    assert result.error.lines()[0] == f"autovenv: {home}/.bashrc belongs to nobody; run this without sudo"
    assert tree(home) == before


def test_a_file_that_cannot_be_given_back_keeps_the_hook_that_it_loads(home):
    hookfiles.install(place_in(home), ["bash"])
    (home / ".bashrc").chmod(0o444)
    before = tree(home)
    [result] = hookfiles.uninstall(place_in(home), ["bash"])
    assert result.error.lines()[0] == f"autovenv: {home}/.bashrc is read-only; left as it is"
    assert tree(home) == before


def test_a_users_own_fish_completions_are_left(home):
    mine = home / ".config/fish/completions/autovenv.fish"
    mine.parent.mkdir(parents=True)
    mine.write_text("complete -c autovenv -a mine\n")
    before = tree(home)
    hookfiles.install(place_in(home), ["fish"])
    assert mine.read_text() == "complete -c autovenv -a mine\n"
    hookfiles.uninstall(place_in(home), ["fish"])
    assert tree(home) == before


# --- The program -------------------------------------------------------------------------------------


def script(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_console_script_is_noted_by_its_link_because_pipx_renews_what_is_behind(tmp_path):
    real = script(tmp_path / "venvs/autovenv/bin/autovenv")
    (tmp_path / "autovenv").symlink_to(real)
    assert hookfiles.program(str(tmp_path / "autovenv")) == str(tmp_path / "autovenv")


def test_a_relative_console_script_becomes_absolute(tmp_path, monkeypatch):
    script(tmp_path / "bin/autovenv")
    monkeypatch.chdir(tmp_path)
    assert hookfiles.program("bin/autovenv") == str(tmp_path / "bin/autovenv")


@pytest.mark.parametrize("name", ["__main__.py", "pytest"])
def test_another_script_is_not_taken_for_the_program(tmp_path, name):
    assert hookfiles.program(str(script(tmp_path / name))) == ""


def test_without_a_console_script_a_launcher_starts_this_very_copy_and_nothing_of_the_current_folder(
    home, tmp_path
):
    place = place_in(home, program="")
    hookfiles.install(place, ["bash"])
    launcher = Path(place.home, "cli").read_text().rstrip("\n")
    assert launcher == os.path.join(place.home, "bin/autovenv")
    (tmp_path / "click.py").write_text("raise SystemExit('ran a file of the current folder')\n")
    (tmp_path / "autovenv.py").write_text("raise SystemExit('ran a file of the current folder')\n")
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [launcher, "--version"], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.stdout[:9], done.stderr, done.returncode) == ("autovenv ", "", 0), done.stderr


# --- Showing -----------------------------------------------------------------------------------------


def test_the_difference_is_shown_and_nothing_is_written(home):
    before = tree(home)
    place = place_in(home)
    shown = hookfiles.difference(place, hookfiles.standing(place, "bash")).splitlines()
    assert shown[:2] == ["--- ~/.bashrc", "+++ ~/.bashrc"]
    assert [line for line in shown if line.startswith("+#")] == [
        "+# >>> autovenv >>>",
        "+# <<< autovenv <<< (added: newline)",
    ]
    assert os.path.join(place_in(home).home, "hook.bash") in hookfiles.pending_files(place_in(home))
    assert tree(home) == before


# --- Kills and faults --------------------------------------------------------------------------------

# Killed at a call that only reads, the disk is as it was at the call before.
WRITES = {
    "openat", "write", "fsync", "rename", "unlink", "unlinkat", "mkdir", "rmdir", "fchmod", "chmod", "fchown",
    "setxattr", "fsetxattr", "flock", "vfork",
}  # fmt: skip
FAULTS = (
    "openat",
    "write",
    "fsync",
    "rename",
    "unlink",
    "mkdir",
    "rmdir",
    "fchmod",
    "fchown",
    "flock",
    "read",
)
BEFORE = b"alias ll='ls -l'\nexport X=1"


def strace(home, verb, *words):
    """Run the installation in a traced process of its own."""
    command = ["strace", "-qq", *words, sys.executable, "-I", "-S", "-c", BOOT, home, verb]
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)


ONCE = Path(__file__).with_name("install_once.py")
RUN = f"runpy.run_path({str(ONCE)!r}, run_name='__main__')"
BOOT = f"import runpy, sys; sys.path.insert(0, {str(SOURCE)!r}); {RUN}"


def fresh_home(tmp_path, name, verb):
    home = tmp_path / name
    (home / ".local/share").mkdir(parents=True)
    (home / ".bashrc").write_bytes(BEFORE)
    if verb == "uninstall":
        hookfiles.install(place_in(home, program="/p/autovenv"), ["bash"])
    return home


def points(tmp_path, verb):
    """Return (call, number) for every system call between the two cuts, numbered as strace counts them."""
    log = tmp_path / f"{verb}.trace"
    done = strace(fresh_home(tmp_path, f"{verb}-trace", verb), verb, "-o", log)
    assert done.returncode == 0, done.stderr
    before, between, after = log.read_text().split('access("/cut-here"')
    assert between and after
    counts = {}
    found = []
    for part, wanted in ((before, False), (between, True)):
        for call in re.findall(r"^(\w+)\(", part, re.MULTILINE):
            counts[call] = counts.get(call, 0) + 1
            if wanted:
                found.append((call, counts[call]))
    return found


def new_content(home):
    return rcfile.with_block(BEFORE, place_in(home).line("bash"))


def assert_old_or_new(home):
    assert (home / ".bashrc").read_bytes() in {BEFORE, new_content(home)}


def assert_next_run_ends_well(home, reference):
    """Whatever was left, the next install completes it, and the next uninstall removes it without a trace."""
    place = place_in(home, program="/p/autovenv")
    hookfiles.install(place, ["bash"])
    assert (home / ".bashrc").read_bytes() == new_content(home)
    assert not [name for name in tree(home) if ".autovenv-" in name and name.endswith(".tmp")]
    hookfiles.uninstall(place, ["bash"])
    assert tree(home) == reference


def sweep(tmp_path, verb, tasks, check):
    reference = tree(fresh_home(tmp_path, f"{verb}-reference", "install"))

    def one(numbered):
        number, (call, at, action) = numbered
        home = fresh_home(tmp_path, f"{verb}-{number}", verb)
        done = strace(
            home, verb, "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{action}:when={at}"
        )
        assert_old_or_new(home)
        check(home, done)
        assert_next_run_ends_well(home, reference)
        shutil.rmtree(home)

    with ThreadPoolExecutor(max(4, os.cpu_count() or 1)) as pool:
        return len(list(pool.map(one, enumerate(tasks))))


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_killed_at_any_system_call_the_file_is_the_old_or_the_new_one(tmp_path, verb):
    tasks = [(call, at, "signal=KILL") for call, at in points(tmp_path, verb) if call in WRITES]
    assert {call for call, _, _ in tasks} >= {
        "openat",
        "write",
        "fsync",
        "rename",
        "unlink",
        "fchmod",
        "fchown",
    }

    def check(home, done):
        assert done.returncode in {-9, 137}, done.stderr

    assert sweep(tmp_path, verb, tasks, check) == len(tasks)


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_a_failing_system_call_is_told_of_and_the_file_is_the_old_or_the_new_one(tmp_path, verb):
    found = [(call, at) for call, at in points(tmp_path, verb) if call in FAULTS]
    errors = ("ENOSPC", "EIO", "EACCES")
    tasks = [(call, at, f"error={errors[number % 3]}") for number, (call, at) in enumerate(found)]
    assert len(tasks) > 40

    def check(home, done):
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode in {0, 1}, done.stderr
        if done.returncode:
            assert done.stderr.startswith("autovenv: ")
        else:
            assert (home / ".bashrc").read_bytes() == (new_content(home) if verb == "install" else BEFORE)

    assert sweep(tmp_path, verb, tasks, check) == len(tasks)


# --- A sixth shell ------------------------------------------------------------------------------------


def test_a_sixth_shell_is_a_record_and_a_hook_file(home, tmp_path, monkeypatch):
    source = tmp_path / "hook.sixth"
    source.write_text("# a hook\n")
    known = paths.hook_source
    monkeypatch.setitem(paths.HOOKS, "sixth", "hook.sixth")
    monkeypatch.setattr(paths, "hook_source", lambda name: str(source) if name == "sixth" else known(name))
    sixth = shells.Shell(
        name="sixth",
        hook="hook.sixth",
        line=lambda path, _file: f"load {path}",
        files=lambda environ, _platform: [os.path.join(environ["HOME"], ".sixthrc")],
        reload="exec sixth",
        other_names=("6sh",),
    )
    monkeypatch.setitem(shells.SHELLS, "sixth", sixth)
    monkeypatch.setattr(shells, "SUPPORTED", (*shells.SUPPORTED, "sixth"))
    (home / ".sixthrc").write_bytes(b"x")
    before, place = tree(home), place_in(home)
    assert shells.named("6sh") is sixth
    (result,) = hookfiles.install(place, ["sixth"])
    assert (result.error, hookfiles.told(place, result)) == (None, "3 lines in ~/.sixthrc")
    assert f"load {place.home}/hook.sixth\n" in (home / ".sixthrc").read_text()
    assert (Path(place.home) / "hook.sixth").read_text() == "# a hook\n"
    assert hookfiles.standing(place, "sixth").before is Standing.CURRENT
    assert hookfiles.uninstall(place, list(shells.SUPPORTED))[-1].before is Standing.CURRENT
    assert tree(home) == before
