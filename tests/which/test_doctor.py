"""doctor: every check seen to pass and to fail, on real installations and, for Windows, on data."""

from __future__ import annotations

import json
import os

import pytest

from autovenv import bugreport, doctor, doctor_windows, hookfiles, situation
from autovenv.doctor import Result
from autovenv.finding import Finding
from unit.world import World
from which.fakes import FakeRegistry


@pytest.fixture
def world(own_home, monkeypatch):
    """A home with the hook of bash installed, whose shell has loaded it."""
    world = World(own_home)
    world.state = type(world.state)(str(own_home / ".local/share/autovenv"))
    world.environ["SHELL"] = "/bin/bash"
    program = world.trap("apps/bin/autovenv")
    world.trap("tools/python")
    (own_home / ".bashrc").write_text("PS1='$ '\n")
    place = hookfiles.Place(world.environ, world.state.path, str(program))
    assert [one.error for one in hookfiles.install(place, ["bash"])] == [None]
    world.hook(home=world.state.path, version="5.2.15(1)-release")
    monkeypatch.chdir(own_home)
    monkeypatch.setattr("sys.argv", [str(program)])
    return world


def examined(world):
    environ = {**world.environ, "PWD": os.getcwd()}
    return doctor.examine(situation.look(environ, home=world.state.path))


def failures(world, result=Result.FAIL):
    return {one.check: one for one in examined(world) if one.result is result}


def only(world, check, result=Result.FAIL):
    """Return the one finding of that result, and make sure that nothing else came out like it."""
    found = failures(world, result)
    assert list(found) == [check], found
    assert found[check].remedy
    return found[check]


def test_a_fresh_installation_is_healthy(world):
    assert failures(world) == {}
    assert failures(world, Result.NOTE) == {}
    checks = [one.check for one in examined(world)]
    assert checks == ["folder", "files", "program", "start-up", "shell", "python", "PATH"]


def test_every_failure_and_note_has_a_remedy(world):
    world.environ |= {
        "PYTHONHOME": "/x",
        "PYTHONPATH": "/y",
        "CONDA_DEFAULT_ENV": "base",
        "AUTOVENV_DISABLE": "1",
    }
    world.environ |= {"STARSHIP_SHELL": "bash", "TERM_PROGRAM": "vscode", "VSCODE_BASH_ACTIVATE": "x"}
    world.environ["PATH"] += ":x::/nowhere"
    os.chmod(world.state.path, 0o755)
    found = examined(world)
    bad = [one for one in found if one.result is not Result.OK]
    assert len(bad) >= 9
    assert all(one.remedy for one in bad)


def test_nothing_installed(own_home, monkeypatch):
    world = World(own_home)
    world.environ["SHELL"] = "/bin/bash"
    monkeypatch.chdir(own_home)
    found = failures(world)
    assert set(found) == {"folder", "start-up", "shell"}
    assert all("install-hook" in one.remedy for one in found.values())


# ---- the hook -------------------------------------------------------------------------------------


def test_a_folder_that_others_can_enter(world):
    os.chmod(world.state.path, 0o750)
    found = only(world, "folder")
    assert "has the mode 0750" in found.fact
    assert found.remedy == f"chmod 700 {world.state.path}"


def test_a_hook_of_another_version(world):
    with open(f"{world.state.path}/hook.bash", "ab") as stream:
        stream.write(b"#\n")
    assert "hook.bash" in only(world, "files").fact


def test_lines_that_are_gone(world):
    (world.root / ".bashrc").write_text("PS1='$ '\n")
    assert "~/.bashrc has no lines of autovenv" in only(world, "start-up").fact


def test_a_start_up_file_that_cannot_be_edited(world):
    (world.root / "other").hardlink_to(world.root / ".bashrc")
    assert "another name" in only(world, "start-up").fact


def test_a_program_that_is_gone(world):
    (world.root / "apps/bin/autovenv").unlink()
    assert "~/apps/bin/autovenv, which the hooks start, is gone" in failures(world)["program"].fact


def test_a_shell_that_has_not_read_it(world):
    del world.environ["_AUTOVENV_FACTS"]
    found = only(world, "shell")
    assert "has not read the hook" in found.fact
    assert "exec bash" in found.remedy


