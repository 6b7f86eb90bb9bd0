"""``which`` on a terminal: a small panel. The only module that imports rich, and imported only for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.box import ROUNDED
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLOURS = {"because": "yellow", "do": "bold", "wanted": "green", "note": "yellow"}


def draw(
    title: str, rows: list[tuple[str, str]], *, right: bool, to: TextIO, environ: Mapping[str, str]
) -> None:
    """Print the panel. ``title`` and ``rows`` are escaped text; nothing in them is markup.

    Colour says nothing that a word does not say as well, and NO_COLOR takes it away.
    """
    console = Console(
        file=to, highlight=False, markup=False, emoji=False, no_color=bool(environ.get("NO_COLOR"))
    )
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for word, text in rows:
        grid.add_row(Text(word, "dim"), Text(_encodable(text, console), _COLOURS.get(word, "")))
    colour = "green" if right else "red"
    head = Text(_encodable(title, console), f"bold {colour}", overflow="fold")
    word = "as it should be" if right else "not as it should be"
    console.print(
        Panel(
            Group(head, grid), box=ROUNDED, title=word, title_align="left", border_style=colour, expand=False
        )
    )


def _encodable(text: str, console: Console) -> str:
    """Return ``text`` with the letters that this terminal's encoding lacks as escapes."""
    encoding = console.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
