"""All hooks can be read side by side: the same sections, functions and order, the rows by their numbers."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

import autovenv

SHIMS = Path(__file__).parents[2] / "shims"
NAMES = {"ps1": "powershell"}
# A hook may be several files: a start reads the first, which reads the next when there is something to do.
PARTS = {
    NAMES.get(path.suffix[1:], path.suffix[1:]): [
        path.read_text(encoding="utf-8"),
        *(more.read_text(encoding="utf-8") for more in sorted(SHIMS.glob(f"hook-*{path.suffix}"))),
    ]
    for path in sorted(SHIMS.glob("hook.*"))
}
HOOKS = {name: "\n".join(parts) for name, parts in PARTS.items()}
FUNCTION = re.compile(
    r"^(?:function (?:global:)?(__autovenv_\w+|autovenv)\b"
    r"|(__autovenv_\w+|autovenv)(?: (__autovenv_\w+))?\(\) \{)",
    re.MULTILINE,
)
"""zsh may give one function two names."""
SECTION = re.compile(r"^# ---- ([\w ,']+?) -+$", re.MULTILINE)
# What one shell has and another has no use for. Each with its reason.
ONLY = {
    "__autovenv_note": "bash: PS1 is drawn anew by themes, and with it goes the note",
    "__autovenv_restore": "bash: PROMPT_COMMAND of one string shares one status",
    "__autovenv_complete": "bash: zsh and fish find completions by themselves",
    "__autovenv_install": "zsh: options end with a function",
    "__autovenv_text": "bash: the line is in the history; zsh and fish hand it over",
    "__autovenv_preexec": "bash has none",
    "__autovenv_idle": "bash: a test in PROMPT_COMMAND; the others have it in their prompt function",
    "__autovenv_load": "PowerShell: what a start needs is a file of its own",
    "__autovenv_drive": "PowerShell: the mirror of a place on a drive, before the hook is read",
    "__autovenv_others": "PowerShell: waits together with others, before the hook is read",
    "__autovenv_busy": "bash and fish: the rest of the prompt function",
    "__autovenv_cased": "bash: nocasematch",
    "__autovenv_wake": "fish: tells the prompt of a switch, whose test then need not name it",
    # bash copies a function's body each time it is called: what is rarely needed stands apart there.
    "__autovenv_unfit": "in __autovenv_fit",
    "__autovenv_label_place": "in __autovenv_label_on",
    "__autovenv_switch": "in __autovenv_decide",
    "__autovenv_decide_aside": "in __autovenv_decide",
    "__autovenv_decide_active": "in __autovenv_decide",
    "__autovenv_decide_same": "in __autovenv_decide",
    # bash: after a cd, the state calls one of three functions itself, to call fewer.
    "__autovenv_prompt_cd": "in __autovenv_chpwd",
    "__autovenv_idle_cd": "in __autovenv_chpwd",
    "__autovenv_cold": "in __autovenv_chpwd",
    "__autovenv_busy_cd": "in __autovenv_chpwd",
    "__autovenv_within": "in __autovenv_chpwd",
    "__autovenv_enter": "in __autovenv_chpwd",
    "__autovenv_fresh_cd": "in __autovenv_chpwd",
    "__autovenv_busy_line": "bash: the rest of the prompt function, after a line",
    "__autovenv_sleep": "bash: zsh has it in its prompt function; fish needs none",
    "__autovenv_notes_check": "bash: PS1 and PS0 hold the notes, if they are expanded",
    "__autovenv_home_off": "bash: in __autovenv_dress",
    "__autovenv_give_back": "bash: in __autovenv_deactivate",
    "__autovenv_fresh": "bash: the rest of the prompt function, after a line that only went somewhere",
    "__autovenv_epoch": "bash, zsh and fish remember what they looked up",
    "__autovenv_note_way": "in __autovenv_find",
    "__autovenv_learn": "bash: __autovenv_find, for __autovenv_chpwd",
    "__autovenv_traced": "bash: `set -x` follows into functions; zsh turns it off inside",
    "__autovenv_chpwd": "fish: defined at the first prompt, not while config.fish is still being read",
    "__autovenv_quicken": "fish: what runs late in a long file is slow there",
    # What bash and zsh call apart because of what a call costs there, and fish has in one piece:
    "__autovenv_find_under": "in __autovenv_find",
    "__autovenv_look": "in __autovenv_hook",
    "__autovenv_set_busy": "zsh: bash and fish have it in __autovenv_hook",
    "__autovenv_left": "in deactivate",
    "__autovenv_dress": "zsh: in __autovenv_hook, PowerShell: in __autovenv_activate, where it costs no call",
    "__autovenv_label_on": "zsh: the same; PowerShell: in __autovenv_activate",
    "__autovenv_label_off": "PowerShell: an assignment",
    "__autovenv_postexec": "fish: nothing to do at a prompt unless a line has run",
    "__autovenv_alias": "fish: an alias is a function there; PowerShell: asked with a variable of its own",
    # PowerShell:
    "__autovenv_command": "its function autovenv runs the program itself: what another returns is output",
    "__autovenv_mirror": "a drive has a colon",
    "__autovenv_link": "what looks like a link on Windows need not be one",
    "__autovenv_same": "there is no -ef",
    "__autovenv_scripted": "one activate script saves PATH in the environment, the other in a variable",
    "__autovenv_names": "prompts are functions, and their text tells what they draw",
    "__autovenv_over": "an activate script's prompt has drawn its label when ours is called",
    "__autovenv_label_draw": "the same",
    "__autovenv_forgive": "what fails is listed in $Error",
    "__autovenv_listen": "the event of a change of directory is one value that all share",
}


def functions(name):
    return [one for names in FUNCTION.findall(HOOKS[name]) for one in names if one]


def test_there_are_hooks_to_compare():
    assert {"bash", "zsh", "fish", "powershell"} <= set(HOOKS)
    assert len(functions("bash")) > 25


@pytest.mark.parametrize("name", HOOKS)
def test_the_sections_are_the_same_in_the_same_order(name):
    without = ["install"] if name == "fish" else []  # its functions name their events themselves
    expected = [section for section in SECTION.findall(HOOKS["bash"]) if section not in without]
    assert SECTION.findall(HOOKS[name]) == expected


@pytest.mark.parametrize("name", HOOKS)
def test_the_functions_are_the_same_in_the_same_order(name):
    own = set(functions(name)) - set(functions("bash"))
    missing = set(functions("bash")) - set(functions(name))
    assert own | missing <= set(ONLY)
    common = [one for one in functions(name) if one in functions("bash")]
    assert common == [one for one in functions("bash") if one in functions(name)]


@pytest.mark.parametrize("name", HOOKS)
def test_each_row_is_marked_once(name):
    text = HOOKS[name]
    body = text[text.index("__autovenv_decide") :]
    body = body[: body.index("# ---- hook")]
    marked = [
        int(number)
        for comment in re.findall(r" # (\d[^\n]*)$", body, re.MULTILINE)
        for number in re.findall(r"\d+", comment)
    ]
    assert sorted(marked) == list(range(1, 16))


@pytest.mark.parametrize("name", HOOKS)
def test_the_first_line_is_protocol_and_version(name):
    first = f"# autovenv hook 1 {autovenv.__version__}"
    assert {part.splitlines()[0] for part in PARTS[name]} == {first}
    wanted = f"'1 {autovenv.__version__}'"  # what the parts of one hook compare
    assert len(PARTS[name]) == 1 or all(wanted in part for part in PARTS[name])
    assert f"{name}:1" in HOOKS[name]


@pytest.mark.parametrize("name", HOOKS)
def test_every_function_has_a_comment(name):
    lines = HOOKS[name].splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if FUNCTION.match(line)
        and not before.startswith("#")
        and not line.startswith(("autovenv", "function autovenv", "function global:autovenv"))
    ]
    assert bare == []


@pytest.mark.parametrize("name", HOOKS)
def test_no_eval_and_no_placeholder(name):
    code = "\n".join(line for line in HOOKS[name].splitlines() if not line.lstrip().startswith("#"))
    assert not re.search(r"(^|[^\w-])eval ", code)
    assert not re.search(r"\{\{|@@|__[A-Z]+__", code)
    assert "source .venv" not in code


def test_bash_forks_in_one_place_only():
    code = "\n".join(line for line in HOOKS["bash"].splitlines() if not line.lstrip().startswith("#"))
    assert len(re.findall(r"\$\((?!\()", code)) == 1
    assert "`" not in re.sub(r" # .*", "", code)
