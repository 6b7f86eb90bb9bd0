"""Which Python an interpreter is, from what lies beside it. Executes nothing.

The most exact source comes first: pyvenv.cfg, conda's record, patchlevel.h, a framework's Info.plist,
Debian's list of packages, the folder's name, the PE resource, PEP 514, the file's name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from autovenv import native, pep514
from autovenv.files import text
from autovenv.machine import HERE

if TYPE_CHECKING:
    from autovenv.machine import Machine

_LETTERS = frozenset("0123456789.abrc+")
_STATUS_LIMIT = 32 * 1024 * 1024
_PROGRAM_LIMIT = 8 * 1024 * 1024


def of(path: str, real: str, root: str, machine: Machine = HERE) -> str:
    """Return the version of the interpreter ``path``, whose links end at ``real``; "" if nothing tells it.

    ``root`` is the environment that it lies in, "" if none.
    """
    if root:
        written = written_in(root, machine)
        if written:
            return written
    folder = machine.above(real)
    prefix = folder if machine.windows else machine.above(folder)
    series = number(_stem(machine.base(real))) or _series(prefix, folder, machine)
    exact = (
        _conda(prefix, machine)
        or _patchlevel(prefix, series, machine)
        or _framework(real, machine)
        or _debian(real, series, machine)
        or _folder(real, series, machine)
    )
    if not exact and real.lower().endswith(".exe"):
        exact = _package_folder(real, machine) or _resource(real, machine) or _registered(path, machine)
    return exact or series


def implementation(path: str, real: str, machine: Machine = HERE) -> str:
    """Return "PyPy" or "GraalPy", "" for CPython and for what is not known."""
    for place in (path, real):
        name = machine.base(place).lower()
        if name.startswith("pypy") or _has_library(machine.above(machine.above(place)), "pypy", machine):
            return "PyPy"
        if name.startswith("graalpy") or "/graalpy" in machine.slashed(place).lower():
            return "GraalPy"
    return ""


def _has_library(prefix: str, stem: str, machine: Machine) -> bool:
    return any(name.startswith(stem) for name in machine.files.names(machine.join(prefix, "lib")))


def written_in(root: str, machine: Machine = HERE) -> str:
    """Return the version that pyvenv.cfg gives; "" if it gives none or two readers could differ on it."""
    known = config(text(machine.files, root, "pyvenv.cfg"))
    return number(known.get("version_info") or known.get("version") or known.get("python-version", ""))


def config(content: str) -> dict[str, str]:
    """Return the pairs of a pyvenv.cfg; none if a key comes twice or a control character is in it."""
    content = content.replace("\r\n", "\n")
    if any(char < " " and char not in "\n\t" for char in content):
        return {}
    pairs: dict[str, str] = {}
    for line in content.split("\n"):
        key, equals, value = line.partition("=")
        key = key.strip().lower()
        if equals and key in pairs:
            return {}
        if equals:
            pairs[key] = value.strip()
    return pairs


def number(name: str) -> str:
    """Return the dotted number in ``python3.12`` or ``3.12.1.final.0``; "" if there is no dot in it."""
    digits = name.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-@_")
    end = len(digits) - len(digits.lstrip("0123456789."))
    parts = [part for part in digits[:end].split(".") if part]
    return ".".join(parts[:3]) if len(parts) > 1 else ""


def _stem(name: str) -> str:
    return name[:-4] if name.lower().endswith(".exe") else name


def _series(prefix: str, folder: str, machine: Machine) -> str:
    """Return 3.12 if ``lib/python3.12`` is the only one of its kind, or a ``python312.dll`` lies beside."""
    if machine.windows:
        for name in machine.files.names(folder):
            digits = name.lower().removeprefix("python").removesuffix(".dll")
            if name.lower().startswith("python3") and name.lower().endswith(".dll") and len(digits) > 1:
                return f"{digits[0]}.{digits[1:]}" if digits.isdigit() else ""
        return ""
    found = {
        number(name)
        for name in machine.files.names(machine.join(prefix, "lib"))
        if name.startswith(("python", "pypy", "graalpy")) and number(name)
    }
    return found.pop() if len(found) == 1 else ""


def _patchlevel(prefix: str, series: str, machine: Machine) -> str:
    """Return PY_VERSION of the header, which lies there if the development files do."""
    places = [("include", name) for name in (f"python{series}", f"pypy{series}", f"graalpy{series}")]
    for place in [*places, ("include",)] if series or machine.windows else []:
        head = machine.files.head(machine.join(prefix, *place, "patchlevel.h"), 8192)
        value = head.partition(b"#define PY_VERSION ")[2].split(b"\n")[0].strip()
        version = value.strip(b'"').decode("ascii", "replace")
        if value.startswith(b'"') and version and set(version) <= _LETTERS:
            return version
    return _sysconfig(prefix, series, machine)


def _sysconfig(prefix: str, series: str, machine: Machine) -> str:
    """Return the version that a standalone build notes in ``_sysconfigdata``; most note the series only."""
    if not series or machine.windows:
        return ""
    folder = machine.join(prefix, "lib", f"python{series}")
    for name in machine.files.names(folder):
        if name.startswith("_sysconfigdata") and name.endswith(".py"):
            content = text(machine.files, folder, name, limit=1 << 20)
            value = content.partition("'py_version':")[2][:40].strip().strip("'\"").partition("'")[0]
            return value if value and set(value) <= _LETTERS else ""
    return ""


def _conda(prefix: str, machine: Machine) -> str:
    """Return the version in the name ``conda-meta/python-3.12.1-h123_0.json``."""
    names = machine.files.names(machine.join(prefix, "conda-meta"))
    found = (number(name[len("python-") :]) for name in names if name.startswith("python-"))
    return next(filter(None, found), "")


def _framework(real: str, machine: Machine) -> str:
    """Return the version in the Info.plist of a framework build (macOS)."""
    base, mark, rest = real.partition("/Python.framework/Versions/")
    if not mark:
        return ""
    folder = base + mark + rest.split("/")[0]
    content = text(machine.files, folder, "Resources", "Info.plist")
    value = (
        content.partition("<key>CFBundleVersion</key>")[2].partition("<string>")[2].partition("</string>")[0]
    )
    return value if value and set(value) <= _LETTERS else ""


def _debian(real: str, series: str, machine: Machine) -> str:
    """Return the version of Debian's package of a Python in /usr/bin."""
    if machine.windows or not series or machine.above(real) != "/usr/bin":
        return ""
    status = machine.files.head("/var/lib/dpkg/status", _STATUS_LIMIT)
    entry = status.partition(f"\nPackage: python{series}-minimal\n".encode())[2].partition(b"\n\n")[0]
    value = b"\n".join((b"", entry)).partition(b"\nVersion: ")[2].split(b"\n")[0].split(b"-")[0]
    version = value.decode("ascii", "replace").partition("~")[0]
    return version if version.startswith(series + ".") and set(version) <= _LETTERS else ""


