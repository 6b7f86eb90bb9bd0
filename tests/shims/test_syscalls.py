"""What the hooks ask of the system, seen by strace in real interactive shells on a pty.

Every count is the hooked shell's less that of the same shell without the hook, typed the same lines. Beside
each test
stands a control: a bad hook, which the same counter must catch.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from conftest import program
from shims.ground import (
    SHELLS,
    Home,
    Terminal,
    Trace,
    descriptors,
    forge_venv,
    play,
    resident,
    shipped_hook,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shims.ground import Shell

EVERY_SHELL = pytest.mark.parametrize("name", SHELLS)

BAD_HOOKS = {
    # At start-up and at each prompt a process, the project's files opened, and a look at the folder above.
    "bash": """
: $(:)
PROMPT_COMMAND='[[ -f ../pyvenv.cfg ]]; : $(:); while read -r _bad; do :; done <.venv/pyvenv.cfg'
""",
    "zsh": """
: $(:)
precmd() { [[ -f ../pyvenv.cfg ]]; : $(:); while read -r _bad; do :; done <.venv/pyvenv.cfg }
""",
    "fish": """
command true
function _bad --on-event fish_prompt
    test -f ../pyvenv.cfg
    command true
    while read -l line; end <.venv/pyvenv.cfg
end
""",
}
LEAKY_HOOKS = {
    # Each prompt costs 2 KiB of memory, an entry of PATH, and (fish has no way to) a file descriptor.
    "bash": """
PROMPT_COMMAND='printf -v _leak_$((++_n)) %2048s; PATH=/leak:$PATH; exec {_fd}</dev/null'
""",
    "zsh": """
precmd() { typeset -g _leak_$((++_n))=${(l:2048:)}; PATH=/leak:$PATH; exec {_fd}</dev/null }
""",
    "fish": """
set -g _n 0
function _leak --on-event fish_prompt
    set -g _n (math $_n + 1)
    set -g _leak_$_n (string repeat -n 2048 x)
    set -g PATH /leak $PATH
end
""",
}


@dataclass(frozen=True, slots=True)
class Place:
    """The folders that a test walks through."""

    root: str

    @property
    def project(self) -> str:
        """An allowed project."""
        return f"{self.root}/a/b/project"

    @property
    def cold(self) -> str:
        """A folder that brings its own `.venv`, which nobody allowed."""
        return f"{self.root}/a/cold"

    @property
    def outside(self) -> str:
        """A folder without a project."""
        return f"{self.root}/outside"

    @property
    def nowhere(self) -> str:
        """Another one, deeper."""
        return f"{self.root}/x/y/z"

    def steps(self) -> list[tuple[str, str]]:
        """Return the walk: name of each part of the trace, and the line typed."""
        return [
            ("prompt", ":"),
            ("empty", ":\n"),
            ("in", f"cd {self.project}"),
            ("inside", ":"),
            ("deeper", "cd 1/2/3/4/5/6/7/8"),
            ("out", f"cd {self.outside}"),
            ("nowhere", f"cd {self.nowhere}"),
            ("again", f"cd {self.project}"),
            ("leave", f"cd {self.outside}"),
            ("cold", f"cd {self.cold}"),
            ("beside", ":"),
            ("away", f"cd {self.outside}"),
        ]


STEPS = [name for name, _ in Place("").steps()]
MOST_CALLS = {
    # System calls that an operation may add, its prompt included; the project lies at depth 7 or so.
    "prompt": 12,
    "empty": 24,
    "in": 130,
    "inside": 45,
    "deeper": 130,
    "out": 75,
    "nowhere": 75,
    "again": 130,
    "leave": 75,
    "cold": 90,
    "beside": 32,
    "away": 75,
}
# bash moves one descriptor more at each prompt: that takes less time than to read a longer PROMPT_COMMAND.
MORE_CALLS = {("bash", "prompt"): 2, ("bash", "empty"): 2}


def make_place(root: Path) -> Place:
    """Make the folders below ``root``."""
    place = Place(os.path.realpath(root))
    forge_venv(place.project)
    forge_venv(place.cold)
    os.makedirs(f"{place.project}/1/2/3/4/5/6/7/8")
    os.makedirs(place.outside)
    os.makedirs(place.nowhere)
    return place


@dataclass(frozen=True, slots=True)
class Pair:
    """The same walk with a hook and without."""

    place: Place
    home: Home
    hooked: Trace
    plain: Trace

    def processes(self, *parts: str) -> Counter[str]:
        """Count what the hook adds to the processes and programs started, by the name of the call."""
        with_, without = (
            Counter(text.partition("(")[0] for text in trace.processes(*parts))
            for trace in (self.hooked, self.plain)
        )
        return with_ - without

    def paths(self, part: str) -> Counter[str]:
        """Count the files that only the hook names, those of its own folder left out."""
        added = self.hooked.paths(part) - self.plain.paths(part)
        return Counter({path: n for path, n in added.items() if not below(path, self.home.path)})

    def opened(self, part: str) -> Counter[str]:
        """Count the files that only the hook opens, those of its own folder left out."""
        added = self.hooked.opened(part) - self.plain.opened(part)
        return Counter({path: n for path, n in added.items() if not below(path, self.home.path)})

    def calls(self, part: str) -> int:
        """Return how many system calls the hook adds."""
        return self.hooked.calls(part) - self.plain.calls(part)


def below(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or lies below it."""
    return path == folder or path.startswith(folder + "/")


