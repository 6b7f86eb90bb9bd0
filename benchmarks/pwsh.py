"""What the PowerShell hook costs: ``python benchmarks/pwsh.py [--quick] [--check]``.

Interactive PowerShells on ptys take turns, without the hook and with it. A figure is the median over the
rounds of *with* minus *without*; the ratio divides it by the median of a bare ``Set-Location`` of the shell
without the hook, in the same run. Of each operation many are timed, and the slowest of the fastest tenth
counts. Loading is the processor time from the start to the first prompt of a shell outside any project, the
hook itself what the first line takes more than without: of as many starts of both, the least of one minus the
least of the other.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tests"))

from conformance.table import Case  # noqa: E402
from conformance.world import World  # noqa: E402
from shims.test_powershell import HOOK, Terminal  # noqa: E402

DRIVER = os.path.join(HERE, "driver.ps1")
# Set-Location reads each folder on the way: not below a folder for temporary files, which may be full.
SCRATCH = os.path.join(os.path.dirname(HERE), "build")
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Limit:
    """What an operation may add: a fraction of a bare Set-Location, or milliseconds."""

    name: str
    text: str
    most: float


LIMITS = (
    Limit("idle_outside", "idle prompt, no project", 0.1),
    Limit("idle_inside", "idle prompt, active project", 0.1),
    Limit("nowhere", "a change of directory, no project", 0.35),
    Limit("in_and_out", "into a project or out of it", 0.35),
)
LOAD = 30.0
"""Milliseconds that loading the hook may add to the time until the first prompt."""


STARTS = 3
"""How many shells are started for each of a round's two figures of loading."""


def processor_time(pid: int) -> float:
    """Return the milliseconds of processor time that a process has had in all threads."""
    return time.clock_gettime((~pid << 3) | 2) * 1000  # the clock of clock_getcpuclockid(3), on Linux


def start(world: World, hook: str) -> tuple[float, float]:
    """Return the milliseconds of processor time until a shell's first prompt, and on to its second."""
    terminal = Terminal(world, hook=hook)
    try:
        ready = processor_time(terminal.child.pid)
        terminal.types("$null")
        return ready, processor_time(terminal.child.pid) - ready
    finally:
        terminal.child.close(force=True)


def session(world: World, hook: str, count: int) -> dict[str, float]:
    """Return the figures of one shell: microseconds by operation."""
    terminal = Terminal(world, hook=hook)
    try:
        folders = " ".join(f"'{world.folder}/{name}'" for name in ("f", "g/h", "a/b/p"))
        terminal.types(f". '{DRIVER}'")
        said = terminal.types(f"Measure-All {folders} {count}")
    finally:
        terminal.child.close(force=True)
    return {name: float(value) for name, value in re.findall(r"RESULT (\w+) ([0-9.]+)", said)}


def measure(*, rounds: int, count: int) -> tuple[dict[str, float], float, tuple[float, float]]:
    """Return what the hook adds.

    As fractions of a bare Set-Location, then its microseconds; in milliseconds loading and the first line.
    """
    os.makedirs(SCRATCH, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as root:
        world = World(os.path.realpath(root))
        tree = ("venv a/b/p/.venv", "folder f", "folder g/h")
        world.build(Case("benchmark", (), tree=tree, allow=(("a/b/p",),)))
        added: dict[str, list[float]] = {}
        bare: list[float] = []
        starts: dict[str, list[tuple[float, float]]] = {"": [], HOOK: []}
        session(world, HOOK, 10)  # the first start reads everything from the disk
        for _ in range(rounds):
            for _ in range(STARTS):
                for hook, taken in starts.items():
                    taken.append(start(world, hook))
            plain, hooked = session(world, "", count), session(world, HOOK, count)
            bare.append(plain["nowhere"] / 2)
            for name, value in hooked.items():
                pair = 2 if name in ("nowhere", "in_and_out") else 1
                added.setdefault(name, []).append((value - plain[name]) / pair)
    unit = statistics.median(bare)
    ratios = {name: statistics.median(values) / unit for name, values in added.items()}
    least = {hook: [min(one) for one in zip(*taken, strict=True)] for hook, taken in starts.items()}
    load, line = (hooked - plain for hooked, plain in zip(least[HOOK], least[""], strict=True))
    return ratios, unit, (load, line)


def main() -> int:
    """Print the table; with --check return 1 if a limit was missed each time."""
    parser = argparse.ArgumentParser(description="What the PowerShell hook costs")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    missed: set[str] | None = None
    for _ in range(ATTEMPTS if options.check else 1):
        size = {"rounds": 5, "count": 200} if options.quick else {"rounds": 11, "count": 500}
        ratios, unit, (load, line) = measure(**size)
        print(f"a bare Set-Location: {unit:.0f} us")
        for limit in LIMITS:
            ratio = ratios[limit.name]
            print(f"{limit.text:<40} {ratio * unit:7.1f} us  {ratio:6.3f} of it  (limit {limit.most})")
        print(f"{'load, until the first prompt':<40} {load:7.1f} ms             (limit {LOAD:.0f})")
        print(f"{'the hook itself, with the first line':<40} {line:7.1f} ms")
        over = {limit.text for limit in LIMITS if ratios[limit.name] > limit.most}
        over |= {"load"} if load > LOAD else set()
        missed = over if missed is None else missed & over
        if not missed:
            break
    for text in sorted(missed or ()):
        print(f"misses its limit: {text}")
    return int(bool(options.check and missed))


if __name__ == "__main__":
    sys.exit(main())
