"""How cmd reads a line, for :mod:`autovenv.lines`: the same two functions as any other language has.

Only what is certain counts. A ``%`` or ``!`` could put in anything, so a line with one is doubtful; so is one
with parentheses, or with a redirection to anything but ``nul``.
"""

from __future__ import annotations

from autovenv.lines import NEITHER, UNSAFE_VARIABLES, Kind, creates
from autovenv.reader import Doubt, Reader, Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

HARMLESS = frozenset(
    (
        *("cd", "chdir", "pushd", "popd", "mkdir", "md", "rmdir", "rd", "del", "erase", "echo", "cls", "set"),
        *("rem", "dir", "type", "ver", "title", "color", "path"),
    )
)
SCRIPTS = frozenset(("activate", "activate.bat"))
ENDINGS = (".exe", ".bat", ".cmd", ".com")
WINDOWS_UNSAFE = ("PATHEXT", "COMSPEC", "SYSTEMROOT", "PROMPT", "NODEFAULTCURRENTDIRECTORYINEXEPATH")


def segments(line: str, _macros: Mapping[str, str], _shell: str) -> list[list[Token]]:
    """Return the commands of ``line``, each as its words. Raises Doubt.

    They end at unquoted ``&``, ``&&``, ``||`` and ``|``. The history that the line comes from holds what was
    typed: a macro of the person's own stands there by its name, and counts for nothing.
    """
    return _Cmd(line).read()


def judge(words: list[Token], project: str, _shell: str) -> Kind:
    """Return what one command does, typed in or for ``project``. Raises Doubt."""
    first, arguments = words[0].text.lstrip("@"), words[1:]
    if first.lower() == "call" and arguments:
        first, arguments = arguments[0].text, arguments[1:]
        if not any(char in first for char in "\\/"):
            raise Doubt
    name = _name(first)
    if name in SCRIPTS and any(char in first for char in "\\/"):
        return Kind(activates=not arguments)
    if any(char in first for char in "\\/:"):
        if len(first) == 2 and first[1] == ":":
            return NEITHER  # a drive letter
        if not _outside(first, project):
            raise Doubt
    if creates(_stem(name), [token.text for token in arguments]):
        return Kind(creates=True)
    if first.lower() in HARMLESS and _sets_safely(first.lower(), arguments):
        return NEITHER
    raise Doubt


def _name(text: str) -> str:
    return text.replace("/", "\\").rpartition("\\")[2].lower()


def _stem(name: str) -> str:
    return next((name[: -len(end)] for end in ENDINGS if name.endswith(end)), name)


def _outside(path: str, project: str) -> bool:
    path = path.replace("/", "\\")
    plain = path[1:3] == ":\\" and ".." not in path.split("\\")
    # By spelling and without regard to case, on any system: this is text.
    return plain and not (path.lower() + "\\").startswith(project.lower().rstrip("\\") + "\\")


def _sets_safely(name: str, arguments: list[Token]) -> bool:
    if name == "path":
        return not arguments
    if name != "set":
        return True
    text = " ".join(token.text for token in arguments).strip('"').upper()
    variable = text.partition("=")[0].strip()
    unsafe = variable.startswith("LD_") or variable in (*UNSAFE_VARIABLES, *WINDOWS_UNSAFE)
    return not unsafe and not text.startswith("/")


class _Cmd(Reader):
    """One pass over a line of cmd."""

    limit = 8191
    control = "\t"
    never = ("%", "!", "(", ")")
    any_case = True
    null_targets = ("nul", "&1", "&2")
    input = "nul"
    after = frozenset(("", " ", "&", "|"))

    def separator(self, char: str) -> None:
        """End a word: only in front of the first blank of a command ``,``, ``;`` and ``=`` are blanks too."""
        if self.words:
            self.plain(char)
        else:
            self.end_word()

    def is_handle(self, text: str) -> bool:
        """Return whether ``text`` is the number of stdout or stderr."""
        return text in {"1", "2"}

    rules = {  # noqa: RUF012 - a table
        " ": Reader.blank,
        "\t": Reader.blank,
        ",": separator,
        ";": separator,
        "=": separator,
        "&": Reader.joint,
        "|": Reader.joint,
        ">": Reader.redirect,
        "<": Reader.redirect,
        "^": Reader.escape,
        '"': Reader.single,  # cmd would close it at the end of the line, which is doubtful
    }


def shadowed(names: list[str]) -> bool:
    """Whether one of the files in the current folder runs in place of a program that makes environments.

    cmd looks there first, so what a clone brought would have run. ``names`` are of all files there.
    """
    stems = ("python", "python3", "py", "virtualenv", "uv", "poetry", "pdm", "hatch", "pipenv")
    return any(_stem(name.lower()) != name.lower() and _is_one(_stem(name.lower()), stems) for name in names)


def _is_one(stem: str, stems: tuple[str, ...]) -> bool:
    return stem in stems or stem.startswith("python3.")
