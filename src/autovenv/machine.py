"""The machine that a question is about: its files, registry, environment and system."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from autovenv import pep514
from autovenv.files import REAL
from autovenv.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autovenv.files import Files
    from autovenv.pep514 import Registry


NO_VARIABLES: Mapping[str, str] = {}


@record
class Machine:
    """What an identification may look at. ``platform`` is spelled as ``sys.platform``."""

    files: Files = REAL
    registry: Registry = pep514.NONE
    environ: Mapping[str, str] = NO_VARIABLES
    cwd: str = "/"
    platform: str = sys.platform

    @property
    def windows(self) -> bool:
        """Whether paths are spelled as on Windows."""
        return bool(self.files.flavour.sep == "\\")

    def join(self, *parts: str) -> str:
        """Join parts of a path."""
        joined: str = self.files.flavour.join(*parts)
        return joined

    def above(self, path: str) -> str:
        """Return the folder that ``path`` lies in."""
        folder: str = self.files.flavour.dirname(path)
        return folder

    def base(self, path: str) -> str:
        """Return the last part of ``path``."""
        name: str = self.files.flavour.basename(path)
        return name

    def slashed(self, path: str) -> str:
        """Return ``path`` with slashes, and in lower case where letter case says nothing."""
        return path.replace("\\", "/").lower() if self.windows else path

    def elsewhere(self, path: str) -> bool:
        """Return whether a look at ``path`` would reach for another machine, and tell it who asks (UNC)."""
        return self.windows and path[:2].replace("/", "\\") == "\\\\"

    @property
    def scripts(self) -> str:
        """The folder of an environment that goes on PATH."""
        return "Scripts" if self.windows else "bin"

    def variable(self, name: str) -> str:
        """Return a variable, "" if it is not set; on Windows its name may be in any letter case."""
        if not self.windows:
            return self.environ.get(name, "")
        return next((value for key, value in self.environ.items() if key.upper() == name.upper()), "")

    def has_folder(self, name: str) -> bool:
        """Return whether a command is named by its path, so that PATH has no say."""
        return has_folder(name, windows=self.windows)

    def on_path(self, folder: str) -> bool:
        """Return whether ``folder`` is an entry of PATH, by its spelling."""
        entries = self.variable("PATH").split(";" if self.windows else ":")
        return self.slashed(folder) in [self.slashed(one) for one in entries]

    def same(self, one: str, other: str) -> bool:
        """Return whether two paths lead to the same file."""
        return self.slashed(one) == self.slashed(other) or self.files.same(one, other)

    def home(self) -> str:
        """Return the user's home folder as the environment names it."""
        return self.environ.get("USERPROFILE" if self.windows else "HOME", "")


def has_folder(name: str, *, windows: bool) -> bool:
    """Return whether ``name`` is a path with a folder in it, and not the bare name of a command."""
    return "/" in name or (windows and ("\\" in name or name[1:2] == ":"))


def says_where(folder: str, *, windows: bool) -> bool:
    """Return whether an entry of PATH names a place by itself, whatever the current folder (and drive) is."""
    if not windows:
        return folder.startswith("/")
    return folder[1:3] in (":\\", ":/") or folder.startswith("\\\\")


HERE = Machine()
