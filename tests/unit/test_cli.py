"""The commands, as a person and a script meet them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

import autovenv
from autovenv import cli
from conftest import program as find_program

SOURCE = Path(autovenv.__file__).parents[1]


@pytest.fixture
def home(tmp_path):
    """A home folder with a .bashrc and a project that has an environment."""
    (tmp_path / "home").mkdir()
    home = tmp_path / "home"
    (home / ".bashrc").write_text("x=1\n")
    (home / "p").mkdir()
    return home


@pytest.fixture
def project(home):
    """The project, with a real environment."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / "p/.venv"], check=True)
    return home / "p"


def environ_in(home, **more):
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCE),
        "SHELL": "/bin/bash",
        "LC_ALL": "C.UTF-8",
        **more,
    }


def run(home, *words, cwd=None, **more):
    """Run one command line in a process of its own, its folder spelled as a shell would."""
    cwd = str(cwd or home)
    environ = environ_in(home, PWD=cwd, **more)
    command = [sys.executable, "-m", "autovenv", *words]
    return subprocess.run(
        command, cwd=cwd, env=environ, input="", capture_output=True, text=True, check=False
    )


def said(done):
    return (done.returncode, done.stdout.splitlines(), done.stderr.splitlines())


# --- Words -------------------------------------------------------------------------------------------


def test_alone_it_shows_help_and_succeeds(home):
    done = run(home)
    assert done.returncode == 0
    assert done.stdout == run(home, "--help").stdout
    names = re.findall(r"^  ([a-z-]+) ", done.stdout.partition("Commands:")[2], re.MULTILINE)
    assert names == list(cli.ORDER)


def test_the_version_is_told(home):
    assert said(run(home, "--version")) == (0, [f"autovenv {autovenv.__version__}"], [])


@pytest.mark.parametrize("word", sorted(cli.EXPECTED))
def test_a_word_of_another_tool_gets_the_command_that_is_meant(home, word):
    code, out, err = said(run(home, word))
    assert (code, out, err[0]) == (2, [], f"autovenv: there is no command {word}")
    assert err[1:] == [cli.EXPECTED[word]]


@pytest.mark.parametrize("word", sorted(cli.EXPECTED))
def test_the_command_that_is_meant_exists(word):
    for name in re.findall(r"autovenv ([a-z][a-z-]*)", cli.EXPECTED[word]):
        assert name in cli.ORDER


def test_a_slip_of_the_finger_gets_the_nearest_command(home):
    assert said(run(home, "instal-hook")) == (
        2,
        [],
        ["autovenv: there is no command instal-hook", "type: autovenv install-hook"],
    )


def test_a_word_like_nothing_gets_the_list(home):
    assert said(run(home, "qqq")) == (
        2,
        [],
        ["autovenv: there is no command qqq", "all commands: autovenv --help"],
    )


def test_escape_sequences_in_a_wrong_word_do_not_reach_the_terminal(home):
    assert run(home, "\x1b[31mred").stderr.splitlines()[0] == "autovenv: there is no command \\x1b[31mred"


def test_a_wrong_option_is_one_line_and_where_to_read_on(home):
    code, out, err = said(run(home, "install-hook", "--nope"))
    assert (code, out) == (2, [])
    assert err[0].startswith("autovenv: no such option")
    assert "--nope" in err[0]
    assert err[1:] == ["help: autovenv install-hook --help"]


@pytest.mark.parametrize("name", cli.ORDER)
def test_every_command_has_help(home, name):
    done = run(home, name, "--help")
    assert done.returncode == 0
    assert f"Usage: autovenv {name}" in done.stdout


# --- The hook ----------------------------------------------------------------------------------------


def test_installing_says_what_it_did_how_to_undo_it_and_what_to_type_now(home):
    assert said(run_from("bash", home, "install-hook bash")) == (
        0,
        [
            "Installed for bash: 3 lines in ~/.bashrc (undo: autovenv uninstall-hook)",
            "This terminal does not have it yet. Type: exec bash",
        ],
        [],
    )


