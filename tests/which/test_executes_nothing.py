"""which, where, status and doctor start no process: counted by strace over many layouts full of traps."""

from __future__ import annotations

import os
import random
import re
import stat
import subprocess
import sys

LAYOUTS = 200
NAMES = ("python", "python3", "python3.12", "pip", "git", "ps", "sh", "bash", "zsh", "fish", "env", "uname")
PLACES = (
    *(
        "a",
        "b",
        ".pyenv/shims",
        ".pyenv/versions/3.12.1/bin",
        ".asdf/shims",
        ".local/share/mise/shims",
        "c/bin",
    ),
    *(".venv/bin", "p/.venv/bin", ".local/bin", ".rye/shims", "p"),
)
DRIVER = r"""
import json, os, sys
from autovenv import cli_which, entry

real = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
for layout in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(layout["environ"])
    os.chdir(layout["cwd"])
    for words in (["which"], ["which", "--explain"], ["which", "--json"], ["which", "pip"], ["where"],
                  ["where", "--json"], ["where", "python.exe"], ["status"], ["doctor", "--report"]):
        cli_which._terminal = lambda: len(words) == 1
        entry.main(words)
if "control" in sys.argv:
    entry.main(["which", "--run"])
os.write(real, b"done\n")
"""


def trap(path, canary):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"#!/bin/sh\necho ran >>" + os.fsencode(canary) + b"\n")
    path.chmod(0o755)


def lay(root, number, canary):
    """Lay down one home with traps in random places and return how to ask there."""
    pick = random.Random(number)  # the same layouts in every run
    home = root / str(number)
    (home / "p").mkdir(parents=True)
    for place in pick.sample(PLACES, 6):
        for name in pick.sample(NAMES, 5):
            trap(home / place / name, canary)
        if pick.random() < 0.4:
            (home / place).parent.joinpath("pyvenv.cfg").write_text(
                f"home = {home}/a\nversion = 3.1.{number}\n"
            )
        if pick.random() < 0.2:
            (home / place).parent.joinpath("conda-meta").mkdir(exist_ok=True)
    for name, text in ((".python-version", "3.12.1\n"), (".tool-versions", "python 3.12.1\n")):
        if pick.random() < 0.5:
            (home / "p" / name).write_text(text)
    trap(home / "a" / "python", canary)
    entries = [str(home / place) for place in pick.sample(PLACES, 6)] + ["", "b"]
    pick.shuffle(entries)
    environ = {
        "HOME": str(home),
        "PATH": ":".join([str(home / "a"), *entries][number % 2 :]),
        "TERM": "xterm",
    }
    environ["XDG_DATA_HOME"] = str(home / "data")
    if number % 3 == 0:
        environ["VIRTUAL_ENV"] = str(home / "p/.venv")
    if number % 4 == 0:
        kind = pick.choice(["alias", "function", "hashed"])
        environ["_AUTOVENV_FACTS"] = "\x1e".join(
            [
                "shell=bash",
                "hook=1",
                "name=python",
                f"kind={kind}",
                "alias=python3",
                f"hashed={home}/b/python",
            ]
        )
    return {"environ": environ, "cwd": str(home / ("p" if number % 2 else "."))}


def traced(strace, root, layouts, *more):
    import json

    log = root / "trace"
    # --seccomp-bpf: the kernel stops for these calls alone, which takes a small part of the time.
    command = [
        strace,
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-e",
        "trace=execve,execveat,fork,vfork,clone,clone3",
        "-o",
        str(log),
    ]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TERM": "dumb"}
    done = subprocess.run(
        [*command, sys.executable, "-c", DRIVER, *more],
        input=json.dumps(layouts).encode(),
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    assert done.stdout == b"done\n"
    text = log.read_text(errors="replace")
    return re.findall(r"(?m)^\d+\s+(\w+)\(", text)


def test_no_process_is_started_in_200_layouts_full_of_traps(tmp_path, find_program):
    canary = tmp_path / "canary"
    layouts = [lay(tmp_path / "homes", number, canary) for number in range(LAYOUTS)]
    calls = traced(find_program("strace"), tmp_path, layouts)
    assert calls == ["execve"], "the only one is that of our own Python"
    assert not canary.exists()


def test_the_count_sees_a_process_and_the_traps_work(tmp_path, find_program):
    canary = tmp_path / "canary"
    layouts = [lay(tmp_path / "homes", 2, canary)]
    calls = traced(find_program("strace"), tmp_path, layouts, "control")
    assert calls.count("execve") > 1
    assert canary.exists(), "which --run ran the trap in the first folder of PATH"
    assert stat.S_ISREG(canary.stat().st_mode)
