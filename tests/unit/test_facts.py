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
