"""What a person is told when something cannot be done."""

from __future__ import annotations


class AutovenvError(Exception):
    """A refusal or failure that a person is told about.

    ``fact`` starts in lower case and names the path, already escaped by :func:`autovenv.text.shown`.
    ``remedy`` is the command that mends it, or one sentence. ``code`` is the exit status: 1, or 2 for usage.
    """

    def __init__(self, fact: str, remedy: str = "", *, code: int = 1) -> None:
        super().__init__(fact)
        self.fact = fact
        self.remedy = remedy
        self.code = code

    def lines(self) -> list[str]:
        """Return the lines for stderr, without newlines."""
        head = f"autovenv: {self.fact}"
        return [head, self.remedy] if self.remedy else [head]


class UsageError(AutovenvError):
    """The words on the command line are wrong; exit status 2."""

    def __init__(self, fact: str, remedy: str = "") -> None:
        super().__init__(fact, remedy, code=2)
