"""The beginner's story, played in a scratch home in a real shell on a pty: `python3 install.py --demo`.

Installs nothing: the home, the program's own environment and the projects lie in a temporary folder that is
removed at the end. What is printed is what the shell wrote. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATIENCE = 120  # seconds for one line; making a venv with pip in it takes some
PROMPT = re.compile(rb"(?:^|\n)(?:\([\w.-]+\) )?\$ $")
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()=>]\w?|\r")


class WentWrong(Exception):  # noqa: N818, said to a person
    """The story did not come out as it should."""


@dataclass(frozen=True)
class Line:
    """One line that the person types. ``active``: the project whose .venv is on afterwards ("" none)."""

    text: str
    active: str
    says: str = ""
    """Words that the line must make appear."""
    heading: str = ""


STORY = (
    Line("mkdir p; cd p", "", heading="A new project. The environment is on as soon as it is made:"),
    Line("python3 -m venv .venv", "p", "you made .venv"),
    Line("autovenv which", "p", "p/.venv/bin/python"),
    Line(
        "cd ..", "", heading="Leaving switches it off, coming back switches it on, in every new terminal too:"
    ),
    Line("cd p", "p"),
    Line("deactivate", "", heading="deactivate is still the way out, until the folder is left:"),
    Line("cd ..", ""),
    Line(
        "git clone -q theirs.git clone; cd clone",
        "",
        "this .venv is off",
        "Somebody else's repository brings a .venv of its own. It stays off:",
    ),
    Line("autovenv which", "", "not allowed"),
    Line("cd ..", ""),
)


def demo(arguments: list[str] | None = None) -> int:
    """Play the story and print it; return 0 only if it came out right. ``arguments`` may name bash or zsh."""
    names = [name for name in arguments or [] if name in _SHELLS]
    shell = names[0] if names else _preferred_shell(os.environ.get("SHELL", ""))
    with _scratch() as scratch:
        try:
            _require_tools(shell)
            print(
                f"A scratch home below {os.path.dirname(scratch)}, a real {shell}. Nothing is installed.\n",
                flush=True,
            )
            _prepare(scratch, shell)
            _play(scratch, shell)
        except WentWrong as error:
            print(f"\nautovenv: the demonstration went wrong: {error}", file=sys.stderr)
            return 1
    print("\nThe story came out as it should. To have it: python3 install.py")
    return 0


# How each shell is started without line editing, so that the transcript is plain text, and its rc file.
_SHELLS = {
    "bash": (["bash", "--noediting", "-i"], ".bashrc", "PS1='$ '\n"),
    "zsh": (["zsh", "-i"], ".zshrc", "unsetopt zle prompt_cr prompt_sp\nPS1='$ '\n"),
}

_THEIRS = {
    "pyvenv.cfg": "home = /usr/bin\n",
    "bin/activate": "echo hostile\n",
    "bin/python": "#!/bin/sh\necho hostile\n",
    "bin/ls": "#!/bin/sh\necho hostile\n",
}


def _preferred_shell(named: str) -> str:
    base = os.path.basename(named)
    return base if base in _SHELLS and shutil.which(base) else "bash"


def _require_tools(shell: str) -> None:
    for tool, package in ((shell, shell), ("git", "git")):
        if not shutil.which(tool):
            raise WentWrong(f"{tool} is missing; run: apt install {package}")
    probe = subprocess.run([_python(), "-c", "import ensurepip"], check=False, capture_output=True)
    if probe.returncode:
        raise WentWrong("this Python cannot make environments; run: apt install python3-venv")


def _python() -> str:
    return shutil.which("python3") or sys.executable


@contextlib.contextmanager
def _scratch() -> Iterator[str]:
    folder = os.path.realpath(tempfile.mkdtemp(prefix="autovenv-demo-"))
    os.mkdir(os.path.join(folder, "home"), 0o700)
    try:
        yield os.path.join(folder, "home")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(home: str, shell: str) -> None:
    program = _program(os.path.dirname(home))
    with open(os.path.join(home, _SHELLS[shell][1]), "w", encoding="ascii") as rc:
        rc.write(_SHELLS[shell][2])
    _check([program, "install-hook", "--yes", shell], home)
    work = os.path.join(os.path.dirname(home), "upstream")
    _check(["git", "init", "-q", work], home)
    os.makedirs(os.path.join(work, ".venv", "bin"))
    for name, text in (
        ("pyvenv.cfg", "home = /usr/bin\n"),
        ("bin/activate", "echo hostile\n"),
        ("bin/ls", "echo hostile\n"),
    ):
        with open(os.path.join(work, ".venv", name), "w", encoding="ascii") as file:
            file.write(text)
    _check(["git", "-C", work, "add", "-f", "."], home)
    _check(
        ["git", "-C", work, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x"], home
    )
    _check(["git", "clone", "-q", "--bare", work, os.path.join(home, "theirs.git")], home)


def _program(scratch: str) -> str:
    """Return a launcher for this checkout; its two libraries come from this Python or a scratch venv."""
    python = sys.executable
    if subprocess.run(
        [python, "-c", "import click, shellingham"], check=False, capture_output=True
    ).returncode:
        print("Fetching click and shellingham into the scratch folder ...", flush=True)
        venv = os.path.join(scratch, "program")
        _check([python, "-m", "venv", venv], scratch)
        python = os.path.join(venv, "bin", "python")
        _check([python, "-m", "pip", "install", "-q", "click>=8.1", "shellingham>=1.5"], scratch)
    path = os.path.join(scratch, "autovenv")
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(f"#!{python}\nimport sys\nsys.path.insert(0, {os.path.join(ROOT, 'src')!r})\n")
        file.write("from autovenv.entry import main\nsys.exit(main())\n")
    os.chmod(path, 0o700)
    return path


def _check(words: list[str], home: str) -> None:
    done = subprocess.run(
        words, check=False, capture_output=True, text=True, env=_environment(home), stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise WentWrong(f"{' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")


def _environment(home: str) -> dict[str, str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key.startswith(("PIP_", "SSL_", "LANG", "LC_")) or key.endswith(("_proxy", "_PROXY"))
    }
    path = os.environ.get("PATH", os.defpath)
    return kept | {
        "HOME": home,
        "ZDOTDIR": home,
        "PATH": path,
        "TERM": "dumb",
        "HISTFILE": os.path.join(home, "history"),
    }


def _play(home: str, shell: str) -> None:
    terminal = _Terminal(_SHELLS[shell][0], home)
    try:
        terminal.read_to_prompt()
        for line in STORY:
            if line.heading:
                print("\n" + "\n".join("# " + part for part in textwrap.wrap(line.heading, 96)))
            text = terminal.type(line.text)
            _judge(line, text, terminal.active(), home)
    finally:
        terminal.close()


def _judge(line: Line, text: str, active: str, home: str) -> None:
    expected = os.path.join(home, line.active, ".venv") if line.active else ""
    if active != expected:
        raise WentWrong(f"after `{line.text}` VIRTUAL_ENV is {active!r}, not {expected!r}")
    if line.says not in text or "hostile" in text:
        raise WentWrong(f"after `{line.text}` the shell did not say {line.says!r}")


class _Terminal:
    """A shell on a pty. What it writes is shown, but for the questions that we ask it behind the scene."""

    def __init__(self, words: list[str], home: str) -> None:
        self.home = home
        self.prompt = ""
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.chdir(home)
            os.execvpe(words[0], words, _environment(home))  # noqa: S606

    def type(self, text: str) -> str:
        """Type a line, show what comes, return it."""
        print(self.prompt, end="", flush=True)
        os.write(self.fd, text.encode() + b"\n")
        shown = self.read_to_prompt().removesuffix(self.prompt).replace(self.home, "~")
        print(shown, end="", flush=True)
        return shown

    def active(self) -> str:
        """Ask the shell for VIRTUAL_ENV, unseen."""
        os.write(self.fd, b"printf '%s%s\\n' '<<' \"$VIRTUAL_ENV>>\"\n")
        found = re.search(r"<<(.*)>>\n", self.read_to_prompt())
        return found.group(1) if found else "?"

    def read_to_prompt(self) -> str:
        """Return what the shell writes up to and with its next prompt."""
        data, until = b"", time.monotonic() + PATIENCE
        while not PROMPT.search(data):
            if not select.select([self.fd], [], [], max(0.0, until - time.monotonic()))[0]:
                raise WentWrong(f"no prompt within {PATIENCE} seconds; the shell wrote: {data!r}")
            data = ESCAPES.sub(b"", data + self._some())
        text = data.decode("utf-8", "replace")
        self.prompt = text.rpartition("\n")[2]
        return text

    def _some(self) -> bytes:
        try:
            some = os.read(self.fd, 65536)
        except OSError:
            some = b""
        if not some:
            raise WentWrong("the shell ended")
        return some

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.kill(self.child, signal.SIGHUP)
        os.close(self.fd)
        os.waitpid(self.child, 0)


if __name__ == "__main__":
    sys.exit(demo(sys.argv[1:]))
