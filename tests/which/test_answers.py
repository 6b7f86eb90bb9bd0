"""The JSON forms are what their schemas say: every key is documented, and nothing documented is missing."""

from __future__ import annotations

import copy
import json
from importlib import resources

import jsonschema
import pytest

from autovenv import answers, doctor, report, scene, situation, verdict
from autovenv.decision import Action, State
from autovenv.identify import Trouble, What
from autovenv.search import Entry, Kind
from unit.world import World

NAMES = ("which", "where", "status", "doctor")


def schema(name):
    text = resources.files("autovenv").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    return json.loads(text)


def strict(part):
    """Return the schema without room for keys that it does not name."""
    part = copy.deepcopy(part)
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "properties" in one:
                one["additionalProperties"] = False
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return part


@pytest.fixture
def world(own_home, monkeypatch):
    world = World(own_home)
    monkeypatch.chdir(own_home)
    return world


def asked(world, what, name="python", cwd=".", **known):
    environ = {**world.environ, "PWD": str(world.root / cwd)}
    here = scene.look(environ, home=world.state.path)
    if what == "status":
        return answers.status(here)
    if what == "doctor":
        return answers.doctor(doctor.examine(situation.look(environ, home=world.state.path)))
    found = verdict.judge(here, name)
    return answers.where(here, found) if what == "where" else answers.which(here, found, **known)


def check(name, text):
    answer = json.loads(text)
    jsonschema.validate(answer, strict(schema(name)))
    assert text.isascii()
    assert "\x7f" not in text
    return answer


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert schema(name)["properties"]["schema"]["const"] == answers.SCHEMA


def test_the_schemas_list_every_word_that_the_program_has():
    candidate = schema("which")["$defs"]["candidate"]["properties"]
    assert candidate == schema("where")["$defs"]["candidate"]["properties"]
    assert candidate["kind"]["enum"] == [one.value for one in Kind]
    assert candidate["entry"]["enum"] == [one.value for one in Entry]
    assert candidate["what"]["enum"] == [*(one.value for one in What), None]
    assert candidate["trouble"]["enum"] == [*(one.value for one in Trouble if one.value), None]
    assert schema("status")["properties"]["state"]["enum"] == [*(one.value for one in State), None]
    decision = schema("which")["properties"]["decision"]["properties"]
    assert decision["action"]["enum"] == [one.value for one in Action]
    assert decision["row"]["maximum"] == max(report.REASONS)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_home_gives_what_the_schema_says(world, name):
    check(name, asked(world, name, **({"explain": False} if name == "which" else {})))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cwd", ["p", "cold", "."])
def test_full_answers_give_what_the_schema_says(world, name, cwd, monkeypatch):
    venv = world.venv("p")
    world.venv("cold")
    world.allow("p")
    world.trap("tools/python")
    world.trap(".pyenv/shims/python")
    world.environ["PATH"] += f":{world.root}/.pyenv/shims::x"
    if cwd == "p":
        world.activate(venv)
        world.trap("p/.venv/bin/ls")  # makes verify refuse it
    world.hook(kind="alias function", alias="other\x1b[2J\x7f\u202e", hashed="/gone")
    monkeypatch.chdir(world.root / cwd)
    answer = check(name, asked(world, name, cwd=cwd, **({"explain": True} if name == "which" else {})))
    if name == "which":
        assert len(answer["candidates"]) >= 4
        assert [step["rule"] for step in answer["steps"]][:4] == ["alias", "keyword", "function", "builtin"]
    if name == "status" and cwd == "p":
        assert answer["refusal"]["word"] == "shadows-command"
        assert not answer["settled"]
    if name == "status" and cwd == "cold":
        assert answer["not_allowed"]["folder"] == str(world.root / "cold")
    if name == "doctor":
        assert not answer["healthy"]


def test_the_check_sees_a_key_that_is_not_documented():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(
            {"schema": 1, "autovenv": "0", "healthy": True, "findings": [], "new": 1},
            strict(schema("doctor")),
        )
