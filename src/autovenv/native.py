"""What a path is on the system that this runs on: the one place that knows how Windows differs.

On Windows a path is ``X:\\folder\\name``. Names of other machines (``\\\\server\\share``, also behind a drive
letter) are never looked up, as the look itself already tells the other machine who asks. Case does not count
in comparisons. Owners and access lists are not looked at there; README says so.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WINDOWS = os.name == "nt"
SCRIPTS = "Scripts" if WINDOWS else "bin"
PYTHON = "python" if WINDOWS else "python3"
"""What a person types to run Python outside an environment."""
INSTALL = "py install.py" if WINDOWS else "python3 install.py"
"""What installs autovenv from a checkout."""
PATH_SEPARATOR = ";" if WINDOWS else ":"
# What PATH, or a batch file that takes PATH apart, cannot hold. cmd cuts out an entry by %PATH:*;entry;=%,
# where the first = ends the entry; the others have a meaning for it outside quotes.
UNFIT = frozenset('";&|<>^!%=*?:/' if WINDOWS else ":")
# A place in the mirror has to be reachable by cmd's `if exist`, which knows no longer paths (MAX_PATH).
PATH_LIMIT = 259 if WINDOWS else 4096
NAME_LIMIT = 255
LINK_TAGS = (0xA0000003, 0xA000000C)
"""Reparse tags of junctions and symbolic links. Those of OneDrive mark files that are where they seem."""


def is_absolute(path: str) -> bool:
    """Whether ``path`` is one that is looked up at all: ``/…``, on Windows ``X:\\…`` with backslashes."""
    if not WINDOWS:
        return path.startswith("/")
    return path[1:3] == ":\\" and path[0].isascii() and path[0].isalpha()


def below_root(path: str) -> str:
    """Return what stands behind the root in an absolute path, without a separator at either end."""
    return path[2:].strip("\\") if WINDOWS else path.strip("/")


def parts(path: str) -> list[str]:
    """Return the names in an absolute path."""
    return [part for part in below_root(path).split(os.sep) if part]


def is_root(path: str) -> bool:
    """Whether ``path`` is ``/`` or a drive's root."""
    return not below_root(path)


def places(path: str) -> Iterator[str]:
    """Yield the folders from the top to ``path``, without the root itself."""
    place = path[:2] if WINDOWS else ""
    for part in parts(path):
        place += os.sep + part
        yield place


def unfit(path: str) -> bool:
    """Whether ``path`` has a character that PATH cannot hold."""
    return not UNFIT.isdisjoint(path[2:] if WINDOWS else path)


def in_mirror(path: str) -> str:
    """Return the path of an absolute folder below the mirror's root: the drive is a folder without colon."""
    if not WINDOWS:
        return path.rstrip("/")
    return "\\" + path[0].upper() + path[2:].rstrip("\\")


def from_mirror(place: str) -> str:
    """Return the folder that :func:`in_mirror` made ``place`` of."""
    return place[1:2] + ":" + (place[2:] or "\\") if WINDOWS and place else place


def folded(path: str) -> str:
    """Return ``path`` as it is compared: on Windows without regard to case."""
    return os.path.normcase(path) if WINDOWS else path


def below(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or lies below it, by spelling alone."""
    path, folder = folded(path), folded(folder).rstrip(os.sep)
    return path == folder or path.startswith(folder + os.sep) or (not folder and path == os.sep)


def is_link(path: str) -> bool:
    """Whether ``path`` itself is a symbolic link, on Windows also a junction. Raises OSError if missing."""
    info = os.lstat(path)
    return stat.S_ISLNK(info.st_mode) or getattr(info, "st_reparse_tag", 0) in LINK_TAGS


def decoded(data: bytes) -> str:
    """Return what a file holds as text, whatever it is: bytes in no encoding become surrogates.

    ``os.fsdecode``, which on Windows raises UnicodeDecodeError for what is no UTF-8.
    """
    return data.decode("utf-8", "surrogateescape") if WINDOWS else os.fsdecode(data)


def user() -> int:
    """Return the number of the user that this process runs as; 0 on Windows, as files report there."""
    return 0 if WINDOWS else os.geteuid()


def person_home(environ: Mapping[str, str]) -> str:
    """Return the variable that names the home folder: HOME, on Windows USERPROFILE."""
    return environ.get("USERPROFILE" if WINDOWS else "HOME", "")
