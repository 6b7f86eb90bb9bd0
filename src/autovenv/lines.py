"""Did the person make or activate an environment with this line?

A line lends its words to consent only if every part of it makes an environment, activates one, or is
harmless. Whatever is not understood for certain counts for nothing: the person sees a hint instead and can
type ``autovenv allow``. No input or output here. History expansion has happened before the text arrives.
"""

from __future__ import annotations

import os

from autovenv.record import record
from autovenv.text import below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

LINE_LIMIT = 8192
ALIAS_DEPTH = 8

POSIX = frozenset(("bash", "zsh", "fish"))
CMD = frozenset(("cmd", "clink"))
HARMLESS = frozenset(("cd", "pushd", "popd", "mkdir", "rm", "touch", "echo", "export", "clear"))
PREFIXES = frozenset(("time", "command", "noglob"))
FISH_PREFIXES = frozenset(("time", "command", "and", "or"))
SCRIPTS = frozenset(
    ("activate", "activate.bash", "activate.zsh", "activate.fish", "activate.csh", "activate.nu")
)
# These decide which program a bare name runs, or what runs inside it.
UNSAFE_VARIABLES = (
    "PATH",
    "LD_",
    "DYLD_",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "BASH_ENV",
    "ENV",
    "IFS",
)

PYTHON_FLAGS = frozenset(("-I", "-B", "-E", "-s", "-S", "-P", "-u", "-q", "-v"))
PYTHON_VALUES = frozenset(("-X", "-W"))
PYTHON_MODULES = frozenset(("venv", "virtualenv"))

# Tool: (global options that may stand before the command, the commands that make an environment).
TOOLS: dict[str, tuple[frozenset[str], frozenset[tuple[str, ...]]]] = {
    "uv": (
        frozenset(
            (
                *(
                    "-q",
                    "-qq",
                    "--quiet",
                    "-v",
                    "-vv",
                    "--verbose",
                    "-n",
                    "--no-cache",
                    "--no-cache-dir",
                    "--offline",
                ),
                *("--no-progress", "--no-config", "--native-tls", "--system-certs", "--managed-python"),
                *("--no-managed-python", "--no-python-downloads"),
            )
        ),
        frozenset((("venv",), ("sync",), ("add",), ("run",), ("init",))),
    ),
    "poetry": (
        frozenset(
            (
                *(
                    "-q",
                    "--quiet",
                    "-v",
                    "-vv",
                    "-vvv",
                    "--verbose",
                    "-n",
                    "--no-interaction",
                    "--ansi",
                    "--no-ansi",
                ),
                *("--no-plugins", "--no-cache"),
            )
        ),
        frozenset((("install",), ("add",), ("env", "use"))),
    ),
    "pdm": (
        frozenset(("-q", "--quiet", "-v", "-vv", "--verbose", "-I", "--ignore-python")),
        frozenset((("install",), ("add",), ("sync",), ("venv", "create"))),
    ),
    "hatch": (
        frozenset(
            ("-q", "--quiet", "-v", "--verbose", "--color", "--no-color", "--interactive", "--no-interactive")
        ),
        frozenset((("env", "create"),)),
    ),
    "pipenv": (frozenset(("-q", "--quiet", "-v", "--verbose")), frozenset((("install",), ("sync",)))),
}

FISH_ESCAPES = frozenset("abcefnortuvxUX01234567")
NULL_TARGETS = ("/dev/null", "&1", "&2")


@record
class Kind:
    """What a line did: made an environment, activated one, both or neither."""

    creates: bool = False
    activates: bool = False


NEITHER = Kind()


@record
class Token:
    """One word of a line, unquoted.

    ``plain``: nothing in it was quoted. ``literal``: it holds no variable. ``clear``: so many letters
    stand before the first quoted one.
    """

    text: str
    plain: bool = True
    literal: bool = True
    clear: int = LINE_LIMIT


class Doubt(Exception):  # noqa: N818 - the ordinary way out
    """The line holds something that is not understood for certain."""


