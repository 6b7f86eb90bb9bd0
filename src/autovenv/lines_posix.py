"""How bash, zsh and fish read a line, for :mod:`autovenv.lines`: the two functions of any language."""

from __future__ import annotations

import os

from autovenv.lines import ALIAS_DEPTH, NEITHER, Kind, creates, unsafe
from autovenv.reader import COMMON, Doubt, Reader, Token
from autovenv.text import below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

HARMLESS = frozenset(("cd", "pushd", "popd", "mkdir", "rm", "touch", "echo", "export", "clear"))
PREFIXES = frozenset(("time", "command", "noglob"))
FISH_PREFIXES = frozenset(("time", "command", "and", "or"))
SCRIPTS = frozenset(
    ("activate", "activate.bash", "activate.zsh", "activate.fish", "activate.csh", "activate.nu")
)


def segments(line: str, aliases: Mapping[str, str], shell: str) -> list[list[Token]]:
    """Return the commands of ``line``, each as its words, with the aliases of first words put in.

    Commands end at unquoted ``;``, ``&&``, ``||``, ``|`` and newlines. Redirections to ``/dev/null`` or
    between stdout and stderr are dropped. Raises Doubt at whatever is not a plain command.
    """
    found = []
    for words in _split(line, shell):
        found += _alias(words, aliases, shell, frozenset())
    return found


def _split(line: str, shell: str) -> list[list[Token]]:
    return (_Fish if shell == "fish" else _Posix)(line).read()


def _alias(
    words: list[Token], aliases: Mapping[str, str], shell: str, used: frozenset[str]
) -> list[list[Token]]:
    first = next((at for at, word in enumerate(words) if not _before_alias(word)), len(words))
    if first == len(words) or not words[first].plain or words[first].text not in aliases:
        return [words]
    name = words[first].text
    if name in used or len(used) >= ALIAS_DEPTH:
        return [words]
    inner = _split(aliases[name], shell)
    if not inner:
        return [words[:first] + words[first + 1 :]]
    # The words before the alias belong to its first command, those behind it to its last.
    inner[0] = words[:first] + inner[0]
    inner[-1] = inner[-1] + words[first + 1 :]
    head = _alias(inner[0], aliases, shell, used | {name})
    return head + inner[1:]


def _before_alias(word: Token) -> bool:
    return _is_assignment(word) or (word.plain and word.text == "time")


def judge(words: list[Token], project: str, shell: str) -> Kind:
    """Return what one command does, typed in or for ``project``. Raises Doubt."""
    words = _command(words, shell)
    if not words:
        return NEITHER
    name = _program(words[0], project)
    arguments = words[1:]
    if _activates(name, arguments, words[0]):
        return Kind(activates=True)
    texts = [token.text if token.literal else "" for token in arguments]
    if creates(name, texts):
        return Kind(creates=True)
    if "/" not in words[0].text and name in HARMLESS and _assigns_safely(name, arguments):
        return NEITHER
    raise Doubt


def _assigns_safely(name: str, arguments: list[Token]) -> bool:
    return name != "export" or not any(unsafe(token.text.partition("=")[0]) for token in arguments)


def _activates(name: str, arguments: list[Token], first: Token) -> bool:
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


class _Posix(Reader):
    """The line of bash and zsh."""

    null_targets = ("/dev/null", "&1", "&2")
    input = "/dev/null"

    def bar(self, char: str) -> None:
        """End a command, but at ``|&``."""
        if self.peek("&"):
            raise Doubt
        self.joint(char)

    def ampersand(self, char: str) -> None:
        """End a command at ``&&``, take ``&>``; a command in the background is doubtful."""
        if self.peek(char):
            self.joint(char)
        elif self.peek(">"):
            self.end_word()
            self.redirect(self.take())
        else:
            raise Doubt

    def dropped(self, text: str) -> None:
        """Let plain words pass: whether they are a comment depends on the shell's options."""
        if not all(char.isalnum() or char in " .,_-:!" for char in text):
            raise Doubt

    in_double = {"$": Reader.dollar, "`": Reader.doubt, "\\": Reader.doubt}  # noqa: RUF012 - tables
    rules = {  # noqa: RUF012
        **COMMON,
        "|": bar,
        "&": ampersand,
        "<": Reader.redirect,
        "\\": Reader.escape,
        "`": Reader.doubt,
        "(": Reader.doubt,
        ")": Reader.doubt,
    }


class _Fish(_Posix):
    """That of fish, where a backslash makes control characters and code points, also in single quotes."""

    escapes = frozenset("abcefnortuvxUX01234567")

    def literally(self, piece: str) -> str:
        """Return a part without a backslash in it."""
        if "\\" in piece:
            raise Doubt
        return piece
