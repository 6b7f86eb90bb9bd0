"""The shells: what each is called, which files it really reads, and the line that loads its hook."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from autovenv import powershell, rcfile, spelling
from autovenv.errors import AutovenvError, UsageError
from autovenv.paths import CMD_HOOK, CMD_START, HOOKS, config_home, user_home

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")
CHECK_SECONDS = 10


class Way(Enum):
    """What brings a shell to load its hook: a line in its start-up files, or cmd's AutoRun value."""

    START_FILES = "start-up files"
    AUTORUN = "AutoRun"


def _no_file(_environ: Mapping[str, str]) -> str:
    return ""


def _reads_all(_environ: Mapping[str, str], _platform: str) -> dict[str, AutovenvError]:
    return {}


@dataclass(frozen=True, slots=True)
class Shell:
    """A supported shell. A further one is a further record in :data:`SHELLS`.

    ``hook`` is its hook file, below autovenv's own folder. ``line`` makes the line that loads it, of the hook
    file's path and the start-up file's; ``files`` names the start-up files (environment, ``sys.platform``),
    and ``barred`` those that the shell would not be let read. ``reload`` is what to type to get the hook into
    the terminal that is open now.

    ``syntax_check`` are the words that check a file's syntax: ``{}`` is the file, and a program that takes no
    words finds it in ``_AUTOVENV_FILE``. ``programs`` are what it may be called on PATH, ``other_names`` what
    people and shellingham also call it. ``completion`` names the file that it takes completions from by
    itself, "" if the hook loads them; ``once`` are files in the home folder that may hold our line from
    another day. ``platform`` is the one system that it is supported on, "" for all.
    """

    name: str
    hook: str
    line: Callable[[str, str], str]
    files: Callable[[Mapping[str, str], str], list[str]]
    reload: str
    syntax_check: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    barred: Callable[[Mapping[str, str], str], dict[str, AutovenvError]] = _reads_all
    completion: Callable[[Mapping[str, str]], str] = _no_file
    once: tuple[str, ...] = ()
    way: Way = Way.START_FILES
    platform: str = ""

    def installed(self, environ: Mapping[str, str]) -> str:
        """Return the path of its program, "" if none is on PATH."""
        found = (shutil.which(name, path=environ.get("PATH")) for name in self.programs or (self.name,))
        return next(filter(None, found), "")


def named(name: str) -> Shell:
    """Return the shell called ``name``. Raises :class:`AutovenvError` for one that is not supported here."""
    shell = SHELLS.get(_usual(name))
    if shell is None:
        supported = f"supported are: {', '.join(SUPPORTED)}"
        raise UsageError(f"there is no hook for the shell {_plain(name)}", supported)
    if shell.platform not in ("", sys.platform):
        raise AutovenvError(f"{name} is a shell of Windows", f"there, run: autovenv install-hook {name}")
    return shell


def _usual(name: str) -> str:
    return next((shell.name for shell in SHELLS.values() if name in shell.other_names), name)


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
    login = os.path.basename(environ.get("SHELL", ""))
    return next((_usual(one) for one in (name, login) if _usual(one) in SHELLS), None)


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
    _refuse_control(path)
    return SHELLS[name].line(path, file)


def _line_of_bash(path: str, file: str) -> str:
    # sh reads .profile too, when a desktop session starts: it must not see the hook of bash.
    only_bash = '[ -z "${BASH_VERSION-}" ] || ' if os.path.basename(file) == ".profile" else ""
    return only_bash + _line_of_zsh(path, file)


def _line_of_zsh(path: str, _file: str) -> str:
    return f"[ ! -r {quoted(path)} ] || . {quoted(path)}"


def _line_of_fish(path: str, _file: str) -> str:
    return f"test ! -r {quoted_fish(path)}; or source {quoted_fish(path)}"


def _line_of_powershell(path: str, _file: str) -> str:
    return powershell.source_line(path)


def _line_of_cmd(_path: str, _file: str) -> str:
    """Return what a shortcut or a profile of Windows Terminal starts, for those who want no AutoRun."""
    return f'cmd /k "{CMD_START}"'