def classify(line: str, aliases: Mapping[str, str], *, project: str, shell: str) -> Kind:
    """Return what ``line`` did, as typed into ``shell`` in or for ``project``.

    ``aliases`` are the shell's own. A program named by a path counts only outside ``project``.
    """
    language = _language(shell)
    if language is None:
        return NEITHER
    try:
        kinds = [language.judge(words, project) for words in language.segments(line, aliases)]
    except Doubt:
        return NEITHER
    return Kind(any(kind.creates for kind in kinds), any(kind.activates for kind in kinds))


@record
class Language:
    """How a shell reads a line. Both functions raise :class:`Doubt`.

    ``segments``: the commands of a line, with the person's aliases (second argument) put in.
    ``judge``: what one of them does; the second argument is the project.
    """

    segments: Callable[[str, Mapping[str, str]], list[list[Token]]]
    judge: Callable[[list[Token], str], Kind]


def _language(shell: str) -> Language | None:
    """Return how ``shell`` reads a line, None for one that is not known. One module is imported, if any."""
    if shell in POSIX:
        return Language(
            lambda line, aliases: _expanded(line, aliases, shell),
            lambda words, project: _segment(words, project, shell),
        )
    if shell == "powershell":
        from autovenv import lines_powershell

        return Language(lines_powershell.segments, lines_powershell.judge)
    if shell in CMD:
        from autovenv import lines_cmd

        return Language(lines_cmd.segments, lines_cmd.judge)
    return None


def _segment(words: list[Token], project: str, shell: str) -> Kind:
    words = _command(words, shell)
    if not words:
        return NEITHER
    name = _program(words[0], project)
    arguments = words[1:]
    if activates(name, arguments, words[0]):
        return Kind(activates=True)
    texts = [token.text if token.literal else "" for token in arguments]
    if creates(name, texts):
        return Kind(creates=True)
    if "/" not in words[0].text and name in HARMLESS and _assigns_safely(name, arguments):
        return NEITHER
    raise Doubt


def _assigns_safely(name: str, arguments: list[Token]) -> bool:
    return name != "export" or not any(unsafe(token.text.partition("=")[0]) for token in arguments)


def creates(name: str, arguments: list[str]) -> bool:
    """Whether the program ``name`` with ``arguments`` makes an environment. Unknown arguments are ""."""
    if is_python(name):
        return _python_module(arguments) in PYTHON_MODULES and _may_be_here(arguments)
    if name == "py":
        return _python_module(_without_version(arguments)) in PYTHON_MODULES and _may_be_here(arguments)
    if name == "virtualenv":
        return _may_be_here(arguments)
    options, commands = TOOLS.get(name, (frozenset(), frozenset()))
    at = next((at for at, word in enumerate(arguments) if word not in options), len(arguments))
    if name == "uv" and arguments[at : at + 1] == ["venv"] and arguments[at + 1 : at + 2]:
        folder = arguments[at + 1]
        return folder.startswith("-") or _may_be_here([folder])
    return any(tuple(arguments[at : at + len(command)]) == command for command in commands)


def _may_be_here(arguments: list[str]) -> bool:
    """Whether the folder that is made may be ``.venv``: else it is another that appeared beside it."""
    return any(
        word.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] in {".venv", ".", ""} for word in arguments
    )


def is_python(name: str) -> bool:
    """Whether ``name`` is ``python``, ``python3`` or ``python3.N``."""
    if not name.startswith("python"):
        return False
    version = name[len("python") :]
    return version in {"", "3"} or (version.startswith("3.") and version[2:].isdigit() and version.isascii())


def _python_module(arguments: list[str]) -> str:
    """Return the module that ``-m`` names, "" if an option before it is not a known harmless one."""
    rest = iter(arguments)
    for word in rest:
        if word in PYTHON_VALUES:
            next(rest, "")
        elif word == "-m":
            return next(rest, "")
        elif word.startswith("-m"):
            return word[2:]
        elif word not in PYTHON_FLAGS and word[:2] not in PYTHON_VALUES:
            return ""
    return ""


def _without_version(arguments: list[str]) -> list[str]:
    if arguments and (arguments[0].startswith("-V:") or arguments[0][:2] in {"-3", "-2"}):
        return arguments[1:]
    return arguments


