"""A story for each shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stories.story import SHELLS, Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, find_program: Callable[[str], str]) -> str:
    """Return each shell's name in turn; one that is missing is a failure."""
    find_program(request.param)
    return str(request.param)


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Callable[..., Story]]:
    """Return the function that begins a story: ``tell(shell, rc=…)``. Its terminals are closed at the end."""
    begun: list[Story] = []

    def begin(shell: str, **options: Any) -> Story:
        begun.append(Story(shell, str(tmp_path), **options))
        return begun[-1]

    yield begin
    for story in begun:
        story.close()


@pytest.fixture
def story(shell: str, tell: Callable[..., Story]) -> Story:
    """Return a story in each shell, with a plain start-up file."""
    return tell(shell)
