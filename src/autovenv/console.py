"""What only a Windows console knows: the line that was typed last, and the macros of cmd in it.

``doskey`` tells both, to any program in the console. Only for cmd it has to be asked: cmd hands over neither.
"""

from __future__ import annotations

import os

SECONDS = 10


def last_line() -> str:
    """Return the newest line of this console's history for cmd, "" if there is none or it cannot be had.

    ``doskey /history`` prints them, the oldest first.
    """
    lines = [line for line in _doskey("/history") if line.strip()]
    return lines[-1] if lines else ""


def macros() -> dict[str, str] | None:
    """Return this console's macros for cmd, by their names in small letters; None if it does not tell.

    ``doskey /macros:cmd.exe`` prints each as ``name=text``.
    """
    lines = _doskey("/macros:cmd.exe")
    if not lines:
        return None
    pairs = (line.partition("=") for line in lines)
    return {name.lower(): text for name, equals, text in pairs if name and equals}


def _doskey(question: str) -> list[str]:
    """Return what doskey answers, in lines; none if it fails.

    It is taken from the system's own folder as Windows names it, not as a variable does: what it says is the
    ground for consent.
    """
    import subprocess

    try:
        done = subprocess.run(
            [os.path.join(_system_folder(), "doskey.exe"), question],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    # In the console's code page; the words that count are ASCII, and any other letter stands for itself.
    return done.stdout.decode("latin-1").splitlines() if done.returncode == 0 else []


def _system_folder() -> str:
    import ctypes

    buffer = ctypes.create_unicode_buffer(300)
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    length = kernel.GetSystemDirectoryW(buffer, len(buffer))
    if not 0 < length < len(buffer):
        raise OSError("Windows does not name its system folder")
    return buffer.value


def clock(text: str, *, now: float) -> int | None:
    """Return when the clock last showed ``text``, cmd's ``%TIME%`` (``H:MM:SS,cc``).

    Both in seconds since the epoch; None if it is no such time. A day has 24 hours, whatever happens to
    clocks.
    """
    import time

    fields = [field.strip() for field in text.replace(".", ":").replace(",", ":").split(":")]
    if len(fields) < 3 or not all(
        field.isascii() and field.isdigit() and len(field) <= 2 for field in fields[:3]
    ):
        return None
    hour, minute, second = (int(field) for field in fields[:3])
    if hour > 23 or minute > 59 or second > 60:
        return None
    local = time.localtime(now)
    ago = (local.tm_hour - hour) * 3600 + (local.tm_min - minute) * 60 + (local.tm_sec - second)
    return int(now) - ago % 86400