def activates(name: str, arguments: list[Token], first: Token) -> bool:
    """Whether these words run an ``activate`` script in this very shell, or are virtualenvwrapper's
    ``workon``.
    """
    if name in {"source", "."} and "/" not in first.text:
        return len(arguments) == 1 and arguments[0].text.rsplit("/", 1)[-1] in SCRIPTS
    return name == "workon" and len(arguments) == 1


def _command(words: list[Token], shell: str) -> list[Token]:
    """Return ``words`` without assignments and words such as ``time`` in front. Raises Doubt."""
    prefixes = FISH_PREFIXES if shell == "fish" else PREFIXES
    at = 0
    while at < len(words):
        token = words[at]
        if _is_assignment(token):
            if unsafe(token.text.partition("=")[0]):
                raise Doubt
        elif not (token.plain and token.text in prefixes):
            break
        at += 1
    return words[at:]


def _is_assignment(token: Token) -> bool:
    name, equals, _ = token.text.partition("=")
    name = name.removesuffix("+")
    return bool(equals) and name.isidentifier() and name.isascii() and token.text.index("=") < token.clear


def unsafe(name: str) -> bool:
    """Whether the environment variable ``name`` decides which program a name runs, or what runs inside it."""
    name = name.rstrip("+")
    return name.startswith(("LD_", "DYLD_")) or name in UNSAFE_VARIABLES


def _program(token: Token, project: str) -> str:
    """Return the name of the program that the command word runs. Raises Doubt if that is not certain."""
    text = token.text
    if not token.literal or not text or any(char in text for char in "*?[]{}~=^%"):
        raise Doubt
    return _outside(text, project) if "/" in text else text


def _outside(text: str, project: str) -> str:
    plain = text.startswith("/") and not text.startswith("//") and ".." not in text.split("/")
    if not plain or below(os.path.normpath(text), project):
        raise Doubt
    return os.path.basename(text)


def _expanded(line: str, aliases: Mapping[str, str], shell: str) -> list[list[Token]]:
    """Return the segments of ``line`` with the aliases of their first words put in. Raises Doubt."""
    segments = []
    for words in split(line, shell):
        segments += _alias(words, aliases, shell, frozenset())
    return segments


def _alias(
    words: list[Token], aliases: Mapping[str, str], shell: str, used: frozenset[str]
) -> list[list[Token]]:
    first = next((at for at, word in enumerate(words) if not _before_alias(word)), len(words))
    if first == len(words) or not words[first].plain or words[first].text not in aliases:
        return [words]
    name = words[first].text
    if name in used or len(used) >= ALIAS_DEPTH:
        return [words]
    inner = split(aliases[name], shell)
    if not inner:
        return [words[:first] + words[first + 1 :]]
    # The words before the alias belong to its first command, those behind it to its last.
    inner[0] = words[:first] + inner[0]
    inner[-1] = inner[-1] + words[first + 1 :]
    head = _alias(inner[0], aliases, shell, used | {name})
    return head + inner[1:]


def _before_alias(word: Token) -> bool:
    return _is_assignment(word) or (word.plain and word.text == "time")


def split(line: str, shell: str) -> list[list[Token]]:
    """Return the commands of ``line``, each as its words. Raises Doubt at whatever is not a plain command.

    Commands end at unquoted ``;``, ``&&``, ``||``, ``|`` and newlines. Redirections to ``/dev/null`` or
    between stdout and stderr are dropped.
    """
    refuse_odd(line)
    return Splitter(line, shell).run()


def refuse_odd(line: str) -> None:
    """Raise Doubt for a line that is too long, or holds control characters."""
    if len(line) > LINE_LIMIT or any((char < " " and char not in "\t\n") or char == "\x7f" for char in line):
        raise Doubt


