"""Names and texts that a project chose reach a terminal only escaped, in every form of every command."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autovenv import cli_which, entry
from unit.world import World

CONTROLS = "\x1b\x07\x08\x9b\x9d\x7f\u202e\u2066\u2028\u200b\ue000\udcff\udc9b\r\n\t"
NASTY = CONTROLS + "[]{}'\"$`\\;|&<>()%! aé\U0001f40d"
texts = st.text(alphabet=NASTY, min_size=1, max_size=12)
names = texts.map(lambda text: text.replace("/", "").replace("\n", "\x0b")).filter(
    lambda text: text not in (".", "..")
)
COMMANDS = (
    *(["which"], ["which", "--explain"], ["which", "--json"], ["which", "pip"], ["which", "./python"]),
    *(["where"], ["where", "--json"], ["status"], ["status", "--json"], ["doctor"], ["doctor", "--report"]),
)
STYLES = re.compile(r"\x1b\[[0-9;]*m")


def hostile(root, name, text):
    """Return a world in which everything that can be chosen is chosen by an enemy."""
    home = root / name
    home.mkdir()
    world = World(home)
    for place in ("cold/.venv/bin", f"{name}/bin", ".pyenv/shims"):
        world.trap(f"{place}/python")
        world.trap(f"{place}/pip").write_bytes(b"#!/" + os.fsencode(text) + b"/python\n")
    for config in ("cold/.venv/pyvenv.cfg", f"{name}/pyvenv.cfg"):
        data = f"home = /{text}\nversion = 3.1{text}\nprompt = '{text}'\nx{text} = y\n"
        (home / config).write_bytes(os.fsencode(data))
    (home / "cold/.venv/bin/activate").write_bytes(os.fsencode(f"VIRTUAL_ENV='/{text}'\n"))
    (home / "cold/.python-version").write_bytes(os.fsencode(text))
    (home / ".bashrc").write_bytes(os.fsencode(f"exec bash {text}\nPROMPT_COMMAND={text}\n"))
    plain = name.replace(":", "")
    world.environ["PATH"] = f"{home}/cold/.venv/bin:{home}/{plain}/bin:{home}/.pyenv/shims:{plain}:"
    world.environ |= {
        "VIRTUAL_ENV": f"/{text}",
        "PYTHONHOME": text,
        "PYTHONPATH": text,
        "CONDA_PREFIX": f"/{text}",
    }
    world.environ |= {"SHELL": "/bin/bash", "TERM": "xterm-256color", "COLUMNS": "70"}
    world.hook(kind="alias function", alias=text, hashed=f"/{text}", version=text, home=world.state.path)
    world.environ = {key: value.replace("\0", "") for key, value in world.environ.items()}
    return world


def told(world, words, monkeypatch, capfd, *, terminal):
    cwd = world.root / "cold"
    monkeypatch.chdir(cwd)
    monkeypatch.setattr(cli_which, "_terminal", lambda: terminal)
    monkeypatch.setattr(os, "environ", {**world.environ, "PWD": str(cwd)})
    entry.main(words)
    out, err = capfd.readouterr()
    return out, err


def test_nothing_hostile_comes_through(monkeypatch, capfd):
    count = 0

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(names, texts)
    def run(name, text):
        nonlocal count
        with tempfile.TemporaryDirectory() as folder:
            world = hostile(Path(folder), name, text)
            for words in COMMANDS:
                for terminal in (True, False):
                    out, err = told(world, words, monkeypatch, capfd, terminal=terminal)
                    if not terminal and words[0] in ("which", "where") and len(words) == 1:
                        out = ""  # paths for another program come as their bytes
                    if (not terminal and words == ["which", "pip"]) or words == ["which", "./python"]:
                        out = ""
                    for line in (STYLES.sub("", out) + err).split("\n"):
                        assert line.isprintable(), (words, line)
                        count += bool(line)
        sys.stdout.flush()

    run()
    assert count > 10_000, "hardly anything was printed"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_on_a_terminal_a_plain_world_says_something(words, own_home, monkeypatch, capfd):
    world = hostile(own_home, "plain", "text")
    out, _ = told(world, words, monkeypatch, capfd, terminal=True)
    assert out


def test_markup_of_rich_is_no_markup_here(own_home, monkeypatch, capfd):
    world = hostile(own_home, "[red]x :smile:", "[bold]text[/bold]")
    out, _ = told(world, ["which"], monkeypatch, capfd, terminal=True)
    assert "[bold]text[/bold]" in STYLES.sub("", out)
