"""A home with markers written by hand, a shell typed into on a pty, and what strace saw of it.

The markers are written from the protocol page (shims/README.md), not by the program: what is counted here
is the hook alone.
Used by test_syscalls.py and by benchmarks/.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pexpect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROMPT = "ready> "
TIMEOUT = 60
"""Seconds until a shell that shows no prompt counts as hung."""
TWINS = (("cfg", "pyvenv.cfg"), ("bin", "bin"))


@dataclass(frozen=True, slots=True)
class Shell:
    """How one shell is started, and where it reads the lines that we give it."""

    name: str
    arguments: tuple[str, ...]
    startup: str
    """Its start-up file, below the home."""
    plain: str
    """Lines that make it quiet, with the prompt that we wait for."""
    source: str = ". '{}'"


SHELLS = {
    "bash": Shell(
        "bash", ("-i",), ".bashrc", f"PS1='{PROMPT}'\nunset HISTFILE\nbind 'set enable-bracketed-paste off'\n"
    ),
    "zsh": Shell(
        "zsh", ("-d", "-i"), ".zshrc", f"PS1='{PROMPT}'\nunsetopt prompt_sp prompt_cr\nunset HISTFILE\n"
    ),
    "fish": Shell(
        "fish",
        ("-i",),
        ".config/fish/config.fish",
        "set -g fish_autosuggestion_enabled 0\nfunction fish_greeting; end\nfunction fish_title; end\n"
        f"function fish_prompt; echo -n '{PROMPT}'; end\n",
        "source '{}'",
    ),
}


@dataclass(frozen=True, slots=True)
class Home:
    """One person's home folder, with autovenv's state folder in it. Paths are plain ASCII without quotes."""

    path: str

    @property
    def state(self) -> str:
        """The folder of the hooks and the markers."""
        return os.path.join(self.path, ".local", "share", "autovenv")

    def environ(self) -> dict[str, str]:
        """Return the whole environment of a terminal of this person."""
        return {
            "HOME": self.path,
            "ZDOTDIR": self.path,
            "XDG_CONFIG_HOME": os.path.join(self.path, ".config"),
            "XDG_DATA_HOME": os.path.join(self.path, ".local", "share"),
            "XDG_CACHE_HOME": os.path.join(self.path, ".cache"),
            "TERM": "dumb",
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        }

    def set_up(self, shell: Shell, hook: str | None, more: str = "") -> None:
        """Write the shell's start-up file: quiet, then the hook file ``hook`` (or none), then the lines of
        ``more``.
        """
        startup = os.path.join(self.path, shell.startup)
        os.makedirs(os.path.dirname(startup), exist_ok=True)
        # fish would start a python in the background to fill this folder, if it were not there.
        os.makedirs(os.path.join(self.path, ".local/share/fish/generated_completions"), exist_ok=True)
        os.makedirs(os.path.join(self.state, "trust"), mode=0o700, exist_ok=True)
        text = shell.plain
        if hook is not None:
            copy = os.path.join(self.state, f"hook.{shell.name}")
            shutil.copyfile(hook, copy)
            text += shell.source.format(copy) + "\n"
        write(startup, text + more)

    def allow(self, project: str) -> None:
        """Write the marker and the twins of ``project``, whose venv must exist."""
        mirror = self.allow_without_venv(project)
        for short, name in TWINS:
            times = os.stat(os.path.join(project, ".venv", name)).st_mtime_ns
            for end in ("lo", "hi"):
                twin = os.path.join(mirror, f".autovenv-{short}-{end}")
                write(twin, "")
                os.utime(twin, ns=(times, times))

    def allow_without_venv(self, project: str) -> str:
        """Write only the marker. Return its folder in the mirror."""
        mirror = f"{self.state}/trust{project}"
        os.makedirs(mirror, mode=0o700, exist_ok=True)
        venv = f"{project}/.venv"
        write(f"{mirror}/.autovenv-allow", f"autovenv 1\n{project}\n{venv}\n{venv}/bin\n.venv\n")
        self.begin_epoch()
        return mirror

    def begin_epoch(self) -> None:
        """A marker has changed: the epoch of before ends, and the next begins."""
        path = f"{self.state}/trust/.autovenv-epoch"
        number = 0
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                number = int(file.read())
            os.unlink(f"{path}-{number}")
        write(path, f"{number + 1}\n")
        write(f"{path}-{number + 1}", "")


def shipped_hook(shell: Shell) -> str:
    """Return the path of the hook file in this repository."""
    return os.path.join(REPOSITORY, "shims", f"hook.{shell.name}")


def write(path: str, text: str) -> None:
    """Write a text file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def forge_venv(project: str) -> None:
    """Make ``project`` with something in it that looks to a hook like a venv; no interpreter is needed."""
    os.makedirs(os.path.join(project, ".venv", "bin"))
    write(os.path.join(project, ".venv", "pyvenv.cfg"), f"home = {os.path.dirname(sys.executable)}\n")


