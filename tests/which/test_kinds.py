"""Kinds that need a system that is not here: macOS, Debian's alternatives."""

from __future__ import annotations

import pytest

from autovenv.identify import What, identify
from autovenv.machine import Machine
from which.fakes import Link, posix

ELF = b"\x7fELF"
DPKG = "Package: x\nVersion: 1\n\nPackage: python3.9-minimal\nStatus: ok\nVersion: 3.9.2-1\n\n"
FRAMEWORK = "/Library/Frameworks/Python.framework/Versions/3.12"
PLIST = "<key>CFBundleVersion</key>\n<string>3.12.5</string>\n"
BREW = "/opt/homebrew"
CLT = "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9"


@pytest.mark.parametrize(
    ("path", "tree", "platform", "what", "tool", "version"),
    [
        (
            "/usr/local/bin/python3",
            {
                "/usr/local/bin/python3": Link(f"{FRAMEWORK}/bin/python3.12"),
                f"{FRAMEWORK}/bin/python3.12": ELF,
                f"{FRAMEWORK}/Resources/Info.plist": PLIST,
            },
            "darwin",
            What.FRAMEWORK,
            "python.org",
            "3.12.5",
        ),
        (
            f"{BREW}/bin/python3",
            {
                f"{BREW}/bin/python3": Link("../Cellar/python@3.12/3.12.8/bin/python3.12"),
                f"{BREW}/Cellar/python@3.12/3.12.8/bin/python3.12": ELF,
            },
            "darwin",
            What.MANAGED,
            "Homebrew",
            "3.12.8",
        ),
        ("/usr/bin/python3", {"/usr/bin/python3": ELF}, "darwin", What.APPLE_STUB, "", ""),
        (
            f"{CLT}/bin/python3.9",
            {f"{CLT}/bin/python3.9": ELF},
            "darwin",
            What.FRAMEWORK,
            "Apple's command line tools",
            "3.9",
        ),
        (
            "/usr/bin/python",
            {
                "/usr/bin/python": Link("/etc/alternatives/python"),
                "/etc/alternatives/python": Link("/usr/bin/python3.9"),
                "/usr/bin/python3.9": ELF,
                "/var/lib/dpkg/status": DPKG,
            },
            "linux",
            What.ALTERNATIVE,
            "Debian alternatives",
            "3.9.2",
        ),
        (
            "/usr/bin/python3",
            {"/usr/bin/python3": Link("python3.11"), "/usr/bin/python3.11": ELF},
            "linux",
            What.SYSTEM,
            "",
            "3.11",
        ),
        (
            "/usr/bin/python3",
            {"/usr/bin/python3": Link("/opt/x/python3.11"), "/opt/x/python3.11": ELF},
            "linux",
            What.FILE,
            "",
            "3.11",
        ),
    ],
)
def test_it_is_told_by_its_place(path, tree, platform, what, tool, version):
    known = identify(path, Machine(posix(tree), platform=platform))
    assert (known.what, known.tool, known.version) == (what, tool, version)


@pytest.mark.parametrize(
    ("name", "lib", "implementation"),
    [
        ("pypy3.10", "pypy3.10", "PyPy"),
        ("graalpy", "graalpy3.11", "GraalPy"),
        ("python3.12", "python3.12", ""),
    ],
)
def test_the_implementation_is_told(name, lib, implementation):
    files = posix(
        {
            f"/opt/{name}/bin/python": Link(name),
            f"/opt/{name}/bin/{name}": ELF,
            f"/opt/{name}/lib/{lib}": None,
        }
    )
    assert identify(f"/opt/{name}/bin/python", Machine(files)).implementation == implementation
