"""Reads a typed line into the words of its commands. The rules of each language are data of a subclass.

What is not understood for certain raises :class:`Doubt`; no word is ever guessed. Nothing is expanded: a word
with a variable in it is marked as one that is not literal.
"""

from __future__ import annotations

from autovenv.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Rules = dict[str, Callable[[Any, str], None]]

LINE_LIMIT = 8192
"""Characters; a longer line is doubtful."""


class Doubt(Exception):  # noqa: N818 - the ordinary way out
    """The line holds something that is not understood for certain."""


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


class Reader:
    """One pass over a line; ``at`` is the place of the next character.

    A language has a subclass. ``rules`` says for each character that is more than a letter what it does
    outside quotes, ``in_double`` what it does in double ones. ``limit`` is the longest line, ``control`` the
    control characters that a line may hold, ``never`` what makes a line doubtful wherever it stands.
    ``escapes`` are the letters that the escape character makes something else of. ``doubled``: a quote in
    quotes is written twice. ``null_targets`` is what output may be sent to, ``any_case`` whether in any
    letters, ``input`` what may be read, and ``after`` what may follow a target.
    """

    rules: Rules = {}  # noqa: RUF012
    in_double: Rules = {}  # noqa: RUF012 - a table, never written to
    limit = LINE_LIMIT
    control = "\t\n"
    never: tuple[str, ...] = ()
    escapes = frozenset[str]()
    doubled = False
    null_targets: tuple[str, ...] = ()
    any_case = False
    input = ""
    after = frozenset(("", " ", "\t", "\n", ";", "|", "&"))

    def __init__(self, line: str) -> None:
        self.line = line
        self.at = 0
        self.segments: list[list[Token]] = []
        self.words: list[Token] = []
        self.text = ""
        self.clear = LINE_LIMIT
        self.begun = self.quoted = self.variable = False

    def read(self) -> list[list[Token]]:
        """Return the commands of the line, each as its words. Raises Doubt."""
        odd = any((char < " " and char not in self.control) or char == "\x7f" for char in self.line)
        if odd or len(self.line) > self.limit or any(text in self.line for text in self.never):
            raise Doubt
        while self.at < len(self.line):
            char = self.take()
            self.rules.get(char, type(self).plain)(self, char)
        self.end_segment()
        return self.segments

    # -- where the pass is

    def take(self) -> str:
        """Return the next character, "" at the end, and go past it."""
        char = self.following()
        self.at += len(char)
        return char

    def following(self) -> str:
        """Return the next character, "" at the end."""
        return self.line[self.at : self.at + 1]

    def peek(self, char: str) -> bool:
        """Return whether the next character is ``char``."""
        return self.following() == char

    # -- words and commands

    def plain(self, char: str) -> None:
        """Take a letter."""
        self.text += char
        self.begun = True

    def blank(self, _: str) -> None:
        """End a word."""
        self.end_word()

    def end_word(self) -> None:
        """Put the word that was begun, if one was, to the words of the command."""
        if self.begun:
            self.words.append(Token(self.text, not self.quoted, not self.variable, self.clear))
        self.text, self.clear = "", LINE_LIMIT
        self.begun = self.quoted = self.variable = False

    def end_segment(self) -> None:
        """End the command, if there is one."""
        self.end_word()
        if self.words:
            self.segments.append(self.words)
        self.words = []

    def newline(self, _: str) -> None:
        """End a command."""
        self.end_segment()

    def semicolon(self, char: str) -> None:
        """End a command; two belong to a language's own grammar."""
        if self.peek(char):
            raise Doubt
        self.end_segment()

    def joint(self, char: str) -> None:
        """End a command at an operator that may stand twice: ``|``, ``||``."""
        self.at += self.peek(char)
        self.end_segment()

    def comment(self, char: str) -> None:
        """Drop the rest of the line, if no word was begun."""
        if self.begun:
            self.plain(char)
            return
        text = self.line[self.at :].partition("\n")[0]
        self.at += len(text)
        self.dropped(text)

    def dropped(self, text: str) -> None:
        """See what was dropped for a comment."""

    def doubt(self, _: str) -> None:
        """Give up."""
        raise Doubt

    # -- quotes and variables

    def quote(self) -> None:
        """Note that what comes next in the word is quoted."""
        self.clear = min(self.clear, len(self.text))
        self.begun = self.quoted = True

    def open_quotes(self) -> None:
        """Begin a quoted part."""
        self.quote()

    def close_quotes(self) -> None:
        """End a quoted part."""

    def literally(self, piece: str) -> str:
        """Return what a part in single quotes stands for."""
        return piece

    def single(self, char: str) -> None:
        """Take a part in quotes in which nothing counts but the quote itself."""
        self.open_quotes()
        while True:
            end = self.line.find(char, self.at)
            if end < 0:
                raise Doubt
            self.text += self.literally(self.line[self.at : end])
            self.at = end + 1
            if not (self.doubled and self.peek(char)):
                break
            self.text += self.take()
        self.close_quotes()

    def double(self, char: str) -> None:
        """Take a part in quotes in which some characters count."""
        self.open_quotes()
        while self.at < len(self.line):
            inner = self.take()
            if inner == char and not (self.doubled and self.peek(char)):
                self.close_quotes()
                return
            if inner == char:
                self.text += self.take()
            elif inner in self.in_double:
                self.in_double[inner](self, inner)
            else:
                self.text += inner
        raise Doubt

    def escape(self, _: str) -> None:
        """Take the next character for what it is."""
        following = self.take()
        if not following or following in self.escapes:
            raise Doubt
        if following == "\n":
            self.continued()
            return
        self.quote()
        self.text += following

    def continued(self) -> None:
        """Go on with the next line."""

    def dollar(self, char: str) -> None:
        """Take the name of a variable; anything else behind the sign is doubtful."""
        following = self.following()
        if not (following.isascii() and (following.isalpha() or following == "_")):
            raise Doubt
        self.text += char
        self.begun = self.variable = True

    # -- redirections

    def is_handle(self, text: str) -> bool:
        """Return whether ``text`` may stand before a redirection as the number of what is redirected."""
        return text.isdigit()

    def redirect(self, char: str) -> None:
        """Drop a redirection to nothing, or between stdout and stderr."""
        if self.begun and (self.quoted or not self.is_handle(self.text)):
            raise Doubt
        self.text, self.begun = "", False
        self.at += char == ">" and self.peek(">")
        while self.peek(" "):
            self.at += 1
        target = next((one for one in self.null_targets if self._comes(one)), "")
        self.at += len(target)
        if not target or self.following() not in self.after or (char == "<" and target != self.input):
            raise Doubt

    def _comes(self, target: str) -> bool:
        text = self.line[self.at : self.at + len(target)]
        return (text.lower() if self.any_case else text) == target


COMMON: Rules = {
    " ": Reader.blank,
    "\t": Reader.blank,
    "\n": Reader.newline,
    ";": Reader.semicolon,
    "'": Reader.single,
    '"': Reader.double,
    "$": Reader.dollar,
    ">": Reader.redirect,
    "#": Reader.comment,
}
"""What most languages have in common, for their ``rules``."""