class Terminal:
    """A pty on which somebody types lines into an interactive shell."""

    def __init__(self, command: Sequence[str], home: Home, folder: str) -> None:
        """Start ``command`` in ``folder`` and wait for the first prompt."""
        program = shutil.which(command[0])
        if program is None:
            raise FileNotFoundError(f"{command[0]} is not installed")
        self.child = pexpect.spawn(
            program,
            list(command[1:]),
            env={**home.environ(), "PWD": folder},
            cwd=folder,
            dimensions=(50, 4000),
            echo=False,
            timeout=TIMEOUT,
            encoding="utf-8",
        )
        self.child.delaybeforesend = None
        self.child.expect_exact(PROMPT)

    def type(self, line: str, *, after: str = "") -> str:
        """Type one line and wait for the next prompt, or the one after the text ``after``. Return what came
        before it.

        fish may draw a prompt more than once.
        """
        self.child.send(line + "\r")
        if after:
            self.child.expect_exact(after)
        self.child.expect_exact(PROMPT)
        return self.child.before

    def leave(self) -> None:
        """Leave the shell and wait until it, and a tracer around it, have ended."""
        self.child.send("exit\r")
        self.child.expect(pexpect.EOF)
        self.child.close()

    def close(self) -> None:
        """Hang up."""
        self.child.close(force=True)


# ---- strace ---------------------------------------------------------------------------------------

LINE = re.compile(
    r"(\d+) +(?:<\.\.\. (?P<again>\w+) resumed>(?P<rest>.*)|(?P<name>\w+)\((?P<text>.*))$", re.DOTALL
)
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
FOLDER = re.compile(r"^(?:AT_FDCWD|\d+)<([^>]*)>")
NAMES_A_FILE = re.compile(
    r"^(?:open|openat|openat2|creat|stat|lstat|newfstatat|fstatat64|statx|access|faccessat2?|readlink|readlinkat|chdir"
    r"|execve|execveat|mkdir|mkdirat|unlink|unlinkat|rename|renameat2?|utime|utimensat|chmod|fchmodat|statfs|getxattr|lgetxattr)$"
)
OPENS = frozenset({"open", "openat", "openat2", "creat"})
MARK = re.compile(r'"/MARK-(\w+)"')
TERMINAL_CALLS = frozenset(
    [
        "read",
        "write",
        "ioctl",
        "select",
        "pselect6",
        "poll",
        "ppoll",
        "rt_sigaction",
        "rt_sigprocmask",
        "rt_sigreturn",
        "alarm",
        "futex",
    ]
)
"""What a line editor does while somebody types, and what waits for it: their number depends on how fast the
keys come.
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One system call, as strace printed it."""

    pid: int
    name: str
    text: str
    folder: str
    """The working folder at that moment."""

    @property
    def path(self) -> str | None:
        """The absolute path that the call names, if it is one that names a file."""
        if not NAMES_A_FILE.match(self.name):
            return None
        quoted = QUOTED.search(self.text)
        if quoted is None or not quoted[1]:
            return None
        base = FOLDER.match(self.text)
        return os.path.normpath(os.path.join(base[1] if base else self.folder, quoted[1]))

    @property
    def starts_process(self) -> bool:
        """Whether it made a process or started a program; a thread is neither."""
        if self.name in {"fork", "vfork", "execve", "execveat"}:
            return True
        return self.name in {"clone", "clone3"} and "CLONE_THREAD" not in self.text


