"""The Wine machine of the tests: where it is, how a program runs in it, and a console that a person types in.

What stands in for Windows, and is said where figures are published: macros are expanded by :mod:`wine.doskey`, as Wine
has no console aliases; AutoRun's text is typed, as Wine never runs it; CMDCMDLINE is a variable, as Wine does not
define it; so is TIME, which Wine gives without seconds; the console's history is a file, which a stand-in for
doskey.exe prints; the console is a pipe.
"""

from __future__ import annotations

import fcntl
import functools
import io
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import termios
import time
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import IO

from wine import doskey

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wine")
REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PYTHON = r"C:\python\python.exe"
TIMEOUT = 120
# Taken when this is imported: each test has a home of its own.
CACHE = os.environ.get("AUTOVENV_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ["HOME"], ".cache"), "autovenv-tests"
)
AUTORUN = r'(if exist "%LOCALAPPDATA%\autovenv\cmd\autorun.bat" "%LOCALAPPDATA%\autovenv\cmd\autorun.bat")'
SYSTEM_PATH = r"C:\windows\system32;C:\windows"


@functools.cache
def root() -> str:
    """Return the folder of the machine, which is made if there is none yet. Fails if that cannot be."""
    made = subprocess.run(
        ["sh", SCRIPT, "setup"],
        env={**os.environ, "AUTOVENV_CACHE": CACHE, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def words(program: str, *arguments: str) -> list[str]:
    """Return the command that runs a Windows program."""
    return ["sh", SCRIPT, "run", program, *arguments]


def environ(**more: str) -> dict[str, str]:
    """Return the environment of such a command; Wine makes Windows' own variables by itself."""
    language = {"WINE_LANG": os.environ["AUTOVENV_TEST_LANG"]} if "AUTOVENV_TEST_LANG" in os.environ else {}
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "AUTOVENV_CACHE": CACHE, **language, **more}


def run(program: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run a Windows program to its end. Its output goes to files: what Wine starts beside it would keep a pipe open."""
    root()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        done = subprocess.run(
            words(program, *arguments),
            env=environ(**more),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            timeout=TIMEOUT,
            check=False,
        )
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())


def host(path: str) -> str:
    """Return where ``C:\\…`` lies on this machine."""
    assert path[:3].lower() == "c:\\", path
    return os.path.join(root(), "wine", "drive_c", *path[3:].split("\\"))


def launcher(script: str) -> bytes:
    """Return a Windows program that runs a Python script: what pip makes for a console script."""
    import pip._vendor.distlib as distlib

    with open(os.path.join(os.path.dirname(distlib.__file__), "t64.exe"), "rb") as stream:
        head = stream.read()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("__main__.py", script)
    return head + f"#!{PYTHON}\r\n".encode() + data.getvalue()


@functools.cache
def sources() -> str:
    """Return the Windows folder with a copy of this checkout's package and hooks, made once for each process."""
    folder = f"C:\\t\\src-{uuid.uuid4().hex[:8]}"
    for name in ("src", "shims", "completions"):
        shutil.copytree(
            os.path.join(REPOSITORY, name),
            host(f"{folder}\\{name}"),
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    return folder + "\\src"


def python(script: str, *arguments: str, **more: str) -> str:
    """Run a Python script on the Windows CPython with autovenv importable, and return what it prints.

    Fails with its stderr if it fails.
    """
    head = f"import sys; sys.path.insert(0, {sources()!r})\n"
    done = run(PYTHON, "-X", "utf8", "-c", head + script, *arguments, **more)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8").replace("\r\n", "\n")


DOSKEY = """
import os, sys
name = os.environ.get("AUTOVENV_TEST_HISTORY", "")
ending = {"/history": "", "/macros:cmd.exe": ".macros"}.get("".join(sys.argv[1:]))
if ending is not None and name:
    with open(name + ending, encoding="utf-8") as answer:
        sys.stdout.write(answer.read())
"""


@functools.cache
def console_history() -> None:
    """Put a stand-in for doskey.exe into the machine: it prints, as history and macros, the files that a Console writes."""
    path = host("C:\\windows\\system32\\doskey.exe")
    with open(f"{path}.{os.getpid()}", "wb") as stream:
        stream.write(launcher(DOSKEY))
    os.replace(f"{path}.{os.getpid()}", path)


PROGRAM = """
import os, sys
sys.path.insert(0, {sources!r})
with open({calls!r}, "a", encoding="utf-8") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
from autovenv.entry import main
sys.exit(main())
"""


@dataclass(slots=True)
class Place:
    """One test's part of the machine: a user with autovenv installed, and a folder ``w`` to work in."""

    root: str = field(default_factory=lambda: f"C:\\t\\{uuid.uuid4().hex[:10]}")

    @property
    def user(self) -> str:
        """The user's home folder."""
        return self.root + "\\user"

    @property
    def local(self) -> str:
        """LOCALAPPDATA."""
        return self.user + "\\Local"

    @property
    def home(self) -> str:
        """autovenv's own folder."""
        return self.local + "\\autovenv"

    @property
    def folder(self) -> str:
        """The folder that a person's commands start in."""
        return self.root + "\\w"

    def build(self) -> Place:
        """Make the folders, copy the hooks, and write the program."""
        for folder in (self.folder, self.home + "\\cmd", self.home + "\\bin"):
            os.makedirs(host(folder), exist_ok=True)
        source = os.path.join(REPOSITORY, "shims", "cmd")
        for name in os.listdir(source):
            shutil.copyfile(os.path.join(source, name), host(f"{self.home}\\cmd\\{name}"))
        with open(host(self.home + "\\bin\\autovenv.exe"), "wb") as stream:
            stream.write(launcher(PROGRAM.format(sources=sources(), calls=self.root + "\\calls")))
        with open(host(self.home + "\\cmd\\program"), "wb") as stream:
            stream.write(b"..\\bin\\autovenv.exe\r\n")
        return self

    def calls(self) -> list[str]:
        """Return the words of each start of the program by a hook."""
        try:
            with open(host(self.root + "\\calls"), encoding="utf-8") as log:
                return log.read().splitlines()
        except FileNotFoundError:
            return []

    def variables(self) -> dict[str, str]:
        """Return the variables of this user's session."""
        return {
            "USERPROFILE": self.user,
            "LOCALAPPDATA": self.local,
            "APPDATA": self.user + "\\Roaming",
            "TEMP": self.user + "\\Temp",
            "TMP": self.user + "\\Temp",
        }

    def python(self, script: str, *arguments: str) -> str:
        """Run a script as this user; ``home`` (a trust.Home), ``w`` and ``environ`` are there already."""
        head = (
            "import os, sys\n"
            f"os.environ.update({self.variables()!r}); environ = dict(os.environ)\n"
            f"from autovenv import consent, trust, verify\nhome = trust.Home({self.home!r}); w = {self.folder!r}\n"
        )
        return python(head + script, *arguments)

    def make(self, venvs: list[str] = (), *, allow: list[str] = (), folders: list[str] = ()) -> None:  # type: ignore[assignment]
        """Make environments below ``w``, two hours old, and allow projects."""
        self.python(
            "import time, venv\n"
            "venvs, allow, folders = eval(sys.argv[1])\n"
            "for one in folders: os.makedirs(os.path.join(w, one), exist_ok=True)\n"
            "for one in venvs:\n"
            "    folder = os.path.join(w, one)\n"
            "    venv.create(folder)\n"
            "    for path in (os.path.join(folder, 'pyvenv.cfg'), os.path.join(folder, 'Scripts')):\n"
            "        os.utime(path, (time.time() - 7200,) * 2)\n"
            "for one in allow: consent.allow(home, pwd=w, project=os.path.join(w, one), environ=environ)\n",
            repr((list(venvs), list(allow), list(folders))),
        )


class Console:
    """A cmd that a person types in. ``type`` sends a line as the console host would, and returns what was said."""

    MARK = "~@~"

    def __init__(
        self,
        place: Place,
        *options: str,
        folder: str = "",
        hook: bool = True,
        unix: dict[str, str] | None = None,
        trace: bool = False,
        **more: str,
    ) -> None:
        """Start cmd in ``folder``, with ``more`` variables; ``hook``: do what AutoRun does.

        ``unix``: variables that come in through the environment, whatever the code page is. ``trace``: have Wine
        note each process that is started, see :meth:`started`; what is said on stderr is not returned then.
        """
        self.place = place
        root()
        with open(host(place.home + "\\cmd\\macros.txt"), encoding="ascii") as stream:
            self.macros = doskey.read_macros(stream.read()) if hook else {}
        # Written by Wine, read by another descriptor: the two must not share a place in the file.
        written = tempfile.NamedTemporaryFile() if trace else None  # noqa: SIM115
        self.trace: IO[bytes] | None = open(written.name, "rb") if written else None  # noqa: SIM115
        self.child = subprocess.Popen(
            words("cmd", "/d", *options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=written or subprocess.STDOUT,
            env=environ(**(unix or {}), **({"WINE_DEBUG": "-all,+process"} if trace else {})),
        )
        if written:
            written.close()
        self.count = 0
        self.prompt = ""
        self.there = ""
        console_history()
        self.history = place.root + "\\history-" + uuid.uuid4().hex[:6]
        started = {**place.variables(), "PATH": SYSTEM_PATH, "CMDCMDLINE": "cmd", "PROMPT": "#$S"}
        started |= {"AUTOVENV_TEST_HISTORY": self.history, **more}
        for name, value in started.items():
            self.send(f'set "{name}={value}"')
        self.send(f'cd /d "{folder or place.folder}"')
        self.opened = self.autorun() if hook else ""

    def autorun(self) -> str:
        """Do by hand what AutoRun does. Its doskey would find no console; the macros are expanded here."""
        self.send('set "SystemRoot=C:\\nowhere"')
        said = self.send(AUTORUN)
        self.send('set "SystemRoot=C:\\windows"')
        return said

    def type(self, line: str) -> str:
        """Type a line, with the macros of the console, and return what was printed."""
        with open(host(self.history), "a", encoding="utf-8") as history:
            history.write(line + "\n")
        if line.startswith("autovenv "):
            with open(host(self.history) + ".macros", "w", encoding="utf-8") as macros:
                macros.write(doskey.show(self.macros))
        if "before.bat" in doskey.expand(line, self.macros)[0]:
            self.send(f'set "TIME={time.strftime("%H:%M:%S")},00"')
        said = []
        for one in doskey.expand(line, self.macros):
            # Wine 10 takes no ( in the rest of a line that begins with a group: the group is a line of its own.
            guard = re.match(r"(\(if [^)]*\))&(?=.)", one) if one != line else None
            parts = [guard.group(1), one[guard.end() :]] if guard else [one]
            said += [self.send(part) for part in parts]
        return "\n".join(filter(None, said))

    def send(self, line: str) -> str:
        """Give cmd one line as it stands, and return what was printed up to the next prompt."""
        self.count += 1
        mark = f"{self.MARK}{self.count}{self.MARK}"
        stdin, stdout = self._pipes()
        # The error level is what the line left; echo does not change it.
        for each in (line, f"echo {mark}%errorlevel%{self.MARK}"):
            # Wine's cmd takes all that is in the pipe, and uses the first line of it: one line at a time, then.
            until = time.monotonic() + TIMEOUT
            while fcntl.ioctl(stdin.fileno(), termios.FIONREAD, b"\0\0\0\0") != b"\0\0\0\0":
                assert time.monotonic() < until, f"cmd hangs before {line!r}"
                os.sched_yield()
            os.write(stdin.fileno(), each.encode("utf-8") + b"\r\n")
        text = b""
        end = re.compile(re.escape(mark).encode() + rb"(-?\d+)" + re.escape(self.MARK).encode() + rb"\r\n")
        while not (found := end.search(text)):
            assert select.select([stdout], [], [], TIMEOUT)[0], f"cmd hangs at {line!r}: {text!r}"
            piece = os.read(stdout.fileno(), 65536)
            assert piece, f"cmd ended at {line!r}: {text!r}"
            text += piece
        self.status = int(found.group(1))
        said = text[: found.start()].decode("utf-8", "replace").replace("\r\n", "\n")
        self.raw = said
        said, _, self.prompt = said.rpartition("\n")
        kept = [one for one in said.split("\n") if one and not self._label(one)]
        return "\n".join(re.sub(r"^(\([^()]*\) )*# ", "", one) for one in kept).strip("\n")

    @staticmethod
    def _label(line: str) -> bool:
        # Wine prints labels and :: lines of batch files, behind the prompt, while echo is on; cmd does not.
        return bool(re.match(r"^(\(.*\) )?# ?:|^(\(.*\) )?# ?$", line))

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self.child.stdin is not None and self.child.stdout is not None
        return self.child.stdin, self.child.stdout

    def started(self) -> list[str]:
        """Return the command line of each process that was started since the last call, by anything in this console.

        Wine writes the line before the program runs, so what a line has started is there when its mark is.
        """
        assert self.trace is not None
        text = self.trace.read().decode("utf-8", "replace")
        return re.findall(r":trace:process:NtCreateUserProcess .* cmdline L\"(.*)\" parent", text)

    def value(self, name: str) -> str:
        """Return a variable, exactly; "" if there is none."""
        for line in self.send(f"set {name}").split("\n"):
            key, equals, value = line.partition("=")
            if equals and key.lower() == name.lower():
                return value
        return ""

    def variables(self) -> dict[str, str]:
        """Return all variables, by their names in capitals."""
        pairs = (line.partition("=") for line in self.send("set").split("\n"))
        return {name.upper(): value for name, equals, value in pairs if equals}

    def __enter__(self) -> Console:  # noqa: PYI034 - Self is of Python 3.11
        """Return the console itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        stdin, stdout = self._pipes()
        stdin.close()
        stdout.close()
        if self.trace is not None:
            self.trace.close()
        self.child.kill()
        self.child.wait()
