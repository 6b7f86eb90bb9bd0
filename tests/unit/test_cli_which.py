"""which, where, status and exec, asked in real trees with real environments."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from autovenv import decision, facts, report
from unit.world import World, asked


@pytest.fixture
def world(own_home):
    return World(own_home)


@pytest.fixture
def ask(world, monkeypatch, capfd):
    """Ask one command from inside the world."""

    def ask(*words, cwd=".", terminal=False):
        return asked(world, monkeypatch, capfd, *words, cwd=cwd, terminal=terminal)

    return ask


@pytest.fixture
def project(world):
    """An allowed project p with a real environment, inside which the hook has done its work."""
    venv = world.venv("p")
    world.allow("p")
    world.folder("p/deep")
    return venv


@pytest.fixture
def inside(world, project):
    world.trap("tools/python")
    world.activate(project)
    world.hook()
    return project


# ---- nothing is run -------------------------------------------------------------------------------


QUESTIONS = (
    "which",
    "which --explain",
    "which --json",
    "which pip",
    "which python3",
    "which ./python",
    "where",
    "where pip",
    "status",
)


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
@pytest.mark.parametrize("cwd", ["p/deep", "cold", "."])
def test_no_program_is_run_to_find_out_what_it_is(world, project, ask, terminal, cwd):
    world.venv("cold")
    places = ["tools", "p/.venv/bin", "cold/.venv/bin", ".pyenv/shims", "p/deep", "cold", "."]
    for place in places:
        for name in ("python", "python3", "pip", "git", "ps"):
            world.trap(f"{place}/{name}")
    world.environ["PATH"] = ":".join(["", *(str(world.root / place) for place in places)])
    world.hook(kind="alias", alias=str(world.root / "tools" / "python"))
    for question in QUESTIONS:
        told = ask(*question.split(), cwd=cwd, terminal=terminal)
        assert told.out, question
        assert not world.sprung(), question
    subprocess.run([world.root / "tools" / "python"], check=True)
    assert world.sprung(), "the trap itself works"


def test_a_pipe_and_a_device_in_the_place_of_a_file_do_not_hang(world, ask):
    (world.tools / "python").symlink_to("/dev/zero")
    os.mkfifo(world.root / "pyvenv.cfg")
    other = world.folder("other/bin")
    os.mkfifo(other / "python", 0o755)
    world.environ["PATH"] += f":{other}"
    told = ask("where", terminal=True)
    assert told.code == 1
    assert told.out.count("no regular file") == 2


# ---- which: who wins, and is it right -------------------------------------------------------------


def test_inside_a_project_its_python_wins(project, inside, ask):
    told = ask("which", cwd="p/deep")
    assert (told.code, told.out, told.err) == (0, f"{project}/bin/python\n", "")


def test_a_terminal_gets_path_version_kind_and_the_row(inside, ask):
    told = ask("which", cwd="p/deep", terminal=True)
    version = ".".join(map(str, sys.version_info[:3]))
    assert told.out == (
        "~/p/.venv/bin/python\n"
        f"  version  {version}\n"
        "  is       this project's venv\n"
        "  wins     first on PATH: entry 1 of 2, ~/p/.venv/bin\n"
        "  why      row 11, already-active: this folder's environment is on, by autovenv\n"
    )
    assert told.code == 0


def test_outside_of_every_project_any_python_is_right(world, ask):
    python = world.trap("tools/python")
    world.hook()
    told = ask("which")
    assert (told.code, told.out, told.err) == (0, f"{python}\n", "")
    assert "row 8, no-project" in ask("which", terminal=True).out


def test_where_there_is_none_it_says_so(world, ask):
    told = ask("which")
    assert (told.code, told.out) == (1, "")
    assert told.err == "autovenv: there is no python on PATH\n"


def test_python3_is_named_where_there_is_no_python(world, ask):
    world.trap("tools/python3")
    told = ask("which")
    assert told.code == 1
    assert "there is python3" in told.err


def wrong(ask, cwd="p", name="python"):
    """Return what a terminal is told about a wrong winner: cause and remedy."""
    told = ask("which", name, cwd=cwd, terminal=True)
    assert told.code == 1
    rows = dict(line.strip().split("  ", 1) for line in told.out.splitlines()[1:])
    return rows["because"].strip(), rows.get("do", "").strip()


@pytest.mark.parametrize(
    ("shell", "command"),
    [("bash", "unalias python"), ("zsh", "unalias python"), ("fish", "functions -e python")],
)
def test_an_alias_before_the_environment_is_wrong(world, inside, ask, shell, command):
    world.hook(kind="alias", alias=str(world.tools / "python"), shell=shell)
    cause, remedy = wrong(ask)
    assert "alias of this shell" in cause
    assert remedy == command
    assert ask("which", cwd="p").out == f"{world.tools}/python\n"


def test_an_alias_that_leads_into_the_environment_is_right(world, inside, ask):
    world.hook(kind="alias", alias="python3")
    assert ask("which", cwd="p").code == 0


@pytest.mark.parametrize(("shell", "remedy"), [("bash", "unset -f python"), ("fish", "functions -e python")])
def test_a_function_before_the_environment_is_wrong(world, inside, ask, shell, remedy):
    world.hook(kind="function", shell=shell)
    assert wrong(ask) == ("a function of this shell comes first", remedy)
    assert ask("which", cwd="p").out == ""


def test_a_path_that_the_shell_remembers_is_wrong(world, inside, ask):
    world.hook(kind="hashed", hashed=str(world.tools / "python"))
    assert wrong(ask) == ("the shell remembers where it found it earlier", "hash -r")


def test_a_folder_put_before_the_environment_is_wrong(world, inside, ask):
    world.environ["PATH"] = f"{world.tools}:{world.environ['PATH']}"
    assert wrong(ask) == (
        "another folder was put before the environment's on PATH",
        "autovenv off; autovenv on",
    )


def test_an_environment_activated_by_hand_is_activated_again_by_hand(world, ask):
    world.trap("tools/python")
    venv = world.venv("mine")
    world.activate(venv, ours=False)
    world.environ["PATH"] = str(world.tools)
    world.hook(dressed="")
    cause, remedy = wrong(ask, cwd=".")
    assert cause == "the environment is active, but its folder is not on PATH"
    assert remedy == f"source {venv}/bin/activate"
    told = ask("which", terminal=True)
    assert "row 6, manual" in told.out


def test_pip_of_another_python_is_wrong(world, inside, ask):
    world.trap("tools/pip")
    assert wrong(ask, name="pip") == ("the environment has no pip of its own", "python -m ensurepip")


def test_a_program_that_the_environment_does_not_have_may_come_from_anywhere(world, inside, ask):
    world.trap("tools/git")
    assert ask("which", "git", cwd="p").code == 0


def test_an_environment_whose_python_is_gone_is_to_be_made_again(world, inside, ask):
    for name in ("python", "python3"):
        (inside / "bin" / name).unlink()
        (inside / "bin" / name).symlink_to("/nowhere/python")
    os.utime(inside / "bin", (0, 0))
    told = ask("status", cwd="p", terminal=True)
    assert "no-interpreter" in told.out
    assert f"python3 -m venv --clear {inside}" in told.out
    assert (
        "broken: its link leads to /nowhere/python, which is gone" in ask("where", cwd="p", terminal=True).out
    )


@pytest.mark.parametrize("hook", [True, False])
def test_an_allowed_environment_that_is_not_on_yet_should_win(world, project, ask, hook):
    world.trap("tools/python")
    if hook:
        world.hook()
    cause, remedy = wrong(ask)
    expected = ("this shell changes over at its next prompt", "autovenv status")
    assert (cause, remedy) == (expected if hook else ("the hook is not installed", "autovenv install-hook"))
    assert "row 15, entered-project" in ask("which", cwd="p", terminal=True).out


def test_without_the_hook_it_says_what_it_could_not_see(world, ask):
    world.trap("tools/python")
    assert "the hook is not loaded in this shell" in ask("which", terminal=True).out
    world.hook()
    assert "the hook is not loaded" not in ask("which", terminal=True).out


def test_an_installed_hook_that_is_not_loaded_wants_a_new_terminal(world, project, ask):
    world.trap("tools/python")
    (world.root / "state" / "hook.bash").touch()
    assert wrong(ask) == ("the hook is not loaded in this shell", "open a new terminal")


def test_an_empty_path_entry_is_called_dangerous(world, ask):
    world.trap("python")
    world.environ["PATH"] = f":{world.tools}"
    told = ask("which", terminal=True)
    assert "dangerous: PATH entry 1 is empty" in told.out
    assert ask("which").out == f"{world.root}/python\n"


def test_variables_that_bend_a_python_are_named(world, ask):
    world.trap("tools/python")
    world.environ["PYTHONHOME"] = "/opt/\x1b[31mred"
    told = ask("which", terminal=True)
    assert "PYTHONHOME is set: /opt/\\x1b[31mred" in told.out
    assert "\x1b" not in told.out


@pytest.mark.parametrize(("words", "code"), [(["which", ""], 2), (["where", "a\0b"], 2)])
def test_a_name_that_is_none_is_a_usage_error(ask, words, code):
    told = ask(*words)
    assert told.code == code
    assert told.out == ""
    assert "the name is empty" in told.err


# ---- python.exe -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["which", "where"])
def test_the_exe_of_another_system_is_left_off_and_said(world, inside, ask, command):
    told = ask(command, "python.exe", cwd="p")
    assert told.code == 0
    assert told.out.splitlines()[0] == f"{inside}/bin/python"
    assert told.err == "autovenv: looking for python: outside Windows its name has no .exe\n"


def test_a_real_exe_is_taken_as_it_is(world, ask):
    real = world.trap("tools/python.exe")
    told = ask("which", "python.exe")
    assert (told.out, told.err) == (f"{real}\n", "")


def test_quiet_takes_the_hint_away_but_not_the_answer(world, ask):
    world.trap("tools/python")
    world.environ["AUTOVENV_QUIET"] = "1"
    told = ask("which", "python.exe")
    assert told.out
    assert told.err == ""


def test_on_a_real_terminal_in_a_real_bash_it_is_the_text_for_a_person(world, inside):
    script = r"""
        facts=$'shell=bash\x1eversion='$BASH_VERSION$'\x1ehook=1\x1ename=python\x1ekind=alias\x1ealias=other'
        _AUTOVENV_FACTS=$facts "$0" -m autovenv --home "$1" which
        echo "status $?"
    """
    world.trap("tools/other")
    environ = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **world.environ}
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        command = ["/bin/bash", "-c", script, sys.executable, world.state.path]
        subprocess.run(command, cwd=world.root / "p", env=environ, stdout=theirs, stderr=theirs, check=True)
        shown = ""
        while "status" not in shown or not shown.endswith("\n"):  # a terminal hands out what it has so far
            shown += screen.read(4096).decode()
    os.close(theirs)
    assert [line for line in shown.splitlines() if "PYTHONPATH" not in line] == [
        "~/tools/other",
        "  is       alias of this shell: other; neither of the system nor in an environment",
        "  wins     an alias comes before everything on PATH",
        f"  why      row 5, adopted: {report.REASONS[5]}",
        "  wanted   ~/p/.venv/bin/python",
        "  because  an alias of this shell comes first: other",
        "  do       unalias python",
        "status 1",
    ]


# ---- where ----------------------------------------------------------------------------------------


def test_where_lists_every_candidate_in_order_and_paths_alone_for_a_program(world, inside, ask):
    world.environ["PATH"] += f":{world.tools}"
    told = ask("where", cwd="p")
    assert told.out.splitlines() == [
        f"{inside}/bin/python",
        f"{world.tools}/python",
        f"{world.tools}/python",
    ]
    assert told.code == 0


def test_where_labels_each_candidate_on_a_terminal(world, inside, ask):
    other = world.venv("other")
    shims = world.trap(".pyenv/shims/python").parent
    world.environ["PATH"] += f":{other}/bin:{shims}:bin"
    world.trap("p/bin/python")
    lines = ask("where", cwd="p", terminal=True).out.splitlines()
    labels = [line.split(None, 3)[3] for line in lines]
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4", "5"]
    assert labels == [
        "this project's venv",
        "a script posing as python",
        "another venv: ~/other/.venv",
        "shim of pyenv, which leads to ~/p/.venv/bin/python",
        "a script posing as python; dangerous: relative PATH entry",
    ]


def test_where_shows_what_is_passed_over_without_a_number(world, ask):
    world.trap("tools/python").chmod(0o644)
    told = ask("where", terminal=True)
    assert told.code == 1
    assert told.out.startswith("-  ~/tools/python")
    assert "passed over: it is not executable" in told.out


def test_bytes_that_are_no_text_come_out_as_they_are_and_escaped_on_a_terminal(world, monkeypatch):
    name = os.fsdecode(b"t\xff")
    world.trap(f"{name}/python")
    world.environ["PATH"] = f"{world.root}/{name}"
    monkeypatch.chdir(world.root)
    env = {**os.environ, **world.environ, "AUTOVENV_QUIET": "1"}
    start = [sys.executable, "-m", "autovenv"]
    done = subprocess.run([*start, "where"], env=env, capture_output=True, check=True)
    assert done.stdout == os.fsencode(world.root) + b"/t\xff/python\n"
    done = subprocess.run([*start, "which", "--explain"], env=env, capture_output=True, check=True)
    assert b"~/t\\xff/python\n" in done.stdout


# ---- cold projects --------------------------------------------------------------------------------


@pytest.mark.parametrize("cwd", ["cold", "cold/a/b"])
def test_a_project_that_is_not_allowed_is_named_deep_inside_too(world, ask, cwd):
    world.trap("tools/python")
    world.venv("cold")
    world.folder("cold/a/b")
    line = f"~/cold/.venv is not allowed, type: autovenv allow {world.root}/cold"
    assert line in ask("status", cwd=cwd).out
    assert line in ask("which", cwd=cwd, terminal=True).out
    told = ask("which", cwd=cwd)
    assert (told.code, told.err) == (0, f"autovenv: {line}\n")
    assert told.out == f"{world.tools}/python\n"
    assert "not allowed" not in ask("status").out, "outside of it nothing is said"


def test_an_allowed_project_inside_a_cold_one_is_not_cold(world, ask):
    world.venv("cold")
    world.venv("cold/p")
    world.allow("cold/p")
    assert "not allowed" not in ask("status", cwd="cold/p").out
    assert "not allowed" in ask("status", cwd="cold").out


def test_a_cold_project_inside_an_allowed_one_is_cold(world, project, ask):
    world.venv("p/deep")
    told = ask("status", cwd="p/deep")
    assert f"autovenv allow {world.root}/p/deep" in told.out
    assert "~/p: allowed" in told.out


def test_an_environment_in_the_home_counts_only_there(world, ask):
    world.venv(".")
    world.folder("code")
    assert "not allowed" in ask("status").out
    assert "not allowed" not in ask("status", cwd="code").out


def test_nobody_is_sent_to_allow_what_it_would_refuse(world, ask):
    venv = world.venv("cold")
    (venv / "pyvenv.cfg").chmod(0o666)
    told = ask("status", cwd="cold")
    assert "would be refused: writable" in told.out
    assert "can be changed by other users" in told.out
    assert f"run: chmod -R go-w {venv}/pyvenv.cfg" in told.out
    assert "type: autovenv allow" not in told.out


def test_a_denied_project_is_said_to_be_denied(world, ask):
    from autovenv import trust

    world.venv("cold")
    trust.deny(world.state, str(world.root / "cold"))
    told = ask("status", cwd="cold")
    assert "is denied, as you said" in told.out
    assert told.code == 0


# ---- status ---------------------------------------------------------------------------------------


def test_status_says_it_all_in_order(world, inside, ask):
    told = ask("status", cwd="p/deep")
    assert told.code == 0
    assert told.out.splitlines() == [
        "  shell    bash 5.2, hook loaded (protocol 1)",
        "  folder   ~/p/deep",
        "  project  ~/p: allowed",
        f"  marker   ~/state/trust{world.root}/p/.autovenv-allow",
        "  label    .venv",
        "  active   ~/p/.venv, switched on by autovenv",
        "  decided  keep: row 11, already-active",
        "           this folder's environment is on, by autovenv",
    ]


def test_status_explains_a_refusal_and_writes_nothing(world, inside, ask):
    before = sorted(os.listdir(f"{world.state.path}/trust{world.root}/p"))
    world.trap("p/.venv/bin/ls")
    told = ask("status", cwd="p")
    assert told.code == 1
    assert "~/p: left off: shadows-command" in told.out
    assert "~/p/.venv/bin/ls would run in place of your command ls" in told.out
    assert "deactivate: row 9, shadows-command" in told.out
    assert sorted(os.listdir(f"{world.state.path}/trust{world.root}/p")) == before


def test_a_change_that_verify_would_accept_is_no_refusal(world, inside, ask):
    (inside / "bin" / "tool").touch()
    told = ask("status", cwd="p")
    assert told.code == 0
    assert "row 11" in told.out


def test_a_noted_refusal_is_explained(world, inside, ask):
    from autovenv import trust

    marker = trust.read_marker(world.state, str(world.root / "p"))
    trust.write_refused(world.state, marker, "tracked")
    told = ask("status", cwd="p")
    assert told.code == 1
    assert "left off: tracked" in told.out
    assert "git rm -r --cached" in told.out


def test_a_missing_environment_is_gone_but_still_allowed(world, project, ask):
    world.hook()
    (project / "pyvenv.cfg").unlink()
    told = ask("status", cwd="p")
    assert told.code == 1
    assert "allowed, but its environment is gone (venv-missing)" in told.out
    assert "row 10, venv-missing" in told.out


@pytest.mark.parametrize(
    ("variable", "known", "line"),
    [
        ("1", {}, "off      AUTOVENV_DISABLE is set"),
        ("", {"off": "1"}, "off      in this shell; type: autovenv on"),
    ],
)
def test_off_is_said_with_its_source(world, project, ask, variable, known, line):
    world.environ["AUTOVENV_DISABLE"] = variable
    world.hook(**known)
    told = ask("status", cwd="p")
    assert line in told.out
    assert "keep: row 2, off" in told.out


def test_a_project_that_was_left_by_hand_is_named(world, project, ask):
    world.hook(opted_out=str(world.root / "p"))
    told = ask("status", cwd="p")
    assert "left     ~/p, by hand; type: autovenv on" in told.out
    assert "keep: row 13, opted-out" in told.out


def test_what_was_deactivated_on_this_very_line_counts_as_left(world, project, ask):
    world.hook(dressed=str(project))
    assert "row 13" in ask("status", cwd="p").out


def test_conda_keeps_its_environment(world, project, ask):
    world.environ.update(CONDA_PREFIX="/opt/conda/envs/x", CONDA_DEFAULT_ENV="x")
    world.hook()
    assert "row 4, manual" in ask("status", cwd="p").out
    world.environ.update(CONDA_PREFIX="/opt/conda", CONDA_DEFAULT_ENV="base")
    assert "row 15" in ask("status", cwd="p").out


def test_an_inherited_environment_is_adopted(world, project, ask):
    world.activate(project)
    world.hook(dressed="")
    assert "adopt: row 5, adopted" in ask("status", cwd="p").out


def test_a_folder_reached_through_a_link_is_spelled_as_the_shell_spells_it(world, project, ask):
    (world.root / "link").symlink_to("p")
    told = ask("status", cwd="link")
    assert "folder   ~/link" in told.out
    assert f"~/link/.venv is not allowed, type: autovenv allow {world.root}/link" in told.out


def test_odd_names_are_escaped_in_everything(world, ask):
    world.venv("evil\x1b[2J\u202e")
    for words in (["status"], ["which"], ["which", "--explain"], ["where"]):
        told = ask(*words, cwd="evil\x1b[2J\u202e", terminal=True)
        assert "\x1b" not in told.out + told.err
        assert "\u202e" not in told.out + told.err
    assert "\\x1b[2J" in ask("status", cwd="evil\x1b[2J\u202e").out


def test_every_row_of_the_table_has_words_for_a_person():
    assert set(report.REASONS) == {row.number for row in decision.ROWS}


def test_status_tells_of_a_hook_of_another_protocol(world, inside, ask):
    world.hook(hook="9")
    assert "protocol 9; this program speaks another: autovenv install-hook" in ask("status", cwd="p").out


def test_status_tells_which_commands_may_be_replaced(world, inside, ask):
    from autovenv import trust
    from autovenv.record import changed

    marker = trust.read_marker(world.state, str(world.root / "p"))
    trust.write_marker(world.state, changed(marker, overrides=("ls",)), spelling=marker.project)
    assert "may replace  ls" in ask("status", cwd="p").out


# ---- json -----------------------------------------------------------------------------------------

KEYS = {
    "schema",
    "autovenv",
    "script",
    "differ",
    "rule",
    "name",
    "right",
    "winner",
    "expected",
    "decision",
    "cause",
    "remedy",
    "notes",
    "hook",
    "candidates",
}
CANDIDATE = {
    "kind", "path", "real", "version", "what", "tool", "environment", "label", "position", "entry", "runs",
    "implementation", "leads_to", "trouble", "why_not",
}  # fmt: skip


def test_the_json_form_is_stable(world, inside, ask):
    told = ask("which", "--json", cwd="p", terminal=True)
    answer = json.loads(told.out)
    assert set(answer) == KEYS
    assert answer["schema"] == 1
    assert set(answer["winner"]) == CANDIDATE
    assert all(set(one) == CANDIDATE for one in answer["candidates"])
    assert answer["winner"] == answer["candidates"][0]
    assert answer["decision"]["row"] == 11
    assert set(answer["decision"]) == {"row", "action", "reason", "text"}
    assert answer["expected"] == {"venv": str(inside), "path": f"{inside}/bin/python"}
    assert answer["hook"] == {"loaded": True, "shell": "bash", "version": "5.2", "protocol": 1}
    assert told.code == 0


def test_the_json_form_without_a_winner(world, ask):
    told = ask("which", "--json")
    answer = json.loads(told.out)
    assert set(answer) == KEYS
    assert answer["winner"] is None
    assert answer["expected"] == {"venv": None, "path": None}
    assert told.code == 1


# ---- exec -----------------------------------------------------------------------------------------


def run(world, *words, cwd="p", **more):
    environ = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **world.environ, **more}
    command = [sys.executable, "-m", "autovenv", "--home", world.state.path, "exec", *words]
    return subprocess.run(
        command, cwd=world.root / cwd, env=environ, capture_output=True, text=True, check=False
    )


def test_exec_runs_in_the_environment_of_the_folder(world, project):
    code = "import os, sys; print(sys.prefix, os.environ['VIRTUAL_ENV'], os.environ['VIRTUAL_ENV_PROMPT'])"
    done = run(world, "python", "-c", code, cwd="p/deep")
    assert done.stdout == f"{project} {project} .venv\n"
    assert done.returncode == 0


def test_exec_hands_over_what_activate_would_and_nothing_of_ours(world, project):
    world.environ["PYTHONHOME"] = ""
    world.hook()
    done = run(world, "--", "/usr/bin/env", "-0")
    handed = dict(one.split("=", 1) for one in done.stdout.split("\0") if one)
    assert handed["PATH"] == f"{project}/bin:{world.tools}"
    assert "PYTHONHOME" not in handed
    assert facts.VARIABLE not in handed


def test_exec_gives_the_status_of_the_command(world, project):
    assert run(world, "python", "-c", "raise SystemExit(7)").returncode == 7


def test_exec_without_an_allowed_environment_says_what_to_type(world):
    world.venv("cold")
    world.trap("cold/.venv/bin/python")
    world.folder("cold/a")
    done = run(world, "python", cwd="cold/a")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"autovenv: no environment is allowed for {world.root}/cold/a",
        f"type: autovenv allow {world.root}/cold",
    ]
    assert not world.sprung()


def test_exec_of_a_command_that_is_missing_answers_as_shells_do(world, project):
    done = run(world, "nonesuch")
    assert done.returncode == 127
    assert done.stderr == "autovenv: nonesuch: command not found\n"


def test_exec_of_a_file_that_is_not_executable_answers_as_shells_do(world, project):
    world.trap("tools/tool").chmod(0o644)
    done = run(world, "tool")
    assert done.returncode == 126
    assert "it is not executable" in done.stderr


def test_exec_names_the_interpreter_that_is_gone(world, project):
    world.trap("tools/tool").write_text("#!/nowhere/python\n")
    done = run(world, "tool")
    assert done.returncode == 127
    assert "its first line names /nowhere/python, which is gone" in done.stderr


def test_exec_does_not_run_a_changed_environment_that_is_refused(world, project):
    world.trap("p/.venv/bin/ls")
    done = run(world, "ls")
    assert done.returncode == 1
    assert not world.sprung()


def test_exec_takes_a_change_that_verify_accepts(world, project):
    world.trap("p/.venv/bin/tool")
    done = run(world, "tool")
    assert done.returncode == 0
    assert world.sprung()


def test_exec_passes_options_on(world, project):
    done = run(world, "python", "--version")
    assert done.stdout.startswith("Python 3")
    assert run(world).returncode == 2


def test_exec_says_so_where_the_environment_is_gone(world, project):
    (project / "pyvenv.cfg").unlink()
    done = run(world, "python")
    assert done.returncode == 1
    assert "is left off" in done.stderr


# ---- weight ---------------------------------------------------------------------------------------


def test_which_imports_nothing_heavy(world, inside):
    code = "import sys; from autovenv.entry import main; main(); print(*sys.modules, file=sys.stderr)"
    environ = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **world.environ}
    command = [sys.executable, "-c", code, "--home", world.state.path, "which"]
    done = subprocess.run(
        command, cwd=world.root / "p", env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{inside}/bin/python\n"
    loaded = set(done.stderr.split())
    assert "click" in loaded
    assert not loaded & {"rich", "asyncio", "shellingham", "urllib", "platformdirs"}
    ours = {name for name in loaded if name.startswith("autovenv.")}
    assert "autovenv.report" in ours
    assert "autovenv.run" not in ours
    assert len(ours) < 30
