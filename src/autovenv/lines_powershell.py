"""PowerShell's part of :mod:`autovenv.lines`: how a line is read there, and which words count.

Rules: about_Parsing, about_Quoting_Rules, about_Special_Characters, about_Operators (call, dot sourcing,
chain). What is not read here for certain raises Doubt, and the person sees a hint instead.
"""

from __future__ import annotations

import ntpath
import posixpath

from autovenv.lines import ALIAS_DEPTH, NEITHER, Doubt, Kind, Splitter, Token, creates, refuse_odd, unsafe
from autovenv.text import below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

HARMLESS = frozenset(
    (
        *("cd", "chdir", "sl", "set-location", "push-location", "pushd", "pop-location", "popd"),
        *("mkdir", "md", "ni", "new-item", "rm", "rmdir", "rd", "ri", "del", "erase", "remove-item", "touch"),
        *("echo", "write", "write-output", "write-host", "cls", "clear", "clear-host", "out-null"),
    )
)
SCRIPTS = frozenset(("activate", "activate.ps1"))
# PowerShell reads typographic quotes and dashes as the plain ones.
LOOKALIKES = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u2013\u2014\u2015"
# What a backquote makes of these letters is a control character, or a code point.
ESCAPES = frozenset("0abefnrtuv")
UNSAFE = frozenset(("pathext", "psmodulepath"))
NULL_TARGETS = ("$null", "/dev/null", "&1")


def segments(line: str, aliases: Mapping[str, str]) -> list[list[Token]]:
    """Return the commands of ``line``. An alias stands for one name or program. Raises Doubt."""
    refuse_odd(line)
    if any(char in line for char in LOOKALIKES) or "--%" in line:
        raise Doubt
    known = {name.lower(): target for name, target in aliases.items()}
    return [_with_alias(words, known) for words in _Splitter(line, "powershell").run()]


def _with_alias(words: list[Token], aliases: Mapping[str, str]) -> list[Token]:
    at = 1 if words[0] == CALL or words[0] == DOT else 0
    for _ in range(ALIAS_DEPTH):
        if at >= len(words) or not words[at].literal or words[at].text.lower() not in aliases:
            break
        target = aliases[words[at].text.lower()]
        words = [*words[:at], Token(target), *words[at + 1 :]]
    return words


CALL = Token("&")
DOT = Token(".")


def judge(words: list[Token], project: str) -> Kind:
    """Return what one command does. Raises Doubt."""
    if words[0].text.startswith("$") and words[0].clear:
        return _assignment(words)
    called = words[0] in {CALL, DOT}
    command = words[1:] if called else words
    if not command or not command[0].literal or not command[0].text:
        raise Doubt
    if not called and not command[0].plain:
        raise Doubt  # a text in quotes is a value, no command
    return _command(command[0].text, command[1:], project, called=called)


def _command(text: str, arguments: list[Token], project: str, *, called: bool) -> Kind:
    path = text.replace("\\", "/")
    last = path.rsplit("/", 1)[-1].lower()
    if last in SCRIPTS and ("/" in path or called) and not arguments:
        return Kind(activates=True)
    name = _outside(path, project) if "/" in path else last
    name = name.lower().removesuffix(".exe")
    if creates(name, [token.text if token.literal else "" for token in arguments]):
        return Kind(creates=True)
    if name == "workon" and len(arguments) == 1:
        return Kind(activates=True)
    if name in HARMLESS and "/" not in path and not any(_is_drive(token.text) for token in arguments):
        return NEITHER
    raise Doubt


def _is_drive(text: str) -> bool:
    """Whether an argument may name a drive of PowerShell's own, as ``function:`` and ``alias:``."""
    return ":" in text[:1] + text[2:]


def _outside(path: str, project: str) -> str:
    """Return the program's name from its absolute path outside the project; Doubt for any other."""
    system: Any = ntpath if path[1:2] == ":" else posixpath
    plain = (path.startswith("/") and not path.startswith("//")) or path[1:3] == ":/"
    if not plain or ".." in path.split("/") or any(char in path for char in "*?[]~%"):
        raise Doubt
    real, home = (system.normcase(system.normpath(one)).replace("\\", "/") for one in (path, project))
    if below(real, home):
        raise Doubt
    return path.rsplit("/", 1)[-1]


