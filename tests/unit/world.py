"""A scratch home with projects, venvs and programs, and the commands asked from inside it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from types import SimpleNamespace

from autovenv import cli_which, facts, trust
from autovenv.errors import AutovenvError


@dataclass
class World:
    """``root`` is the user's home; ``tools`` the first folder on PATH, /usr/bin is not on it."""

    root: object
    environ: dict = field(default_factory=dict)
    canary: str = ""

    def __post_init__(self):
        self.tools = self.folder("tools")
        self.canary = str(self.root / "canary")
        self.state = trust.Home(str(self.root / "state"))
        self.environ = {"HOME": str(self.root), "PATH": str(self.tools)}

    def folder(self, name):
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def trap(self, path):
        """Put a program at ``path`` that leaves a trace when it is run."""
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(b"#!/bin/sh\necho ran >>" + os.fsencode(self.canary) + b"\n")
        path.chmod(0o755)
        return path

    def sprung(self):
        return os.path.exists(self.canary)

    def venv(self, project):
        """Make a real environment in ``project``."""
        root = self.folder(project) / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
        return root

    def allow(self, project, venv=None):
        place = str(self.root / project)
        venv = str(venv or self.root / project / ".venv")
        marker = trust.Marker(place, venv, venv + "/bin", ".venv", (place,))
        return trust.write_marker(self.state, marker, spelling=place)

    def activate(self, venv, *, ours=True):
        """Set what the hook sets, or what a script does."""
        self.environ["VIRTUAL_ENV"] = str(venv)
        self.environ["PATH"] = f"{venv}/bin:{self.environ['PATH']}"
        if ours:
            self.environ["_AUTOVENV_ACTIVE"] = str(venv)

    def hook(self, **known):
        """Let a loaded hook ask; ``known`` are further facts."""
        records = {
            "shell": "bash",
            "version": "5.2",
            "hook": "1",
            "dressed": self.environ.get("VIRTUAL_ENV", ""),
            "name": "python",
            **known,
        }
        self.environ[facts.VARIABLE] = facts.SEPARATOR.join(
            f"{key}={value}" for key, value in records.items()
        )


def asked(world, monkeypatch, capfd, *words, cwd, terminal=False):
    """Run one command in ``cwd`` (below the home) and return its code, output and complaints."""
    place = world.root / cwd
    monkeypatch.chdir(place)
    monkeypatch.setattr(cli_which, "_terminal", lambda: terminal)
    command = {"which": cli_which.which, "where": cli_which.where, "status": cli_which.status}[words[0]]
    obj = SimpleNamespace(environ={**world.environ, "PWD": str(place)}, home=world.state.path)
    try:
        code = command.main(list(words[1:]), obj=obj, standalone_mode=False)
        complaint = ""
    except AutovenvError as error:
        code, complaint = error.code, "\n".join(error.lines())
    told = capfd.readouterr()
    return SimpleNamespace(code=code, out=told.out, err=told.err + complaint)