def read_calls(log: str) -> Iterator[Call]:
    """Yield the calls that ``strace -f -y -o LOG`` has written, in the order in which they began."""
    with open(log, encoding="utf-8", errors="surrogateescape") as file:
        lines = [match for match in map(LINE.match, file) if match]
    calls: list[tuple[int, str, str]] = []
    begun: dict[int, int] = {}
    for match in lines:
        pid = int(match[1])
        if match["name"]:
            begun[pid] = len(calls)
            calls.append((pid, match["name"], match["text"]))
        elif pid in begun:
            _, name, text = calls[begun[pid]]
            calls[begun[pid]] = (pid, name, text.replace("<unfinished ...>", "") + match["rest"])
    folders: dict[int, str] = {}
    for pid, name, text in calls:
        base = re.match(r"AT_FDCWD<([^>]*)>", text)
        folder = folders[pid] = base[1] if base else folders.get(pid, "/")
        yield Call(pid, name, text, folder)


@dataclass(frozen=True, slots=True)
class Trace:
    """What a shell did between its start and its end, cut at the marks that its lines carry."""

    parts: dict[str, tuple[Call, ...]]

    def processes(self, *names: str) -> list[str]:
        """Return the processes and programs started in these parts (in all, without names), one text each."""
        chosen = names or tuple(self.parts)
        return [
            f"{call.name}({call.text.strip()}"
            for name in chosen
            for call in self.parts[name]
            if call.starts_process
        ]

    def of_shell(self, name: str) -> list[Call]:
        """Return the calls of the shell's main thread in one part.

        fish colours what is typed in another thread.
        """
        shell = self.parts["start"][0].pid
        return [call for call in self.parts[name] if call.pid == shell]

    def paths(self, name: str) -> Counter[str]:
        """Count the files that the shell named in one part."""
        return Counter(call.path for call in self.of_shell(name) if call.path and not MARK.search(call.text))

    def opened(self, name: str) -> Counter[str]:
        """Count the files that the shell tried to open in one part."""
        return Counter(call.path for call in self.of_shell(name) if call.name in OPENS and call.path)

    def calls(self, name: str) -> int:
        """Count the shell's system calls in one part, but for those of the typing."""
        return sum(call.name not in TERMINAL_CALLS for call in self.of_shell(name))


def marked(name: str, line: str) -> str:
    """Return a line whose first command shows as ``name`` in the trace: `test` is a builtin, and no hook is
    called for it.
    """
    return f"test -e /MARK-{name}; {line}"


def play(shell: Shell, home: Home, folder: str, steps: Iterable[tuple[str, str]], log: str) -> Trace:
    """Type ``steps`` (name of the part, line) into the shell under strace.

    A part reaches to the next one's line.
    """
    tracer = ["strace", "-f", "-y", "-s", "4096", "-o", log, "--", shell.name, *shell.arguments]
    terminal = Terminal(tracer, home, folder)
    try:
        for name, line in steps:
            for typed in marked(name, line).split("\n"):
                terminal.type(typed)
        terminal.type(marked("end", ":"))
        terminal.leave()
    finally:
        terminal.close()
    return cut(read_calls(log))


def cut(calls: Iterable[Call]) -> Trace:
    """Cut the calls into parts at their marks; the part before the first mark is called "start"."""
    parts: dict[str, list[Call]] = {"start": []}
    part = parts["start"]
    for call in calls:
        mark = MARK.search(call.text)
        if mark and mark[1] not in parts:
            part = parts[mark[1]] = []
        part.append(call)
    return Trace({name: tuple(part) for name, part in parts.items()})


def descriptors(pid: int) -> dict[str, str]:
    """Return the open file descriptors of a process, each with what it leads to."""
    folder = f"/proc/{pid}/fd"
    return {number: os.readlink(os.path.join(folder, number)) for number in sorted(os.listdir(folder))}


def resident(pid: int) -> int:
    """Return the resident memory of a process in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def version(shell: str) -> str:
    """Return the first line that the shell says about its version."""
    done = subprocess.run(
        [shell, "--version"], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )
    return done.stdout.splitlines()[0]