def _assignment(words: list[Token]) -> Kind:
    """Take ``$env:NAME = 'value'`` for harmless, if it is whole and the variable decides nothing."""
    if len(words) == 3 and words[1] == Token("="):
        target, value = words[0].text, words[2]
    else:
        target, equals, text = words[0].text.partition("=")
        value = Token(text, words[0].plain)
        if len(words) != 1 or not equals or words[0].clear <= len(target):
            raise Doubt
    name = target.lower().removeprefix("$env:")
    if name == target.lower() or not name.isidentifier() or unsafe(name.upper()) or name in UNSAFE:
        raise Doubt
    if "$" in value.text or not (value.text.isdigit() or not value.plain):
        raise Doubt
    return NEITHER


class _Splitter(Splitter):
    """One pass over a line of PowerShell."""

    def plain(self, char: str) -> None:
        if char in "(){}<" or (char in "@%?[" and not self.begun):
            raise Doubt
        if (
            char == "."
            and not self.words
            and not self.begun
            and self.line[self.at : self.at + 1] in {" ", "\t"}
        ):
            self.words.append(DOT)
            return
        self.text += char
        self.begun = True

    def ampersand(self, char: str) -> None:
        if self.peek(char):
            self.at += 1
            self.end_segment()
        elif not self.words and not self.begun:
            self.words.append(CALL)
        else:
            raise Doubt  # a job in the background

    def bar(self, char: str) -> None:
        if self.peek(char):
            self.at += 1
        self.end_segment()

    def redirect(self, char: str) -> None:
        if self.begun and not (self.text in {"1", "2", "3", "4", "5", "6", "*"} and not self.quoted):
            raise Doubt
        self.text, self.begun = "", False
        if self.peek(char):
            self.at += 1
        while self.peek(" "):
            self.at += 1
        rest = self.line[self.at :].lower()
        target = next((one for one in NULL_TARGETS if rest.startswith(one)), "")
        self.at += len(target)
        if not target or self.line[self.at : self.at + 1] not in {"", " ", "\t", "\n", ";", "|", "&"}:
            raise Doubt

    def backquote(self, _: str) -> None:
        following = self.line[self.at : self.at + 1]
        if not following or following in ESCAPES:
            raise Doubt
        self.at += 1
        if following == "\n":
            self.end_word()
            return
        self.quote()
        self.text += following

    def single(self, char: str) -> None:
        self._start_of_quotes()
        while True:
            end = self.line.find(char, self.at)
            if end < 0:
                raise Doubt
            self.text += self.line[self.at : end]
            self.at = end + 1
            if not self.peek(char):
                break
            self.text += char  # doubled, it stands for itself
            self.at += 1
        self._end_of_quotes()

    def double(self, char: str) -> None:
        self._start_of_quotes()
        while self.at < len(self.line):
            char = self.line[self.at]
            self.at += 1
            if char == "`":
                self.backquote(char)
            elif char == "$":
                self.dollar(char)
            elif char == '"' and not self.peek('"'):
                self._end_of_quotes()
                return
            else:
                self.at += char == '"'  # doubled, it stands for itself
                self.text += char
        raise Doubt

    def _start_of_quotes(self) -> None:
        if self.begun and not self.text.endswith("="):
            raise Doubt  # whether it is one word depends on what stands before
        self.quote()

    def _end_of_quotes(self) -> None:
        # A word that begins with quotes ends with them.
        if self.line[self.at : self.at + 1] not in {"", " ", "\t", "\n", ";", "|", "&"}:
            raise Doubt

    def dollar(self, char: str) -> None:
        following = self.line[self.at : self.at + 1]
        if not (following.isascii() and (following.isalpha() or following == "_")):
            raise Doubt
        self.text += char
        self.begun = self.variable = True

    def comment(self, char: str) -> None:
        if self.begun:
            self.plain(char)
            return
        end = self.line.find("\n", self.at)
        self.at = len(self.line) if end < 0 else end

    rules: dict[str, Callable[[Any, str], None]] = {  # noqa: RUF012 - a table, never written to
        " ": Splitter.blank,
        "\t": Splitter.blank,
        "\n": Splitter.newline,
        ";": Splitter.semicolon,
        "|": bar,
        "&": ampersand,
        ">": redirect,
        "`": backquote,
        "'": single,
        '"': double,
        "$": dollar,
        "#": comment,
    }
