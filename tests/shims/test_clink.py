"""Clink's script in a real Lua 5.2, with what Clink documents of its API put in. Clink itself: not run.

``C:\\`` is a folder of the test's; the program is a Python function.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lupa import lua52

SCRIPT = Path(__file__).parents[2] / "shims" / "clink" / "autovenv.lua"
START = r"C:\windows\system32;C:\windows"
API = r"""
local real_open, place = io.open, place
io.open = function(path, mode) return real_open(place(path), mode) end
io.stderr = { write = function(_, text) said(text) end }
os.getenv, os.setenv, os.getcwd, os.isfile, os.isdir = getenv, setenv, getcwd, isfile, isdir
os.globfiles = function(path, extra)
    local kind, size, mtime = glob(path)
    if not kind then return {} end
    return { { name = path, type = kind, size = size, mtime = mtime } }
end
os.execute = function(text) return nil, "exit", execute(text) end
os.geterrorlevel = function() return errorlevel() end
os.time = function() return 1700000000 end
clink = {
    onbeginedit = function(f) begin = f end,
    onendedit = function(f) ended = f end,
    onfilterinput = function(f) filtered = f end,
    promptfilter = function(_) prompt = {} return prompt end,
    argmatcher = function(name)
        local made = {}
        function made:addarg(...) words = { ... } return self end
        function made:addflags(...) return self end
        return made
    end,
}
"""


class Clink:
    """A cmd with Clink in it."""

    def __init__(self, root, **environ):
        self.root, self.cwd, self.said, self.runs, self.answer, self.status = root, r"C:\w", [], [], 0, 0
        self.environ = {"LOCALAPPDATA": r"C:\u\Local", "USERPROFILE": r"C:\u", "PATH": START, **environ}
        self.on_run = lambda: None
        for folder in (r"C:\w", r"C:\u\Local\autovenv\cmd"):
            self.host(folder).mkdir(parents=True, exist_ok=True)
        self.host(r"C:\u\Local\autovenv\cmd\program").write_bytes(b"..\\bin\\autovenv.exe\r\n")
        self.host(r"C:\u\Local\autovenv\bin").mkdir(exist_ok=True)
        self.host(r"C:\u\Local\autovenv\bin\autovenv.exe").write_bytes(b"MZ")
        self.lua = lua52.LuaRuntime(unpack_returned_tuples=True)
        known = self.lua.globals()
        known.place = lambda path: str(self.host(path))
        known.said = self.said.append
        known.getenv = self.environ.get
        known.setenv = self.setenv
        known.getcwd = lambda: self.cwd
        known.isfile = lambda path: self.host(path).is_file()
        known.isdir = lambda path: self.host(path).is_dir()
        known.glob = self.glob
        known.execute = self.execute
        known.errorlevel = lambda: self.status
        self.lua.execute(API)
        self.lua.execute(SCRIPT.read_text(encoding="ascii"))

    def host(self, path):
        path = path if path[1:2] == ":" else f"{self.cwd}\\{path}"
        return (
            self.root.joinpath(*[part for part in path[3:].split("\\") if part != ".." and part])
            if ".." not in path
            else Path(os.path.normpath(self.root.joinpath(*path[3:].split("\\"))))
        )

    def setenv(self, name, value):
        if value is None:
            self.environ.pop(name, None)
        else:
            self.environ[name] = value

    def glob(self, path):
        place = self.host(path)
        if not place.exists():
            return None, 0, 0
        kind = "dir" if place.is_dir() else "file"
        return kind + (",link" if place.is_symlink() else ""), 1, int(place.stat().st_mtime)

    def execute(self, text):
        self.runs.append((text, dict(self.environ)))
        self.on_run()
        return self.answer

    def project(self, name, allowed=True, label=".venv"):
        path = rf"C:\w\{name}"
        scripts = self.host(path + r"\.venv\Scripts")
        scripts.mkdir(parents=True)
        self.host(path + r"\.venv\pyvenv.cfg").write_text("home = x\n")
        if allowed:
            self.allow(path, label)
        return path

    def allow(self, path, label=".venv"):
        mirror = self.host(r"C:\u\Local\autovenv\trust\C" + path[2:])
        mirror.mkdir(parents=True, exist_ok=True)
        venv = path + r"\.venv"
        text = "\n".join(["autovenv 1", path, venv, venv + r"\Scripts", label, "consent=C1", ""])
        (mirror / ".autovenv-allow").write_text(text)
        self.twins(path)

    def twins(self, path):
        mirror = self.host(r"C:\u\Local\autovenv\trust\C" + path[2:])
        for name, of in (("cfg", r"\.venv\pyvenv.cfg"), ("bin", r"\.venv\Scripts")):
            time = self.host(path + of).stat().st_mtime
            for side in ("lo", "hi"):
                twin = mirror / f".autovenv-{name}-{side}"
                twin.touch()
                os.utime(twin, (time, time))

    def prompt(self, cwd=None, line="x"):
        """A person types a line, and the next prompt is drawn: return what was said."""
        self.said.clear()
        self.runs.clear()
        handler = self.lua.globals().filtered
        answer = handler(line)
        self.lua.globals().ended(line)
        self.cwd = cwd or self.cwd
        self.lua.globals().begin()
        drawn = self.lua.globals().prompt.filter(self.lua.globals().prompt, "C:\\>")
        self.drawn = drawn or "C:\\>"
        self.swallowed = answer is not None
        return "".join(self.said)


@pytest.fixture
def clink(tmp_path):
    return Clink(tmp_path)


def test_entering_a_project_activates_and_leaving_deactivates(clink):
    path = clink.project("p")
    assert clink.prompt(path) == ""
    assert clink.environ["VIRTUAL_ENV"] == path + r"\.venv"
    assert clink.environ["VIRTUAL_ENV_PROMPT"] == ".venv"
    assert clink.environ["PATH"] == rf"{path}\.venv\Scripts;{START}"
    assert clink.drawn == "(.venv) C:\\>"
    assert clink.runs == []
    clink.prompt(r"C:\w")
    assert "VIRTUAL_ENV" not in clink.environ
    assert "_AUTOVENV_ACTIVE" not in clink.environ
    assert clink.environ["PATH"] == START
    assert clink.drawn == "C:\\>"


def test_case_does_not_count(clink):
    path = clink.project("p")
    clink.environ["USERPROFILE"] = path.upper()
    clink.prompt(path)
    assert clink.environ["VIRTUAL_ENV"] == path + r"\.venv"


def test_a_folder_deep_inside_and_straight_to_another(clink):
    one, other = clink.project("a"), clink.project("b", label="bee")
    clink.host(one + r"\src\deep").mkdir(parents=True)
    clink.prompt(one + r"\src\deep")
    assert clink.environ["VIRTUAL_ENV"] == one + r"\.venv"
    clink.prompt(other)
    assert clink.environ["PATH"] == rf"{other}\.venv\Scripts;{START}"
    assert clink.drawn == "(bee) C:\\>"


def test_an_unknown_environment_stays_off_with_one_hint(clink):
    path = clink.project("p", allowed=False)
    assert "autovenv allow" in clink.prompt(path)
    assert "VIRTUAL_ENV" not in clink.environ
    assert clink.prompt() == ""
    clink.prompt(r"C:\w")
    assert clink.prompt(path) == ""


def test_a_link_is_not_followed(clink):
    path = clink.project("p", allowed=False)
    clink.host(r"C:\w\q").mkdir()
    clink.host(r"C:\w\q\.venv").symlink_to(clink.host(path + r"\.venv"))
    assert clink.prompt(r"C:\w\q") == ""


def test_another_machines_folder_is_not_looked_up(clink):
    looked = []
    for name in ("isfile", "isdir", "glob"):
        setattr(clink.lua.globals(), name, None)
    clink.lua.globals().os.isdir = lambda path: looked.append(path) and False
    clink.lua.globals().os.isfile = lambda path: looked.append(path) and False
    clink.prompt(r"\\server\share\p")
    assert not [path for path in looked if path.startswith("\\\\")]


def test_a_changed_environment_is_verified_once(clink):
    path = clink.project("p")
    clink.prompt(path)
    clink.host(path + r"\.venv\Scripts\tool.exe").touch()
    os.utime(clink.host(path + r"\.venv\Scripts"), (1, 1))
    clink.on_run = lambda: clink.twins(path)
    clink.prompt()
    ((text, _),) = clink.runs
    assert '--place "C:\\w\\p"' in text
    assert "--shell clink" in text
    assert text.startswith('""') and text.endswith('"')
    assert clink.environ["VIRTUAL_ENV"]
    clink.prompt()
    assert clink.runs == []


def test_a_refusal_switches_off_and_is_silent_afterwards(clink):
    path = clink.project("p")
    clink.prompt(path)
    os.utime(clink.host(path + r"\.venv\Scripts"), (1, 1))
    clink.answer = 1
    mirror = clink.host(r"C:\u\Local\autovenv\trust\C\w\p")

    def refuse():
        (mirror / ".autovenv-refused").write_text("shadows-command\n")
        clink.twins(path)

    clink.on_run = refuse
    clink.environ["AUTOVENV_TRACE"] = "1"
    assert "action=deactivate reason=shadows-command" in clink.prompt()
    assert clink.environ["PATH"] == START
    assert "action=keep reason=shadows-command" in clink.prompt()
    assert clink.runs == []


def test_an_environment_that_is_gone_is_left(clink):
    path = clink.project("p")
    clink.prompt(path)
    clink.host(path + r"\.venv\pyvenv.cfg").unlink()
    clink.environ["AUTOVENV_TRACE"] = "1"
    assert "reason=venv-missing" in clink.prompt()
    assert clink.environ["PATH"] == START


def test_one_that_is_made_is_asked_about_with_the_line(clink):
    path = r"C:\w\p"
    clink.host(path).mkdir()
    clink.prompt(path)
    clink.on_run = lambda: clink.allow(path)
    clink.project("p", allowed=False)
    clink.prompt(line="python -m venv .venv")
    ((text, environ),) = clink.runs
    assert '--line "C:\\w\\p"' in text
    assert environ["_AUTOVENV_LINE"] == "python -m venv .venv"
    assert environ["_AUTOVENV_STATUS"] == "0"
    assert environ["_AUTOVENV_SINCE"] == "1700000000"
    assert clink.environ["VIRTUAL_ENV"] == path + r"\.venv"
    assert "_AUTOVENV_LINE" not in clink.environ


def test_one_that_nobody_made_gets_the_hint(clink):
    clink.host(r"C:\w\p").mkdir()
    clink.prompt(r"C:\w\p")
    clink.project("p", allowed=False)
    clink.answer = 3
    assert "autovenv allow" in clink.prompt(line="git pull")


def test_one_that_is_activated_by_hand_is_asked_about(clink):
    path = clink.project("p", allowed=False)
    clink.prompt(path)
    clink.environ["VIRTUAL_ENV"] = path + r"\.venv"
    clink.on_run = lambda: clink.allow(path)
    clink.prompt(line=r".venv\Scripts\activate")
    ((text, _),) = clink.runs
    assert '--activated "C:\\w\\p\\.venv"' in text
    assert clink.environ["_AUTOVENV_ACTIVE"] == path + r"\.venv"


def test_deactivate_stays_out_until_the_project_is_left(clink):
    path = clink.project("p")
    clink.prompt(path)
    clink.prompt(line="deactivate")
    assert clink.swallowed
    assert "VIRTUAL_ENV" not in clink.environ
    clink.prompt(r"C:\w")
    clink.prompt(path)
    assert clink.environ["VIRTUAL_ENV"]


def test_deactivate_of_somebody_elses_is_left_to_it(clink):
    clink.environ["VIRTUAL_ENV"] = r"C:\x\env"
    clink.prompt(line="deactivate")
    assert not clink.swallowed
    assert clink.environ["VIRTUAL_ENV"] == r"C:\x\env"


def test_off_and_on(clink):
    path = clink.project("p")
    clink.prompt(path)
    clink.prompt(line="autovenv off")
    assert clink.swallowed
    assert "VIRTUAL_ENV" not in clink.environ
    clink.prompt(line="autovenv on")
    assert clink.environ["VIRTUAL_ENV"]
    clink.environ["AUTOVENV_DISABLE"] = "1"
    clink.prompt()
    assert "VIRTUAL_ENV" not in clink.environ


def test_other_commands_of_autovenv_run(clink):
    clink.prompt(line="autovenv allow")
    assert not clink.swallowed


def test_edits_of_path_survive(clink):
    path = clink.project("p")
    clink.prompt(path)
    clink.environ["PATH"] = r"C:\mine;" + clink.environ["PATH"] + r";C:\last;"
    clink.prompt(r"C:\w")
    assert clink.environ["PATH"] == rf"C:\mine;{START};C:\last;"


def test_what_was_on_path_before_is_there_after(clink):
    path = clink.project("p")
    clink.environ["PATH"] = before = rf"{path}\.venv\Scripts;{START}"
    clink.prompt(path)
    assert clink.environ["PATH"] == rf"{path}\.venv\Scripts;{before}"
    clink.prompt(r"C:\w")
    assert clink.environ["PATH"] == before


def test_pythonhome_is_taken_away_and_given_back(clink):
    path = clink.project("p")
    clink.environ["PYTHONHOME"] = r"C:\py"
    clink.prompt(path)
    assert "PYTHONHOME" not in clink.environ
    clink.prompt(r"C:\w")
    assert clink.environ["PYTHONHOME"] == r"C:\py"


def test_one_active_already_is_adopted(clink):
    path = clink.project("p")
    clink.environ.update(
        VIRTUAL_ENV=path + r"\.venv", PATH=rf"{path}\.venv\Scripts;{START}", AUTOVENV_TRACE="1"
    )
    assert "action=adopt reason=adopted" in clink.prompt(path)
    clink.prompt(r"C:\w")
    assert clink.environ["PATH"] == START


def test_conda_has_the_word(clink):
    path = clink.project("p")
    clink.prompt(path)
    clink.environ.update(CONDA_PREFIX=r"C:\c\envs\s", CONDA_DEFAULT_ENV="s")
    clink.prompt()
    assert "VIRTUAL_ENV" not in clink.environ


def test_a_very_long_path_is_refused_with_one_line(clink):
    path = clink.project("p")
    clink.environ["PATH"] = before = "C:\\x;" * 1600
    assert "8191" in clink.prompt(path)
    assert clink.environ["PATH"] == before
    assert clink.prompt() == ""


def test_one_below_a_named_folder_is_verified_once(clink):
    path = clink.project("code\\p", allowed=False)
    mirror = clink.host(r"C:\u\Local\autovenv\trust\C\w\code")
    mirror.mkdir(parents=True)
    (mirror / ".autovenv-under").touch()
    clink.on_run = lambda: clink.allow(path)
    clink.prompt(path)
    assert '--under "C:\\w\\code\\p"' in clink.runs[0][0]
    assert clink.environ["VIRTUAL_ENV"] == path + r"\.venv"


def test_a_venv_in_the_home_folder_counts_there_only(clink):
    clink.environ["USERPROFILE"] = path = clink.project("home")
    clink.host(path + r"\sub").mkdir()
    clink.prompt(path)
    assert clink.environ["VIRTUAL_ENV"]
    clink.prompt(path + r"\sub")
    assert "VIRTUAL_ENV" not in clink.environ


def test_a_marker_for_another_place_is_not_believed(clink):
    clink.project("p")
    mirror = clink.host(r"C:\u\Local\autovenv\trust\C\w")
    (mirror / "p").rename(mirror / "q")
    clink.project("q", allowed=False)
    assert "autovenv allow" in clink.prompt(r"C:\w\q")
    assert "VIRTUAL_ENV" not in clink.environ


def test_a_theme_that_draws_the_environment_gets_no_label(clink):
    path = clink.project("p")
    clink.environ["STARSHIP_SHELL"] = "cmd"
    clink.prompt(path)
    assert clink.drawn == "C:\\>"


def test_a_program_that_is_gone_is_told_of_once(clink):
    path = clink.project("p")
    clink.host(r"C:\u\Local\autovenv\bin\autovenv.exe").unlink()
    os.utime(clink.host(path + r"\.venv\Scripts"), (1, 1))
    assert "not where it was" in clink.prompt(path)
    assert "VIRTUAL_ENV" not in clink.environ
    assert clink.prompt() == ""


def test_a_failure_of_ours_costs_no_prompt(clink):
    path = clink.project("p")
    clink.lua.globals().os.getcwd = lambda: 1 / 0
    assert clink.prompt(path) == ""
    clink.environ["AUTOVENV_TRACE"] = "1"
    assert "division" in clink.prompt(path)


def test_an_older_clink_is_left_alone(tmp_path):
    lua = lua52.LuaRuntime()
    lua.execute("clink = {}")
    lua.execute(SCRIPT.read_text(encoding="ascii"))
    assert lua.eval("clink.onbeginedit") is None


def test_the_completion_knows_the_commands(clink):
    from autovenv import cli

    assert set(clink.lua.globals().words.values()) == set(cli.ORDER)