def quoted(text: str) -> str:
    """Return ``text`` as one word for bash and zsh."""
    _refuse_control(text)
    return spelling.of("bash", windows=False).quote(text)


def quoted_fish(text: str) -> str:
    """Return ``text`` as one word for fish, where a backslash counts in single quotes too."""
    _refuse_control(text)
    return spelling.of("fish", windows=False).quote(text)


def _refuse_control(text: str) -> None:
    if any(letter in text for letter in "\n\r\0"):
        raise AutovenvError(f"{_plain(text)} has a newline in its name; no shell can load a hook from there")


# --- The files ------------------------------------------------------------------------------


def rc_files(name: str, environ: Mapping[str, str], *, platform: str = sys.platform) -> list[str]:
    """Return the files that need the line, so that every interactive shell of this kind reads it."""
    return SHELLS[name].files(environ, platform)


def barred_files(
    name: str, environ: Mapping[str, str], *, platform: str = sys.platform
) -> dict[str, AutovenvError]:
    """Return those of :func:`rc_files` that the shell would not be let read, each with what to tell of it."""
    return SHELLS[name].barred(environ, platform)


def _files_of_bash(environ: Mapping[str, str], platform: str) -> list[str]:
    home = user_home(environ)
    return [os.path.join(home, ".bashrc"), *_bash_login_file(home, platform)]


def _files_of_zsh(environ: Mapping[str, str], _platform: str) -> list[str]:
    return [os.path.join(_zdotdir(environ) or user_home(environ), ".zshrc")]


def _files_of_fish(environ: Mapping[str, str], _platform: str) -> list[str]:
    return [os.path.join(config_home(environ), "fish", "conf.d", "autovenv.fish")]


def _completion_of_fish(environ: Mapping[str, str]) -> str:
    return os.path.join(config_home(environ), "fish", "completions", "autovenv.fish")


def _files_of_powershell(environ: Mapping[str, str], platform: str) -> list[str]:
    return [edition.profile for edition in powershell.editions(environ, platform=platform)]


def _barred_of_powershell(environ: Mapping[str, str], platform: str) -> dict[str, AutovenvError]:
    return powershell.barred(environ, platform=platform)


def _files_of_cmd(_environ: Mapping[str, str], _platform: str) -> list[str]:
    return []  # it has none


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


# --- The records ----------------------------------------------------------------------------

SHELLS = {
    shell.name: shell
    for shell in (
        # The options of the checks keep the user's own start-up files out of them.
        Shell(
            name="bash",
            hook=HOOKS["bash"],
            line=_line_of_bash,
            files=_files_of_bash,
            reload="exec bash",
            syntax_check=("--norc", "--noprofile", "-n", "{}"),
            once=LOGIN_FILES,
        ),
        Shell(
            name="zsh",
            hook=HOOKS["zsh"],
            line=_line_of_zsh,
            files=_files_of_zsh,
            reload="exec zsh",
            syntax_check=("-f", "-n", "{}"),
        ),
        Shell(
            name="fish",
            hook=HOOKS["fish"],
            line=_line_of_fish,
            files=_files_of_fish,
            reload="exec fish",
            syntax_check=("--no-config", "--no-execute", "{}"),
            completion=_completion_of_fish,
        ),
        Shell(
            name="powershell",
            hook=HOOKS["powershell"],
            line=_line_of_powershell,
            files=_files_of_powershell,
            reload=". $PROFILE.CurrentUserAllHosts",
            syntax_check=(*powershell.QUIET, powershell.PARSE),
            programs=("pwsh", "powershell"),
            other_names=("pwsh",),
            barred=_barred_of_powershell,
        ),
        Shell(
            name="cmd",
            hook=CMD_HOOK,
            line=_line_of_cmd,
            files=_files_of_cmd,
            reload=f'"{CMD_START}"',
            way=Way.AUTORUN,
            platform="win32",
        ),
    )
}
SUPPORTED = tuple(shell.name for shell in SHELLS.values() if shell.platform in ("", sys.platform))
"""The names of those that are supported on this system."""
