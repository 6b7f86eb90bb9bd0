"""Which files a shell reads, and a line that it understands whatever the folder is called."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovenv import shells
from autovenv.errors import AutovenvError, UsageError
from conftest import program as find_program

RUN = {
    "bash": ["bash", "--norc", "--noprofile", "-u"],
    "zsh": ["zsh", "-f", "-u"],
    "fish": ["fish", "--no-config"],
    "powershell": ["pwsh", "-NoProfile", "-File"],
}
NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="\0/\n\r", exclude_categories=["Cs"]),
    min_size=1,
    max_size=40,
).filter(lambda name: name not in {".", ".."} and len(name.encode()) < 200)


def run(name, line, folder):
    """Run the line in the real shell and return what it printed, and its exit status, behind it."""
    program, *words = RUN[name]
    script = os.path.join(folder, "script.ps1" if name == "powershell" else "script")
    with open(script, "wb") as stream:
        stream.write(os.fsencode(line) + b"\n")
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [find_program(program), *words, script], env=environ, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", shells.SUPPORTED)
@settings(max_examples=60, deadline=None)
@given(folder=NAMES)
def test_the_line_loads_the_hook_whatever_the_folder_is_called(name, folder, tmp_path_factory):
    if name == "powershell":  # takes a backslash for a separator
        folder = folder.replace("\\", "/").strip("/").replace("/", "_") or "_"
    base = tmp_path_factory.mktemp("q")
    home = os.path.join(base, folder)
    os.mkdir(home)
    with open(os.path.join(home, shells.SHELLS[name].hook), "w", encoding="ascii") as stream:
        stream.write("printf loaded\n")
    done = run(name, shells.source_line(name, home), base)
    assert (done.stdout, done.stderr, done.returncode) == (b"loaded", b"", 0)


@pytest.mark.parametrize("name", shells.SUPPORTED)
@pytest.mark.parametrize(
    "folder", ["a'b", 'a"b', "$HOME", "`id`", "a\\", "\\'", "!!", "~", "-n", "*", "a;b & c", "%", "é"]
)
def test_the_line_loads_the_hook_from_a_folder_with_an_awkward_name(name, folder, tmp_path):
    if name == "powershell" and "\\" in folder:
        return
    home = tmp_path / folder
    home.mkdir()
    (home / shells.SHELLS[name].hook).write_text("printf loaded\n")
    done = run(name, shells.source_line(name, str(home)), tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == (b"loaded", b"", 0)


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_bytes_that_are_no_utf8_survive(name, tmp_path):
    home = os.path.join(os.fsencode(tmp_path), b"a\xffb")
    os.mkdir(home)
    with open(os.path.join(home, shells.SHELLS[name].hook.encode()), "wb") as stream:
        stream.write(b"printf loaded\n")
    assert run(name, shells.source_line(name, os.fsdecode(home)), tmp_path).stdout == b"loaded"


@pytest.mark.parametrize("name", shells.SUPPORTED)
def test_the_line_is_silent_and_true_when_the_hook_is_gone(name, tmp_path):
    done = run(name, shells.source_line(name, str(tmp_path / "gone")), tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)


@pytest.mark.parametrize("name", shells.SUPPORTED)
@pytest.mark.parametrize("letter", ["\n", "\r", "\0"])
def test_a_folder_with_a_newline_is_refused(name, letter):
    with pytest.raises(AutovenvError, match="has a newline in its name"):
        shells.source_line(name, f"/a{letter}b")


def test_sh_skips_the_line_in_a_profile_that_it_shares_with_bash(tmp_path):
    (tmp_path / "hook.bash").write_text("printf loaded\n")
    line = shells.source_line("bash", str(tmp_path), file="/h/.profile")
    assert run("bash", line, tmp_path).stdout == b"loaded"
    (tmp_path / "script").write_text(line + "\n")
    done = subprocess.run(["dash", "-eu", tmp_path / "script"], capture_output=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)


# --- Files -------------------------------------------------------------------------------------------


def bash_files(home, platform="linux"):
    found = shells.rc_files("bash", {"HOME": str(home)}, platform=platform)
    return [os.path.relpath(path, home) for path in found]


def test_bash_needs_bashrc_alone_where_there_is_no_login_file(tmp_path):
    assert bash_files(tmp_path) == [".bashrc"]


def test_on_macos_a_login_file_is_made_because_terminals_start_login_shells(tmp_path):
    assert bash_files(tmp_path, "darwin") == [".bashrc", ".bash_profile"]


@pytest.mark.parametrize("name", shells.LOGIN_FILES)
def test_a_login_file_that_leads_to_bashrc_needs_nothing(tmp_path, name):
    (tmp_path / name).write_text('if [ -f "$HOME/.bashrc" ]; then . "$HOME/.bashrc"; fi\n')
    assert bash_files(tmp_path, "darwin") == [".bashrc"]


@pytest.mark.parametrize("name", shells.LOGIN_FILES)
def test_a_login_file_that_does_not_lead_to_bashrc_needs_the_line_too(tmp_path, name):
    (tmp_path / name).write_text("# . ~/.bashrc\nexport PATH\n")
    assert bash_files(tmp_path) == [".bashrc", name]


def test_only_the_first_login_file_counts(tmp_path):
    (tmp_path / ".bash_profile").write_text("export X=1\n")
    (tmp_path / ".profile").write_text(". ~/.bashrc\n")
    assert bash_files(tmp_path) == [".bashrc", ".bash_profile"]


def test_a_login_file_that_leads_to_profile_and_that_to_bashrc_needs_nothing(tmp_path):
    (tmp_path / ".bash_profile").write_text(". ~/.profile\n")
    (tmp_path / ".profile").write_text(". ~/.bashrc\n")
    assert bash_files(tmp_path) == [".bashrc"]


def test_login_files_that_lead_to_each_other_end(tmp_path):
    (tmp_path / ".bash_profile").write_text(". ~/.profile\n")
    (tmp_path / ".profile").write_text(". ~/.bash_profile\n")
    assert bash_files(tmp_path) == [".bashrc", ".bash_profile"]


def test_zsh_reads_zshrc_below_an_exported_zdotdir():
    assert shells.rc_files("zsh", {"HOME": "/h", "ZDOTDIR": "/z"}) == ["/z/.zshrc"]


def test_zsh_reads_zshrc_below_the_zdotdir_that_its_zshenv_sets(tmp_path):
    (tmp_path / ".zshenv").write_text('echo noise; ZDOTDIR="$HOME/.config/zsh"\n')
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    assert shells.rc_files("zsh", environ) == [str(tmp_path / ".config/zsh/.zshrc")]


def test_zsh_reads_zshrc_in_the_home_folder_otherwise(tmp_path):
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    assert shells.rc_files("zsh", environ) == [str(tmp_path / ".zshrc")]


def test_fish_has_a_folder_for_files_of_this_kind():
    assert shells.rc_files("fish", {"HOME": "/h"}) == ["/h/.config/fish/conf.d/autovenv.fish"]
    assert shells.rc_files("fish", {"HOME": "/h", "XDG_CONFIG_HOME": "/c"}) == [
        "/c/fish/conf.d/autovenv.fish"
    ]


# --- Names -------------------------------------------------------------------------------------------


def test_cmd_is_for_windows():
    with pytest.raises(AutovenvError) as caught:
        shells.named("cmd")
    assert (caught.value.fact, caught.value.code) == ("cmd is a shell of Windows", 1)


def test_pwsh_is_powershell(monkeypatch):
    import shellingham

    assert shells.named("pwsh") is shells.SHELLS["powershell"]
    monkeypatch.setattr(shellingham, "detect_shell", lambda: ("pwsh", "/usr/bin/pwsh"))
    assert shells.current_shell({}) == "powershell"


def test_an_unknown_shell_is_a_mistake_of_usage():
    with pytest.raises(UsageError, match="no hook for the shell nu"):
        shells.named("nu")


def test_the_login_shell_answers_when_the_process_table_does_not(monkeypatch):
    import shellingham

    def fail():
        raise RuntimeError

    monkeypatch.setattr(shellingham, "detect_shell", fail)
    assert shells.current_shell({"SHELL": "/bin/zsh"}) == "zsh"
    assert shells.current_shell({"SHELL": "/bin/tcsh"}) is None


def test_the_shell_that_runs_the_program_wins_over_the_login_shell(monkeypatch):
    import shellingham

    monkeypatch.setattr(shellingham, "detect_shell", lambda: ("fish", "/usr/bin/fish"))
    assert shells.current_shell({"SHELL": "/bin/bash"}) == "fish"


# --- Syntax ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shells.SUPPORTED)
def test_each_shell_checks_a_file_without_running_it(name, tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(f"touch '{tmp_path}/ran'\n")
    bad.write_text("if true\necho ( \n")
    # Without the shell, any file would do: where it is must be on PATH.
    folder = os.path.dirname(find_program("pwsh" if name == "powershell" else name))
    environ = {
        "HOME": str(tmp_path),
        "PATH": folder + os.pathsep + os.environ["PATH"],
        "BASH_ENV": str(good),
    }
    assert shells.parses(name, str(good), environ)
    assert not shells.parses(name, str(bad), environ)
    assert not (tmp_path / "ran").exists()
