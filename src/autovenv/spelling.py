"""How a command that a person is told to type is spelled: by the shell that asks, and its system.

A shell that is not known gets the spelling of bash, on Windows that of cmd, whose quotes PowerShell takes
too.
"""

from __future__ import annotations

from autovenv import native
from autovenv.record import changed, record
from autovenv.text import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _quoted_posix(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _quoted_fish(text: str) -> str:
    # A backslash counts in its single quotes too, before another one or a quote (fish: Quotes).
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _quoted_powershell(text: str) -> str:
    # The typographic quotes end a text as the plain one does (about_Quoting_Rules).
    return "'" + "".join(char * 2 if char in "'\u2018\u2019\u201a\u201b" else char for char in text) + "'"


def _quoted_cmd(text: str) -> str:
    return f'"{text}"'


@record
class Spelling:
    """How one shell spells what a remedy is made of. In a text, ``{}`` is a word or a name.

    ``quote`` makes one word of any printable text; ``plain`` are the characters besides letters and digits
    that need no quotes. ``then`` stands between two commands of which the second needs the first, ``also``
    between two that do not. ``python`` and ``scripts`` are the system's: the program, and the folder of an
    environment that goes on PATH.
    """

    quote: Callable[[str], str] = _quoted_posix
    plain: str = "/._-+@%:"
    then: str = " && "
    also: str = "; "
    go: str = "cd {}"
    run_script: str = "source {}"
    script: str = "activate"
    export: str = "export {}={}"
    unset: str = "unset {}"
    unalias: str = "unalias {}"
    unfunction: str = "unset -f {}"
    rehash: str = "hash -r"
    python: str = "python3"
    scripts: str = "bin"

    def word(self, text: str) -> str:
        """Return ``text`` as a person can type it, quoted only if it has to be.

        What cannot be shown comes as its escape (:func:`autovenv.text.shown`); it need not be typeable then,
        nor is, in cmd, a ``%`` or ``!`` that means a variable.
        """
        seen = shown(text)
        if seen and all(char.isalnum() or char in self.plain for char in seen):
            return seen
        return self.quote(seen)

    def make(self, venv: str, *, clear: bool = False) -> str:
        """Return the command that makes an environment, with ``clear`` the one that makes it again."""
        return f"{self.python} -m venv {'--clear ' if clear else ''}{self.word(venv)}"

    def make_in(self, project: str) -> str:
        """Return the commands that make ``.venv`` in the folder ``project``."""
        return f"{self.go.format(self.word(project))}{self.then}{self.make('.venv')}"

    def activate(self, venv: str) -> str:
        """Return the command that activates ``venv`` by hand."""
        separator = "\\" if self.scripts == "Scripts" else "/"
        path = separator.join((venv, self.scripts, self.script))
        return self.run_script.format(self.word(path))


_POSIX = Spelling()
_FISH = Spelling(
    quote=_quoted_fish,
    script="activate.fish",
    export="set -gx {} {}",
    unset="set -e {}",
    unalias="functions -e {}",  # an alias is a function there
    unfunction="functions -e {}",
)
_POWERSHELL = Spelling(
    quote=_quoted_powershell,
    plain="/._-+:\\",
    then="; ",  # && is not in 5.1
    run_script="& {}",
    script="Activate.ps1",
    export="$env:{} = '{}'",
    unset="Remove-Item Env:{}",
    unalias="Remove-Item Alias:{}",
    unfunction="Remove-Item Function:{}",
)
_CMD = Spelling(
    quote=_quoted_cmd,
    plain="/._-+@:\\",
    also=" & ",
    go="cd /d {}",
    run_script="{}",
    script="activate.bat",
    export='set "{}={}"',
    unset='set "{}="',
    unalias="doskey {}=",
    unfunction="doskey {}=",
)
SPELLINGS = {"fish": _FISH, "powershell": _POWERSHELL, "pwsh": _POWERSHELL, "cmd": _CMD, "clink": _CMD}
"""The shells that spell otherwise than bash and zsh."""


def of(shell: str = "", *, windows: bool = native.WINDOWS) -> Spelling:
    """Return how ``shell`` (as a hook calls it, "" if unknown) spells commands, on Windows or elsewhere."""
    known = SPELLINGS.get(shell, _CMD if windows and not shell else _POSIX)
    return changed(known, python="python", scripts="Scripts") if windows else known
