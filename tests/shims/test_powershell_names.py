"""Two thousand hostile folder names: the environment of each is the very one, or it is refused by rule."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from autovenv.errors import AutovenvError
from conformance.shells import POWERSHELL_SHELL, quote_powershell
from conformance.table import Case
from conformance.world import World
from conftest import program
from shims.test_powershell import HINT, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 2000
PIECES = [
    *"$`'\"\\;&|<>(){}[]*?!#%^~@=+,. -_\x1b\x07\t\r\n\x7f:",
    *"\u00a0\u200b\u2018\u2019\u201c\u201d\u2013\u202e\ufffd\u0301éß日😀",
    *(
        "$(touch planted)",
        "`touch planted`",
        "; touch planted",
        "& touch planted",
        "$env:PATH",
        "${HOME}",
        "$null",
        "{0}",
        "[a-z]",
        "`u{41}",
    ),
    *(
        "Env:",
        "..",
        "...",
        "-Path",
        "--%",
        "@args",
        "#>",
        "<#",
        "%TEMP%",
        "a",
        "B",
        "7",
        "proj",
        "CON",
        "nul",
    ),
]


def names() -> Iterator[str]:
    """Yield the names, always the same ones; no path separator in them, and none that is a folder already."""
    rng = random.Random(20)
    seen = set()
    while len(seen) < COUNT:
        name = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 7)))
        if name.strip(".") and len(name.encode()) < 200 and name not in seen:
            seen.add(name)
            yield name


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A disk with no project yet."""
    program("pwsh")
    world = World(str(tmp_path))
    world.build(Case("names", ()))
    return world


def test_the_names_are_many_and_hostile() -> None:
    every = list(names())
    assert len(set(every)) == COUNT
    assert sum("touch planted" in name for name in every) > 300
    assert sum(not name.isprintable() for name in every) > 300


def test_each_environment_is_the_very_one_or_refused_by_rule(world: World) -> None:
    allowed: dict[str, bool] = {}
    for name in names():
        world.forge_venv(os.path.join(world.folder, name, ".venv"))
        try:
            world.allow(name)
            allowed[name] = True
        except AutovenvError:
            allowed[name] = False
    probe = os.path.join(world.root, "probe")
    asks = POWERSHELL_SHELL.probe.format(file=quote_powershell(probe))
    terminal = Terminal(world)
    start = terminal.asks("$env:PATH")
    wrong, entered, off, astray = [], 0, 0, 0
    for name in allowed:
        folder = os.path.join(world.folder, name)
        said = terminal.types(f"cd -LiteralPath {quote_powershell(folder)} -ErrorAction Ignore")
        terminal.types(asks)
        with open(probe, "rb") as file:
            _, active, path, here, *_ = file.read().decode().split("\0")
        back = terminal.types(f"cd -LiteralPath {quote_powershell(world.folder)}")
        # PowerShell itself takes a backslash for a separator, and may go to a neighbour for `*` and `?`.
        astray += here != folder
        venv = here + "/.venv"
        if allowed.get(os.path.relpath(here, world.folder)) and "\ufffd" not in here:
            entered += 1
            fine = (active, path, said) == (venv, f"{venv}/bin:{start}", "(.venv) ")
        else:  # no consent can be given there, or (U+FFFD) two names look the same to PowerShell
            off += 1
            fine = (active, path) == ("", start) and said in ("", HINT + "\n")
        if not fine or back != "":
            wrong.append((name, here, active, path, said, back))
    assert wrong == []
    assert terminal.asks("$env:PATH") == start
    assert terminal.asks("$Error.Count") == "0"
    assert not [path for path, _, files in os.walk(world.root) if "planted" in files]
    assert entered > 800, (entered, off, astray)
    assert off > 100
    assert astray < COUNT / 5