def walk(shell: Shell, root: Path, hook: str | None, more: str = "") -> Pair:
    """Walk the same way in the same home without the hook, then with ``hook`` and the start-up lines
    ``more``.
    """
    program("strace")
    place = make_place(root)
    home = Home(f"{place.root}/home")
    traces = []
    for label, file, lines in (("plain", None, ""), ("hooked", hook, more)):
        home.set_up(shell, file, lines)
        home.allow(place.project)
        first = Terminal(
            [program(shell.name), *shell.arguments], home, place.outside
        )  # fish writes files when new
        first.leave()
        traces.append(play(shell, home, place.outside, place.steps(), f"{place.root}/{label}.log"))
    plain, hooked = traces
    assert set(STEPS) < set(plain.parts) == set(hooked.parts)
    return Pair(place, home, hooked, plain)


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """Hold the walks with the shipped hooks, each made when it is first asked for."""
    return Walks(tmp_path_factory, bad=False)


@pytest.fixture(scope="module")
def bad_walks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """Hold the walks with hooks that do what ours must not."""
    return Walks(tmp_path_factory, bad=True)


class Walks(dict[str, Pair]):
    """Walks by shell, made on demand."""

    def __init__(self, paths: pytest.TempPathFactory, *, bad: bool) -> None:
        """Remember where to make them."""
        super().__init__()
        self.paths, self.bad = paths, bad

    def __missing__(self, name: str) -> Pair:
        """Walk."""
        shell, root = SHELLS[name], self.paths.mktemp(name)
        hook, more = (None, BAD_HOOKS[name]) if self.bad else (shipped_hook(shell), "")
        self[name] = pair = walk(shell, root, hook, more)
        return pair


# ---- processes ------------------------------------------------------------------------------------


@EVERY_SHELL
def test_starting_a_shell_starts_no_process(name: str, walks: dict[str, Pair]) -> None:
    assert not walks[name].processes("start")


@EVERY_SHELL
def test_no_prompt_and_no_change_of_folder_starts_a_process(name: str, walks: dict[str, Pair]) -> None:
    assert {step: walks[name].processes(step) for step in STEPS if walks[name].processes(step)} == {}


@EVERY_SHELL
def test_control_a_hook_that_starts_processes_is_seen_at_start_up_and_at_each_prompt(
    name: str, bad_walks: dict[str, Pair]
) -> None:
    assert bad_walks[name].processes("start")
    assert [step for step in STEPS if not bad_walks[name].processes(step)] == []


# ---- a project that nobody allowed ----------------------------------------------------------------


def inside(pair: Pair, found: Counter[str]) -> Counter[str]:
    """Keep what lies in the cold project."""
    return Counter({path: n for path, n in found.items() if below(path, pair.place.cold)})