class Splitter:
    """One pass over a line; ``at`` is the place of the next character.

    ``rules`` are those of bash, zsh and fish; another language has a subclass with its own.
    """

    def __init__(self, line: str, shell: str) -> None:
        self.line = line
        self.shell = shell
        self.at = 0
        self.segments: list[list[Token]] = []
        self.words: list[Token] = []
        self.text = ""
        self.clear = LINE_LIMIT
        self.begun = self.quoted = self.variable = False

    def run(self) -> list[list[Token]]:
        while self.at < len(self.line):
            char = self.line[self.at]
            self.at += 1
            self.rules.get(char, type(self).plain)(self, char)
        self.end_segment()
        return self.segments

    def plain(self, char: str) -> None:
        self.text += char
        self.begun = True

    def blank(self, _: str) -> None:
        self.end_word()

    def end_word(self) -> None:
        if self.begun:
            self.words.append(Token(self.text, not self.quoted, not self.variable, self.clear))
        self.text, self.clear = "", LINE_LIMIT
        self.begun = self.quoted = self.variable = False

    def end_segment(self) -> None:
        self.end_word()
        if self.words:
            self.segments.append(self.words)
        self.words = []

    def newline(self, _: str) -> None:
        self.end_segment()

    def semicolon(self, char: str) -> None:
        if self.peek(char):
            raise Doubt
        self.end_segment()

    def bar(self, char: str) -> None:
        if not self.peek("&"):
            if self.peek(char):
                self.at += 1
            self.end_segment()
            return
        raise Doubt

    def ampersand(self, char: str) -> None:
        if self.peek(char):
            self.at += 1
            self.end_segment()
        elif self.peek(">"):
            self.end_word()
            self.at += 1
            self.redirect(">")
        else:
            raise Doubt

    def peek(self, char: str) -> bool:
        return self.line[self.at : self.at + 1] == char

    def redirect(self, char: str) -> None:
        if self.begun and not (self.text.isdigit() and not self.quoted):
            raise Doubt
        self.text, self.begun = "", False
        if char == ">" and self.peek(">"):
            self.at += 1
        while self.peek(" "):
            self.at += 1
        target = next((one for one in NULL_TARGETS if self.line.startswith(one, self.at)), "")
        self.at += len(target)
        if not target or self.line[self.at : self.at + 1] not in {"", " ", "\t", "\n", ";", "|", "&"}:
            raise Doubt
        if char == "<" and target != "/dev/null":
            raise Doubt

    def backslash(self, _: str) -> None:
        following = self.line[self.at : self.at + 1]
        if not following:
            raise Doubt
        self.at += 1
        if following == "\n":
            return
        if self.shell == "fish" and following in FISH_ESCAPES:
            raise Doubt
        self.quote()
        self.text += following

    def quote(self) -> None:
        self.clear = min(self.clear, len(self.text))
        self.begun = self.quoted = True

    def single(self, char: str) -> None:
        self.quote()
        while True:
            end = self.line.find(char, self.at)
            if end < 0:
                raise Doubt
            piece, self.at = self.line[self.at : end], end + 1
            if self.shell == "fish" and "\\" in piece:  # which escapes there
                raise Doubt
            self.text += piece
            return

    def double(self, char: str) -> None:
        self.quote()
        while self.at < len(self.line):
            char = self.line[self.at]
            self.at += 1
            if char == '"':
                return
            if char == "$":
                self.dollar(char)
            elif char in "`\\":
                raise Doubt
            else:
                self.text += char
        raise Doubt

    def dollar(self, char: str) -> None:
        following = self.line[self.at : self.at + 1]
        if not (following.isascii() and (following.isalpha() or following == "_")):
            raise Doubt
        self.text += char
        self.begun = self.variable = True

    def comment(self, char: str) -> None:
        if self.begun:
            return self.plain(char)
        # Whether it begins a comment depends on the shell's options; plain words are harmless both ways.
        end = self.line.find("\n", self.at)
        text = self.line[self.at :] if end < 0 else self.line[self.at : end]
        if not all(char.isalnum() or char in " .,_-:!" for char in text):
            raise Doubt
        self.at += len(text)
        return None

    def doubt(self, _: str) -> None:
        raise Doubt

    rules: dict[str, Callable[[Any, str], None]] = {  # noqa: RUF012 - a table, never written to
        " ": blank,
        "\t": blank,
        "\n": newline,
        ";": semicolon,
        "|": bar,
        "&": ampersand,
        ">": redirect,
        "<": redirect,
        "\\": backslash,
        "'": single,
        '"': double,
        "$": dollar,
        "#": comment,
        "`": doubt,
        "(": doubt,
        ")": doubt,
    }
