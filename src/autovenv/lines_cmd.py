"""How cmd reads a line, for :mod:`autovenv.lines`: the same two functions as any other language has.

Only what is certain counts. A ``%`` or ``!`` could put in anything, so a line with one is doubtful; so is one
with parentheses, or with a redirection to anything but ``nul``.
"""

from __future__ import annotations

from autovenv.lines import NEITHER, UNSAFE_VARIABLES, Doubt, Kind, Token, creates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LINE_LIMIT = 8191
HARMLESS = frozenset(
    (
        *("cd", "chdir", "pushd", "popd", "mkdir", "md", "rmdir", "rd", "del", "erase", "echo", "cls", "set"),
        *("rem", "dir", "type", "ver", "title", "color", "path"),
    )
)
SCRIPTS = frozenset(("activate", "activate.bat"))
ENDINGS = (".exe", ".bat", ".cmd", ".com")
WINDOWS_UNSAFE = ("PATHEXT", "COMSPEC", "SYSTEMROOT", "PROMPT", "NODEFAULTCURRENTDIRECTORYINEXEPATH")
BLANKS = " \t,;="


def segments(line: str, _macros: Mapping[str, str]) -> list[list[Token]]:
    """Return the commands of ``line``, each as its words. Raises Doubt.

    They end at unquoted ``&``, ``&&``, ``||`` and ``|``. The history that the line comes from holds what was
    typed: a macro of the person's own stands there by its name, and counts for nothing.
    """
    odd = any(char < " " or char == "\x7f" for char in line.replace("\t", " "))
    if len(line) > LINE_LIMIT or odd or any(char in line for char in "%!()"):
        raise Doubt
    return _Reader(line).run()


def judge(words: list[Token], project: str) -> Kind:
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


class _Reader:
    """One pass over a line; ``at`` is the place of the next character."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.at = 0
        self.found: list[list[Token]] = []
        self.words: list[Token] = []
        self.text = ""
        self.begun = self.quoted = False

    def run(self) -> list[list[Token]]:
        while self.at < len(self.line):
            char = self.line[self.at]
            self.at += 1
            self.take(char)
        self.end_command()
        return self.found

    def take(self, char: str) -> None:
        if char == '"':
            self.quote()
        elif char == "^":
            self.caret()
        elif char in "&|":
            self.at += self.line[self.at : self.at + 1] == char
            self.end_command()
        elif char in "<>":
            self.redirect(char)
        elif char in (BLANKS if not self.words else " \t"):
            # Only in front of the first blank of a command , ; and = are blanks too.
            self.end_word()
        else:
            self.text += char
            self.begun = True

    def quote(self) -> None:
        end = self.line.find('"', self.at)
        if end < 0:
            raise Doubt  # cmd would close it at the end of the line
        self.text += self.line[self.at : end]
        self.at = end + 1
        self.begun = self.quoted = True

    def caret(self) -> None:
        following = self.line[self.at : self.at + 1]
        if not following:
            raise Doubt
        self.text += following
        self.at += 1
        self.begun = self.quoted = True

    def redirect(self, char: str) -> None:
        if self.begun and not (self.text in {"1", "2"} and not self.quoted):
            raise Doubt
        self.text, self.begun = "", False
        rest = self.line[self.at :].removeprefix(">" if char == ">" else "")
        target = rest.lstrip(" ")
        for known in ("nul", "&1", "&2"):
            if target.lower().startswith(known) and target[len(known) : len(known) + 1] in {
                "",
                " ",
                "&",
                "|",
            }:
                if char == "<" and known != "nul":
                    raise Doubt
                self.at = len(self.line) - len(target) + len(known)
                return
        raise Doubt

    def end_word(self) -> None:
        if self.begun:
            self.words.append(Token(self.text, not self.quoted))
        self.text, self.begun, self.quoted = "", False, False

    def end_command(self) -> None:
        self.end_word()
        if self.words:
            self.found.append(self.words)
        self.words = []


def shadowed(names: list[str]) -> bool:
    """Whether one of the files in the current folder runs in place of a program that makes environments.

    cmd looks there first, so what a clone brought would have run. ``names`` are of all files there.
    """
    stems = ("python", "python3", "py", "virtualenv", "uv", "poetry", "pdm", "hatch", "pipenv")
    return any(_stem(name.lower()) != name.lower() and _is_one(_stem(name.lower()), stems) for name in names)


def _is_one(stem: str, stems: tuple[str, ...]) -> bool:
    return stem in stems or stem.startswith("python3.")
