"""A real cmd on a real console (ConPTY), for tests\\windows\\check.ps1. NOT RUN yet: there was no Windows.

Types lines, waits for a prompt with a number in it, and prints one line for each thing that it found.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

TIMEOUT_LINES = 4000


class Console:
    """cmd on a pseudo console."""

    def __init__(self, folder: str, *options: str) -> None:
        """Start it in ``folder``; macros are the console's own, loaded by AutoRun."""
        from winpty import PtyProcess  # type: ignore[import-not-found]

        self.child = PtyProcess.spawn(["cmd.exe", *options], cwd=folder, dimensions=(50, 400))
        self.count = 0
        self.type("prompt ##$S")

    def type(self, line: str) -> str:
        """Type a line and return what was printed up to the mark that is typed behind it."""
        self.count += 1
        mark = f"mark{self.count}:"
        self.child.write(line + "\r\n")
        self.child.write(f"echo {mark}%errorlevel%:\r\n")
        text = ""
        for _ in range(TIMEOUT_LINES):
            text += self.child.read(4096)
            if found := re.search(mark + r"(-?\d+):\r?\n", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)):
                self.status = int(found.group(1))
                return text
        raise RuntimeError(f"no prompt after {line!r}")


def main(scratch: str) -> int:
    """Run the list; return the number of things that are not as they should be."""
    work = os.path.join(scratch, "w")
    names = ["p", "a b", "R&D", "a^b", "100%", "wow!", "é", "日本"]
    for name in names:
        os.makedirs(os.path.join(work, name))
    wrong = 0

    def check(what: str, holds: bool) -> None:
        nonlocal wrong
        wrong += not holds
        print("ok  " if holds else "BAD ", what)

    console = Console(work)
    check("1. && after a failure", "\nBAD" not in console.type("cd nope && echo BAD") and console.status == 1)
    check("1. || after a failure", "\nOKOR" in console.type("cd nope || echo OKOR").replace("\r", ""))
    check("1. && after a success", "\nOKAND" in console.type("cd . && echo OKAND").replace("\r", ""))
    macros = subprocess.run(["doskey", "/macros:cmd.exe"], capture_output=True, text=True, check=False).stdout
    for name in ("cd..", "cd\\", "cd/", "cd/d", "d:", ".venv\\scripts\\activate"):
        check(f"2. macro {name}", f"\n{name}=" in "\n" + macros.lower())
    done = subprocess.run(["cmd", "/c", "echo X"], capture_output=True, text=True, check=False)
    check("3. cmd /c echo X", (done.stdout, done.stderr, done.returncode) == ("X\n", "", 0))
    for name in names[1:]:
        said = console.type(f'cd "{name}" & cd & cd ..')
        check(f"5. a folder called {name}", os.path.join(work, name) in said)
    with open(os.path.join(work, "D.bat"), "w", encoding="ascii") as bait:
        bait.write("@echo PLANTED\n")
    for line in ('cd .\\"R&D"', "cd R^&D x", 'cd a"&D"', "autovenv deny R^&D"):
        check(f"5. {line} runs nothing", "PLANTED" not in console.type(line))
        console.type(f'cd /d "{work}"')
    check(
        "6. the console's macros reach the program",
        "has the hook's macros" in console.type("autovenv doctor"),
    )
    delayed = Console(work, "/v:on")
    for typed, name in (
        ('cd "wow^!"', "wow!"),
        ("cd wow^!", "wow!"),
        ('cd "R&D"', "R&D"),
        ('cd "a^b"', "a^b"),
    ):
        said = delayed.type(f"{typed} & cd & cd ..")
        check(f"5. /v:on: {typed}", os.path.join(work, name) in said)
    console.type("cd p")
    said = console.type("python -m venv --without-pip .venv")
    check("6. the line is the last of the history", "you made .venv" in said)
    check("6. the prompt", "(.venv) " in console.type("echo"))
    check(
        "6. where",
        "p\\.venv\\Scripts\\python.exe"
        in console.type("where python.exe").split("python.exe")[0] + "python.exe",
    )
    console.type("cd ..")
    check("6. left", "(.venv) " not in console.type("echo"))
    for page in (437, 850, 932, 65001):
        console.type(f"chcp {page}")
        check(f"8. code page {page}", "(.venv) " in console.type("cd p & rem") + console.type("echo"))
        console.type("cd ..")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
