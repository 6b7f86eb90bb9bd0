"""One person at one terminal: what is typed, what is seen, and what autovenv remembers of it.

A story is played in a real interactive shell on a pty, with the real tools, on a disk of its own. It is built
on the harness of the conformance table: a line is sent when the mark of a new prompt has been read, and
nothing sleeps.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from contextlib import ExitStack
from typing import TYPE_CHECKING

from conformance import harness, shells
from conformance.table import Case, Expect, Step
from conformance.world import World, python_outside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from autovenv.words import Word
    from conformance.harness import Seen
    from conformance.shells import Shell

MADE = "autovenv: you made .venv, so it switches on here by itself from now on"
ACTIVATED = "autovenv: you activated .venv, so it switches on here by itself from now on"
HINT = "autovenv: this .venv is off, because I did not see you make it. If it is yours, type: autovenv allow"
SHELLS = tuple(name for name in shells.SHELLS if name != "pwsh")
"""PowerShell's lines are other ones: its stories are in test_powershell.py."""
TOOLS = ("uv", "virtualenv", "poetry")
"""What the stories run beside python itself; all of them are in the test environment (pyproject.toml)."""
PATIENCE = 120
"""Seconds until a tool that does not end counts as hung."""
OFFLINE = {
    "UV_OFFLINE": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    "PIP_NO_INDEX": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"))
}
GIT = {**AUTHOR, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


class Terminal(harness.Session):
    """A terminal window with a shell in it."""

    def __init__(self, shell: Shell, world: World, environ: Mapping[str, str], folder: str) -> None:
        """Open it in ``folder``; the real tools may take longer than a shell does."""
        super().__init__(shell, world, environ, folder)
        self._terminals[-1].reader.timeout = PATIENCE

    def types(self, line: str) -> Seen:
        """Type the line and Enter; return what can be seen at the next prompt."""
        return self.step(Step("typed", line, Expect()))

    def types_unwatched(self, line: str) -> str:
        """Type the line without the harness's own line after it, which would be in the history as well."""
        return os.fsdecode(self._type(line)[0])

    def pastes(self, *lines: str) -> Seen:
        """Paste several lines into a shell that takes them one by one; return what is seen in the end."""
        terminal = self._terminals[-1]
        terminal.write(b"".join(line.encode() + b"\r" for line in lines))
        said = [terminal.wait() for _ in lines]
        return self._look(b"".join(text for text, _ in said), said[-1][1])

    def pastes_as_one(self, *lines: str) -> Seen:
        """Paste several lines into a shell that knows a paste from typing, and press Enter."""
        terminal = self._terminals[-1]
        terminal.write(b"\x1b[200~" + "\n".join(lines).encode() + b"\x1b[201~\r")
        return self._look(*terminal.wait())


class Story:
    """The disk, the terminals, and the questions that every story asks at its end."""

    def __init__(
        self,
        shell: str,
        root: str,
        *,
        rc: str = "",
        rc_after: str = "",
        environ: Mapping[str, str] | None = None,
        base: Callable[[], str] = python_outside,
    ) -> None:
        """Build the disk. ``rc`` and ``rc_after`` are the person's own start-up lines, before and after ours.

        ``base`` gives the interpreter that ``python3`` is in this world.
        """
        self.shell: Shell = shells.SHELLS[shell]
        self.world = World(root)
        self.base = base()
        self._stack = ExitStack()
        self.world.build(Case("story", ()))
        self._tools()
        typed = [Step("typed", line, Expect()) for line in (rc, rc_after)]
        harness.write_startup(self.shell, self.world, Case("story", (), rc=(typed[0],), rc_after=(typed[1],)))
        self.environ = {**self.world.environ(), **OFFLINE, **GIT, **(environ or {})}
        self.environ.pop("AUTOVENV_TRACE")
        self.project = os.path.join(self.world.folder, "p")
        os.mkdir(self.project)

    def _tools(self) -> None:
        # Scripts, no links: python looks for its library beside the path by which it was started.
        self.program("tools/python3", f'exec {self.base} "$@"')
        for name in TOOLS:
            path = os.path.join(sys.prefix, "bin", name)
            assert os.path.exists(path), f"{name} is not in the test environment"
            self.program(f"tools/{name}", f'exec {path} "$@"')

    # ---- the terminal ----

    def terminal(self, folder: str = "", **environ: str) -> Terminal:
        """Open a terminal in ``folder`` (default: the project's)."""
        where = folder or self.project
        return self._stack.enter_context(Terminal(self.shell, self.world, {**self.environ, **environ}, where))

    def close(self) -> None:
        """Close all terminals."""
        self._stack.close()

    # ---- the disk ----

    def path(self, *parts: str) -> str:
        """Return a path below the folder of projects."""
        return os.path.join(self.world.folder, *parts)

    def file(self, path: str, text: str) -> str:
        """Write a file below the story's root and return its path."""
        path = os.path.join(self.world.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def program(self, path: str, body: str) -> str:
        """Write a shell script below the story's root and return its path."""
        path = self.file(path, f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)
        return path

    def run(self, *words: str, cwd: str = "", **environ: str) -> str:
        """Run a program outside the terminal, as on another day; return its stdout."""
        done = subprocess.run(
            words,
            cwd=cwd or self.world.folder,
            env={**self.environ, **environ},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def venv(self, path: str) -> str:
        """Make a real environment outside the terminal and return its folder."""
        venv = self.path(path)
        self.run(self.base, "-I", "-m", "venv", "--without-pip", venv)
        return venv

    def arm(self, venv: str, *names: str) -> str:
        """Make the environment leave a trace when anything of it runs: python, activate, its own ``ls``."""
        for name in names or ("python", "python3", "activate", "activate.fish", "ls"):
            path = os.path.join(venv, "bin", name)
            if os.path.lexists(path):
                os.unlink(path)
            self.program(path, f"echo {name} >>{os.path.join(self.world.root, 'ran')}")
        return venv

    def hostile(self, path: str) -> str:
        """Make an environment as an attacker would bring it, good to the eye; return its folder.

        It would pass the judgement: what keeps it off is the missing consent and nothing else.
        """
        return self.arm(self.venv(path), "python", "python3", "activate", "activate.fish", "harmless")

    @property
    def ran(self) -> list[str]:
        """What was run of armed environments."""
        try:
            with open(os.path.join(self.world.root, "ran"), encoding="utf-8") as file:
                return file.read().split()
        except FileNotFoundError:
            return []

    def remembered(self, name: str = ".autovenv-") -> list[str]:
        """Return the files below the mirror whose names begin with ``name``, as paths from its top."""
        top = self.world.trust.trust
        found = [os.path.join(folder, one) for folder, _, files in os.walk(top) for one in files]
        return sorted(os.path.relpath(path, top) for path in found if os.path.basename(path).startswith(name))

    def markers(self) -> list[str]:
        """Return the projects that have a marker."""
        return ["/" + os.path.dirname(path) for path in self.remembered(".autovenv-allow")]

    # ---- what must hold ----

    def is_on(self, seen: Seen, venv: str = "") -> None:
        """Assert that the environment (default: the project's) is active at this prompt."""
        venv = venv or os.path.join(self.project, ".venv")
        assert seen.variables["VIRTUAL_ENV"] == venv, (seen.said, self.remembered())
        assert seen.variables["_AUTOVENV_ACTIVE"] == venv
        assert seen.variables["PATH"].split(":")[0] == f"{venv}/bin"
        assert seen.prompt.startswith("(")

    def is_off(self, seen: Seen) -> None:
        """Assert that nothing is active at this prompt, and that PATH leads into no environment."""
        assert not seen.variables["VIRTUAL_ENV"], seen.said
        assert "/.venv/" not in seen.variables["PATH"]
        assert not seen.prompt

    def stays_on(self, terminal: Terminal, project: str = "") -> None:
        """Assert that leaving switches off, that coming back is silent and on, and so is a new terminal."""
        project = project or self.project
        venv = os.path.join(project, ".venv")
        self.is_off(terminal.types("cd /"))
        again = terminal.types(f"cd {project}")
        self.is_on(again, venv)
        fresh = self.terminal(project)
        self.is_on(fresh.opened, venv)
        for seen in (again, fresh.opened):
            assert "autovenv:" not in seen.said
        assert fresh.types("command -v python").said.endswith(f"{venv}/bin/python")

    def stays_cold(self, *seen: Seen) -> None:
        """Assert: off at these prompts, one hint in all, nothing remembered, nothing of it has run."""
        for one in seen:
            self.is_off(one)
        self.hinted_once(*seen)
        assert not self.remembered()
        assert not self.ran

    def hinted_once(self, *seen: Seen) -> None:
        """Assert that the hint stands exactly once on these screens, and no other line of ours."""
        text = "\n".join(one.said for one in seen)
        assert text.count(HINT) == 1, text
        assert text.count("autovenv:") == 1, text

    def would_switch_on(self, terminal: Terminal, word: Word | None = None) -> None:
        """The control: the same environment, brought by a line that counts, is on, or refused by ``word``."""
        venv, aside = os.path.join(self.project, ".venv"), os.path.join(self.world.root, "aside")
        os.rename(venv, aside)
        self.program("tools/virtualenv", f"mv {aside} .venv && touch .venv/pyvenv.cfg")
        terminal.types("true")
        seen = terminal.types("virtualenv .venv")
        assert not self.ran
        if word:
            self.refused(seen, word)
            return
        assert seen.said.count(MADE) == 1
        self.is_on(seen)

    def refused(self, seen: Seen, word: Word) -> None:
        """Assert that nothing is on, and that the one line of ours is the word's."""
        self.is_off(seen)
        assert seen.said.count(word.text) == 1, seen.said
        assert seen.said.count("autovenv:") == word.text.count("autovenv:"), seen.said


def copy_of_python(root: str, *, without: tuple[str, ...] = ()) -> str:
    """Make an installation of python below ``root``, linked from the real one, and return its interpreter.

    ``without`` are the packages of the standard library that it lacks, as Debian's does without python3-venv.
    """
    stdlib = sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix})
    prefix = os.path.join(root, "python")
    library = os.path.join(prefix, os.path.relpath(stdlib, sys.base_prefix))
    os.makedirs(os.path.join(prefix, "bin"))
    os.makedirs(library)
    for name in os.listdir(stdlib):
        if name not in without:
            os.symlink(os.path.join(stdlib, name), os.path.join(library, name))
    interpreter = os.path.join(prefix, "bin", os.path.basename(python_outside()))
    shutil.copy(python_outside(), interpreter)
    return interpreter


def complete_python(interpreter: str, name: str) -> None:
    """Give a python of :func:`copy_of_python` the package that it lacks, as installing python3-venv does."""
    stdlib = sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix})
    prefix = os.path.dirname(os.path.dirname(interpreter))
    library = os.path.join(prefix, os.path.relpath(stdlib, sys.base_prefix))
    os.symlink(os.path.join(stdlib, name), os.path.join(library, name))