def _folder(real: str, series: str, machine: Machine) -> str:
    """Return the version that a folder on the way is named after, if it is one of ``series``."""
    parts = real.replace("\\", "/").split("/")[:-1] if machine.windows else real.split("/")[:-1]
    # Also at a name's end, as in Nix's abc-python3-3.12.7.
    numbers = (found for part in reversed(parts) for found in (number(part), number(part.rpartition("-")[2])))
    if not series:
        return _named_after(parts)
    return next((found for found in numbers if found.startswith(series + ".")), "")


def _named_after(parts: list[str]) -> str:
    """Return the version of ``cpython-3.12.1-…`` and of a folder that is nothing but a version."""
    for part in reversed(parts):
        found = number(part)
        if found.count(".") == 2 and (part == found or part.startswith(("cpython-", "cpython@"))):
            return found
    return ""


# ---- Windows --------------------------------------------------------------------------------------


def of_package(package: str) -> str:
    """Return the Python version of a Store package named ``3.12_3.12.1264.0_x64__…``.

    Its third number is micro, level and serial as in sys.hexversion: 0x4F0 is 4 final.
    """
    parts = package.partition("_")[2].split("_")[0].split(".")
    if len(parts) < 3 or not all(part.isdigit() for part in parts):
        return number(package.split("_", maxsplit=1)[0])
    return f"{parts[0]}.{parts[1]}.{int(parts[2]) >> 8}"


def _package_folder(real: str, machine: Machine) -> str:
    package = machine.slashed(real).partition("/pythonsoftwarefoundation.python.")[2].split("/")[0]
    return of_package(package) if package else ""


def _resource(real: str, machine: Machine) -> str:
    """Return ProductVersion of a program's version resource. pefile is imported here and nowhere else."""
    if machine.files.head(real, 2) != b"MZ":
        return ""
    from autovenv import pe

    return number(pe.product_version(machine.files.head(real, _PROGRAM_LIMIT)))


def _registered(path: str, machine: Machine) -> str:
    for one in pep514.installed(machine.registry):
        if machine.slashed(one.executable) == machine.slashed(path):
            return number(one.version) or number(one.tag)
    return ""


def asked(path: str, environ: dict[str, str]) -> str:
    """Run the interpreter at ``path`` and return the version that it says: only where a person asked.

    "" if it does not start or says nothing of the kind within ten seconds.
    """
    import subprocess

    quiet = {key: value for key, value in environ.items() if not key.startswith("PYTHON")}
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        done = subprocess.run(
            [path, "-I", "-c", code],
            env=quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=10,
            check=False,
            cwd=os.path.dirname(path) if os.path.isdir(os.path.dirname(path)) else None,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return number(native.decoded(done.stdout[:64]).strip())