def test_a_hook_of_another_protocol(world):
    world.hook(hook="7", home=world.state.path)
    assert "protocol 7" in only(world, "shell").fact


@pytest.mark.parametrize(
    ("shell", "version", "result"),
    [
        ("bash", "3.1.0", Result.FAIL),
        ("bash", "3.2.57(1)-release", Result.NOTE),
        ("bash", "4.4.0", None),
        ("zsh", "5.2", Result.FAIL),
        ("zsh", "5.9", None),
        ("fish", "3.5.1", Result.FAIL),
        ("fish", "4.0.0", None),
    ],
)
def test_the_floors_of_the_shells(world, shell, version, result):
    world.hook(shell=shell, version=version, home=world.state.path)
    found = [one.result for one in examined(world) if one.check == "shell"]
    assert found == [Result.OK, *([result] if result else [])]


@pytest.mark.parametrize(
    ("line", "fails"),
    [
        ("PROMPT_COMMAND='history -a'", True),
        ("export PROMPT_COMMAND=x", True),
        ('PROMPT_COMMAND="x; $PROMPT_COMMAND"', False),
        ("PROMPT_COMMAND+=(x)", False),
        ("# PROMPT_COMMAND=x", False),
    ],
)
def test_a_line_behind_ours_that_throws_the_hook_away(world, line, fails):
    with open(world.root / ".bashrc", "a") as stream:
        stream.write(line + "\n")
    found = failures(world).get("order")
    assert bool(found) is fails
    assert not fails or ("sets anew" in found.fact and "below" in found.remedy)


def test_a_line_before_ours_is_no_trouble(world):
    text = (world.root / ".bashrc").read_text()
    (world.root / ".bashrc").write_text("PROMPT_COMMAND=x\n" + text)
    assert failures(world) == {}


def test_another_shell_that_is_started_before_our_lines(world):
    text = (world.root / ".bashrc").read_text()
    (world.root / ".bashrc").write_text("exec fish\n" + text)
    assert "starts another shell" in only(world, "order", Result.NOTE).fact


def test_projects_that_are_gone_are_counted(world):
    world.folder("p")
    world.allow("p")
    assert "1 of 1 allowed projects" in only(world, "projects", Result.NOTE).fact


# ---- PATH -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("entry", "word"), [("", "is empty"), ("bin", "is relative")])
def test_an_entry_that_any_folder_can_fill(world, entry, word):
    world.environ["PATH"] += f":{entry}"
    assert word in only(world, "PATH").fact


def test_an_entry_that_everybody_may_write_to(world):
    world.tools.chmod(0o777)
    found = only(world, "PATH")
    assert "everybody may write to ~/tools" in found.fact
    assert found.remedy == f"chmod o-w {world.tools}"
    world.tools.chmod(0o1777)
    assert failures(world) == {}, "with the sticky bit, as in /tmp"


def test_doubles_and_missing_entries_are_notes(world):
    world.environ["PATH"] += f":{world.tools}:/nowhere"
    found = [one.fact for one in examined(world) if one.result is Result.NOTE]
    assert any("more than once on PATH: ~/tools" in fact for fact in found)
    assert any("1 entries lead to no folder" in fact for fact in found)


@pytest.mark.parametrize(
    ("folder", "tool"), [(".pyenv/shims", "pyenv"), ("miniconda3/bin", "conda"), (".asdf/shims", "asdf")]
)
def test_another_tool_before_the_active_environment(world, folder, tool):
    venv = world.venv("p")
    world.allow("p")
    world.activate(venv)
    world.environ["PATH"] = f"{world.folder(folder)}:{world.environ['PATH']}"
    world.hook(home=world.state.path, version="5.2")
    os.chdir(world.root / "p")
    assert f"{tool}'s ~/{folder} comes before the active environment" in only(world, "PATH").fact


def test_an_active_environment_that_is_not_on_path(world):
    venv = world.venv("p")
    world.environ |= {"VIRTUAL_ENV": str(venv), "_AUTOVENV_ACTIVE": str(venv)}
    assert "is active, but not on PATH" in failures(world)["PATH"].fact


