"""Play a case in a real interactive shell on a pty, and say in which expectations it failed.

Nothing here knows a shell by name, and nothing sleeps: a line is sent when the mark of a new prompt was read.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pexpect
from pexpect import fdpexpect

from conformance.shells import VARIABLES
from conformance.world import ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.shells import Shell
    from conformance.table import Case, Expect, Step
    from conformance.world import World

TIMEOUT = 30
"""Seconds until a shell that shows no prompt counts as hung. Nothing waits that long in a run that passes."""
WIDE = (50, 4000)
"""Rows and columns of the terminal: so wide that no line of ours wraps."""

TRACE = re.compile(rb"autovenv: trace action=(\S+) reason=(\S+) from=(.*) to=(.*)")
CONTROL = re.compile(
    rb"\x1b\[[0-9;?<=>]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[=>]|\x0f|\x1bk[^\x1b]*\x1b\\"
)
OMITTED_NEWLINE = re.compile("⏎ *\r⏎ \r".encode())
PASTE_OFF = b"\x1b[?2004l"


@dataclass(frozen=True, slots=True)
class Decision:
    """One trace line of the hook."""

    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be seen after a step. Values are str with surrogateescape."""

    decisions: tuple[Decision, ...]
    said: str
    prompt: str
    status: int
    variables: Mapping[str, str]
    processes: int = 0

    @property
    def decision(self) -> Decision | None:
        """The decision that counts: the first that changed something, else the last."""
        changes = [d for d in self.decisions if d.action != "keep"]
        return (changes or [*self.decisions, None])[0 if changes else len(self.decisions) - 1]


@dataclass(slots=True)
class Terminal:
    """A pty, or a tmux pane, whose prompt carries a mark."""

    reader: pexpect.spawnbase.SpawnBase
    write: Callable[[bytes], object]
    mark: re.Pattern[bytes]
    seen: set[bytes] = field(default_factory=set)
    """The numbers of the prompts so far, where a shell draws the same one again while a line is typed."""

    def wait(self) -> tuple[bytes, bytes]:
        """Read up to a new prompt. Return what was said before it, and the prompt as drawn."""
        text = b""
        while True:
            self.reader.expect(self.mark)
            text += self.reader.before
            number = self.reader.match.group(1)
            if number not in self.seen:
                break
            text += self.reader.after
        if number:
            self.seen.add(number)
        return self._split(text)

    def _split(self, text: bytes) -> tuple[bytes, bytes]:
        text = OMITTED_NEWLINE.sub(b"\n", text)
        said = text.rpartition(PASTE_OFF)[2] if PASTE_OFF in text else text
        said = CONTROL.sub(b"", said)
        start = max(said.rfind(b"\n"), said.rfind(b"\r")) + 1
        return said[:start].replace(b"\r", b""), said[start:]