@EVERY_SHELL
def test_entering_an_untrusted_project_opens_none_of_its_files_and_runs_nothing(
    name: str, walks: dict[str, Pair]
) -> None:
    pair = walks[name]
    for step in ("cold", "beside"):
        assert inside(pair, pair.opened(step)) == {}
        assert not pair.processes(step)


@EVERY_SHELL
def test_entering_an_untrusted_project_looks_at_two_names_in_it_at_most(
    name: str, walks: dict[str, Pair]
) -> None:
    looks = inside(walks[name], walks[name].paths("cold"))
    assert looks, "the hook that sees nothing would also pass"
    assert looks.total() <= 2, looks


@EVERY_SHELL
def test_each_prompt_in_an_untrusted_project_looks_at_two_names_in_it_at_most(
    name: str, walks: dict[str, Pair]
) -> None:
    looks = inside(walks[name], walks[name].paths("beside"))
    assert looks.total() <= 2, looks


@EVERY_SHELL
def test_a_venv_that_is_a_link_is_not_followed(name: str, tmp_path: Path) -> None:
    # It may lead to another machine, or to a mount that hangs. Nor one that appears while somebody is there.
    place, shell = make_place(tmp_path), SHELLS[name]
    home = Home(f"{place.root}/home")
    home.set_up(shell, shipped_hook(shell))
    home.allow(place.project)
    linked, later = f"{place.root}/a/linked", f"{place.root}/a/later"
    for folder in (linked, later):
        os.mkdir(folder)
    os.symlink(f"{place.cold}/.venv", f"{linked}/.venv")
    steps = [
        ("linked", f"cd {linked}"),
        ("here", ":"),
        ("later", f"cd {later}"),
        ("made", "ln -s ../cold/.venv .venv"),
        ("still", ":"),
    ]
    program("strace")
    trace = play(shell, home, place.outside, steps, f"{place.root}/log")
    paths = {step: list(trace.paths(step)) for step, _ in steps}
    assert f"{linked}/.venv" in paths["linked"], "the control: the link itself is looked at"
    assert not any(path.startswith(f"{linked}/.venv/") for path in paths["linked"] + paths["here"])
    assert f"{later}/.venv/pyvenv.cfg" in paths["later"], "the control: this is what following it looks like"
    assert not any(path.startswith(f"{later}/.venv/") for path in paths["made"] + paths["still"])


@EVERY_SHELL
def test_control_a_hook_that_opens_a_file_of_the_project_is_seen(
    name: str, bad_walks: dict[str, Pair]
) -> None:
    pair = bad_walks[name]
    assert inside(pair, pair.opened("cold")) == {f"{pair.place.cold}/.venv/pyvenv.cfg": 1}
    assert inside(pair, pair.paths("cold")).total() >= 1


# ---- the folders above ----------------------------------------------------------------------------


def where(pair: Pair, step: str) -> str:
    """Return the folder in which the step ends."""
    places = {
        "in": "project",
        "inside": "project",
        "again": "project",
        "nowhere": "nowhere",
        "cold": "cold",
        "beside": "cold",
    }
    return (
        f"{pair.place.project}/1/2/3/4/5/6/7/8"
        if step == "deeper"
        else getattr(pair.place, places.get(step, "outside"))
    )


def strays(pair: Pair, step: str) -> list[str]:
    """Return what the hook looked at that is neither of this folder's `.venv`, nor of the allowed one, nor
    its own.
    """
    allowed = (f"{where(pair, step)}/.venv", f"{pair.place.project}/.venv", "/dev/null")
    return [path for path in pair.paths(step) if not any(below(path, one) for one in allowed)]


@EVERY_SHELL
def test_no_folder_above_is_ever_looked_at(name: str, walks: dict[str, Pair]) -> None:
    assert {step: strays(walks[name], step) for step in STEPS if strays(walks[name], step)} == {}


@EVERY_SHELL
def test_control_a_hook_that_looks_above_is_seen(name: str, bad_walks: dict[str, Pair]) -> None:
    pair = bad_walks[name]
    assert f"{os.path.dirname(pair.place.cold)}/pyvenv.cfg" in strays(pair, "cold")


# ---- how many calls -------------------------------------------------------------------------------