def test_the_wrong_python(world):
    venv = world.venv("p")
    world.allow("p")
    world.activate(venv)
    world.environ["PATH"] = f"{world.tools}:{world.environ['PATH']}"
    world.hook(home=world.state.path, version="5.2")
    os.chdir(world.root / "p")
    assert "another than ~/p/.venv/bin/python wins here" in only(world, "python").fact


# ---- others ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "check", "result"),
    [
        ({"PYTHONHOME": "/opt/x"}, "PYTHONHOME", Result.FAIL),
        ({"PYTHONPATH": "/opt/x"}, "PYTHONPATH", Result.NOTE),
        ({"CONDA_DEFAULT_ENV": "base", "CONDA_PREFIX": "/opt/conda"}, "conda", Result.NOTE),
        ({"CONDA_DEFAULT_ENV": "x", "CONDA_PREFIX": "/opt/conda/envs/x"}, "conda", Result.NOTE),
        ({"TERM_PROGRAM": "vscode", "VSCODE_BASH_ACTIVATE": "x"}, "VS Code", Result.NOTE),
        ({"STARSHIP_SHELL": "bash"}, "prompt", Result.NOTE),
        ({"AUTOVENV_DISABLE": "1"}, "off", Result.NOTE),
    ],
)
def test_variables_of_others(world, environ, check, result):
    world.environ |= environ
    only(world, check, result)


def test_a_theme_in_the_start_up_file_and_its_answer(world):
    with open(world.root / ".bashrc", "a") as stream:
        stream.write('eval "$(starship init bash)"\n')
    assert "starship may draw" in only(world, "prompt", Result.NOTE).fact
    world.environ["VIRTUAL_ENV_DISABLE_PROMPT"] = "1"
    assert failures(world, Result.NOTE) == {}


# ---- the command ----------------------------------------------------------------------------------


@pytest.fixture
def ask(world, monkeypatch, capfd):
    from types import SimpleNamespace

    from autovenv import cli_which

    def ask(*words):
        obj = SimpleNamespace(environ={**world.environ, "PWD": os.getcwd()}, home=world.state.path)
        code = cli_which.doctor.main(list(words), obj=obj, standalone_mode=False)
        return code, capfd.readouterr().out

    return ask


def test_exit_status_and_words(world, ask):
    code, out = ask()
    assert code == 0
    assert out.splitlines()[-1] == "nothing failed"
    world.environ["PYTHONHOME"] = "/x"
    code, out = ask()
    assert code == 1
    assert "FAIL  PYTHONHOME: PYTHONHOME is /x" in out
    assert "do: unset PYTHONHOME" in out
    assert out.splitlines()[-1] == "1 failed"
    code, out = ask("--json")
    assert code == 1
    assert json.loads(out)["healthy"] is False


def test_a_note_alone_is_no_failure(world, ask):
    world.environ["PYTHONPATH"] = "/x"
    assert ask()[0] == 0


def test_fish_is_told_how_to_unset_there(world):
    world.hook(shell="fish", version="3.6.0", home=world.state.path)
    world.environ["PYTHONHOME"] = "/x"
    assert failures(world)["PYTHONHOME"].remedy == "set -e PYTHONHOME"


def test_the_current_folder_is_gone(world, ask, monkeypatch):
    gone = world.folder("gone")
    monkeypatch.chdir(gone)
    gone.rmdir()
    found = doctor.examine(situation.look({**world.environ, "PWD": str(gone)}, home=world.state.path))
    assert [one.remedy for one in found if one.result is Result.FAIL] == ["cd"]


def test_doctor_writes_nothing(world, ask):
    def seen():
        return sorted((str(path), path.stat().st_mtime_ns) for path in world.root.rglob("*"))

    before = seen()
    ask()
    ask("--report")
    assert seen() == before


SECRETS = {"AWS_SECRET_ACCESS_KEY": "s3cr3t-aws", "GITHUB_TOKEN": "s3cr3t-gh", "MY_PASSWORD": "s3cr3t-pw"}


