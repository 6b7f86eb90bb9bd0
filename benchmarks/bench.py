"""What autovenv's hooks cost: ``python benchmarks/bench.py [--shell NAME] [--quick] [--check]``.

Needs pexpect and the shells. Prints a table for each shell; ``--json FILE`` and ``--results FILE`` write the
figures and the page that this repository keeps (benchmarks/RESULTS.md). ``--check`` ends with 1 if a limit
does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from measure import FULL, MANY, OPERATIONS, QUICK, Samples, Size, measure
from program import Program, measure_program

from shims.ground import SHELLS, version

if TYPE_CHECKING:
    from collections.abc import Iterable

ATTEMPTS = 3
"""How often a limit may be missed before it counts as broken: machines that others use too are noisy."""
PROCESS = {"bash": "$(:)", "zsh": "$(:)", "fish": "/bin/true"}
WORLDS = {"few": "a few allowed", "many": f"{MANY:,} allowed"}


@dataclass(frozen=True, slots=True)
class Limit:
    """What an operation may add, as a fraction of a process started by the same shell at the same time."""

    operation: str
    goal: float
    """What we want."""
    bound: float
    """What holds today: the goal, but where a shell does not come so far."""


GOALS = {
    "idle_outside": 1 / 50,
    "idle_inside": 1 / 10,
    "first_entry": 1 / 2,
    "entry": 1 / 4,
    "leave": 1 / 4,
    "nowhere_0": 1 / 25,
    "nowhere_3": 4 / 25,
    "nowhere_6": 7 / 25,
}
FISH = {"idle_outside": 1 / 40, "nowhere_0": 1 / 4, "nowhere_3": 1 / 4, "nowhere_6": 1 / 4}
"""Where fish has other goals: its spawn of a program takes longer than a fork."""
BOUNDS = {
    # Below what a hook costs that does nothing but to be called: floor.bash, floor.zsh, floor-inside.zsh.
    "bash": {"nowhere_0": 1 / 6},
    "zsh": {"idle_inside": 1 / 7, "nowhere_0": 1 / 12},
    # Room for a busy machine.
    "fish": {"idle_outside": 1 / 30},
}
"""Where a shell does not come to the goal: what holds all the same, with room for a busy machine."""


def limits(shell: str) -> list[Limit]:
    """Return the limits of one shell."""
    goals = {**GOALS, **(FISH if shell == "fish" else {})}
    bounds = BOUNDS.get(shell, {})
    return [Limit(name, goal, bounds.get(name, goal)) for name, goal in goals.items()]


PROGRAM_LIMIT = 4.0
"""How many times as long as `python -I -c pass` the whole of `autovenv verify` may take."""


def machine(shells: Iterable[str]) -> dict[str, str]:
    """Return what the figures depend on, without the name of the machine or a path on it."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next(
                (line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model
            )
    except OSError:
        pass
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "processor": model,
        "cores": str(os.cpu_count()),
        "kernel": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        **{shell: version(shell) for shell in shells},
    }


# ---- limits ---------------------------------------------------------------------------------------


def broken(samples: Samples, *, bounds: bool) -> list[str]:
    """Return one line for each goal, or each bound, that these figures miss."""
    return [
        f"{samples.shell}: {OPERATIONS[limit.operation]}, {words}:"
        f" {as_fraction(found)} of a process, limit {as_fraction(limit.bound if bounds else limit.goal)}"
        for limit in limits(samples.shell)
        for world, words in WORLDS.items()
        if (found := samples.fraction(limit.operation, world)) >= (limit.bound if bounds else limit.goal)
    ]


def checked(shell: str, size: Size, hook: str | None, *, bounds: bool) -> tuple[Samples, list[str]]:
    """Measure a shell, again while it misses a limit, ATTEMPTS times at most. Return the last figures and
    what they miss.

    A limit counts as broken if it was missed each time.
    """
    missed: set[str] | None = None
    for attempt in range(1, ATTEMPTS + 1):
        samples = measure(shell, size, hook)
        lines = broken(samples, bounds=bounds)
        keys = {line.rpartition(": ")[0] for line in lines}
        missed = keys if missed is None else missed & keys
        if not missed:
            break
        print(f"{shell}: attempt {attempt} of {ATTEMPTS} misses {len(missed)} limits")
    return samples, [line for line in lines if line.rpartition(": ")[0] in missed]


# ---- tables ---------------------------------------------------------------------------------------


def as_fraction(value: float) -> str:
    """Return a fraction as people write it; what was not measurable is ~0."""
    if value < 1 / 2000:
        return "~0"
    return f"1/{1 / value:.3g}" if value < 1 else f"{value:.2f}"


