"""The Windows registry as far as programs are found by it: PEP 514, and App Paths.

A registry is asked through :class:`Registry`, so that one can be laid down as data on any system.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from autovenv.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

HIVES = ("HKCU", "HKLM", "HKLM32")
"""In the order in which they are asked. HKLM is the view of 64-bit programs, HKLM32 that of 32-bit ones."""


class Registry(Protocol):
    """A registry, read only. Keys are spelled with backslashes and without the hive's name."""

    def keys(self, hive: str, key: str) -> list[str]:
        """Return the names of the keys below ``key``; none if there is no such key."""

    def value(self, hive: str, key: str, name: str) -> str:
        """Return a value as text, "" if there is none. ``name`` is "" for the key's own value."""


class NoRegistry:
    """What there is outside Windows."""

    def keys(self, hive: str, key: str) -> list[str]:  # noqa: ARG002 - the protocol's words
        """See :class:`Registry`."""
        return []

    def value(self, hive: str, key: str, name: str) -> str:  # noqa: ARG002 - the protocol's words
        """See :class:`Registry`."""
        return ""


NONE = NoRegistry()


@record
class Installed:
    """A Python that an installer registered (PEP 514).

    ``tag`` is what ``py -V:COMPANY/TAG`` takes; ``version`` is SysVersion or Version, "" if neither is there.
    """

    company: str
    tag: str
    folder: str
    executable: str
    version: str = ""
    hive: str = "HKCU"


def installed(registry: Registry) -> Iterator[Installed]:
    """Yield the registered Pythons, those of the user first. ``PyLauncher`` is no Python (PEP 514)."""
    for hive in HIVES:
        for company in registry.keys(hive, r"Software\Python"):
            if company == "PyLauncher":
                continue
            for tag in registry.keys(hive, rf"Software\Python\{company}"):
                one = _installed(registry, hive, company, tag)
                if one.executable:
                    yield one


def _installed(registry: Registry, hive: str, company: str, tag: str) -> Installed:
    key = rf"Software\Python\{company}\{tag}"
    folder = registry.value(hive, rf"{key}\InstallPath", "").rstrip("\\")
    executable = registry.value(hive, rf"{key}\InstallPath", "ExecutablePath")
    # PEP 514: only PythonCore may leave ExecutablePath out.
    if not executable and folder and company == "PythonCore":
        executable = rf"{folder}\python.exe"
    version = registry.value(hive, key, "Version") or registry.value(hive, key, "SysVersion")
    return Installed(company, tag, folder, executable, version, hive)


def app_path(registry: Registry, name: str) -> str:
    """Return the program that App Paths gives for ``name`` ("python.exe"), "" if none does."""
    key = rf"Software\Microsoft\Windows\CurrentVersion\App Paths\{name}"
    for hive in ("HKCU", "HKLM"):
        path = registry.value(hive, key, "").strip('"')
        if path:
            return path
    return ""


class WindowsRegistry:
    """The registry of this machine (not run on any machine yet)."""

    def keys(self, hive: str, key: str) -> list[str]:
        """See :class:`Registry`."""
        import winreg as w

        names: list[str] = []
        try:
            with w.OpenKey(*self._root(hive, key)) as handle:  # type: ignore[attr-defined,unused-ignore]
                count = w.QueryInfoKey(handle)[0]  # type: ignore[attr-defined,unused-ignore]
                names = [w.EnumKey(handle, at) for at in range(count)]  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            pass
        return names

    def value(self, hive: str, key: str, name: str) -> str:
        """See :class:`Registry`."""
        import winreg as w

        try:
            with w.OpenKey(*self._root(hive, key)) as handle:  # type: ignore[attr-defined,unused-ignore]
                return str(w.QueryValueEx(handle, name)[0])  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return ""

    def _root(self, hive: str, key: str) -> tuple[object, str, int, int]:
        import winreg as w

        views = {"HKCU": 0, "HKLM": 0x100, "HKLM32": 0x200}  # KEY_WOW64_64KEY, KEY_WOW64_32KEY
        root = w.HKEY_CURRENT_USER if hive == "HKCU" else w.HKEY_LOCAL_MACHINE  # type: ignore[attr-defined,unused-ignore]
        return root, key, 0, w.KEY_READ | views[hive]  # type: ignore[attr-defined,unused-ignore]


def real() -> Registry:
    """Return the registry of this machine; :data:`NONE` where there is none."""
    return WindowsRegistry() if os.name == "nt" else NONE
