"""What the PowerShell hook asks of the system in a session of 200 prompts, seen by strace, in all threads.

The counts are those of the session with the hook less those of the same session without it. Beside each
stands a control: a bad hook that the same counter must catch.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from conformance.table import Case
from conformance.world import World
from conftest import program
from shims.ground import OPENS, Trace, cut, read_calls
from shims.test_powershell import HOOK, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shims.ground import Call

WALK = ["cd p", "1", "", "cd src", "1", "cd ../../f", "1", "cd ../p/src", "cd ../..", "1"]
"""In a project, deeper, out, in again, and out. 16 times, and then to the cold one."""
COLD = ["cd q", "1", "", "cd .", "1", "cd ..", "1", "cd q", "1", "cd ../l", "1", "cd .."]
PROMPTS = 16 * len(WALK) + 4 * len(COLD)
BAD = (
    "$null = & /bin/true\n"
    "$inner = $function:prompt\n"
    "function prompt {\n"
    "  if (Test-Path .venv/pyvenv.cfg) { $null = Get-Content .venv/pyvenv.cfg; $null = & /bin/true }\n"
    "  & $inner\n}\n"
)


def traced(world: World, name: str, hook: str) -> Trace:
    """Play the session under strace; the parts are start, walk, cold and end."""
    log = f"{world.root}/{name}.log"
    tracer = [program("strace"), "-f", "-y", "-s", "4096", "-e", "trace=process,file", "-o", log, "--"]
    terminal = Terminal(world, hook=hook, tracer=tuple(tracer))
    try:
        for part, lines in (("walk", WALK * 16), ("cold", COLD * 4)):
            terminal.types(f"$null = [IO.File]::Exists('/MARK-{part}')")
            for line in lines:
                terminal.types(line)
        terminal.types("$null = [IO.File]::Exists('/MARK-end')")
        terminal.child.send("exit\r")
        terminal.child.wait()
    finally:
        terminal.child.close(force=True)
    return cut(read_calls(log))


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[World, Trace]]:
    """The session with the hook, without it, and with a bad one."""
    program("pwsh")
    found = {}
    for name, hook in (("plain", ""), ("hooked", HOOK), ("bad", BAD)):
        world = World(str(tmp_path_factory.mktemp(name)))
        tree = (
            "venv p/.venv",
            "folder p/src",
            "venv q/.venv",
            "folder f",
            "folder l",
            "link l/.venv -> ../q/.venv",
        )
        world.build(Case("traced", (), tree=tree, allow=(("p",),)))
        found[name] = (world, traced(world, name, hook))
    return found


def added(traces: dict[str, tuple[World, Trace]], name: str, part: str) -> int:
    """Return how many processes and programs more than the plain session's were started in a part."""
    return len(traces[name][1].processes(part)) - len(traces["plain"][1].processes(part))


def inside(world: World, calls: Iterator[Call] | tuple[Call, ...]) -> Counter[str]:
    """Count the files below the cold project that are named."""
    top = f"{world.folder}/q/"
    return Counter(call.path for call in calls if call.path and call.path.startswith(top))


def test_the_session_has_two_hundred_prompts() -> None:
    assert PROMPTS >= 200


@pytest.mark.parametrize("part", ["start", "walk", "cold"])
def test_no_process_is_started_at_load_nor_at_any_prompt(
    traces: dict[str, tuple[World, Trace]], part: str
) -> None:
    assert traces["hooked"][1].parts[part]
    assert added(traces, "hooked", part) == 0


def test_no_file_of_an_untrusted_project_is_opened(traces: dict[str, tuple[World, Trace]]) -> None:
    world, trace = traces["hooked"]
    for part in ("walk", "cold"):
        assert inside(world, tuple(call for call in trace.parts[part] if call.name in OPENS)) == {}


def test_two_names_of_an_untrusted_project_are_looked_at(traces: dict[str, tuple[World, Trace]]) -> None:
    world, trace = traces["hooked"]
    looks = inside(world, trace.parts["cold"])
    assert set(looks) == {f"{world.folder}/q/.venv", f"{world.folder}/q/.venv/pyvenv.cfg"}


def test_an_environment_that_is_a_link_is_looked_at_and_not_followed(
    traces: dict[str, tuple[World, Trace]],
) -> None:
    world, trace = traces["hooked"]
    looks = {call.path for call in trace.parts["cold"] if call.path and "/l/.venv" in call.path}
    assert looks == {f"{world.folder}/l/.venv"}
    world, trace = traces["bad"]
    assert f"{world.folder}/l/.venv/pyvenv.cfg" in {call.path for call in trace.parts["cold"]}


def test_no_folder_above_is_looked_at(traces: dict[str, tuple[World, Trace]]) -> None:
    world, trace = traces["hooked"]
    above = {f"{world.folder}/.venv/pyvenv.cfg", f"{world.root}/.venv/pyvenv.cfg"}
    looks = Counter(call.path for call in trace.parts["cold"] if call.path in above)
    # The walk is in w itself at times, where a look is due; in its parent it never is.
    assert set(looks) <= {f"{world.folder}/.venv/pyvenv.cfg"}


def test_control_a_bad_hook_is_found_out(traces: dict[str, tuple[World, Trace]]) -> None:
    world, trace = traces["bad"]
    assert added(traces, "bad", "start") > 0
    assert added(traces, "bad", "cold") > 0
    assert inside(world, tuple(call for call in trace.parts["cold"] if call.name in OPENS)) != {}
