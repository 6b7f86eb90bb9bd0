"""How ``exec`` runs a program on Windows, where no process can become another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from autovenv.errors import AutovenvError
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BATCH = (".bat", ".cmd")
CANNOT_RUN = 126
UNQUOTABLE = frozenset('"%!\r\n\0')
"""What cmd takes for its own inside quotes too; no spelling of it is right in every batch file."""


def wait_for(path: str, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the program or batch file at ``path`` and return its exit status, as :func:`sys.exit` takes it.

    Ctrl-C reaches the program, which decides what comes of it. Raises OSError, and :class:`AutovenvError` for
    an argument that a batch file would not get as it is.
    """
    if path.lower().endswith(BATCH):
        line = batch_line(path, arguments, root=environ.get("SYSTEMROOT", r"C:\Windows"))
    else:
        line = subprocess.list2cmdline([path, *arguments])
    sys.stdout.flush()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        status = subprocess.Popen(line, env=dict(environ)).wait()
    finally:
        signal.signal(signal.SIGINT, before)
    # An int of C: 0xC000013A, what Ctrl-C leaves, is beyond it.
    return status - (1 << 32) if status >= 1 << 31 else status


def batch_line(path: str, arguments: Sequence[str], *, root: str) -> str:
    """Return the command line that makes cmd run a batch file. ``root`` is Windows' own folder.

    Every word is in quotes, so that cmd finds nothing of its own in it; ``/s`` takes the outer pair off
    (cmd /?). Raises :class:`AutovenvError` for a word that quotes do not keep.
    """
    for word in (path, *arguments):
        if not UNQUOTABLE.isdisjoint(word):
            odd = " ".join(sorted(shown(char) for char in UNQUOTABLE & set(word)))
            fact = f"a batch file cannot be given {shown(word)} as it is: cmd reads {odd} itself"
            raise AutovenvError(fact, code=CANNOT_RUN)
    # A backslash before a quote would take it for a letter in a program that the batch file calls.
    words = [f'"{word}{_backslashes(word)}"' for word in (path, *arguments)]
    return f'"{os.path.join(root, "System32", "cmd.exe")}" /d /s /c "{" ".join(words)}"'


def _backslashes(word: str) -> str:
    return "\\" * (len(word) - len(word.rstrip("\\")))
