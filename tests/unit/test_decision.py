from __future__ import annotations

import itertools

import pytest

from autovenv.decision import ROWS, Action, Decision, Facts, Found, Row, State, decide

HERE = Found("/p", "/p/.venv", State.UNCHANGED)
GONE = Found("/p", "/p/.venv", State.GONE)
REFUSED = Found("/p", "/p/.venv", State.REFUSED, "tracked")
OURS = {"active": "/p/.venv", "ours": True}
OTHER = {"active": "/q/.venv", "ours": True}

# (row, facts, action, reason)
CASES = [
    (1, {"off": True, **OURS, "found": HERE, "same": True}, Action.DEACTIVATE, "off"),
    (2, {"off": True, "found": HERE}, Action.KEEP, "off"),
    (2, {"off": True, "active": "/x"}, Action.KEEP, "off"),
    (3, {"conda": True, **OURS, "found": HERE, "same": True}, Action.DEACTIVATE, "manual"),
    (4, {"conda": True, "found": HERE}, Action.KEEP, "manual"),
    (5, {"found": HERE, "active": "/p/.venv", "same": True}, Action.ADOPT, "adopted"),
    (5, {"found": HERE, **OURS, "same": True}, Action.ADOPT, "adopted"),
    (5, {"found": HERE, **OURS, "same": True, "opted_out": True}, Action.ADOPT, "adopted"),
    (6, {"found": HERE, "active": "/x"}, Action.KEEP, "manual"),
    (6, {"active": "/x"}, Action.KEEP, "manual"),
    (6, {"found": REFUSED, "active": "/p/.venv", "same": True}, Action.KEEP, "manual"),
    (7, OURS, Action.DEACTIVATE, "left-project"),
    (8, {}, Action.KEEP, "no-project"),
    (9, {"found": GONE, **OURS, "same": True, "dressed": True}, Action.DEACTIVATE, "venv-missing"),
    (9, {"found": REFUSED, **OURS, "same": True, "dressed": True}, Action.DEACTIVATE, "tracked"),
    (9, {"found": GONE, **OTHER}, Action.DEACTIVATE, "venv-missing"),
    (10, {"found": GONE}, Action.KEEP, "venv-missing"),
    (10, {"found": REFUSED}, Action.KEEP, "tracked"),
    (11, {"found": HERE, **OURS, "same": True, "dressed": True}, Action.KEEP, "already-active"),
    (12, {"found": HERE, **OTHER, "opted_out": True}, Action.DEACTIVATE, "opted-out"),
    (13, {"found": HERE, "opted_out": True}, Action.KEEP, "opted-out"),
    (14, {"found": HERE, **OTHER, "dressed": True}, Action.SWITCH, "other-project"),
    (14, {"found": HERE, **OTHER}, Action.SWITCH, "other-project"),
    (15, {"found": HERE}, Action.ACTIVATE, "entered-project"),
]


@pytest.mark.parametrize(("row", "facts", "action", "reason"), CASES)
def test_the_first_row_that_fits_decides(row, facts, action, reason):
    assert decide(Facts(**facts)) == Decision(action, reason, row, opts_out=row == 3)


def test_every_row_is_decided_by_some_case():
    assert {case[0] for case in CASES} == {row.number for row in ROWS} == set(range(1, 16))


def test_the_rows_are_numbered_in_order_and_say_what_they_do():
    assert [row.number for row in ROWS] == list(range(1, 16))
    assert all(row.when and row.reason for row in ROWS)


def every_fact():
    found = (None, HERE, GONE, REFUSED)
    for off, one, active, same, ours, dressed, conda, out in itertools.product(
        (False, True), found, ("", "/p/.venv"), *[(False, True)] * 5
    ):
        yield Facts(
            off=off,
            found=one,
            active=active,
            same=same,
            ours=ours,
            dressed=dressed,
            conda=conda,
            opted_out=out,
        )


def test_every_combination_of_facts_has_an_answer_that_is_its_rows():
    count = 0
    for facts in every_fact():
        decision = decide(facts)
        row = ROWS[decision.row - 1]
        assert decision.action is row.action
        assert not any(earlier.fits(facts) for earlier in ROWS[: row.number - 1])
        count += 1
    assert count == 2 * 4 * 2 * 32


def test_what_is_not_ours_is_never_deactivated_or_switched():
    for facts in every_fact():
        if not facts.ours:
            assert decide(facts).action in {Action.KEEP, Action.ADOPT, Action.ACTIVATE}


def test_off_never_activates_anything():
    for facts in every_fact():
        if facts.off:
            assert decide(facts).action in {Action.KEEP, Action.DEACTIVATE}


@pytest.mark.parametrize("found", [GONE, REFUSED])
def test_what_is_gone_or_refused_is_never_switched_on(found):
    for facts in every_fact():
        if facts.found == found:
            assert decide(facts).action in {Action.KEEP, Action.DEACTIVATE}


def test_a_changed_environment_cannot_be_decided_where_its_state_matters():
    changed = Found("/p", "/p/.venv", State.CHANGED)
    with pytest.raises(ValueError, match="verify"):
        decide(Facts(found=changed))
    with pytest.raises(ValueError, match="verify"):
        decide(Facts(found=changed, active="/p/.venv", same=True))


def test_a_changed_environment_does_not_matter_to_rows_that_do_not_look():
    changed = Found("/p", "/p/.venv", State.CHANGED)
    assert decide(Facts(found=changed, off=True)).row == 2
    assert decide(Facts(found=changed, conda=True)).row == 4
    assert decide(Facts(found=changed, active="/x")).row == 6


def test_records_are_frozen_equal_and_readable():
    assert Found("/p", "/v", State.GONE) == Found(project="/p", venv="/v", state=State.GONE, word="")
    assert hash(HERE) == hash(Found("/p", "/p/.venv", State.UNCHANGED))
    assert "project='/p'" in repr(HERE)
    assert HERE != GONE
    for spoil in (lambda: setattr(HERE, "project", "x"), lambda: delattr(HERE, "project")):
        with pytest.raises(AttributeError):
            spoil()


@pytest.mark.parametrize("words", [{"number": 1}, {"nonsense": 1}])
def test_a_record_takes_all_of_its_values_and_no_others(words):
    with pytest.raises(TypeError):
        Row(**words)
    with pytest.raises(TypeError):
        Decision(Action.KEEP, "x", 1, False, 5)
    with pytest.raises(TypeError):
        Decision(Action.KEEP, action=Action.KEEP, reason="x", row=1)
