"""An environment that the folder, a script or a tool brings stays cold, whatever line brings it.

Every story ends with its control: the very same environment, brought by a line that counts, is switched on.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from autovenv.words import Word
from stories.story import ACTIVATED, HINT, MADE, SHELLS, Story

if TYPE_CHECKING:
    from collections.abc import Callable

    from stories.story import Terminal

VENV = "python3 -m venv --without-pip .venv"
POSIX = ("bash", "zsh")

# ---- what brings it -------------------------------------------------------------------------------


def archive(story: Story) -> None:
    """Pack a hostile environment as the only thing in two archives beside the project."""
    venv = story.hostile("p/.venv")
    story.run("tar", "cf", "../x.tar", ".venv", cwd=story.project)
    with zipfile.ZipFile(story.path("x.zip"), "w") as packed:
        for folder, _, files in os.walk(venv):
            for name in files:
                path = os.path.join(folder, name)
                packed.write(path, os.path.relpath(path, story.project))
    shutil.rmtree(venv)


def aside(story: Story) -> None:
    """Keep a hostile environment beside the project, and scripts in it that put it into place."""
    venv = story.hostile("other/.venv")
    place = f"mv {venv} .venv && touch .venv/pyvenv.cfg"
    story.program("w/p/setup.sh", place)
    story.program("w/p/bring", place)
    story.program("w/p/sub/python3", place)
    story.file("w/p/Makefile", f"all:\n\t@{place}\n")
    story.file("w/p/setup.py", f"import os\nos.rename({venv!r}, '.venv')\nos.utime('.venv/pyvenv.cfg')\n")
    story.file("w/p/bring_it.py", f"import os\nos.rename({venv!r}, '.venv')\nos.utime('.venv/pyvenv.cfg')\n")
    story.file("w/p/settings", f"{place}\n")


def nothing(story: Story) -> None:
    """Bring nothing: the line itself does it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that must not count, and what has to be there for it."""

    name: str
    text: str
    ground: Callable[[Story], None] = aside
    shells: tuple[str, ...] = SHELLS
    rc: str = ""


LINES = (
    Line("tar", "tar xf ../x.tar", archive),
    Line("tar with new dates", "tar xmf ../x.tar", archive),
    Line("unzip", "unzip -q ../x.zip; touch .venv/pyvenv.cfg", archive),
    Line("unzip among lines that count", "unzip -q -DD ../x.zip && uv venv other", archive),
    Line("make", "make"),
    Line("a script", "./setup.sh"),
    Line("a script and then a creator", "./setup.sh && uv venv other"),
    Line("a creator and then a script", "uv venv other; ./setup.sh"),
    Line("sh with a script", "sh setup.sh"),
    Line("a sourced file", "source settings"),
    Line("python with a script", "python3 setup.py"),
    Line("python with a module of the project", "python3 -m bring_it"),
    Line("the project's own python", "sub/python3 -m venv .venv"),
    Line("the project's own python by its whole path", "PROJECT/sub/python3 -m venv .venv"),
    Line("the project on PATH for one line", "PATH=PROJECT/sub:$PATH python3 -m venv .venv", shells=POSIX),
    Line("a function", "mkv", rc="function mkv() { ./setup.sh; }", shells=POSIX),
    Line("a function of fish", "mkv", rc="function mkv; ./setup.sh; end", shells=("fish",)),
    Line("an alias of more than a creator", "mkv", rc="alias mkv='./setup.sh; uv venv other'", shells=POSIX),
    Line("cp", "cp -R ../other/.venv .venv"),
    Line("mv", "mv ../other/.venv ."),
    Line("mv and touch", "mv ../other/.venv . && touch .venv/pyvenv.cfg"),
    Line("a substitution", "python3 -m venv $(./setup.sh)other --without-pip", shells=POSIX),
    Line("a creator that failed", f"{VENV}; false", nothing),
    Line("a creator and another command", f"{VENV} && ls -d .venv >/dev/null", nothing),
    Line("a creator and uv pip", "uv venv && uv pip list", nothing),
    Line("a creator in a subshell", f"({VENV})", nothing, shells=POSIX),
    Line("a creator in a block", f"begin; {VENV}; end", nothing, shells=("fish",)),
    Line("a creator in another shell", f"sh -c '{VENV}'", nothing),
    Line("a creator whose output is kept", f"{VENV} >log", nothing),
    Line("a hidden line", f" {VENV}", nothing, shells=("bash", "fish")),
    Line("a hidden line of zsh", f" {VENV}", nothing, rc="setopt hist_ignore_space", shells=("zsh",)),
    Line("a line hidden by a pattern", VENV, nothing, rc="HISTIGNORE='python3*'", shells=("bash",)),
    Line("no history", VENV, nothing, rc="set +o history", shells=("bash",)),
)


def _lines() -> list[object]:
    return [pytest.param(shell, line, id=f"{shell}-{line.name}") for line in LINES for shell in line.shells]


@pytest.mark.parametrize(("shell", "line"), _lines())
def test_an_environment_that_another_line_brings_stays_cold(
    shell: str, line: Line, tell: Callable[..., Story]
) -> None:
    story = tell(shell, rc=line.rc)
    line.ground(story)
    terminal = story.terminal()
    seen = terminal.types(line.text.replace("PROJECT", story.project))
    assert os.path.isfile(f"{story.project}/.venv/pyvenv.cfg"), seen.said
    story.stays_cold(seen, terminal.types("true"), terminal.types("cd ."))
    story.would_switch_on(terminal) if line.name != "no history" else None


# ---- git ------------------------------------------------------------------------------------------


def repository(story: Story, *, later: bool) -> None:
    """Make a repository whose last commit is a hostile environment; ``later``: we cloned it before."""
    source = story.path("source")
    story.file("w/source/README", "text\n")
    story.run("git", "init", "-q", "-b", "main", source)
    story.run("git", "-C", source, "add", ".")
    story.run("git", "-C", source, "commit", "-qm", "1")
    if later:
        story.run("git", "clone", "-q", source, story.project)
    story.hostile("source/.venv")
    story.run("git", "-C", source, "add", "-f", ".venv")
    story.run("git", "-C", source, "commit", "-qm", "2")


@pytest.mark.parametrize(
    "line", ["git clone -q ../source .", "git pull -q", "git fetch -q && git merge -q FETCH_HEAD"]
)
def test_an_environment_that_git_brings_stays_cold(story: Story, line: str) -> None:
    repository(story, later="clone" not in line)
    terminal = story.terminal()
    seen = terminal.types(line)
    assert os.path.isfile(f"{story.project}/.venv/pyvenv.cfg"), seen.said
    story.stays_cold(seen, terminal.types("true"))
    story.would_switch_on(terminal, Word.TRACKED)


# ---- the history ----------------------------------------------------------------------------------


def test_a_line_hidden_in_a_private_fish_does_not_count(tell: Callable[..., Story]) -> None:
    story = tell("fish")
    terminal = story.terminal()
    terminal.types("exec fish --private")
    seen = terminal.types(VENV)
    story.stays_cold(seen, terminal.types("true"))


def test_a_leading_blank_counts_where_it_hides_nothing(tell: Callable[..., Story]) -> None:
    story = tell("zsh")
    seen = story.terminal().types(f" {VENV}")
    assert seen.said.count(MADE) == 1
    story.is_on(seen)


@pytest.mark.parametrize("control", ["erasedups", "ignoredups", "ignoreboth:erasedups"])
def test_a_line_that_the_history_drops_as_a_copy_does_not_count(
    control: str, tell: Callable[..., Story]
) -> None:
    story = tell("bash", rc_after=f"HISTCONTROL={control}")
    in_the_way = story.file("w/p/.venv", "")
    terminal = story.terminal()
    terminal.types_unwatched(VENV)
    os.unlink(in_the_way)
    terminal.types_unwatched("") if control == "ignoredups" else None
    seen = terminal.types(VENV)
    story.stays_cold(seen, terminal.types("true"))
    shutil.rmtree(f"{story.project}/.venv")
    terminal.types("true")
    other = terminal.types(f"{VENV} # another line")
    assert other.said.count(MADE) == 1
    story.is_on(other)


def test_an_erased_copy_of_a_creators_line_lends_nothing_to_the_line_that_erased_it(
    tell: Callable[..., Story],
) -> None:
    story = tell("bash", rc_after="HISTCONTROL=ignorespace:erasedups")
    archive(story)
    os.mkdir(story.path("q"))
    terminal = story.terminal(story.path("q"))
    assert HINT in terminal.types_unwatched("tar xmf ../x.tar")
    terminal.types_unwatched(f"cd ../p; rm -rf ../r; {VENV.replace('.venv', '../r/.venv')}")
    seen = terminal.types("tar xmf ../x.tar")
    story.stays_cold(seen)
    story.would_switch_on(terminal)


def test_a_full_history_counts_as_an_empty_one_does(tell: Callable[..., Story]) -> None:
    story = tell("bash", rc_after="HISTSIZE=3")
    terminal = story.terminal()
    for number in range(5):
        terminal.types(f"echo {number}")
    seen = terminal.types(VENV)
    assert seen.said.count(MADE) == 1
    story.is_on(seen)


SHARED = {
    "read after us": {"rc_after": 'PROMPT_COMMAND+=("history -a; history -n")'},
    "read before us": {"rc_after": 'PROMPT_COMMAND=("history -a; history -n" "${PROMPT_COMMAND[@]}")'},
    "in one string": {"rc": 'PROMPT_COMMAND="history -a; history -n"'},
    "cleared and read": {"rc_after": 'PROMPT_COMMAND+=("history -a; history -c; history -r")'},
}


@pytest.mark.parametrize("how", SHARED)
@pytest.mark.parametrize(
    "line", [" tar xmf ../x.tar", "tar xmf ../x.tar", "make", " make", " ./setup.sh; true"], ids=str.strip
)
def test_a_neighbours_line_that_was_read_in_does_not_count(
    how: str, line: str, tell: Callable[..., Story]
) -> None:
    story = tell("bash", **SHARED[how])
    archive(story)
    bring = "tar xmf ../x.tar"
    story.file("w/p/Makefile", f"all:\n\t@{bring}\n")
    story.program("w/p/setup.sh", bring)
    os.mkdir(story.path("q"))
    mine, neighbours = story.terminal(), story.terminal(story.path("q"))
    seen = neighbours.types_unwatched(VENV)
    assert MADE in seen, "the neighbour's own line counts"
    said = mine.types_unwatched(line)
    neighbours.types_unwatched(VENV.replace("venv ", "venv --clear "))
    after = mine.types("")
    assert "python3 -m venv" in mine.types("history 12").said, "the neighbour's line was read in"
    assert (said + after.said).count(HINT) == 1
    assert (said + after.said).count("autovenv:") == 1
    story.is_off(after)
    assert story.markers() == [story.path("q")]
    assert not story.ran
    story.would_switch_on(mine)


# ---- while something else is going on -------------------------------------------------------------


def test_a_job_in_the_background_does_not_count(story: Story) -> None:
    aside(story)
    story.run("mkfifo", "go")
    story.program("w/p/job", "read x <../go; ./setup.sh; echo done >../went")
    story.run("mkfifo", "went")
    terminal = story.terminal()
    terminal.types("./job &")
    seen = terminal.types("echo x >../go; read x <../went")
    assert os.path.isfile(f"{story.project}/.venv/pyvenv.cfg")
    story.stays_cold(seen)
    story.would_switch_on(terminal)


@pytest.mark.parametrize(
    "line", ["uv venv other", "python3 -m venv other", "virtualenv ../other", "uv venv q/x"]
)
def test_an_environment_that_appears_while_another_one_is_made_stays_cold(story: Story, line: str) -> None:
    venv = story.hostile("other/.venv")
    terminal = story.terminal()
    # As if a job in the background had won the race: this tool puts it there while it makes another one.
    story.program(f"tools/{line.split(maxsplit=1)[0]}", f"mv {venv} .venv; touch .venv/pyvenv.cfg")
    seen = terminal.types(line)
    story.stays_cold(seen)
    story.would_switch_on(terminal)


def test_quiet_means_no_hint_and_no_consent_either(tell: Callable[..., Story], shell: str) -> None:
    story = tell(shell, environ={"AUTOVENV_QUIET": "1"})
    story.hostile("p/.venv")
    terminal = story.terminal()
    for seen in (terminal.opened, terminal.types("true")):
        story.is_off(seen)
        assert seen.said == ""
    assert not story.remembered()


# ---- VIRTUAL_ENV set by others --------------------------------------------------------------------


def remembers_nothing(story: Story, terminal: Terminal) -> None:
    """Assert that what others switched on is left to them: no word of ours, no marker."""
    seen = terminal.types("true")
    assert seen.variables["VIRTUAL_ENV"] == f"{story.project}/.venv"
    assert not seen.variables["_AUTOVENV_ACTIVE"]
    assert ACTIVATED not in seen.said
    assert not story.remembered()
    assert not story.ran


EXPORT = {
    "bash": 'export VIRTUAL_ENV="$PWD/.venv"',
    "zsh": 'export VIRTUAL_ENV="$PWD/.venv"',
    "fish": 'set -gx VIRTUAL_ENV "$PWD/.venv"',
}
PLUGIN = {
    "bash": "plugin() { [[ ! -d .venv ]] || %s; }; PROMPT_COMMAND+=(plugin)",
    "zsh": "plugin() { [[ ! -d .venv ]] || %s }; precmd_functions+=(plugin)",
    "fish": "function plugin --on-event fish_prompt; test ! -d .venv; or %s; end",
}


@pytest.mark.parametrize("place", ["rc", "rc_after"])
def test_a_plugin_that_sets_virtual_env_gives_no_consent(
    shell: str, place: str, tell: Callable[..., Story]
) -> None:
    plugin = PLUGIN[shell] % EXPORT[shell]
    if place == "rc" and shell == "bash":
        plugin = plugin.replace("+=(plugin)", "=plugin")
    story = tell(shell, **{place: plugin})
    terminal = story.terminal()
    story.hostile("p/.venv")
    terminal.types("true")
    remembers_nothing(story, terminal)


def test_a_plugin_that_sets_virtual_env_gives_no_consent_to_an_activation_elsewhere(
    shell: str, tell: Callable[..., Story]
) -> None:
    story = tell(shell, rc_after=PLUGIN[shell] % EXPORT[shell])
    script = story.file("w/elsewhere/activate", "true\n")
    terminal = story.terminal(story.path())
    story.hostile("p/.venv")
    seen = terminal.types(f"cd p; source {script}")
    assert MADE not in seen.said


def test_an_inherited_virtual_env_gives_no_consent(story: Story) -> None:
    story.hostile("p/.venv")
    terminal = story.terminal(VIRTUAL_ENV=f"{story.project}/.venv")
    remembers_nothing(story, terminal)


def test_direnv_gives_no_consent(
    shell: str, tell: Callable[..., Story], find_program: Callable[[str], str]
) -> None:
    find_program("direnv")
    hook = {"fish": "direnv hook fish | source"}.get(shell, f'eval "$(direnv hook {shell})"')
    story = tell(shell, rc_after=hook, environ={"DIRENV_LOG_FORMAT": ""})
    story.hostile("p/.venv")
    story.file("w/p/.envrc", 'export VIRTUAL_ENV="$PWD/.venv"; PATH_add .venv/bin\n')
    story.run("direnv", "allow", cwd=story.project)
    terminal = story.terminal(story.path())
    terminal.types("cd p")
    remembers_nothing(story, terminal)
    terminal.types("cd ..")
    story.is_off(terminal.types("true"))
