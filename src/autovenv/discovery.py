"""Which environment belongs to a folder? Asked once, at ``autovenv allow``; the hooks never search.

The order, first that fits:

1. ``.venv`` with a ``pyvenv.cfg`` (a folder, or a link to one)
2. ``.venv`` as a file: its first line is a path, relative to its folder, that leads to a ``pyvenv.cfg``
(drafts of PEP 832; uv and virtualenv write it); a bare name means the virtualenvwrapper or VirtualFish
environment 3. ``.python-envs``: its last line, the same way (a later draft of PEP 832)
4. ``venv``, then ``env``, with a ``pyvenv.cfg``

PEP 832 is a draft that moves; this is the only place that knows about it.
"""

from __future__ import annotations

import os

from autovenv import native
from autovenv.record import record
from autovenv.text import has_control
from autovenv.venvcfg import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_LIMIT = 16 * 1024


@record
class Discovered:
    """An environment found for a folder.

    ``kind``: ``folder``, ``link``, ``redirect``, ``python-envs``, ``venv`` or ``env``. ``redirect_from`` is
    the file that named it, "" if none did.
    """

    venv: str
    kind: str
    redirect_from: str = ""


def find_venv(project: str, *, environ: Mapping[str, str]) -> Discovered | None:
    """Return the environment of the absolute folder ``project``, or None.

    ``environ`` gives WORKON_HOME, VIRTUALFISH_HOME and HOME for bare names. Unreadable files count as absent.
    """
    standard = os.path.join(project, ".venv")
    if is_venv(standard):
        return Discovered(standard, "link" if native.is_link(standard) else "folder")
    for name, kind, index in ((".venv", "redirect", 0), (".python-envs", "python-envs", -1)):
        path = os.path.join(project, name)
        venv = _named(_line(path, index), project, environ)
        if venv:
            return Discovered(venv, kind, path)
    for name in ("venv", "env"):
        path = os.path.join(project, name)
        if is_venv(path):
            return Discovered(path, name)
    return None


def is_venv(path: str) -> bool:
    """Whether ``path`` is a folder with a regular ``pyvenv.cfg``."""
    return os.path.isfile(os.path.join(path, "pyvenv.cfg"))


def _line(path: str, index: int) -> str:
    """Return the first (0) or last (-1) line with content of the file ``path``, "" if there is none."""
    try:
        data = read_regular(path, FILE_LIMIT) or b""
    except OSError:
        return ""
    lines = [line.strip() for line in data.split(b"\n") if line.strip()]
    text = native.decoded(lines[index]) if lines else ""
    return "" if has_control(text) else text


def _named(line: str, project: str, environ: Mapping[str, str]) -> str:
    # Two leading slashes name a machine on some systems; a look there would already send it something.
    if not line or line.startswith(("//", "\\\\", "/\\", "\\/")):
        return ""
    path = os.path.normpath(os.path.join(project, line))
    if not native.is_absolute(path):
        return ""
    places = [path]
    if "/" not in line and os.sep not in line:
        places += [os.path.join(folder, line) for folder in _collections(environ)]
    return next((place for place in places if is_venv(place)), "")


def _collections(environ: Mapping[str, str]) -> list[str]:
    home = native.person_home(environ)
    named = [environ.get("WORKON_HOME", ""), environ.get("VIRTUALFISH_HOME", "")]
    named += [os.path.join(home, ".virtualenvs")] if home else []
    return [folder for folder in named if native.is_absolute(folder)]
