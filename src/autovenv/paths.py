"""Where things lie: autovenv's own folder, and the hook and completion files to copy into it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from autovenv import native
from autovenv.errors import AutovenvError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOOKS = {"bash": "hook.bash", "zsh": "hook.zsh", "fish": "hook.fish", "powershell": "hook.ps1"}
CMD_HOOK = os.path.join("cmd", "hook.bat")
"""cmd's, which is one of several files: see :mod:`autovenv.windows`."""
CMD_PROGRAM = os.path.join("cmd", "program")
"""Names the program for cmd, which cannot read ``cli``: one line of ASCII, from that folder or absolute."""
CMD_START = r"%LOCALAPPDATA%\autovenv\cmd\autorun.bat"
"""What makes a cmd load its hook, spelled so that cmd itself puts the folder in."""
COMPLETIONS = {
    "bash": "autovenv.bash",
    "zsh": "_autovenv",
    "fish": "autovenv.fish",
    "powershell": "autovenv.ps1",
}


def user_home(environ: Mapping[str, str]) -> str:
    """Return the user's home folder: ``HOME`` if it is absolute, else what the system's user list says.

    Raises :class:`AutovenvError` if there is neither.
    """
    home = native.person_home(environ)
    if not os.path.isabs(home):
        home = _listed_home()
    if not os.path.isabs(home):
        raise AutovenvError("HOME is not set, so I cannot find your home folder")
    return os.path.normpath(home)


def _listed_home() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_dir
    except (ImportError, KeyError):
        return ""


def xdg_folder(environ: Mapping[str, str], variable: str, default: str) -> str:
    """Return the folder that ``variable`` names, if it is absolute, else ``default`` below the home folder.

    A relative value is ignored, as the XDG base directory specification asks.
    """
    value = environ.get(variable, "")
    return os.path.normpath(value) if os.path.isabs(value) else os.path.join(user_home(environ), default)


def data_home(environ: Mapping[str, str], *, home: str = "") -> str:
    """Return autovenv's own folder, ``${XDG_DATA_HOME:-~/.local/share}/autovenv``; it may not exist yet.

    On Windows it is ``%LOCALAPPDATA%\\autovenv``.

    ``home`` is what the hook passed as ``--home``; it wins, as XDG variables differ between terminals.
    """
    if home:
        return os.path.abspath(home)
    if native.WINDOWS:
        local = environ.get("LOCALAPPDATA", "")
        default = os.path.join(user_home(environ), "AppData", "Local")
        return os.path.join(os.path.normpath(local) if native.is_absolute(local) else default, "autovenv")
    return os.path.join(xdg_folder(environ, "XDG_DATA_HOME", os.path.join(".local", "share")), "autovenv")


def config_home(environ: Mapping[str, str]) -> str:
    """Return ``${XDG_CONFIG_HOME:-~/.config}``."""
    return xdg_folder(environ, "XDG_CONFIG_HOME", ".config")


def hook_source(shell: str) -> str:
    """Return the hook file of ``shell`` that this copy of autovenv brought. Raises :class:`AutovenvError`."""
    return brought("shims", HOOKS[shell])


def completion_source(shell: str) -> str:
    """Return the completion file of ``shell`` that this copy brought. Raises :class:`AutovenvError`."""
    return brought("completions", COMPLETIONS[shell])


def brought(folder: str, name: str) -> str:
    """Return a file of ``shims`` or ``completions`` that this copy brought. Raises :class:`AutovenvError`."""
    # A wheel has both folders inside the package; a checkout has them at the top of the repository.
    package = os.path.dirname(os.path.abspath(__file__))
    for base in (package, os.path.dirname(os.path.dirname(package))):
        path = os.path.join(base, folder, name)
        if os.path.isfile(path):
            return path
    fact = f"this copy of autovenv has no {folder}/{name}"
    raise AutovenvError(fact, f"install it again: {native.INSTALL}")
