"""The disk of one case: a home with the hook installed, a folder with projects, and the programs on PATH."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import engine
from autovenv import consent, paths, trust, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.table import Case

BASE_PATH = "/usr/local/bin:/usr/bin:/bin"


def python_outside() -> str:
    """Return the interpreter that makes the venvs: this one, or the one that its own venv was made from."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


@dataclass(slots=True)
class World:
    """Everything on disk that a case may touch. Paths are str, as os.fsdecode makes them."""

    root: str
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    traced: bool = True
    """Whether the hooks say what they decide. They look more closely then: nothing is taken from memory."""

    @property
    def home(self) -> str:
        """The user's home folder."""
        return os.path.join(self.root, "home")

    @property
    def folder(self) -> str:
        """The folder that the case's relative paths start from."""
        return os.path.join(self.root, "w")

    @property
    def state(self) -> str:
        """autovenv's own folder, where the hooks and the markers lie."""
        return os.path.join(self.home, ".local", "share", "autovenv")

    @property
    def tools(self) -> str:
        """A folder on PATH with the one python3 of this world."""
        return os.path.join(self.root, "tools")

    @property
    def search(self) -> str:
        """PATH as a shell of this world begins with."""
        return f"{self.tools}:{BASE_PATH}"

    @property
    def log(self) -> str:
        """The file in which the launcher notes one line for each time that a hook starts the program."""
        return os.path.join(self.root, "calls")

    def path(self, text: str) -> str:
        """Return what a verb types for ``text``: ``@/`` is the case's folder, ``~/`` the home."""
        if text == "@" or text.startswith("@/"):
            return self.folder + text[1:]
        if text == "~" or text.startswith("~/"):
            return self.home + text[1:]
        return text

    def absolute(self, text: str) -> str:
        """Return the path that an expectation means: a relative one starts at the case's folder."""
        path = self.path(text)
        return path if path.startswith("/") or not path else os.path.join(self.folder, path)

    def environ(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a new terminal. ``PATH_FIRST`` in ``extra`` goes in front of PATH."""
        # At its first start in a home fish makes completions from all man pages, in the background.
        os.makedirs(os.path.join(self.home, ".local/share/fish/generated_completions"), exist_ok=True)
        environ = {
            "HOME": self.home,
            "XDG_CONFIG_HOME": os.path.join(self.home, ".config"),
            "XDG_DATA_HOME": os.path.join(self.home, ".local", "share"),
            "XDG_CACHE_HOME": os.path.join(self.home, ".cache"),
            "ZDOTDIR": self.home,
            "TERM": "dumb",
            "LANG": "C.UTF-8",
            "PATH": self.search,
            **({"AUTOVENV_TRACE": "1"} if self.traced else {}),
            "DOTNET_EnableDiagnostics": "0",  # PowerShell leaves sockets behind where it is killed
        }
        for name, value in (extra or {}).items():
            if name == "PATH_FIRST":
                environ["PATH"] = f"{self.path(value)}:{environ['PATH']}"
            else:
                environ[name] = self.path(value)
        return environ

    def build(self, case: Case) -> None:
        """Make the folders, the programs, the case's tree, and the markers of what it allows beforehand."""
        # At its first start in a home fish makes completions from all man pages, in the background.
        completions = os.path.join(self.home, ".local", "share", "fish", "generated_completions")
        for folder in (completions, self.folder, self.tools):
            os.makedirs(folder)
        self._write_programs()
        self._install_hooks()
        for entry in case.tree:
            self._grow(entry)
        for wish in case.allow:
            self.allow(*wish)
        for project in case.deny:
            self.deny(project)

    @property
    def trust(self) -> trust.Home:
        """The state folder, as the program's own modules take it."""
        return trust.Home(self.state)

    def allow(self, project: str, *options: str) -> None:
        """Do what `autovenv allow` in another terminal does, also with ``--under`` or ``--venv``."""
        if project == "--under":
            consent.allow_under(self.trust, self.absolute(options[0]), person=self._person())
            return
        venv = self.absolute(options[1]) if options else ""
        consent.allow(
            self.trust, pwd=self.folder, project=self.absolute(project), venv=venv, environ=self.environ()
        )

    def deny(self, project: str) -> None:
        """Do what `autovenv deny` in another terminal does."""
        consent.deny(self.trust, self.absolute(project))

    def _person(self) -> verify.Person:
        return verify.current_person(self.environ())

    def calls(self) -> int:
        """Return how often a hook has started the program to verify something."""
        try:
            with open(self.log, "rb") as log:
                return sum(line.startswith(b"verify") for line in log)
        except FileNotFoundError:
            return 0

    def make_venv(self, venv: str) -> None:
        """Make a real environment with ``python -m venv``."""
        subprocess.run(
            [python_outside(), "-I", "-m", "venv", "--without-pip", venv], check=True, env=self.environ()
        )

    def forge_venv(self, venv: str) -> None:
        """Write an environment by hand, for names with which ``python -m venv`` itself cannot work."""
        os.makedirs(os.path.join(venv, "bin"))
        os.symlink(python_outside(), os.path.join(venv, "bin", "python"))
        for script in ("activate", "activate.fish", "Activate.ps1"):
            self._write(os.path.join(venv, "bin", script), "touch planted\n")
        self._write(
            os.path.join(venv, "pyvenv.cfg"),
            f"home = {os.path.dirname(python_outside())}\nversion = 3.11.0\n",
        )

    def _grow(self, entry: str) -> None:
        kind, _, rest = entry.partition(" ")
        if kind == "link":
            link, _, target = rest.partition(" -> ")
            os.symlink(self.path(target), self.absolute(link))
            return
        path = self.absolute(rest)
        os.makedirs(path if kind == "folder" else os.path.dirname(path), exist_ok=True)
        if kind == "venv":
            self.make_venv(path)
        elif kind == "forged":
            self.forge_venv(path)
        elif kind == "file":
            self._write(path, "")

    def _write_programs(self) -> None:
        os.makedirs(self.state, mode=0o700)
        if pwsh := engine.pwsh():
            os.symlink(pwsh, os.path.join(self.tools, "pwsh"))
        self._script(os.path.join(self.tools, "python3"), f'exec {shlex.quote(python_outside())} "$@"\n')
        spec = importlib.util.find_spec("autovenv")
        assert spec is not None and spec.origin is not None
        source = os.path.dirname(os.path.dirname(spec.origin))
        launcher = os.path.join(self.state, "launcher")
        self._script(
            launcher,
            f'printf "%s\\n" "$1" >>{shlex.quote(self.log)}\n'
            f'PYTHONPATH={shlex.quote(source)} exec {shlex.quote(sys.executable)} -m autovenv "$@"\n',
        )
        self._write(os.path.join(self.state, "cli"), launcher + "\n")

    def _install_hooks(self) -> None:
        for shell, name in paths.HOOKS.items():
            shutil.copyfile(paths.hook_source(shell), os.path.join(self.state, name))

    def _script(self, path: str, body: str) -> None:
        self._write(path, "#!/bin/sh\n" + body)
        os.chmod(path, 0o755)

    def _write(self, path: str, text: str) -> None:
        with open(path, "wb") as file:
            file.write(os.fsencode(text))


# ---- what happens in another terminal -------------------------------------------------------------


def _plant(world: World, path: str) -> None:
    """Put a program where a pull or a package could have put it."""
    with open(world.absolute(path), "wb") as file:
        file.write(b"#!/bin/sh\ntouch planted\n")
    os.chmod(world.absolute(path), 0o755)


def _track(world: World, project: str) -> None:
    """Make the project's .venv part of a git repository, with new files, as a pull leaves it."""
    folder = world.absolute(project)
    for words in (["init", "-q"], ["add", "-f", ".venv"]):
        subprocess.run(["git", *words], cwd=folder, env=world.environ(), check=True)
    os.utime(os.path.join(folder, ".venv", "pyvenv.cfg"))


ELSEWHERE: Mapping[str, Callable[[World, str], object]] = {
    "allow_elsewhere": lambda world, wish: world.allow(*([wish] if isinstance(wish, str) else wish)),
    "deny_elsewhere": lambda world, project: world.deny(project),
    "make_venv_elsewhere": lambda world, venv: world.make_venv(world.absolute(venv)),
    "plant_elsewhere": _plant,
    "git_tracks_elsewhere": _track,
}
"""Verbs that no shell spells: they happen between two prompts, and then the person presses Enter."""
