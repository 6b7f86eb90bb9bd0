"""The registry of Windows, for :mod:`autovenv.autorun`, and the self-test of cmd."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autovenv.autorun import REG_EXPAND_SZ, REG_SZ, Value

if TYPE_CHECKING:
    from autovenv.autorun import Outcome

KEY = r"Software\Microsoft\Command Processor"
NAME = "AutoRun"
SECONDS = 20
TRIED = (
    ("/c", "echo AUTOVENV_OK"),
    ("/c", "rem"),
    *(("/c", f"exit {code}") for code in (0, 1, 7, 255)),
)


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """A text value of HKEY_CURRENT_USER, which 32- and 64-bit programs share. Never HKEY_LOCAL_MACHINE."""

    key: str = KEY
    name: str = NAME

    def read(self) -> Value | None:
        """Return the value, None if there is none. Raises OSError."""
        if sys.platform != "win32":
            raise OSError("there is no registry on this system")
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, self.key) as key:
                text, kind = winreg.QueryValueEx(key, self.name)
        except FileNotFoundError:
            return None
        known = kind in (REG_SZ, REG_EXPAND_SZ) and isinstance(text, str)
        return Value(text if known else "", kind)

    def write(self, value: Value) -> None:
        """Set the value, with its type. Raises OSError."""
        if sys.platform != "win32":
            raise OSError("there is no registry on this system")
        import winreg

        with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, self.key, access=winreg.KEY_SET_VALUE) as key:
            winreg.SetValueEx(key, self.name, 0, value.kind, value.text)

    def delete(self) -> None:
        """Take the value away; the key stays. Raises OSError."""
        if sys.platform != "win32":
            raise OSError("there is no registry on this system")
        import winreg

        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, self.key, access=winreg.KEY_SET_VALUE) as key:
            winreg.DeleteValue(key, self.name)


def try_cmd() -> Outcome:
    """Run the commands of the self-test in new cmds, and return what each did. Raises OSError.

    One that does not end within 20 seconds counts with the status -1.
    """
    cmd = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "cmd.exe")
    return tuple(_tried(cmd, *words) for words in TRIED)


def _tried(cmd: str, *words: str) -> tuple[str, bytes, bytes, int]:
    try:
        done = subprocess.run(
            [cmd, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return " ".join(words), b"", b"", -1
    return " ".join(words), done.stdout, done.stderr, done.returncode
