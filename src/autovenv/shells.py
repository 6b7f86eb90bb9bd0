"""The shells: what each is called, which files it really reads, and the line that loads its hook."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autovenv import powershell, rcfile
from autovenv.errors import AutovenvError, UsageError
from autovenv.paths import HOOKS, config_home, user_home

if TYPE_CHECKING:
    from collections.abc import Mapping

SUPPORTED = ("bash", "zsh", "fish", "powershell")
ELSEWHERE = ("cmd",)
"""Shells that another module installs for: :mod:`autovenv.windows`."""
OTHER_NAMES = {"pwsh": "powershell"}
"""What people and shellingham also call a supported shell."""
LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")
CHECK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Shell:
    """A supported shell: its name, its hook file's name, and the words that check a file's syntax.

    In those, ``{}`` is the file; a program that takes no words finds it in ``_AUTOVENV_FILE``.
    ``reload`` is what to type to get the hook into the terminal that is open now.
    """

    name: str
    hook: str
    syntax_check: tuple[str, ...]
    reload: str
    programs: tuple[str, ...] = ()

    def installed(self, environ: Mapping[str, str]) -> str:
        """Return the path of its program, "" if none is on PATH."""
        found = (shutil.which(name, path=environ.get("PATH")) for name in self.programs or (self.name,))
        return next(filter(None, found), "")


SHELLS = {
    # The options keep the user's own start-up files out of the check.
    "bash": Shell("bash", HOOKS["bash"], ("--norc", "--noprofile", "-n", "{}"), "exec bash"),
    "zsh": Shell("zsh", HOOKS["zsh"], ("-f", "-n", "{}"), "exec zsh"),
    "fish": Shell("fish", HOOKS["fish"], ("--no-config", "--no-execute", "{}"), "exec fish"),
    "powershell": Shell(
        "powershell",
        HOOKS["powershell"],
        (*powershell.QUIET, powershell.PARSE),
        ". $PROFILE.CurrentUserAllHosts",
        ("pwsh", "powershell"),
    ),
}


def named(name: str) -> Shell:
    """Return the shell called ``name``. Raises :class:`AutovenvError` for one that is not supported."""
    name = OTHER_NAMES.get(name, name)
    supported = f"supported are: {', '.join(SUPPORTED)}"
    if name in SHELLS:
        return SHELLS[name]
    if name in ELSEWHERE:
        raise AutovenvError("cmd is a shell of Windows", "there, run: autovenv install-hook cmd")
    raise UsageError(f"there is no hook for the shell {_plain(name)}", supported)


def _plain(name: str) -> str:
    from autovenv.text import shown

    return shown(name)


def current_shell(environ: Mapping[str, str]) -> str | None:
    """Return the name of the shell that started this program, or of the login shell; None if unknown."""
    try:
        import shellingham  # type: ignore[import-untyped]

        name: str = shellingham.detect_shell()[0]
    except Exception:  # Whatever goes wrong while it reads the process table, the answer is "unknown".
        name = ""
    name = OTHER_NAMES.get(name, name)
    if name in SHELLS or name in ELSEWHERE:
        return name
    login = os.path.basename(environ.get("SHELL", ""))
    login = OTHER_NAMES.get(login, login)
    return login if login in SHELLS else None


def installed_shells(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the supported shells that are found on PATH."""
    return [name for name in SUPPORTED if SHELLS[name].installed(environ)]


# --- The line ------------------------------------------------------------------------------


def source_line(name: str, home: str, *, file: str = "") -> str:
    """Return the line that loads the hook of ``name`` from the folder ``home``, as it stands in ``file``.

    It is silent, and leaves the status 0, if the hook file is gone. Raises :class:`AutovenvError` for a
    folder with a newline in its name.
    """
    path = os.path.join(home, SHELLS[name].hook)
    if name == "powershell":
        _refuse_control(path)
        return powershell.source_line(path)
    if name == "fish":
        return f"test ! -r {quoted_fish(path)}; or source {quoted_fish(path)}"
    # sh reads .profile too, when a desktop session starts: it must not see the hook of bash.
    only_bash = '[ -z "${BASH_VERSION-}" ] || ' if os.path.basename(file) == ".profile" else ""
    return f"{only_bash}[ ! -r {quoted(path)} ] || . {quoted(path)}"