def test_the_report_has_what_is_needed_and_no_secret(world, ask):
    world.environ |= SECRETS | {"PYTHONPATH": "https://al:s3cr3t-url@example.org/x"}
    _, out = ask("--report")
    for part in (
        "autovenv 0",
        "Python 3",
        "ok    folder",
        "PATH:",
        "  ~/tools",
        "decided",
        "the rules of bash",
    ):
        assert part in out
    assert "s3cr3t" not in out
    assert "://***@example.org" in out
    assert str(world.root) not in out


def test_the_report_hides_the_users_name_elsewhere_too(world):
    known = situation.look({**world.environ, "PWD": os.getcwd()}, home=world.state.path)
    name = os.path.basename(world.root)
    assert bugreport.discreet(known, f"/mnt/{name}/x:{world.root}/y") == "/mnt/USER/x:~/y"


# ---- Windows --------------------------------------------------------------------------------------

POLICY = r"Software\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell\ExecutionPolicy"
GROUP = r"Software\Policies\Microsoft\Windows\PowerShell\ExecutionPolicy"
AUTORUN = r"Software\Microsoft\Command Processor\AutoRun"


@pytest.mark.parametrize(
    ("values", "result", "part"),
    [
        ({}, Result.FAIL, "Restricted (by default)"),
        ({rf"HKCU\{POLICY}": "RemoteSigned"}, Result.OK, "RemoteSigned"),
        ({rf"HKLM\{POLICY}": "Bypass"}, Result.OK, "Bypass"),
        ({rf"HKLM\{POLICY}": "RemoteSigned", rf"HKCU\{POLICY}": "Restricted"}, Result.FAIL, "by CurrentUser"),
        ({rf"HKCU\{POLICY}": "Undefined", rf"HKLM\{POLICY}": "RemoteSigned"}, Result.OK, "RemoteSigned"),
        ({rf"HKLM\{GROUP}": "AllSigned", rf"HKCU\{POLICY}": "RemoteSigned"}, Result.FAIL, "by MachinePolicy"),
    ],
)
def test_the_execution_policy(values, result, part):
    found = doctor_windows.execution_policy(doctor_windows.scopes(FakeRegistry(values)))
    assert found.result is result
    assert part in found.fact
    assert (found.remedy == "") is (result is Result.OK)
    assert ("administrator" in found.remedy) is ("MachinePolicy" in part)


OURS = r'(if exist "%LOCALAPPDATA%\autovenv\cmd\autorun.bat" "%LOCALAPPDATA%\autovenv\cmd\autorun.bat")'


@pytest.mark.parametrize(
    ("value", "results"),
    [
        ("", []),
        (OURS, [Result.OK]),
        (OURS + r' & "C:\conda\condabin\conda_hook.bat"', [Result.OK]),
        (r' & "C:\conda\condabin\conda_hook.bat"', [Result.FAIL, Result.NOTE]),
        (r'if exist "C:\x.bat" "C:\x.bat" & ' + OURS, [Result.NOTE, Result.OK]),
        (r'"C:\clink\clink.bat" inject --autorun', [Result.NOTE]),
    ],
)
def test_auto_run(value, results):
    found = list(doctor_windows.auto_run({"HKLM": "", "HKCU": value}))
    assert [one.result for one in found] == results


@pytest.mark.parametrize(("length", "result"), [(8191, Result.OK), (8192, Result.FAIL)])
def test_the_length_of_path(length, result):
    assert doctor_windows.path_length("x" * length).result is result


def test_on_windows_all_three_are_asked(world):
    from autovenv.record import changed

    known = situation.look({**world.environ, "PWD": os.getcwd()}, home=world.state.path)
    known = changed(known, platform="win32", registry=FakeRegistry({rf"HKCU\{AUTORUN}": OURS}))
    checks = [one.check for one in doctor.windows(changed(known, shell="powershell"))]
    assert checks == ["PATH", "execution policy", "AutoRun"]
    assert [one.check for one in doctor.windows(changed(known, shell="cmd"))] == ["PATH", "AutoRun"]
    assert list(doctor.windows(changed(known, platform="linux"))) == []


def test_a_finding_is_a_record():
    assert Finding("a", Result.OK, "b") == Finding("a", Result.OK, "b", "")
