"""Time the whole process of `autovenv verify`, which a hook starts when an environment has changed, against
an empty Python.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

from measure import REPOSITORY

from shims.ground import SHELLS, Home


@dataclass(slots=True)
class Program:
    """The times of both, in microseconds, in the order in which they were taken."""

    verify: list[float] = field(default_factory=list)
    python: list[float] = field(default_factory=list)
    problem: str = ""
    """Why there are no figures."""

    @property
    def ratio(self) -> float:
        """How many times as long as an empty Python."""
        return statistics.median(self.verify) / statistics.median(self.python)

    def __str__(self) -> str:
        """Return it as one line for people."""
        if self.problem:
            return f"`autovenv verify` was not measured: {self.problem}"
        verify, python = statistics.median(self.verify) / 1000, statistics.median(self.python) / 1000
        return (
            f"`autovenv verify`, the whole process: {verify:.1f} ms,"
            f" {self.ratio:.2f} times `python -I -c pass` ({python:.1f} ms)."
        )


def command() -> list[str]:
    """Return the installed program beside this Python, else the module."""
    script = os.path.join(os.path.dirname(sys.executable), "autovenv")
    return [script] if os.access(script, os.X_OK) else [sys.executable, "-m", "autovenv"]


def measure_program(*, rounds: int) -> Program:
    """Have a changed environment verified ``rounds`` times, and start an empty Python as often in between."""
    program = Program()
    with tempfile.TemporaryDirectory(prefix="av-") as top:
        home, project = Home(os.path.join(top, "home")), os.path.join(top, "home", "project")
        os.makedirs(project)
        base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
        subprocess.run(
            [base, "-I", "-m", "venv", "--without-pip", os.path.join(project, ".venv")], check=True
        )
        home.set_up(SHELLS["bash"], None)
        home.allow(project)
        verify = [*command(), "verify", "--home", home.state, "--shell", "bash", "--place", project]
        environ = {
            **home.environ(),
            "PYTHONPATH": os.path.join(REPOSITORY, "src") if len(command()) > 1 else "",
        }
        for _ in range(rounds + 1):
            os.utime(os.path.join(project, ".venv", "bin"))  # changed
            for words, times in (
                (verify, program.verify),
                ([sys.executable, "-I", "-c", "pass"], program.python),
            ):
                begin = time.perf_counter()
                done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
                times.append((time.perf_counter() - begin) * 1e6)
                if done.returncode:
                    said = done.stderr.strip().splitlines() or ["no text"]
                    program.problem = f"it ended with {done.returncode}: {said[-1]}"
                    return program
    del program.verify[0], program.python[0]
    return program
