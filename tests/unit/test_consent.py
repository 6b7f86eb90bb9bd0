from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autovenv import consent, trust
from autovenv.consent import ALLOWED, NO_CONSENT, REFUSED, Line
from autovenv.decision import State
from autovenv.errors import AutovenvError
from autovenv.record import changed
from autovenv.words import Word

MAKE = "python3 -m venv .venv"


@pytest.fixture
def said():
    return []


@pytest.fixture
def ask(home, person, said):
    """Ask what a line did, in a folder."""

    def run(cwd, text=MAKE, *, status=0, since=0, activated="", quiet=False, aliases=None, shell="bash"):
        line = Line(text, shell, aliases or {}, status, since, str(activated), quiet)
        return consent.after_line(home, str(cwd), line, person=person, say=said.append)

    return run


@pytest.fixture
def allow(home, person):
    def run(project="", *, pwd, **words):
        return consent.allow(home, pwd=str(pwd), project=str(project), environ={}, person=person, **words)

    return run


def since(project):
    return int((project / ".venv/pyvenv.cfg").stat().st_mtime)


def state(home, project):
    marker = trust.read_marker(home, str(project))
    return trust.state_of(home, marker).state if marker else None


# -- C3


def test_the_user_made_it_so_it_is_allowed_and_told_once(home, project, ask, said):
    assert ask(project, since=since(project)) == ALLOWED
    assert said == [consent.MADE]
    assert state(home, project) is State.UNCHANGED
    assert trust.read_marker(home, str(project)).c == "C3"
    assert ask(project, since=since(project)) == ALLOWED
    assert said == [consent.MADE]


def test_quiet_drops_the_line_but_not_the_consent(home, project, ask, said):
    assert ask(project, since=since(project), quiet=True) == ALLOWED
    assert said == []
    assert state(home, project) is State.UNCHANGED


@pytest.mark.parametrize(
    "words",
    [
        {"text": ""},
        {"text": "git clone https://example.org/x"},
        {"text": "git pull"},
        {"text": "./setup.sh && uv sync"},
        {"text": "tar xf x.tgz"},
        {"status": 1},
        {"since": None},
        {"since": "after"},
        {"shell": "unknown"},
    ],
)
def test_any_doubt_is_no_consent_and_writes_nothing(home, project, ask, said, words):
    after = since(project) + 3
    words = {"since": since(project), **words}
    words["since"] = after if words["since"] == "after" else words["since"]
    assert ask(project, **words) == NO_CONSENT
    assert said == []
    assert os.listdir(home.path) == []


def test_coarse_times_are_allowed_for(project, ask):
    assert ask(project, since=since(project) + 3) == NO_CONSENT
    assert ask(project, since=since(project) + 2) == ALLOWED


def test_an_alias_of_the_shell_is_looked_through(project, ask):
    assert ask(project, "mkv", since=since(project), aliases={"mkv": MAKE}) == ALLOWED


def test_a_half_made_environment_is_told_of(home, project, ask, said):
    (project / ".venv/bin/activate").unlink()
    assert ask(project, since=since(project), status=1) == REFUSED
    assert said == [Word.UNFINISHED.text]
    assert trust.read_marker(home, str(project)) is None
    assert ask(project, since=since(project), status=0) == REFUSED
    assert said == [Word.UNFINISHED.text] * 2


def test_a_refusal_is_told_and_noted_and_nothing_is_allowed(home, project, ask, said):
    (project / ".venv/bin/ls").write_text("x")
    assert ask(project, since=since(project)) == REFUSED
    assert said == [Word.SHADOWS_COMMAND.text]
    assert state(home, project) is None
    assert trust.refused_word(home, str(project)) == "shadows-command"


def test_both_spellings_are_allowed(home, project, tmp_path, ask):
    link = tmp_path / "link"
    link.symlink_to(project)
    assert ask(link, since=since(project)) == ALLOWED
    for one in (str(project), str(link)):
        marker = trust.read_marker(home, one)
        assert (marker.project, marker.venv, marker.spellings) == (
            one,
            f"{project}/.venv",
            (str(project), str(link)),
        )
        assert trust.state_of(home, marker).state is State.UNCHANGED


@pytest.mark.parametrize(
    "spoil", [lambda p: f"{p}/../project", lambda p: f"{p}/", lambda p: f"/{p}", lambda p: "rel"]
)
def test_a_folder_that_is_spelled_oddly_gets_no_odd_marker(home, project, ask, spoil):
    ask(spoil(project), since=since(project))
    assert {one.project for one in trust.projects(home)} <= {str(project)}


def test_a_remembered_no_is_silent(home, project, ask, said):
    consent.deny(home, str(project))
    assert ask(project, since=since(project)) == REFUSED
    assert ask(project, "source .venv/bin/activate", activated=project / ".venv") == REFUSED
    assert said == []
    assert state(home, project) is None


