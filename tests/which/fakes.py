"""File systems and registries that are laid down as data, for layouts of systems that are not here."""

from __future__ import annotations

import ntpath
import os
import posixpath
import struct
from dataclasses import dataclass, field

from autovenv.files import APP_ALIAS, Look, Sort, alias_target


@dataclass(frozen=True)
class Link:
    """A link to ``to``, as it is written."""

    to: str


@dataclass(frozen=True)
class Alias:
    """A Windows app execution alias: its reparse data."""

    data: bytes


def alias(target: str) -> Alias:
    """Return an app execution alias for ``target``, as Windows lays it down."""
    strings = "\0".join(("Package_1", "Package_1!App", target, "0")) + "\0"
    return Alias(struct.pack("<IHHI", APP_ALIAS, 0, 0, 3) + strings.encode("utf-16-le"))


class FakeFiles:
    """``tree`` maps paths to content, :class:`Link`, :class:`Alias`, or None for an empty folder."""

    def __init__(self, tree, flavour=ntpath):
        self.flavour = flavour
        self.nodes = {}
        for path, content in tree.items():
            self.nodes[self.key(path)] = (path, content.encode() if isinstance(content, str) else content)
            above = flavour.dirname(path)
            while self.key(above) not in self.nodes and flavour.dirname(above) != above:
                self.nodes[self.key(above)] = (above, None)
                above = flavour.dirname(above)

    def key(self, path):
        path = self.flavour.normpath(path)
        return path.lower() if self.flavour is ntpath else path

    def followed(self, path):
        for _ in range(16):
            path = self.flavour.normpath(path)
            parts = path.split(self.flavour.sep)
            for count in range(1, len(parts) + 1):
                front = self.flavour.sep.join(parts[:count]) or self.flavour.sep
                _, node = self.nodes.get(self.key(front), ("", b""))
                if isinstance(node, Link):
                    target = self.flavour.join(self.flavour.dirname(front), node.to)
                    path = self.flavour.join(target, *parts[count:])
                    break
            else:
                return path
        return path

    def look(self, path):
        real = self.followed(path)
        if self.key(real) not in self.nodes:
            return Look(Sort.DANGLING) if self.link(path) else None
        node = self.nodes[self.key(real)][1]
        if node is None:
            return Look(Sort.FOLDER)
        if isinstance(node, Alias):
            return Look(Sort.FILE, executable=True, alias=alias_target(node.data))
        return Look(Sort.FILE, executable=True, size=len(node))

    def content(self, path):
        node = self.nodes.get(self.key(self.followed(path)), ("", None))[1]
        return node if isinstance(node, bytes) else b""

    def head(self, path, size=1024):
        return self.content(path)[:size]

    def tail(self, path, size=1024):
        return self.content(path)[-size:]

    def names(self, folder):
        above = self.key(self.followed(folder))
        return sorted(
            self.flavour.basename(path)
            for key, (path, _) in self.nodes.items()
            if self.flavour.dirname(key) == above and key != above
        )

    def link(self, path):
        node = self.nodes.get(self.key(path), ("", None))[1]
        return node.to if isinstance(node, Link) else ""

    def real(self, path):
        return self.followed(path)

    def same(self, one, other):
        real = self.key(self.followed(one))
        return real in self.nodes and real == self.key(self.followed(other))


@dataclass
class FakeRegistry:
    """``values`` maps ``HIVE\\key\\name`` (the name "" for the key's own) to text."""

    values: dict = field(default_factory=dict)

    def keys(self, hive, key):
        front = f"{hive}\\{key}\\".lower()
        found = {path[len(front) :].split("\\")[0] for path in self.values if path.lower().startswith(front)}
        deeper = {
            name
            for name in found
            if any(p.lower().startswith(f"{front}{name}\\".lower()) for p in self.values)
        }
        return sorted(deeper)

    def value(self, hive, key, name):
        wanted = f"{hive}\\{key}\\{name}".lower()
        return next((value for path, value in self.values.items() if path.lower() == wanted), "")


def core(tag, folder, *, hive="HKCU", company="PythonCore", version=""):
    """Return the registry values of one registered Python."""
    key = rf"{hive}\Software\Python\{company}\{tag}"
    values = {
        rf"{key}\InstallPath\ ".rstrip(): folder,
        rf"{key}\InstallPath\ExecutablePath": rf"{folder}\python.exe",
    }
    return values | ({rf"{key}\Version": version} if version else {})


def posix(tree):
    """Return a POSIX file system for ``tree``, whatever machine this is."""
    return FakeFiles(tree, posixpath)


def launcher(interpreter, *, kind="distlib"):
    """Return a Windows launcher of a console script, as pip (distlib) or uv writes it."""
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("__main__.py", "import sys\n")
    stub = b"MZ" + bytes(600)
    if kind == "distlib":
        return stub + b"#!" + interpreter.encode() + b"\r\n" + buffer.getvalue()
    path = os.fsencode(interpreter)
    return stub + buffer.getvalue() + path + struct.pack("<I", len(path)) + b"UVSC"


# ---- a program with a version resource --------------------------------------------------------------


def program(version, *, product="Python"):
    """Return a small but whole PE file whose version resource says ``version`` (three numbers)."""
    data = _resources(version, product)
    headers = _headers(len(data))
    return headers.ljust(0x200, b"\0") + data.ljust(_round(len(data), 0x200), b"\0")


def _round(size, to):
    return (size + to - 1) // to * to


def _headers(size):
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0, 0, 0, 240, 0x22)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0, size, 0, 0x1000, 0x1000)
    optional += struct.pack(
        "<QIIHHHHHHIIIIHH", 0x140000000, 0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, 0x2000, 0x200, 0, 3, 0
    )
    optional += struct.pack("<QQQQII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    directories = [(0, 0)] * 16
    directories[2] = (0x1000, size)
    optional += b"".join(struct.pack("<II", *one) for one in directories)
    section = struct.pack(
        "<8sIIIIIIHHI", b".rsrc", size, 0x1000, _round(size, 0x200), 0x200, 0, 0, 0, 0, 0x40000040
    )
    return dos + coff + optional + section


def _resources(version, product):
    info = _version_info(version, product)

    def directory(entry, offset):
        return struct.pack("<IIHHHHII", 0, 0, 0, 0, 0, 1, entry, offset)

    tree = directory(16, 0x80000018) + directory(1, 0x80000030) + directory(1033, 0x48)
    tree += struct.pack("<IIII", 0x1000 + 0x58, len(info), 0, 0)
    return tree + info


def _version_info(version, product):
    major, minor, micro = (int(part) for part in version.split("."))
    high, low = major << 16 | minor, micro << 16
    fixed = struct.pack("<13I", 0xFEEF04BD, 0x10000, high, low, high, low, 0x3F, 0, 4, 1, 0, 0, 0)

    def block(key, value=b"", children=b"", *, text=False):
        head = key.encode("utf-16-le") + b"\0\0"
        body = head + bytes(-(6 + len(head)) % 4) + value
        body += bytes(-(6 + len(body)) % 4) + children if children else b""
        size = len(value) // 2 if text else len(value)
        return struct.pack("<HHH", 6 + len(body), size, int(text)) + body

    def padded(blocks):
        out = b""
        for one in blocks:
            out += one + bytes(-len(one) % 4)
        return out

    def string(key, value):
        return block(key, value.encode("utf-16-le") + b"\0\0", text=True)

    table = block(
        "040904b0",
        children=padded([string("ProductName", product), string("ProductVersion", version)]),
        text=True,
    )
    return block("VS_VERSION_INFO", fixed, block("StringFileInfo", children=padded([table]), text=True))
