"""``doctor --report``: what a bug report needs, the home folder shortened, without secrets."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from autovenv import __version__, doctor, report
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autovenv.finding import Finding
    from autovenv.situation import Situation

TOLD = (
    "SHELL", "TERM", "TERM_PROGRAM", "VIRTUAL_ENV", "VIRTUAL_ENV_DISABLE_PROMPT", "_AUTOVENV_ACTIVE",
    "AUTOVENV_DISABLE", "AUTOVENV_QUIET", "CONDA_DEFAULT_ENV", "CONDA_PREFIX", "CONDA_SHLVL", "PYENV_VERSION",
    "PYENV_ROOT", "PYTHONHOME", "PYTHONPATH", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR", "LANG", "LC_ALL",
    "PATHEXT", "NODEFAULTCURRENTDIRECTORYINEXEPATH", "LOCALAPPDATA", "CMDER_ROOT",
)  # fmt: skip
"""The variables whose values are told. All others are left out: they may be secret."""


def lines(known: Situation, findings: Iterable[Finding]) -> list[str]:
    """Return the report as lines of plain text."""
    told = [
        f"autovenv {__version__}, Python {sys.version.split()[0]}, {_system()}",
        f"started as {sys.executable}",
        "",
        *doctor.lines(findings),
        "",
        *(f"{name}={known.environ[name]}" for name in TOLD if known.environ.get(name)),
        "",
        "PATH:",
        *(f"  {entry.text or '(empty)'}" for entry in known.path),
    ]
    if known.here is not None and known.python is not None:
        told += ["", *report.status(known.here), "", *report.which(known.here, known.python, explain=True)]
    return [discreet(known, line) for line in told]


def _system() -> str:
    """Return the system's name and version. ``platform`` would start uname -p, found on PATH, to tell it."""
    if hasattr(os, "uname"):
        return f"{os.uname().sysname} {os.uname().release}"
    return sys.platform


_CREDENTIALS = re.compile(r"(://)[^/\s@]+@")
_END = r"(?=$|[/\\:\s'\",;)])"
"""What may follow a name in a path that ends, or goes on."""


def discreet(known: Situation, line: str) -> str:
    """Return a line without home folder, user's name in paths, passwords in addresses; escaped."""
    home, case = known.user_home, re.IGNORECASE if known.windows else 0
    if home and home != "/":
        line = re.sub(re.escape(home) + _END, "~", line, flags=case)
        name = re.split(r"[\\/]", home)[-1]
        if len(name) > 2:
            line = re.sub(rf"(?<![^/\\]){re.escape(name)}" + _END, "USER", line, flags=case)
    return shown(_CREDENTIALS.sub(r"\1***@", line))
