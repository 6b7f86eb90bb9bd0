from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autovenv import consent, entry, trust
from autovenv.errors import AutovenvError, UsageError
from autovenv.words import Word


@pytest.fixture
def verify(home, project):
    """Start the program as a hook does; return its status and what it said."""

    def run(*words, cwd="/", **environ):
        everything = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "PYTHONHOME": "", **environ}
        everything["PYTHONPATH"] = os.path.dirname(os.path.dirname(entry.__file__))
        command = [sys.executable, "-m", "autovenv", "verify", "--home", home.path, "--shell", "bash"]
        done = subprocess.run(
            [*command, *map(str, words)], cwd=cwd, env=everything, capture_output=True, check=False
        )
        assert done.stdout == b""
        return done.returncode, os.fsdecode(done.stderr)

    return run


def line(project, text="python3 -m venv .venv", **more):
    since = int((project / ".venv/pyvenv.cfg").stat().st_mtime)
    return {"_AUTOVENV_LINE": text, "_AUTOVENV_STATUS": "0", "_AUTOVENV_SINCE": str(since), **more}


def test_the_whole_story_as_a_hook_tells_it(home, project, verify):
    assert verify("--line", project, **line(project)) == (0, consent.MADE + "\n")
    assert verify("--place", project) == (0, "")
    (project / ".venv/bin/ls").write_text("x")
    assert verify("--place", project) == (1, Word.SHADOWS_COMMAND.text + "\n")
    assert trust.refused_word(home, str(project)) == "shadows-command"


def test_an_activation_by_hand(project, verify):
    environ = line(project, "source .venv/bin/activate", AUTOVENV_QUIET="")
    assert verify("--line", project, "--activated", project / ".venv", **environ) == (
        0,
        consent.ACTIVATED + "\n",
    )


@pytest.mark.parametrize(
    "spoil",
    [
        {"_AUTOVENV_LINE": ""},
        {"_AUTOVENV_STATUS": ""},
        {"_AUTOVENV_STATUS": "1"},
        {"_AUTOVENV_STATUS": "00"},
        {"_AUTOVENV_SINCE": ""},
        {"_AUTOVENV_SINCE": "-1"},
        {"_AUTOVENV_SINCE": "1.5"},
        {"_AUTOVENV_SINCE": "9" * 400},
        {"_AUTOVENV_LINE": "git pull"},
    ],
)
def test_a_fact_that_is_missing_or_odd_is_no_consent(project, verify, spoil):
    assert verify("--line", project, **{**line(project), **spoil}) == (3, "")


def test_aliases_come_in_records(project, verify):
    environ = line(project, "mkv", _AUTOVENV_ALIASES="ll=ls -l\x1emkv=python3 -m venv .venv\x1ebroken")
    assert verify("--line", project, **environ)[0] == 0
    assert entry.aliases("a=b=c\x1e d =e\x1e\x1e=x\x1ef") == {"a": "b=c", "d": "e"}


def test_quiet_says_nothing(project, verify):
    assert verify("--line", project, **line(project, AUTOVENV_QUIET="1")) == (0, "")


def test_bytes_that_are_no_text_pass_through(tmp_path, make_venv, verify):
    project = tmp_path / "caf\udce9 $x"
    project.mkdir()
    make_venv(project / ".venv")
    assert verify("--line", project, **line(project)) == (0, consent.MADE + "\n")
    assert verify("--line", project, **line(project, "python3 \udcff")) == (3, "")


def test_nothing_but_the_own_folder_decides_where_consent_is_kept(home, project, verify, tmp_path):
    verify("--line", project, XDG_DATA_HOME=str(tmp_path / "elsewhere"), **line(project))
    assert not (tmp_path / "elsewhere").exists()
    assert trust.read_marker(home, str(project)) is not None


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--home"],
        ["--home", "relative", "--place", "/x"],
        ["--home", "/nowhere/at/all", "--place", "/x"],
        ["--home", "/", "--nonsense", "x"],
        ["--home", "/", "--home", "/"],
        ["--home", "/", "stray"],
        ["--home", "/"],
        ["--home", "/", "--line", ""],
    ],
)
def test_words_that_no_hook_uses_are_a_usage_error(words, capsys):
    assert entry.main(["verify", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("autovenv: verify ")
    assert "\n" in err


def test_options_may_be_joined_with_an_equals_sign():
    assert entry.options(["--home=/h=x", "--place", "/p"]) == {"--home": "/h=x", "--place": "/p"}
    with pytest.raises(UsageError):
        entry.options(["--unknown=1"])


def test_a_folder_of_another_user_is_not_used(home, monkeypatch, capsys):
    real = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: real + 1)
    assert entry.main(["verify", "--home", home.path, "--place", "/x"]) == 1
    assert "another user" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (AutovenvError("no such thing", "run: it"), 1, "autovenv: no such thing\nrun: it\n"),
        (UsageError("what?"), 2, "autovenv: what?\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 1, ""),
        (
            OSError(28, "No space left on device", "/a\x1bb"),
            1,
            "autovenv: /a\\x1bb: no space left on device\n",
        ),
        (OSError("odd"), 1, "autovenv: oserror\n"),
    ],
)
def test_whatever_goes_wrong_is_one_fact_and_no_traceback(monkeypatch, capsys, error, code, text):
    def fail(words):
        raise error

    monkeypatch.setattr(entry, "_run", fail)
    monkeypatch.setattr(entry, "_forget_stdout", lambda: None)
    assert entry.main(["x"]) == code
    assert capsys.readouterr() == ("", text)


def test_a_traceback_is_there_for_whoever_asks(monkeypatch):
    def fail(words):
        raise AutovenvError("x")

    monkeypatch.setattr(entry, "_run", fail)
    monkeypatch.setenv("AUTOVENV_DEBUG", "1")
    with pytest.raises(AutovenvError):
        entry.main(["x"])


def test_a_disk_that_is_full_or_read_only_is_told_and_allows_nothing(home, project, monkeypatch, capsys):
    for name, value in line(project).items():
        monkeypatch.setenv(name, value)

    def full(*args, **words):
        raise OSError(28, "No space left on device", args[1])

    monkeypatch.setattr(os, "replace", full)
    assert entry.main(["verify", "--home", home.path, "--shell", "bash", "--line", str(project)]) == 1
    assert "no space left" in capsys.readouterr().err
    assert trust.read_marker(home, str(project)) is None
