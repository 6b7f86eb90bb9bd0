"""The table about itself: is it whole, does it use what it has, and could its cases fail at all?"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from autovenv.decision import ROWS, WORD
from autovenv.words import Word
from conformance import harness, model, table
from conformance.shells import SHELLS
from conformance.world import ELSEWHERE, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES = table.load()
BY_HARNESS = {"open", "close_pane"}
"""Verbs of the terminal itself."""

# Raise a cap only with a reason that stands beside the new case.
MOST_DEVIATIONS = 3
MOST_WITHOUT_ORACLE = 8
HOOKLESS = CASES[::9]


def _pairs(case: table.Case) -> set[tuple[str, str]]:
    wanted = (step.expect for step in case.steps)
    return {(e.action, e.reason) for e in wanted if e.action is not None and e.reason is not None}


def test_there_are_eighty_cases_or_more_and_no_two_of_one_name() -> None:
    rows = {case.row for case in CASES}
    assert len(rows) >= 80
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_row_of_the_protocol_decides_some_case(tmp_path: Path) -> None:
    rows: set[int] = set()
    covered: set[tuple[str, str]] = set()
    for number, case in enumerate(case for case in CASES if not case.no_oracle):
        if _pairs(case) - covered:
            covered |= _pairs(case)
            assert model.play(World(str(tmp_path / str(number))), case, rows=rows) == []
    assert rows == {row.number for row in ROWS}


def test_every_reason_word_of_the_rows_is_expected_somewhere() -> None:
    expected = {reason for case in CASES for _, reason in _pairs(case)}
    words = {row.reason for row in ROWS if row.reason is not WORD} | {"venv-missing"}
    assert words - expected == set()
    assert expected - words <= {word.value for word in Word}
    assert expected & {word.value for word in Word}, "no case sees a refusal"


def test_no_verb_is_unused_and_none_is_unknown() -> None:
    used = {verb for case in CASES for verb in case.verbs()}
    spelled = {verb for shell in SHELLS.values() for verb in shell.verbs}
    assert spelled - used == set()
    assert set(ELSEWHERE) - used == set()
    assert used - spelled - set(ELSEWHERE) - BY_HARNESS == set()


def test_the_oracle_knows_every_verb_of_its_cases() -> None:
    for case in CASES:
        if not case.no_oracle:
            assert {step.verb for step in case.steps} - model.verbs() == set(), case.name


def test_a_shell_that_cannot_spell_a_verb_says_so_beside_the_case() -> None:
    for case in CASES:
        for name, shell in SHELLS.items():
            missing = case.verbs() - set(shell.verbs) - set(ELSEWHERE) - BY_HARNESS
            assert not missing or case.deviation(name), (case.name, name, missing)


def test_deviations_are_few_and_name_shells_that_exist() -> None:
    declared = {(case.row, shell) for case in CASES for shell in case.deviations or {}}
    number = Counter(shell for _, shell in declared)
    assert set(number) <= set(SHELLS)
    assert max(number.values()) <= MOST_DEVIATIONS, number


def test_few_cases_are_without_the_oracle() -> None:
    without = {case.row: case.no_oracle for case in CASES if case.no_oracle}
    assert all(why.strip() for why in without.values())
    assert len(without) <= MOST_WITHOUT_ORACLE


def test_every_case_expects_something_that_only_a_hook_does() -> None:
    for case in CASES:
        telling = [
            step
            for step in case.steps
            if step.expect.action or step.expect.active or step.expect.label or step.expect.prompt
            or (step.verb == "in_substitution" and step.expect.active)
        ]  # fmt: skip
        assert telling, case.name


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("case", HOOKLESS, ids=lambda case: case.name.encode("ascii", "replace").decode())
def test_a_shell_without_the_hook_fails_the_case(
    shell: str, case: table.Case, tmp_path: Path, find_program: Callable[[str], str]
) -> None:
    find_program(shell)
    assert harness.play(SHELLS[shell], World(str(tmp_path)), replace(case, hook="none")) != []


def test_a_wrong_expectation_is_told_with_step_and_values(tmp_path: Path) -> None:
    step = table.Step("enter", True, table.Expect(action="activate", path="start", silent=True))
    variables = dict.fromkeys(harness.VARIABLES, "")
    seen = harness.Seen((harness.Decision("keep", "no-project"),), "said", "", 0, variables)
    start = replace(seen, variables={**variables, "PATH": "/bin"})
    told = harness.compare(step, 3, seen, seen, start, World(str(tmp_path)))
    assert [re.split("[:;]", line)[1].strip() for line in told] == [
        "action should be 'activate', is 'keep'",
        "PATH should be '/bin', is ''",
        "text should be '', is 'said'",
    ]


def test_the_first_decision_that_changes_something_counts() -> None:
    keep, leave = harness.Decision("keep", "a"), harness.Decision("deactivate", "b")
    seen = [harness.Seen(d, "", "", 0, {}).decision for d in ((leave, keep), (keep, leave), (keep, keep), ())]
    assert seen == [leave, leave, keep, None]


def test_an_unknown_expectation_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text('[names]\n[[case]]\nname = "x"\nsteps = [{ cd = "p", expect = { colour = "red" } }]\n')
    with pytest.raises(TypeError, match="colour"):
        table.load(str(file))
