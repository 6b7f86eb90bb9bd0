"""PowerShell's part of :mod:`autovenv.lines`: how a line is read there, and which words count.

Rules: about_Parsing, about_Quoting_Rules, about_Special_Characters, about_Operators (call, dot sourcing,
chain). What is not read here for certain raises Doubt, and the person sees a hint instead.
"""

from __future__ import annotations

import ntpath
import posixpath

from autovenv.lines import ALIAS_DEPTH, NEITHER, Kind, creates, unsafe
from autovenv.reader import COMMON, Doubt, Reader, Token
from autovenv.text import below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
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
UNSAFE = frozenset(("pathext", "psmodulepath"))


def segments(line: str, aliases: Mapping[str, str], _shell: str) -> list[list[Token]]:
    """Return the commands of ``line``. An alias stands for one name or program. Raises Doubt."""
    known = {name.lower(): target for name, target in aliases.items()}
    return [_with_alias(words, known) for words in _PowerShell(line).read()]


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


def judge(words: list[Token], project: str, _shell: str) -> Kind:
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


class _PowerShell(Reader):
    """One pass over a line of PowerShell."""

    never = (*LOOKALIKES, "--%")
    escapes = frozenset("0abefnrtuv")
    doubled = True
    any_case = True
    null_targets = ("$null", "/dev/null", "&1")

    def plain(self, char: str) -> None:
        """Take a letter, or a dot that calls a script; blocks, wildcards and operators are doubtful."""
        if char in "(){}<" or (char in "@%?[" and not self.begun):
            raise Doubt
        if char == "." and not self.words and not self.begun and self.following() in {" ", "\t"}:
            self.words.append(DOT)
            return
        super().plain(char)

    def ampersand(self, char: str) -> None:
        """End a command at ``&&``, or call what follows; a job in the background is doubtful."""
        if self.peek(char):
            self.joint(char)
        elif not self.words and not self.begun:
            self.words.append(CALL)
        else:
            raise Doubt

    def is_handle(self, text: str) -> bool:
        """Return whether ``text`` is a stream's number, or ``*`` for all."""
        return len(text) == 1 and text in "123456*"

    def continued(self) -> None:
        """End the word: a line goes on behind a backquote, and what was begun does not."""
        self.end_word()

    def open_quotes(self) -> None:
        """Begin a quoted part, which is a word of its own."""
        if self.begun and not self.text.endswith("="):
            raise Doubt  # whether it is one word depends on what stands before
        self.quote()

    def close_quotes(self) -> None:
        """End it: a word that begins with quotes ends with them."""
        if self.following() not in self.after:
            raise Doubt

    in_double = {"`": Reader.escape, "$": Reader.dollar}  # noqa: RUF012 - tables
    rules = {  # noqa: RUF012
        **COMMON,
        "|": Reader.joint,
        "&": ampersand,
        "`": Reader.escape,
    }
