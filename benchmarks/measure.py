"""Time what the hook adds to an interactive shell: blocks with and without it, taken in turn on ptys.

All figures are microseconds. A *world* is one of: `none` (the same shell without the hook), `few` and
`many` allowed projects.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tests"))

from shims.ground import PROMPT, REPOSITORY, SHELLS, Home, Terminal, forge_venv, shipped_hook  # noqa: E402, F401

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shims.ground import Shell

MANY = 10_000
"""Allowed projects in the world `many`."""
WORLDS = ("none", "few", "many")
RESULT = re.compile(rb"@@ (\w+) \|([ |\d]*) @@")
FISH_TIME = re.compile(rb"Executed in +([\d.]+) (micros|millis|secs)")
UNIT = {b"micros": 1.0, b"millis": 1e3, b"secs": 1e6}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int
    """Blocks of each operation in each world."""
    pairs: int = 12
    """Times there and back in a block."""
    prompts: int = 200
    """Prompts in a block of the shell's own loop; a terminal holds 4095 bytes of lines not yet read."""
    loops: int = 5
    """Such blocks in a round."""
    processes: int = 12
    starts: int = 2
    """Shells started for each round."""


FULL = Size(rounds=40)
QUICK = Size(rounds=10)


@dataclass(frozen=True, slots=True)
class Disk:
    """The folders of one run. The projects lie at depth 6."""

    top: str
    """Below it lie the projects."""
    other: str
    """Below it lies what shares no folder with a project, the homes too."""

    @property
    def project(self) -> str:
        """The project that is entered again and again."""
        return f"{self.top}/one/two/three/project"

    @property
    def fresh(self) -> str:
        """What the names of the projects begin with that are entered only once."""
        return f"{self.top}/one/two/three/fresh"

    @property
    def outside(self) -> str:
        """Where a person is who is in no project."""
        return self.other

    @property
    def strange(self) -> str:
        """What the names of the folders without a project begin with that are entered only once."""
        return f"{self.other}/x/y/z/strange"

    def nowhere(self, shared: int) -> str:
        """Return a folder at depth 6 without a project, whose first ``shared`` folders lead to one."""
        return {0: f"{self.other}/x/y/z/w", 3: f"{self.top}/one/x/y/z", 6: f"{self.top}/one/two/three/four"}[
            shared
        ]

    @property
    def deep(self) -> str:
        """Eight levels below the project."""
        return f"{self.project}/1/2/3/4/5/6/7/8"


@contextlib.contextmanager
def disk(rounds: int, size: Size) -> Iterator[Disk]:
    """Make the folders and the projects, and remove them in the end."""
    with (
        tempfile.TemporaryDirectory(prefix="av-", dir="/tmp") as top,
        tempfile.TemporaryDirectory(prefix="av-", dir="/var/tmp") as other,
    ):
        made = Disk(top, other)
        forge_venv(made.project)
        for number in range(rounds * size.pairs):
            forge_venv(f"{made.fresh}{number}")
            os.makedirs(f"{made.strange}{number}")
        forge_venv(f"{made.nowhere(6)}/seven")
        for shared in (0, 3, 6):
            os.makedirs(made.nowhere(shared), exist_ok=True)
        os.makedirs(made.deep)
        yield made