def spread(values: list[float]) -> str:
    """Return the median and, in brackets, the 10th and 90th percentile, in microseconds."""
    cuts = statistics.quantiles(values, n=10)
    return f"{statistics.median(values):.1f} ({cuts[0]:.1f} to {cuts[-1]:.1f})"


def rows(samples: Samples) -> list[list[str]]:
    """Return the table of one shell."""
    goals = {limit.operation: as_fraction(limit.goal) for limit in limits(samples.shell)}
    table = [["", "alone", *(f"added, {words}" for words in WORLDS.values()), "of a process", "goal"]]
    for operation, words in OPERATIONS.items():
        table.append(
            [
                words,
                f"{statistics.median(samples.times[operation]['none']):.1f}",
                *(spread(samples.added(operation, world)) for world in WORLDS),
                " · ".join(as_fraction(samples.fraction(operation, world)) for world in WORLDS),
                goals.get(operation, ""),
            ]
        )
    return table


def as_markdown(table: list[list[str]]) -> str:
    """Return a table as Markdown."""
    head, *body = ("| " + " | ".join(row) + " |" for row in table)
    return "\n".join([head, "|---" * len(table[0]) + "|", *body])


def as_text(table: list[list[str]]) -> str:
    """Return a table for a terminal."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


WRITTEN_BY = (
    "Written by `python benchmarks/bench.py --results benchmarks/RESULTS.md`;"
    " how it measures: [README.md](README.md)."
)
ABOUT_THE_FIGURES = (
    "All figures are microseconds: the median of what the hook adds to the same shell without it, in brackets"
    " the 10th and 90th percentile of the blocks. *Of a process*: as a fraction of one process that the same"
    " shell starts. A `cd` includes the prompt after it."
)


def page(about: dict[str, str], measured: list[Samples], program: Program) -> str:
    """Return the page of results."""
    parts = [
        "# What the hooks cost",
        WRITTEN_BY,
        as_markdown([["", ""], *([name, value] for name, value in about.items())]),
        ABOUT_THE_FIGURES,
    ]
    for samples in measured:
        parts.append(
            f"## {samples.shell}\n\nOne process (`{PROCESS[samples.shell]}`):"
            f" {statistics.median(samples.process):.0f}."
        )
        parts.append(as_markdown(rows(samples)))
    parts.append(f"## The program\n\n{program}")
    return "\n\n".join(parts) + "\n"


def as_json(about: dict[str, str], measured: list[Samples], program: Program) -> dict[str, Any]:
    """Return all figures, round by round."""
    return {
        "machine": about,
        "unit": "microseconds",
        "shells": {one.shell: {"process": one.process, "operations": one.times} for one in measured},
        "program": {"verify": program.verify, "python": program.python, "problem": program.problem},
    }


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark. Return 1 if ``--check`` was asked for and a limit does not hold."""
    parser = argparse.ArgumentParser(description="What autovenv's hooks cost.")
    parser.add_argument(
        "--shell", action="append", choices=SHELLS, help="only this shell; may be given again"
    )
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    parser.add_argument("--results", metavar="FILE", help="write the page of results there")
    parser.add_argument("--hook", metavar="FILE", help="measure this hook file; needs one --shell")
    parser.add_argument("--quick", action="store_true", help="a quarter of the blocks")
    parser.add_argument("--check", action="store_true", help="end with 1 if a goal is missed")
    parser.add_argument("--bounds", action="store_true", help="end with 1 if a bound does not hold")
    arguments = parser.parse_args(argv)
    shells = arguments.shell or list(SHELLS)
    if arguments.hook and len(shells) != 1:
        parser.error("--hook needs one --shell")
    about = machine(shells)
    print(as_text([[name, value] for name, value in about.items()]))
    size = QUICK if arguments.quick else FULL
    measured, missed = [], []
    for shell in shells:
        if arguments.check or arguments.bounds:
            samples, lines = checked(shell, size, arguments.hook, bounds=not arguments.check)
            missed += lines
        else:
            samples = measure(shell, size, arguments.hook)
        measured.append(samples)
        print(f"\n{shell}; one process ({PROCESS[shell]}): {statistics.median(samples.process):.0f} µs")
        print(as_text(rows(samples)))
    program = measure_program(rounds=10 if arguments.quick else 40)
    print(f"\n{program}")
    for name, text in (
        (arguments.json, json.dumps(as_json(about, measured, program), indent=1) + "\n"),
        (arguments.results, page(about, measured, program)),
    ):
        if name:
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
    if program.problem or program.ratio > PROGRAM_LIMIT:
        missed.append(str(program))
    if arguments.check or arguments.bounds:
        print("\n".join(["", "limits missed:", *missed] if missed else ["", "all limits hold"]))
    return 1 if (arguments.check or arguments.bounds) and missed else 0


if __name__ == "__main__":
    sys.exit(main())