# -- C2


def test_the_user_activated_it_so_it_is_allowed(home, project, ask, said):
    assert ask(project, "source .venv/bin/activate", activated=project / ".venv") == ALLOWED
    assert said == [consent.ACTIVATED]
    assert trust.read_marker(home, str(project)).c == "C2"


def test_an_activation_from_deeper_down_is_for_the_project(home, project, tmp_path, ask):
    (project / "a/b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(project)
    assert ask(tmp_path / "link/a/b", ". ../../.venv/bin/activate", activated=project / ".venv") == ALLOWED
    assert {one.project for one in trust.projects(home)} == {str(project), str(tmp_path / "link")}


@pytest.mark.parametrize("text", ["cd p", "direnv allow", "", "python x.py"])
def test_a_tool_that_sets_the_variable_gives_no_consent(home, project, ask, text):
    assert ask(project, text, activated=project / ".venv") == NO_CONSENT
    assert os.listdir(home.path) == []


def test_an_environment_of_elsewhere_is_not_remembered(home, project, tmp_path, ask, make_venv):
    make_venv(tmp_path / "other/.venv")
    assert (
        ask(project, "source ../other/.venv/bin/activate", activated=tmp_path / "other/.venv") == NO_CONSENT
    )
    assert ask(project, "source .venv/bin/activate", activated="") == NO_CONSENT
    assert os.listdir(home.path) == []


def test_a_refused_activation_is_told_once(project, ask, said):
    (project / ".venv/bin/ls").write_text("x")
    words = {"text": "source .venv/bin/activate", "activated": project / ".venv"}
    assert [ask(project, **words) for _ in range(3)] == [REFUSED] * 3
    assert said == [Word.SHADOWS_COMMAND.text]


def test_a_line_that_makes_and_activates_is_told_of_once(project, ask, said):
    words = {"text": f"{MAKE} && . .venv/bin/activate", "activated": project / ".venv"}
    assert ask(project, since=since(project), **words) == ALLOWED
    assert said == [consent.MADE]


# -- C4


@pytest.fixture
def check(home, person, said):
    return lambda place: consent.after_change(home, str(place), person=person, say=said.append)


def test_a_new_script_is_noted_silently(home, project, allow, check, said):
    allow(pwd=project)
    os.utime(project / ".venv/bin", ns=(1, 1))
    assert state(home, project) is State.CHANGED
    assert check(project) == ALLOWED
    assert (state(home, project), said) == (State.UNCHANGED, [])


def test_a_rebuild_is_noted_with_its_new_label(home, project, allow, check, make_venv):
    allow(pwd=project)
    os.rename(project / ".venv", project / "old")
    assert state(home, project) is State.GONE
    venv = make_venv(project / ".venv")
    (venv / "pyvenv.cfg").write_text((venv / "pyvenv.cfg").read_text() + "prompt = demo\n")
    assert check(project) == ALLOWED
    assert trust.read_marker(home, str(project)).label == "demo"
    assert state(home, project) is State.UNCHANGED


def test_a_pull_that_plants_a_command_is_caught_and_mended(home, project, allow, check, said):
    allow(pwd=project)
    (project / ".venv/bin/ls").write_text("x")
    assert check(project) == REFUSED
    assert (state(home, project), said) == (State.REFUSED, [Word.SHADOWS_COMMAND.text])
    (project / ".venv/bin/ls").unlink()
    os.utime(project / ".venv/bin", ns=(7, 7))
    assert check(project) == ALLOWED
    assert (state(home, project), len(said)) == (State.UNCHANGED, 1)


def test_all_spellings_learn_of_a_change_at_once(home, project, tmp_path, allow, check, said):
    (tmp_path / "link").symlink_to(project)
    allow(pwd=tmp_path / "link")
    for folder in (project, tmp_path / "link"):
        os.utime(project / ".venv/bin", ns=(9, 9 + len(str(folder))))
        assert check(folder) == ALLOWED
        assert state(home, project) is state(home, tmp_path / "link") is State.UNCHANGED


def test_nothing_to_look_at_is_silent(home, project, allow, check, said):
    assert check(project) == REFUSED
    allow(pwd=project)
    os.rename(project / ".venv", project / "old")
    assert check(project) == REFUSED
    assert said == []


def test_a_change_during_the_judgement_shows_as_one(home, project, allow, check, monkeypatch):
    allow(pwd=project)
    os.utime(project / ".venv/bin", ns=(1, 1))
    real = consent.verify.judge

    def judge(*args, **words):
        answer = real(*args, **words)
        (project / ".venv/bin/ls").write_text("planted meanwhile")
        return answer

    monkeypatch.setattr(consent.verify, "judge", judge)
    assert check(project) == ALLOWED
    assert state(home, project) is State.CHANGED


# -- below a folder


@pytest.fixture
def under(home, person, said):
    return lambda folder: consent.new_under(home, str(folder), person=person, say=said.append)


def test_an_environment_below_a_named_folder_is_allowed_silently(home, project, under, person, said):
    assert under(project) == REFUSED
    assert said == []
    consent.allow_under(home, str(project.parent), person=person)
    assert under(project) == ALLOWED
    assert (state(home, project), said) == (State.UNCHANGED, [])
    assert trust.read_marker(home, str(project)).c == "under"


def test_a_refusal_below_a_named_folder_is_told_once_and_noted(home, project, under, person, said):
    consent.allow_under(home, str(project.parent), person=person)
    (project / ".venv/bin/ls").write_text("x")
    assert [under(project), under(project)] == [REFUSED, REFUSED]
    assert said == [Word.SHADOWS_COMMAND.text]
    assert trust.refused_word(home, str(project)) == "shadows-command"
    place = trust.marker_place(home, str(project))
    assert {*trust.CFG, *trust.BIN} <= set(os.listdir(place))
    assert state(home, project) is None


def test_a_link_out_of_the_named_folder_is_not_below_it(home, project, under, person, tmp_path):
    code = tmp_path / "mine"
    code.mkdir()
    (code / "link").symlink_to(project)
    consent.allow_under(home, str(code), person=person)
    assert under(code / "link") == REFUSED
    consent.allow_under(home, str(project.parent), person=person)
    assert under(code / "link") == ALLOWED


def test_a_no_holds_below_a_named_folder(home, project, under, person, said):
    consent.allow_under(home, str(project.parent), person=person)
    consent.deny(home, str(project))
    assert under(project) == REFUSED
    assert said == []


def test_folders_where_strangers_files_land_cannot_be_named(home, project, person, own_home, tmp_path):
    for folder in ("/", "/tmp", str(own_home), str(own_home.parent), str(tmp_path / "missing")):
        with pytest.raises(AutovenvError):
            consent.allow_under(home, folder, person=person)
    project.parent.chmod(0o777)
    with pytest.raises(AutovenvError, match="other users"):
        consent.allow_under(home, str(project.parent), person=person)
    assert list(trust.unders(home)) == []
    project.parent.chmod(0o755)
    assert consent.allow_under(home, "code", pwd=str(project.parent.parent), person=person) == (
        str(project.parent),
    )


# -- C1, deny, prune


def test_allow_here_in_a_subfolder_and_by_name(home, project, allow):
    (project / "src/deep").mkdir(parents=True)
    for words in ({"pwd": project}, {"pwd": project / "src/deep"}, {"pwd": "/", "project": project}):
        marker = allow(**words)
        assert (marker.project, marker.c, marker.label) == (str(project), "C1", ".venv")
        assert state(home, project) is State.UNCHANGED
        trust.remove(home, str(project))


def test_allow_with_a_name_does_not_search_upwards(project, allow):
    (project / "src").mkdir()
    with pytest.raises(AutovenvError, match="there is no environment in"):
        allow("src", pwd=project)


def test_allow_without_any_environment_names_folder_and_remedy(home, tmp_path, allow):
    (tmp_path / "empty one").mkdir()
    with pytest.raises(AutovenvError) as caught:
        allow(pwd=tmp_path / "empty one")
    assert "empty one" in caught.value.fact
    assert "python3 -m venv .venv" in caught.value.remedy
    with pytest.raises(AutovenvError, match="no folder"):
        allow("missing", pwd=tmp_path)
    assert os.listdir(home.path) == []


def test_allow_an_environment_elsewhere(home, tmp_path, allow, make_venv):
    project = tmp_path / "p"
    project.mkdir()
    make_venv(tmp_path / "envs/demo")
    marker = allow(pwd=project, venv="../envs/demo")
    assert (marker.project, marker.venv, marker.label) == (str(project), str(tmp_path / "envs/demo"), "demo")
    assert state(home, project) is State.UNCHANGED


def test_a_link_is_allowed_with_its_target_and_asks_again_when_that_changes(
    home, project, allow, check, make_venv, said
):
    (project / ".venv").rename(project.parent / "real")
    (project.parent / "real/bin/activate").write_text("x")
    (project / ".venv").symlink_to("../real")
    marker = allow(pwd=project)
    assert marker.target == str(project.parent / "real")
    os.utime(project / ".venv/bin", ns=(3, 3))
    assert check(project) == ALLOWED
    make_venv(project.parent / "other")
    (project.parent / "other/bin/activate").write_text("x")
    (project / ".venv").unlink()
    (project / ".venv").symlink_to("../other")
    assert check(project) == REFUSED
    assert said == [Word.SYMLINK.text]
    assert allow(pwd=project).target == str(project.parent / "other")
    assert state(home, project) is State.UNCHANGED


def test_a_refused_allow_raises_with_the_path_and_writes_nothing(home, project, allow):
    (project / ".venv/bin/ls").write_text("x")
    with pytest.raises(AutovenvError) as caught:
        allow(pwd=project)
    assert str(project / ".venv/bin/ls") in caught.value.fact
    assert "autovenv allow --command ls" in caught.value.remedy
    assert os.listdir(home.path) == []


def test_exceptions_are_recorded_and_hold_at_the_next_change(home, project, allow, check, person, said):
    (project / ".venv/bin/ls").write_text("x")
    marker = allow(pwd=project, overrides=("ls",), any_owner=True)
    assert (marker.overrides, marker.any_owner) == (("ls",), True)
    os.utime(project / ".venv/bin", ns=(3, 3))
    stranger = changed(person, uid=person.uid + 1)
    assert consent.after_change(home, str(project), person=stranger, say=said.append) == ALLOWED
    assert allow(pwd=project).overrides == ("ls",)
    (project / ".venv/bin/cat").write_text("x")
    assert check(project) == REFUSED


def test_allow_ends_a_no_and_adds_a_spelling(home, project, tmp_path, allow):
    consent.deny(home, str(project))
    allow(pwd=project)
    assert not trust.is_denied(home, str(project))
    (tmp_path / "link").symlink_to(project)
    allow(pwd=tmp_path / "link")
    assert set(trust.read_marker(home, str(project)).spellings) == {str(project), str(tmp_path / "link")}


def test_a_half_made_environment_cannot_be_allowed(project, allow):
    (project / ".venv/bin/activate").unlink()
    with pytest.raises(AutovenvError, match="no activate script"):
        allow(pwd=project)


def test_deny_takes_all_spellings_and_from_below_means_the_project(home, project, tmp_path, allow):
    (tmp_path / "link").symlink_to(project)
    (project / "src").mkdir()
    allow(pwd=tmp_path / "link")
    assert set(consent.deny(home, str(project / "src"))) == {str(project), str(tmp_path / "link")}
    assert list(trust.projects(home)) == []
    assert trust.is_denied(home, str(tmp_path / "link"))
    assert not trust.is_denied(home, str(project / "src"))


def test_a_project_that_is_gone_can_still_be_denied(home, project, allow):
    allow(pwd=project)
    os.rename(project, project.parent / "away")
    assert consent.deny(home, str(project)) == (str(project),)
    assert list(trust.projects(home)) == []
    with pytest.raises(AutovenvError, match="no folder"):
        consent.deny(home, str(project.parent / "never"))


def test_prune_removes_only_what_is_certainly_gone(home, project, tmp_path, allow, make_venv, monkeypatch):
    other = tmp_path / "other"
    make_venv(other / ".venv")
    allow(pwd=project)
    allow(pwd=other)
    trust.deny(home, str(tmp_path / "never"))
    subprocess.run(["rm", "-r", str(other)], check=True)
    assert consent.prune(home) == (str(other),)
    assert [one.project for one in trust.projects(home)] == [str(project)]
    assert not trust.is_denied(home, str(tmp_path / "never"))
    subprocess.run(["rm", "-r", str(project)], check=True)
    monkeypatch.setattr(trust, "missing", lambda path: False)
    assert consent.prune(home) == ()


def test_describe_judges_without_writing(home, project, allow):
    assert consent.describe(home, str(project)) == (None, None)
    allow(pwd=project)
    assert consent.describe(home, str(project))[0].state is State.UNCHANGED
    (project / ".venv/bin/ls").write_text("x")
    os.utime(project / ".venv/bin", ns=(3, 3))
    found, word = consent.describe(home, str(project))
    assert (found.state, found.word, word) == (State.REFUSED, "shadows-command", Word.SHADOWS_COMMAND)
    assert trust.refused_word(home, str(project)) == ""


def test_the_debian_story_with_the_real_python(home, tmp_path, ask, said):
    """What ``python3 -m venv`` leaves where ensurepip is missing: no activate script, status 1."""
    project = tmp_path / "p"
    project.mkdir()
    script = "import venv\nb = venv.EnvBuilder()\nb.setup_scripts = lambda c: 1/0\nb.create('.venv')"
    done = subprocess.run([sys.executable, "-c", script], cwd=project, capture_output=True, check=False)
    assert done.returncode == 1
    assert (project / ".venv/pyvenv.cfg").exists()
    assert ask(project, since=since(project), status=1) == REFUSED
    assert said == [Word.UNFINISHED.text]
    words = [sys.executable, "-m", "venv", "--clear", "--without-pip", ".venv"]
    subprocess.run(words, cwd=project, check=True)
    assert ask(project, "python3 -m venv --clear .venv", since=since(project)) == ALLOWED
    assert said[1:] == [consent.MADE]