class Session:
    """One terminal in which a person works: `step` does what the table says, and returns what can be seen."""

    def __init__(self, shell: Shell, world: World, environ: Mapping[str, str], folder: str) -> None:
        """Start the shell in ``folder`` and wait for its first prompt."""
        self.shell, self.world = shell, world
        self._mark = re.compile(re.escape(world.mark.encode()) + rb"(#[0-9.]+)?# ")
        program = shutil.which(shell.name) or shutil.which(shell.name, path=environ["PATH"])
        assert program is not None, f"{shell.name} is not installed"
        child = pexpect.spawn(
            program,
            list(shell.interactive),
            env={**environ, "PWD": folder},
            cwd=folder,
            dimensions=WIDE,
            echo=False,
            timeout=TIMEOUT,
        )
        child.delaybeforesend = None
        self._terminals = [Terminal(child, child.send, self._mark)]
        self.calls = 0
        self.opened = self._look(*self._terminals[-1].wait())

    def step(self, step: Step) -> Seen:
        """Do what the step says: type its line, or do it elsewhere and press Enter."""
        if step.verb == "close_pane":
            return self._close_pane()
        if step.verb in ELSEWHERE:
            ELSEWHERE[step.verb](self.world, step.argument)
            return self._look(*self._type(""))
        line = self.shell.spell(self.world, step.verb, step.argument)
        if step.verb == "tmux_pane":
            return self._open_pane(line)
        return self._look(*self._type(line))

    def _type(self, line: str) -> tuple[bytes, bytes]:
        terminal = self._terminals[-1]
        terminal.write(line.encode("ascii") + b"\r")
        return terminal.wait()

    def _look(self, said: bytes, prompt: bytes) -> Seen:
        file = os.path.join(self.world.root, "probe")
        self._type(self.shell.probe.format(file=self.shell.quote(file)))
        with open(file, "rb") as probe:
            status, *values = (os.fsdecode(value) for value in probe.read().split(b"\0")[:-1])
        os.unlink(file)
        calls, self.calls = self.calls, self.world.calls()
        return Seen(
            tuple(Decision(m[1].decode(), m[2].decode()) for m in TRACE.finditer(said)),
            os.fsdecode(
                b"".join(row for row in said.splitlines(keepends=True) if not TRACE.match(row))
            ).strip("\n"),
            os.fsdecode(prompt),
            int(status),
            dict(zip(VARIABLES, values, strict=True)),
            self.calls - calls,
        )

    # ---- tmux: a pane is driven by keys sent to it, and read through a pipe ----

    def _open_pane(self, line: str) -> Seen:
        pipe = os.path.join(self.world.root, "pane")
        os.mkfifo(pipe)
        with open(os.path.join(self.world.root, "tmux.conf"), "w", encoding="ascii") as conf:
            conf.write("set -g default-terminal screen\nset -g history-limit 1000\n")
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self._type(line)
        os.set_blocking(reader, True)
        pane = Terminal(fdpexpect.fdspawn(reader, timeout=TIMEOUT), self._send_keys, self._mark)
        self._terminals.append(pane)
        return self._look(*pane.wait())

    def _send_keys(self, data: bytes) -> None:
        self._tmux("send-keys", "-H", *(f"{byte:02x}" for byte in data))

    def _tmux(self, *words: str) -> None:
        subprocess.run(
            ["tmux", "-S", os.path.join(self.world.root, "s"), *words],
            env=self.world.environ(),
            check=True,
            capture_output=True,
        )

    def _close_pane(self) -> Seen:
        pane = self._terminals.pop()
        self._tmux("kill-server")
        pane.reader.close()
        return self._look(*self._type(""))

    def __enter__(self) -> Session:  # noqa: PYI034 - Self is of Python 3.11
        """Return the session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up: close the terminal, which ends its shells."""
        if len(self._terminals) > 1:
            with contextlib.suppress(subprocess.CalledProcessError):
                self._tmux("kill-server")
            self._terminals.pop().reader.close()
        self._terminals[0].reader.close(force=True)


# ---- cases ----------------------------------------------------------------------------------------


