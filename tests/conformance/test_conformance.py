"""The table, run on each real shell and on the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import harness, model, table
from conformance.shells import SHELLS
from conformance.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES = table.load()


def _rows() -> list[object]:
    rows = []
    for case in CASES:
        for shell in SHELLS:
            deviation = case.deviation(shell)
            # strict: a declared deviation that is none any more has to leave the table
            marks = (
                [pytest.mark.xfail(reason=f"{deviation.kind}: {deviation.why}", strict=True)]
                if deviation
                else []
            )
            rows.append(
                pytest.param(
                    shell, case, id=f"{shell}-{case.name}".encode("ascii", "replace").decode(), marks=marks
                )
            )
    return rows


@pytest.mark.parametrize(("shell", "case"), _rows())
def test_a_shell_does_what_the_table_says(
    shell: str, case: table.Case, tmp_path: Path, find_program: Callable[[str], str]
) -> None:
    find_program(shell)
    failures = harness.play(SHELLS[shell], World(str(tmp_path)), case)
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize(("shell", "case"), _rows())
def test_a_shell_does_the_same_untraced(
    shell: str, case: table.Case, tmp_path: Path, find_program: Callable[[str], str]
) -> None:
    """As people run it. A hook that has nothing to say takes shorter ways, and what it remembers."""
    find_program(shell)
    failures = harness.play(SHELLS[shell], World(str(tmp_path), traced=False), case)
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("case", [case for case in CASES if not case.no_oracle], ids=lambda case: case.name)
def test_the_oracle_does_what_the_table_says(case: table.Case, tmp_path: Path) -> None:
    failures = model.play(World(str(tmp_path)), case)
    assert not failures, "\n".join(failures)