def run_from(shell, home, words):
    """Run one command line from a shell of this name."""
    command = [shell, "-c", f"'{sys.executable}' -m autovenv {words}; exit $?"]
    if shell == "fish":
        command[2] = command[2].replace("$?", "$status")
    if shell == "pwsh":
        command = [find_program("pwsh"), "-NoProfile", "-c", f"& {command[2].replace('$?', '$LASTEXITCODE')}"]
    return subprocess.run(command, env=environ_in(home), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_without_a_name_it_is_the_shell_that_asks(home, shell):
    done = run_from(shell, home, "install-hook")
    assert done.stdout.splitlines()[0].startswith(f"Installed for {shell}: ")
    assert done.stdout.splitlines()[1].endswith(f"Type: exec {shell}")


def test_in_powershell_it_is_powershell(home):
    done = run_from("pwsh", home, "install-hook")
    first, second = done.stdout.splitlines()
    assert first.startswith("Installed for powershell: 3 lines in ~/.config/powershell/profile.ps1 (")
    assert second.endswith("Type: . $PROFILE.CurrentUserAllHosts")


def test_installing_for_another_shell_says_when_it_works(home):
    assert said(run_from("bash", home, "install-hook zsh")) == (
        0,
        [
            "Installed for zsh: 3 lines in ~/.zshrc (undo: autovenv uninstall-hook)",
            "It works from the next zsh on.",
        ],
        [],
    )


def test_installing_again_says_that_it_is_there(home):
    run(home, "install-hook", "bash")
    assert (
        run(home, "install-hook", "bash").stdout.splitlines()[0]
        == "Already installed for bash: 3 lines in ~/.bashrc"
    )


def test_inside_a_shell_that_has_the_hook_nothing_is_to_be_typed(home):
    run(home, "install-hook", "bash")
    facts = "shell=bash\x1eversion=5\x1ehook=1\x1e" + f"home={home}/.local/share/autovenv"
    done = run(home, "install-hook", "bash", _AUTOVENV_FACTS=facts)
    assert said(done) == (0, ["Already installed for bash: 3 lines in ~/.bashrc"], [])


def test_all_means_every_shell_that_is_found(home):
    done = run(home, "install-hook", "--all")
    assert [line.split()[2] for line in done.stdout.splitlines()[:3]] == ["bash:", "zsh:", "fish:"]


def test_two_files_of_one_shell_are_both_named(home):
    (home / ".profile").write_text("true\n")
    line = run(home, "install-hook", "bash").stdout.splitlines()[0]
    assert (
        line == "Installed for bash: 3 lines each in ~/.bashrc and ~/.profile (undo: autovenv uninstall-hook)"
    )


def test_a_dry_run_shows_the_lines_and_writes_nothing(home):
    done = run(home, "install-hook", "bash", "--dry-run")
    assert done.returncode == 0
    assert "+# >>> autovenv >>>" in done.stdout.splitlines()
    assert "would write ~/.local/share/autovenv/hook.bash" in done.stdout.splitlines()
    assert sorted(os.listdir(home)) == [".bashrc", "p"]
    assert (home / ".bashrc").read_text() == "x=1\n"


def test_a_refusal_names_the_file_and_the_line_and_fails(home):
    (home / ".bashrc").chmod(0o444)
    code, out, err = said(run(home, "install-hook", "bash"))
    assert (code, out) == (1, [])
    assert err[0] == f"autovenv: {home}/.bashrc is read-only; left as it is"
    assert "/hook.bash' ] || . '" in err[1]
    assert not (home / ".local").exists()


def test_cmd_is_for_windows(home):
    code, out, err = said(run(home, "install-hook", "cmd"))
    assert (code, out) == (1, [])
    assert err == ["autovenv: cmd is a shell of Windows", "there, run: autovenv install-hook cmd"]


def test_uninstalling_says_what_it_removed(home):
    run(home, "install-hook", "bash")
    assert said(run(home, "uninstall-hook")) == (0, ["Removed for bash: 3 lines in ~/.bashrc"], [])
    assert said(run(home, "uninstall-hook")) == (0, ["There was no hook to remove."], [])
    assert sorted(os.listdir(home)) == [".bashrc", "p"]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_printed_line_loads_the_hook_in_a_fresh_home(home, name):
    done = run(home, "hook", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    load = {"bash": 'eval "$(cat)"', "zsh": 'eval "$(cat)"', "fish": "source"}[name]
    words = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"], "fish": ["--no-config", "-i"]}[
        name
    ]
    probe = {"bash": "type -t", "zsh": "whence -w", "fish": "type -t"}[name]
    started = [name, *words, "-c", f"{load}; {probe} autovenv"]
    loaded = subprocess.run(
        started, env=environ_in(home), input=done.stdout, capture_output=True, text=True, check=False
    )
    assert "function" in loaded.stdout


def test_the_question_is_asked_once_and_only_on_a_terminal(home):
    (home / "code").mkdir()
    question = "Switch on all environments of yours below which folder?"
    assert question not in run(home, "install-hook", "bash").stdout
    run(home, "uninstall-hook")
    child = on_terminal(home, "install-hook", "bash")
    child.expect_exact(question)
    child.sendline("~/code")
    child.expect_exact("Every environment of yours below ~/code switches on by itself from now on.")
    assert ended(child) == 0
    again = on_terminal(home, "install-hook", "bash")
    again.expect(pexpect.EOF)
    assert question not in again.before
    assert "Already installed" in again.before


def test_enter_answers_none(home):
    child = on_terminal(home, "install-hook", "bash")
    child.expect_exact("(Enter: none)")
    child.sendline("")
    assert ended(child) == 0
    assert not (home / ".local/share/autovenv/trust").exists()


def test_yes_asks_nothing(home):
    child = on_terminal(home, "install-hook", "--yes", "bash")
    child.expect(pexpect.EOF)
    assert "Installed for bash" in child.before
    assert "which folder" not in child.before


def on_terminal(home, *words):
    environ = environ_in(home, TERM="xterm", PWD=str(home))
    command = ["-m", "autovenv", *words]
    return pexpect.spawn(sys.executable, command, env=environ, cwd=str(home), encoding="utf-8", timeout=30)


def ended(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


# --- Consent -----------------------------------------------------------------------------------------


def test_allowing_listing_denying(home, project):
    assert said(run(home, "allow", cwd=project)) == (
        0,
        ["~/p/.venv switches on by itself in ~/p from now on."],
        [],
    )
    assert said(run(home, "projects")) == (0, ["~/p\ton\t~/p/.venv"], [])
    assert said(run(home, "deny", "p")) == (
        0,
        ["The environment in ~/p stays off from now on (undo: autovenv allow)."],
        [],
    )
    assert said(run(home, "projects")) == (0, [], [])


def test_an_environment_elsewhere_can_be_bound(home, project):
    (home / "q").mkdir()
    assert said(run(home, "allow", "q", "--venv", "p/.venv")) == (
        0,
        ["~/p/.venv switches on by itself in ~/q from now on."],
        [],
    )


def test_one_environment_for_two_projects_is_a_mistake(home):
    assert said(run(home, "allow", "p", "q", "--venv", "v")) == (
        2,
        [],
        ["autovenv: one environment is for one project", "help: autovenv allow --help"],
    )


def test_allowing_what_is_not_there_says_how_to_make_it(home):
    code, out, err = said(run(home, "allow", "p"))
    assert (code, out) == (1, [])
    assert err[0] == "autovenv: there is no environment in ~/p"
    assert "python3 -m venv .venv" in err[1]


def test_a_command_in_an_environment_that_hides_one_of_the_system_is_named_and_can_be_allowed(home, project):
    (project / ".venv/bin/ls").write_text("#!/bin/sh\n")
    (project / ".venv/bin/ls").chmod(0o755)
    refused = run(home, "allow", "p")
    assert refused.returncode == 1
    assert "autovenv allow --command ls" in refused.stderr
    assert run(home, "allow", "p", "--command", "ls").returncode == 0


def test_a_named_folder_is_listed_and_can_be_taken_back(home):
    (home / "code").mkdir()
    assert run(home, "allow", "--under", "~/code").returncode == 0
    assert said(run(home, "projects")) == (0, ["~/code\tbelow\tevery environment of yours"], [])
    assert run(home, "deny", "--under", "~/code").returncode == 0
    assert said(run(home, "projects")) == (0, [], [])


def test_pruning_forgets_what_is_gone(home, project):
    run(home, "allow", "p")
    (project / ".venv").rename(home / "elsewhere")
    assert said(run(home, "projects")) == (0, ["~/p\tgone\t~/p/.venv"], [])
    assert said(run(home, "projects", "--prune")) == (0, ["forgotten: ~/p"], [])


def test_a_person_sees_columns(home, project):
    run(home, "allow", "p")
    child = on_terminal(home, "projects")
    child.expect_exact("~/p  on  ~/p/.venv\r\n")
    assert ended(child) == 0


def test_a_person_without_projects_is_told_how_to_begin(home):
    child = on_terminal(home, "projects")
    child.expect_exact("No project is allowed yet. In a project, type: autovenv allow")
    assert ended(child) == 0


def test_allowing_before_installing_leaves_nothing_after_uninstalling(home, project):
    run(home, "allow", "p")
    run(home, "install-hook", "bash")
    run(home, "uninstall-hook")
    assert sorted(os.listdir(home)) == [".bashrc", "p"]


# --- On and off --------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["on", "off"])
def test_without_the_hook_there_is_nothing_to_switch(home, word):
    fact = f"autovenv: the hook is not loaded in this shell, so there is nothing to switch {word}"
    code, out, err = said(run(home, word))
    assert (code, out, err[0]) == (1, [], fact)
    assert err[1] in {f"run: autovenv install-hook {name}" for name in ("bash", "zsh", "fish")}


def test_where_only_this_terminal_lacks_the_hook_the_remedy_is_to_start_the_shell_again(home):
    run(home, "install-hook", "--all")
    assert run(home, "off").stderr.splitlines()[1] in {
        f"run: exec {name}" for name in ("bash", "zsh", "fish")
    }


# --- What it costs -----------------------------------------------------------------------------------


def test_help_starts_neither_the_shell_detection_nor_the_installation_of_anything(home):
    code = (
        "import sys; from autovenv import cli; cli.run(['hook', 'bash']); print('shellingham' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ_in(home), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"
