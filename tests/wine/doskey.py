"""DOSKEY macros as the Windows console host expands them, for a Wine that has neither doskey nor macros.

What it does, from the documentation of doskey (Windows commands reference) and, where that is silent, from the
published source of the console host (microsoft/terminal, src/host/alias.cpp): only the line that a person types is
looked at; the macro's name is the text up to the first space, compared without regard to case; a line that begins with
a space is left alone; the text is expanded once, so a macro may use its own name.
"""

from __future__ import annotations

import re


def read_macros(text: str) -> dict[str, str]:
    """Return the macros of a file as ``doskey /macrofile`` reads it: one ``name=text`` on each line."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {name.strip().lower(): body for name, equals, body in pairs if equals and name.strip()}


def show(macros: dict[str, str]) -> str:
    """Return what ``doskey /macros`` prints: each macro as ``name=text``, on a line of its own."""
    return "".join(f"{name}={body}\n" for name, body in macros.items())


def expand(line: str, macros: dict[str, str]) -> list[str]:
    """Return the lines that cmd reads for a typed ``line``: itself, or a macro's text; ``$T`` begins a new one."""
    name, _, rest = line.partition(" ")
    body = macros.get(name.lower())
    if body is None or not name:
        return [line]
    words = rest.split()
    text = re.sub(r"\$(.)", lambda match: _put(match.group(1), rest, words), body)
    return text.split("\n")


def _put(letter: str, rest: str, words: list[str]) -> str:
    if letter == "*":
        return rest
    if letter.isdigit() and letter != "0":
        return words[int(letter) - 1] if int(letter) <= len(words) else ""
    special = {"t": "\n", "g": ">", "l": "<", "b": "|", "$": "$"}
    return special.get(letter.lower(), "$" + letter)