def quoted(text: str) -> str:
    """Return ``text`` as one word for bash and zsh."""
    _refuse_control(text)
    return "'" + text.replace("'", "'\\''") + "'"


def quoted_fish(text: str) -> str:
    """Return ``text`` as one word for fish, where a backslash counts in single quotes too."""
    _refuse_control(text)
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _refuse_control(text: str) -> None:
    if any(letter in text for letter in "\n\r\0"):
        raise AutovenvError(f"{_plain(text)} has a newline in its name; no shell can load a hook from there")


# --- The files ------------------------------------------------------------------------------


def rc_files(name: str, environ: Mapping[str, str], *, platform: str = sys.platform) -> list[str]:
    """Return the files that need the line, so that every interactive shell of this kind reads it."""
    if name == "powershell":
        return [edition.profile for edition in powershell.editions(environ, platform=platform)]
    home = user_home(environ)
    if name == "fish":
        return [os.path.join(config_home(environ), "fish", "conf.d", "autovenv.fish")]
    if name == "zsh":
        return [os.path.join(_zdotdir(environ) or home, ".zshrc")]
    return [os.path.join(home, ".bashrc"), *_bash_login_file(home, platform)]


def barred_files(
    name: str, environ: Mapping[str, str], *, platform: str = sys.platform
) -> dict[str, AutovenvError]:
    """Return those of :func:`rc_files` that the shell would not be let read, each with what to tell of it."""
    return powershell.barred(environ, platform=platform) if name == "powershell" else {}


def _bash_login_file(home: str, platform: str) -> list[str]:
    """Return the file that a login bash reads instead of ``.bashrc``, if it does not lead there.

    Terminals on macOS start login shells, so one is made there if there is none.
    """
    present = [name for name in LOGIN_FILES if os.path.lexists(os.path.join(home, name))]
    if not present:
        return [os.path.join(home, LOGIN_FILES[0])] if platform == "darwin" else []
    return [] if _leads_to_bashrc(home, present[0], seen=()) else [os.path.join(home, present[0])]


def _leads_to_bashrc(home: str, name: str, *, seen: tuple[str, ...]) -> bool:
    text = _code(os.path.join(home, name))
    if re.search(rb"\.bashrc\b", text):
        return True
    others = [other for other in LOGIN_FILES if other not in (*seen, name) and _mentions(text, other)]
    return any(_leads_to_bashrc(home, other, seen=(*seen, name)) for other in others)


def _mentions(text: bytes, name: str) -> bool:
    return re.search(rb"(?<!\w)" + re.escape(os.fsencode(name)) + rb"\b", text) is not None


def _code(path: str) -> bytes:
    """Return the lines of a file that are neither comments nor ours."""
    if not os.path.isfile(path):
        return b""
    try:
        with open(path, "rb") as stream:
            content = rcfile.without_block(stream.read()) or b""
    except OSError:
        return b""
    return b"\n".join(line for line in content.splitlines() if not line.lstrip().startswith(b"#"))


def _zdotdir(environ: Mapping[str, str]) -> str:
    """Return ZDOTDIR: exported, or as a zshenv sets it, which only zsh itself knows."""
    exported = environ.get("ZDOTDIR", "")
    if os.path.isabs(exported):
        return os.path.normpath(exported)
    try:
        asked = subprocess.run(
            ["zsh", "-c", 'print -rn -- "autovenv:$ZDOTDIR"'],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=CHECK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    answer = os.fsdecode(asked.stdout.rpartition(b"autovenv:")[2])
    return os.path.normpath(answer) if os.path.isabs(answer) else ""


def parses(name: str, path: str, environ: Mapping[str, str]) -> bool:
    """Say whether the shell takes the file at ``path``, executing nothing; True if there is no such shell."""
    shell = SHELLS[name]
    words = [path if word == "{}" else word for word in shell.syntax_check]
    # BASH_ENV would be executed even with -n.
    quiet = {key: value for key, value in environ.items() if key not in {"BASH_ENV", "ENV"}}
    with tempfile.TemporaryDirectory() as empty:
        # PowerShell makes folders of its own wherever it is started.
        own = dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), empty)
        try:
            done = subprocess.run(
                [shell.installed(environ) or shell.name, *words],
                env={**quiet, **own, "_AUTOVENV_FILE": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=CHECK_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            return True
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0