def write_startup(shell: Shell, world: World, case: Case) -> None:
    """Write the shell's start-up files: the case's lines before the hook, the hook, its lines after."""
    before = [shell.spell(world, step.verb, step.argument) for step in case.rc]
    after = [shell.spell(world, step.verb, step.argument) for step in case.rc_after]
    file = shell.quote(os.path.join(world.state, shell.hook))
    program = shell.quote(os.path.join(world.state, "launcher"))
    hooks = {
        "sourced": [shell.hook_line.format(file=file)],
        "twice": [shell.hook_line.format(file=file)] * 2,
        "evaluated": [shell.hook_line_evaluated.format(program=program)],
        "none": [],
    }
    for name, text in shell.files(
        shell, world, "\n".join([*before, *hooks[case.hook]]), "\n".join(after)
    ).items():
        path = os.path.join(world.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file_:
            file_.write(text)


def play(shell: Shell, world: World, case: Case) -> list[str]:
    """Play the whole case in a real shell. Return one line for each expectation that did not hold."""
    world.build(case)
    write_startup(shell, world, case)
    first, folder = opening(case, world)
    failures: list[str] = []
    with Session(shell, world, world.environ(case.env), folder) as session:
        previous = start = session.opened
        if first:
            failures += compare(case.steps[0], 0, previous, previous, start, world)
        for number, step in enumerate(case.steps[len(first) :], len(first)):
            seen = session.step(step)
            failures += compare(step, number, seen, previous, start, world)
            previous = seen
    return failures


def opening(case: Case, world: World) -> tuple[tuple[Step, ...], str]:
    """Return the step that opens the terminal, if the case has one, and the folder to open it in."""
    first = tuple(step for step in case.steps[:1] if step.verb == "open")
    return first, world.absolute(first[0].argument) if first else world.folder


def compare(step: Step, number: int, seen: Seen, previous: Seen, start: Seen, world: World) -> list[str]:
    """Return what of the step's expectations does not hold, one line each."""
    where = f"step {number} ({step.verb} {step.argument!r})"
    found = observations(step, seen, previous, start, world)
    context = f"decisions {list(map(tuple_of, seen.decisions))}, said {seen.said!r}"
    return [
        f"{where}: {name} should be {wanted!r}, is {got!r}; {context}"
        for name, wanted, got in found
        if wanted != got
    ]


def tuple_of(decision: Decision) -> tuple[str, str]:
    """Return the two words of a decision."""
    return decision.action, decision.reason


Observation = tuple[str, object, object]


def observations(step: Step, seen: Seen, previous: Seen, start: Seen, world: World) -> Iterator[Observation]:
    """Yield name, wanted and found of each thing that the step expects."""
    yield from _decided(step.expect, seen, world)
    yield from _on_path(step.expect, seen, previous, start, world)
    yield from _on_terminal(step.expect, seen, world)
    for name in step.expect.absent:
        yield f"{name} exists", False, any(name in files for _, _, files in os.walk(world.root))


def _decided(want: Expect, seen: Seen, world: World) -> Iterator[Observation]:
    decision = seen.decision
    if want.action is not None and world.traced:
        yield "action", want.action, decision.action if decision else "none"
    if want.reason is not None and world.traced:
        yield "reason", want.reason, decision.reason if decision else "none"
    if want.active is not None:
        yield "VIRTUAL_ENV", world.absolute(want.active), seen.variables["VIRTUAL_ENV"]
    if want.processes is not None:
        yield "processes", want.processes, seen.processes
    for name, value in (want.env or {}).items():
        yield name, world.absolute(value), seen.variables[name]


def _on_path(want: Expect, seen: Seen, previous: Seen, start: Seen, world: World) -> Iterator[Observation]:
    path = seen.variables["PATH"]
    if want.path is not None:
        yield "PATH", {"start": start, "same": previous}[want.path].variables["PATH"], path
    if want.path_head is not None:
        head = [world.absolute(entry) for entry in want.path_head]
        yield "head of PATH", head, path.split(":")[: len(head)]
    for entry, times in (want.times_on_path or {}).items():
        yield f"times of {entry} on PATH", times, path.split(":").count(world.absolute(entry))
    if want.python is not None:
        yield "python", world.absolute(want.python), python_on(path, world)


def _on_terminal(want: Expect, seen: Seen, world: World) -> Iterator[Observation]:
    if want.label is not None:
        yield "prompt", f"({want.label}) " if want.label else "", seen.prompt
    if want.prompt is not None:
        yield "prompt", want.prompt, seen.prompt
    if want.status is not None:
        yield "status", want.status, seen.status
    if want.value is not None:
        value = re.search(r"^value=(.*)$", seen.said, re.MULTILINE)
        yield "value", world.absolute(want.value), value[1] if value else None
    if want.silent:
        yield "text", "", seen.said
    yield from ((f"says {shlex.quote(text)}", True, text in seen.said) for text in want.says)
    yield from ((f"says {shlex.quote(text)}", False, text in seen.said) for text in want.says_not)


def python_on(path: str, world: World) -> str:
    """Return the ``python`` that this PATH leads to, if it belongs to the case, else ""."""
    found = shutil.which("python", path=path) or ""
    return found if found.startswith(world.root + "/") else ""
