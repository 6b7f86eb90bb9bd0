"""A path goes through each shell's language and comes out as the same bytes."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conformance.shells import SHELLS

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = st.binary(max_size=40).map(lambda data: os.fsdecode(data.replace(b"\0", b"")))
ODD = [
    "",
    " ",
    "-n",
    "-p",
    "~",
    "=ls",
    "%1",
    "!!",
    "$HOME",
    "`id`",
    "a\nb\n",
    "\\",
    "'",
    '"',
    "*",
    "\udcff",
    "é\udcc3",
]


@pytest.mark.parametrize("shell", SHELLS)
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(NAMES, min_size=1, max_size=20))
@example(words=ODD)
def test_a_quoted_word_is_one_word_of_the_same_bytes(
    shell: str, words: list[str], find_program: Callable[[str], str]
) -> None:
    if not SHELLS[shell].spells_bytes:
        words = [os.fsencode(word).decode("utf-8", "ignore") for word in words]
    line = "printf '%s\\0' " + " ".join(map(SHELLS[shell].quote, words))
    done = subprocess.run([find_program(shell), "-c", line], capture_output=True, check=True)
    assert [os.fsdecode(word) for word in done.stdout.split(b"\0")[:-1]] == words


@pytest.mark.parametrize("shell", SHELLS)
@given(text=NAMES)
def test_a_quoted_word_is_ascii_that_can_be_typed(shell: str, text: str) -> None:
    word = SHELLS[shell].quote(text)
    assert word.isascii()
    assert word.isprintable()
    assert "!" not in word