@EVERY_SHELL
def test_an_operation_adds_few_system_calls(
    name: str, walks: dict[str, Pair], record_property: pytest.FixtureRequest
) -> None:
    added = {step: walks[name].calls(step) for step in STEPS}
    record_property("added", added)
    # fish's own threads (history, highlighting) make calls at their own time, with the hook and without.
    slack = 3 if name == "fish" else 1
    assert {
        step: n for step, n in added.items() if n > slack * MOST_CALLS[step] + MORE_CALLS.get((name, step), 0)
    } == {}
    assert added["in"] > 0, "the control: what the hook does is counted"


# ---- a thousand times -----------------------------------------------------------------------------

LOOPS = {
    # n COUNT: so often in and out, with what the shell does before a prompt. s: write PATH, process.
    "bash": """
p() { local c; for c in "${PROMPT_COMMAND[@]}"; do eval "$c"; done; }
n() { for ((i = 0; i < $1; i++)); do cd PROJECT; p; [[ $VIRTUAL_ENV ]] || lost=1; cd OUTSIDE; p; done; s; }
s() { printf '%s\\n' "$PATH" "$$" "${lost-}" >STATE; echo written; }
""",
    "zsh": """
p() {
  local f
  for f in $precmd_functions precmd; do (($+functions[$f])) && $f; done
}
n() { for ((i = 0; i < $1; i++)); do cd PROJECT; p; [[ -n $VIRTUAL_ENV ]] || lost=1; cd OUTSIDE; p; done; s }
s() { print -rl -- $PATH $$ "${lost-}" >STATE; print written }
""",
    "fish": """
function n
    for i in (string split ' ' (string repeat -n $argv[1] 'x '))
        builtin cd PROJECT
        emit fish_prompt
        test -n "$VIRTUAL_ENV"; or set -g lost 1
        builtin cd OUTSIDE
        emit fish_prompt
    end
    s
end
function s
    printf '%s\\n' (string join : $PATH) $fish_pid "$lost" >STATE
    echo written
end
""",
}
SLACK = 1024
"""KiB that 900 rounds may add to a shell: 1.1 KiB each, what fragmentation does and a leak does not."""


@dataclass(frozen=True, slots=True)
class State:
    """What may not grow."""

    path: str
    lost: str
    descriptors: dict[str, str]
    memory: int


def in_and_out(shell: Shell, root: Path, hook: str | None, more: str = "") -> Iterator[State]:
    """Yield the state of one shell at its start, after 100 rounds and after 1,000."""
    place = make_place(root)
    home = Home(f"{place.root}/home")
    file = f"{place.root}/state"
    home.set_up(shell, hook, more)
    loops = LOOPS[shell.name].replace("PROJECT", place.project).replace("OUTSIDE", place.outside)
    write(f"{place.root}/loops", loops.replace("STATE", file))
    home.allow(place.project)
    terminal = Terminal([program(shell.name), *shell.arguments], home, place.outside)
    try:
        terminal.type(shell.source.format(f"{place.root}/loops"))
        for line in ("s", "n 100", "n 900"):
            terminal.type(line, after="written\r\n")
            with open(file, encoding="utf-8") as text:
                path, pid, lost = text.read().splitlines()
            yield State(path, lost, descriptors(int(pid)), resident(int(pid)))
    finally:
        terminal.close()


@EVERY_SHELL
def test_a_thousand_times_in_and_out_leave_path_memory_and_descriptors_as_they_were(
    name: str, tmp_path: Path
) -> None:
    shell = SHELLS[name]
    start, early, late = in_and_out(shell, tmp_path, shipped_hook(shell))
    assert early.lost == late.lost == "", "the environment was not active in each round"
    assert start.path == early.path == late.path
    assert start.descriptors == late.descriptors
    assert late.memory - early.memory <= SLACK


@EVERY_SHELL
def test_control_a_hook_that_leaks_is_seen(name: str, tmp_path: Path) -> None:
    start, early, late = in_and_out(SHELLS[name], tmp_path, None, LEAKY_HOOKS[name])
    assert late.lost == "1", "without a hook nothing is active"
    assert len(start.path) < len(early.path) < len(late.path)
    assert late.memory - early.memory > SLACK
    assert name == "fish" or len(late.descriptors) > len(start.descriptors)
