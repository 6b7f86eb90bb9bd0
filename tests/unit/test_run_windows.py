"""The command line by which ``exec`` gives words to a batch file on Windows."""

from __future__ import annotations

import pytest

from autovenv import run_windows
from autovenv.errors import AutovenvError

CMD = r"C:\Windows\System32\cmd.exe".replace("\\System32\\", "/System32/")


def line(*words):
    return run_windows.batch_line(r"C:\p\x.bat", words, root=r"C:\Windows").replace(
        "/System32/", "\\System32\\"
    )


def test_every_word_is_in_quotes_and_the_outer_pair_is_cmds():
    expected = r'"C:\Windows\System32\cmd.exe" /d /s /c ""C:\p\x.bat" "a" "b c" "x&y|z^" """'
    assert line("a", "b c", "x&y|z^", "") == expected


def test_a_backslash_at_the_end_is_no_quote_for_what_reads_the_word_next():
    assert line("C:\\x\\").endswith(r'"C:\x\\""')


@pytest.mark.parametrize("word", ['a"b', "100%", "wow!", "a\nb", "a\rb", "a\0b"])
def test_what_no_quotes_keep_is_refused(word):
    with pytest.raises(AutovenvError, match="a batch file cannot be given") as caught:
        line("fine", word)
    assert caught.value.code == run_windows.CANNOT_RUN
