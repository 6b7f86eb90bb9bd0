"""What the shell function hands over."""

from __future__ import annotations

import pytest

from autovenv import facts

GOOD = {
    "shell": "bash",
    "version": "5.2.15(1)-release",
    "hook": "1",
    "home": "/home/me/.local/share/autovenv",
    "off": "",
    "dressed": "/p/.venv",
    "opted_out": "",
    "prompt": "anew",
    "name": "python",
    "kind": "alias",
    "alias": "python3 -q\nsecond=line",
}


def handed(records: dict[str, str]) -> dict[str, str]:
    return {facts.VARIABLE: facts.SEPARATOR.join(f"{key}={value}" for key, value in records.items())}


def test_every_record_is_read():
    read = facts.read(handed(GOOD))
    assert read.loaded
    assert (read.shell, read.version, read.hook) == ("bash", "5.2.15(1)-release", 1)
    assert read.home == "/home/me/.local/share/autovenv"
    assert (read.name, read.kind, read.alias) == ("python", "alias", "python3 -q\nsecond=line")
    assert not read.off
    assert read.prompt == "anew"


def test_a_record_may_be_followed_by_the_separator_and_a_newline():
    text = handed(GOOD)[facts.VARIABLE] + facts.SEPARATOR + "\n"
    assert facts.read({facts.VARIABLE: text}) == facts.read(handed(GOOD))


def test_off_is_any_text():
    assert facts.read(handed({**GOOD, "off": "1"})).off


def test_a_key_of_a_newer_hook_is_left_alone():
    assert facts.read(handed({**GOOD, "weather": "rain"})) == facts.read(handed(GOOD))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shell",
        "bash\x1ehook=1",
        "shell=bash\x1ehook=1\x1ehook=2",
        "shell=bash",
        "hook=1",
        "shell=bash\x1ehook=",
        "shell=bash\x1ehook=one",
        "shell=bash\x1ehook=-1",
        "shell=bash\x1ehook=\u0661",
        "shell=bash\x1ehook=99999999",
        "shell=bash\x1ehook=1\x1egarbage",
    ],
)
def test_garbled_facts_are_no_facts(text):
    assert facts.read({facts.VARIABLE: text}) is facts.NONE


def test_no_variable_means_that_no_hook_asked():
    assert facts.read({}) is facts.NONE
    assert not facts.NONE.loaded


def test_dressed_counts_for_the_venv_that_it_names():
    read = facts.read(handed(GOOD))
    assert read.dressed_for("/p/.venv")
    assert not read.dressed_for("/other/.venv")
    assert not read.dressed_for("")
    assert not facts.NONE.dressed_for("/p/.venv")


CMD = facts.SEPARATOR.join(("shell=cmd", "hook=1", "name=python"))
OURS = {"cd": '"%_AUTOVENV_CMD%go.bat" cd $*', "python": '(if exist "%_AUTOVENV_CMD%before.bat" x)&python $*'}


@pytest.mark.parametrize(
    ("macros", "wanted"),
    [
        (None, ("", "", "")),
        ({}, ("missing", "", "")),
        (OURS, ("loaded", "", "")),
        ({"ls": "dir $*"}, ("missing", "", "")),
        (OURS | {"python": "py -3 $*"}, ("loaded", "macro", "py -3 $*")),
        ({"python": "x" * 5000}, ("missing", "macro", "x" * facts.MAX_ALIAS)),
    ],
)
def test_a_consoles_macros_are_added_to_what_cmd_hands_over(macros, wanted):
    read = facts.read({facts.VARIABLE: facts.with_macros(CMD, macros)})
    assert (read.macros, read.kind, read.alias) == wanted
    assert (read.shell, read.name) == ("cmd", "python")


def test_macros_are_added_to_nothing_but_what_cmd_hands_over():
    for text in (handed(GOOD)[facts.VARIABLE], "", "garbage", "shell=cmd"):
        assert facts.with_macros(text, {"python": "x"}) == text


@pytest.mark.parametrize(("state", "results"), [("", []), ("loaded", ["ok"]), ("missing", ["FAIL"])])
def test_doctor_tells_of_macros_that_are_missing(state, results):
    from autovenv import doctor_windows

    found = list(doctor_windows.macros(facts.ShellFacts(shell="cmd", hook=1, macros=state)))
    assert [{"ok": "ok", "fail": "FAIL"}[one.result.value.lower()] for one in found] == results