def home_of(world: str, shell: Shell, place: Disk, fresh: int, hook: str | None = None) -> Home:
    """Make the home of one world, with ``hook`` (None: the one shipped) unless the world is `none`,
    and the markers.
    """
    home = Home(f"{place.other}/{world}")
    driver = shell.source.format(os.path.join(HERE, f"driver.{shell.name}")) + "\n"
    if os.path.isdir(home.path):
        shutil.rmtree(home.path)
    home.set_up(shell, None if world == "none" else hook or shipped_hook(shell), driver)
    if world == "none":
        return home
    for project in (place.project, *(f"{place.fresh}{n}" for n in range(fresh)), f"{place.nowhere(6)}/seven"):
        home.allow(project)
    if world == "many":
        beside, apart = os.path.dirname(place.project), "/home/someone/src"
        for number in range(MANY // 2):
            home.allow_without_venv(f"{beside}/filler{number}")
            home.allow_without_venv(f"{apart}/{number % 50}/filler{number}")
    return home


# ---- one shell on a pty ---------------------------------------------------------------------------


class Driven:
    """An interactive shell that has the driver's functions."""

    def __init__(self, shell: Shell, home: Home, folder: str) -> None:
        """Start it. bash and zsh read lines as the terminal gives them: their own loop at its barest."""
        extra = {"bash": ("--noediting",), "zsh": ("-o", "no_zle")}.get(shell.name, ())
        self.shell = shell
        self.terminal = Terminal([shell.name, *extra, *shell.arguments], home, folder)
        self.file = self.terminal.child.child_fd

    def block(self, line: str, lists: int = 1) -> list[list[float]]:
        """Type ``line``, wait for its result and the prompt after it. Return the lists that it timed."""
        text = self._send(line.encode() + b"\r")
        if self.shell.name == "fish":
            times = [float(number) * UNIT[unit] for number, unit in FISH_TIME.findall(text)]
            return [times[one::lists] for one in range(lists)]
        match = RESULT.search(text)
        assert match is not None
        return [[float(number) for number in one.split()] for one in match[2].split(b"|")]

    def go(self, folder: str) -> None:
        """Change the folder, as a person does."""
        self._send(f"cd {folder}; echo '@@' went '| @@'\r".encode())

    def own_loop(self, line: bytes, size: Size) -> float:
        """Let the shell read lines at its own prompts.

        Return the time for each, the median of several blocks.
        """
        data = b"__b_start\n" + (line + b"\n") * size.prompts + b"__b_stop own\n"
        blocks = []
        for _ in range(size.loops):
            match = RESULT.search(self._send(data))
            assert match is not None
            blocks.append(float(match[2]) / size.prompts)
        return statistics.median(blocks)

    def typed(self, lines: list[str]) -> list[float]:
        """Type ``lines`` ahead. Return the time that each took, up to the end of what comes before the next
        prompt.
        """
        text = self._send("".join(f"{line}\n" for line in ("__b_begin", *lines, "__b_end typed")).encode())
        match = RESULT.search(text)
        assert match is not None
        marks = [float(number) for number in match[2].split()]
        assert len(marks) == len(lines) + 1
        return [after - before for before, after in pairwise(marks)]

    def visits(self, folders: list[str], back: str) -> tuple[list[float], list[float]]:
        """Go to each folder, and ``back`` after it. Return how long each took there, and back, each with the
        prompt after it.
        """
        if self.shell.name == "fish":
            lists = self.block(f"__b_visits {back} {' '.join(folders)}", 4)
            there, there_after, away, away_after = lists
            return _sums(there, there_after), _sums(away, away_after)
        times = self.typed([f"cd {folder}" for one in folders for folder in (one, back)])
        return times[::2], times[1::2]

    def _send(self, data: bytes) -> bytes:
        """Write to the terminal, and read up to the prompt that follows the result."""
        os.write(self.file, data)
        text = bytearray()
        deadline = time.monotonic() + 60
        result = None
        while result is None or text.find(PROMPT.encode(), result.end()) < 0:
            if not select.select([self.file], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError(f"{self.shell.name} did not answer: {bytes(text[-500:])!r}")
            text += os.read(self.file, 65536)
            if result is None and b" @@" in text:
                result = RESULT.search(bytes(text))
        return bytes(text)


def _sums(one: list[float], other: list[float]) -> list[float]:
    return [a + b for a, b in zip(one, other, strict=True)]


def start_up(shell: Shell, home: Home, folder: str) -> float:
    """Return how long an interactive shell takes from its start to its end when it has only to read its
    start-up file.
    """
    begin = time.perf_counter()
    pid, terminal = os.forkpty()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(
            shell.name, [shell.name, *shell.arguments, "-c", "exit"], {**home.environ(), "PWD": folder}
        )
    with contextlib.suppress(OSError):
        while os.read(terminal, 65536):
            pass
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - begin
    os.close(terminal)
    if status:
        raise RuntimeError(f"{shell.name} ended with status {status}")
    return took * 1e6


# ---- a run ----------------------------------------------------------------------------------------

OPERATIONS = {
    "idle_outside": "idle prompt, outside",
    "idle_inside": "idle prompt, in an active project",
    "line_outside": "prompt after a command, outside",
    "line_inside": "prompt after a command, in an active project",
    "first_entry": "cd in, the first time",
    "entry": "cd in, again",
    "leave": "cd out",
    "deeper": "cd 8 levels deeper inside",
    "nowhere_0": "cd to no project, 0 levels shared",
    "nowhere_3": "cd to no project, 3 levels shared",
    "nowhere_6": "cd to no project, 6 levels shared",
    "strange": "cd to no project, the first time",
    "start": "start-up",
}


@dataclass(slots=True)
class Samples:
    """The figures of one shell: of each operation and world, one per round."""

    shell: str
    process: list[float] = field(default_factory=list)
    times: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def add(self, operation: str, world: str, value: float) -> None:
        """Note one figure."""
        self.times.setdefault(operation, {}).setdefault(world, []).append(value)

    def added(self, operation: str, world: str) -> list[float]:
        """Return what the hook added, round by round."""
        times = self.times[operation]
        return [with_ - without for with_, without in zip(times[world], times["none"], strict=True)]

    def fraction(self, operation: str, world: str) -> float:
        """Return the median of what was added as a fraction of the median process."""
        return statistics.median(self.added(operation, world)) / statistics.median(self.process)


def measure(shell_name: str, size: Size, hook: str | None = None) -> Samples:
    """Measure one shell: every operation in every world, in turn, ``size.rounds`` times.

    ``hook``: the path of another hook file than the one of this repository.
    """
    shell = SHELLS[shell_name]
    samples = Samples(shell_name)
    rounds = size.rounds + 1  # the first warms everything up, and is not counted
    with disk(rounds, size) as place, contextlib.ExitStack() as stack:
        homes = {world: home_of(world, shell, place, rounds * size.pairs, hook) for world in WORLDS}
        shells = {world: Driven(shell, homes[world], place.outside) for world in WORLDS}
        for one in shells.values():
            stack.callback(one.terminal.close)
        for number in range(rounds):
            counted = samples if number else Samples(shell_name)
            turn = WORLDS[number % len(WORLDS) :] + WORLDS[: number % len(WORLDS)]
            new = [str(number * size.pairs + one) for one in range(size.pairs)]
            _cd(counted, shells, place, new, size, turn)
            _prompts(counted, shells, place, size, turn)
            counted.process.append(
                statistics.median(shells["none"].block(f"__b_process process {size.processes}")[0])
            )
            for world in turn:
                for _ in range(size.starts):
                    counted.add("start", world, start_up(shell, homes[world], place.outside))
    return samples


def _cd(
    samples: Samples,
    shells: dict[str, Driven],
    place: Disk,
    new: list[str],
    size: Size,
    turn: tuple[str, ...],
) -> None:
    """Take one block of each operation that changes the folder. ``new``: ends of names not used before."""
    outside = place.outside
    blocks = {
        ("first_entry", ""): ([place.fresh + end for end in new], outside),
        ("entry", "leave"): ([place.project] * size.pairs, outside),
        **{
            (f"nowhere_{shared}", ""): ([place.nowhere(shared)] * size.pairs, outside) for shared in (0, 3, 6)
        },
        ("strange", ""): ([place.strange + end for end in new], outside),
        ("deeper", ""): ([place.deep] * size.pairs, place.project),
    }
    for names, (folders, back) in blocks.items():
        for world in turn:
            shells[world].go(back)
            for name, times in zip(names, shells[world].visits(folders, back), strict=True):
                if name:
                    samples.add(name, world, statistics.median(times))
            shells[world].go(outside)


def _prompts(
    samples: Samples, shells: dict[str, Driven], place: Disk, size: Size, turn: tuple[str, ...]
) -> None:
    """Take one block of each kind of prompt."""
    for where, folder in (("outside", place.outside), ("inside", place.project)):
        for world in turn:
            shells[world].go(folder)
        for kind, line in (("idle", b""), ("line", b":")):
            for world in turn:
                one = shells[world]
                if one.shell.name == "fish":
                    took = statistics.median(one.block(f"__b_{kind} {kind} 10")[0]) / 10
                else:
                    took = one.own_loop(line, size)
                samples.add(f"{kind}_{where}", world, took)
