"""Hostile folder names: the environment is switched on exactly, or the name is refused; nothing of it is ever run."""

from __future__ import annotations

import json
import os
import random

import pytest

from wine.machine import SYSTEM_PATH, Console, Place, host

COUNT = 2048
PIECES = 8
UNFIT = set("&!^%;=")
BITS = [
    *("&", "&&", "^", "^^", "!", "!!", "%", "%%", "(", ")", "[", "]", "{", "}", "'", "`", ",", ";", "=", "+", "-"),
    *("~", "@", "#", "$", "_", ".", " ", "  ", "a", "b", "x86", "é", "日本", "ß", "\u00a0", "\u200f", "😀", "А"),
    *("%PATH%", "!PATH!", "%CD%", "!CD!", "%~dp0", "%1", "%%A", "&echo x", "&planted", "^&planted", "&&planted"),
    *("@echo off", "rem", "set", "exit", "goto", "..a", "con1", "$(planted)", "`planted`", "~1", "(x86)", "%COMSPEC%"),
    *("nul1", "-", "--", "CON ", "a.bat", "planted", "=planted", ",planted", ";planted", "%ERRORLEVEL%"),
]  # fmt: skip
RESERVED = {"con", "prn", "aux", "nul"}


def names() -> list[str]:
    """Return different names that a Windows disk can have."""
    draw, found = random.Random(11), {}
    while len(found) < COUNT:
        name = "".join(draw.choices(BITS, k=draw.randint(1, 6))).rstrip(" .").lstrip(" ")
        # Wine does not type a name of nothing but U+200F through its pipe.
        if name.strip("\u200f") and len(name) < 60 and name.split(".")[0].strip().lower() not in RESERVED:
            found.setdefault(name.lower(), name)
    return list(found.values())


ALL = names()

FORGE = r"""
import json
base = os.stat(os.path.dirname(sys.executable))
result = {}
for name in json.load(open(sys.argv[1], encoding="utf-8")):
    project = os.path.join(w, name)
    scripts = project + "\\.venv\\Scripts"
    os.makedirs(scripts)
    for file in ("activate.bat", "python.exe"): open(scripts + "\\" + file, "w").write("@planted\n")
    open(project + "\\.venv\\pyvenv.cfg", "w").write("home = C:\\python\n")
    for path in (project + "\\.venv\\pyvenv.cfg", scripts): os.utime(path, (1700000000, 1700000000))
    try:
        consent.allow(home, pwd=w, project=project, environ=environ)
        result[name] = ""
    except Exception as error:
        result[name] = str(error)
json.dump(result, open(sys.argv[1] + ".out", "w", encoding="utf-8"))
"""


def test_there_are_two_thousand_names_and_most_kinds_of_trouble() -> None:
    assert len(set(ALL)) >= 2000
    for bit in "&^!%();=' ":
        assert sum(bit in name for name in ALL) > 50, bit


@pytest.mark.parametrize("piece", range(PIECES))
@pytest.mark.parametrize("options", [(), ("/v:on",)], ids=["plain", "delayed"])
def test_a_name_is_exact_or_refused(piece: int, options: tuple[str, ...]) -> None:
    chosen = ALL[piece::PIECES]
    if options:
        chosen = chosen[::4]
    place = Place().build()
    file = place.root + "\\names.json"
    with open(host(file), "w", encoding="utf-8") as stream:
        json.dump(chosen, stream)
    os.makedirs(host(place.user), exist_ok=True)
    place.python(FORGE, file)
    with open(host(file) + ".out", encoding="utf-8") as stream:
        result = json.load(stream)
    refused = {name for name, why in result.items() if why}
    assert refused == {name for name in chosen if UNFIT & set(name)}
    assert {why.partition(" which ")[2][:19] for why in result.values() if why} <= {"PATH cannot hold: a"}
    traps(place)
    with Console(place, *options, AUTOVENV_QUIET="1") as console:
        console.send("set percent=%")
        console.send("set bang=!")
        note(place, console, next(name for name in chosen if name not in refused), chosen)
        failures = [
            why
            for name in chosen
            for why in visit(place, console, name, refused=name in refused, delayed=bool(options))
        ]
    assert not failures, "\n".join(failures[:20])
    assert not os.path.exists(host(place.root + "\\planted")), "something was run"


def traps(place: Place) -> None:
    """Put a program under each name that a piece of a folder's name could be taken for."""
    for name in ("planted", "echo x", "x", "a", "b", "D"):
        for folder in (place.folder, place.user):
            if os.path.isdir(host(f"{folder}\\{name}.bat")):
                continue  # one of the names
            with open(host(f"{folder}\\{name}.bat"), "wb") as stream:
                stream.write(f"@echo x> {place.root}\\planted\r\n".encode())


def note(place: Place, console: Console, name: str, chosen: list[str]) -> None:
    """Visit one, and give all others the note that cmd makes then: they have the same times."""
    console.type(f'cd "{name}"')
    console.type(f'cd /d "{place.folder}"')
    trust = f"{place.home}\\trust\\C{place.folder[2:]}"
    with open(host(f"{trust}\\{name}\\.autovenv-cmd-seen"), "rb") as stream:
        text = stream.read()
    for other in chosen:
        if os.path.isdir(host(f"{trust}\\{other}")):
            with open(host(f"{trust}\\{other}\\.autovenv-cmd-seen"), "wb") as stream:
                stream.write(text)


def visit(place: Place, console: Console, name: str, *, refused: bool, delayed: bool) -> list[str]:
    folder = f"{place.folder}\\{name}"
    # As a person would have to: through a variable, which is put in once.
    typed = name.replace("%", "%percent%")
    if delayed:
        # The same for ! under /v:on. (Wine's cmd knows no ^! in quotes.)
        typed = typed.replace("!", "!bang!")
    calls = len(place.calls())
    console.type(f'cd "{typed}"')
    wanted = ("", SYSTEM_PATH) if refused else (f"{folder}\\.venv", f"{folder}\\.venv\\Scripts;{SYSTEM_PATH}")
    failures = compare(console, name, "inside", wanted)
    # Wine's cmd puts in %…% in an argument of a batch file once more, where go.bat names one: it goes nowhere then.
    twice = "%" in name and not {"&", "^", *("!" if delayed else "")}.isdisjoint(name)
    if not twice and console.there != "1":
        failures.append(f"{name!r}: cd did not go there")
    console.type(f'cd /d "{place.folder}"')
    failures += compare(console, name, "left", ("", SYSTEM_PATH))
    if len(place.calls()) != calls:
        failures.append(f"{name!r}: {place.calls()[calls:]}")
    return failures


def compare(console: Console, name: str, when: str, wanted: tuple[str, str]) -> list[str]:
    values = {}
    asked = console.send("set VIRTUAL_ENV&set PATH&if exist .venv\\pyvenv.cfg echo THERE=1")
    for row in asked.split("\n"):
        key, _, value = row.rpartition("# ")[2].partition("=") if row.count("=") == 1 else row.partition("=")
        values[key.rpartition("# ")[2].upper()] = value
    console.there = values.get("THERE", "")
    found = values.get("VIRTUAL_ENV", ""), values.get("PATH", "")
    return [] if found == wanted else [f"{name!r} {when}: {found}"]
