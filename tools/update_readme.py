"""Put the transcript of `python3 install.py --demo` into README.md; `--check` only compares.

The demonstration runs in a real bash with PATH=/usr/bin:/bin, so that the text does not depend on whose
machine it is; the Python version that it names is written as it comes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BLOCK = re.compile(r"(<!-- transcript[^>]*-->\n```\n).*?(```\n<!-- /transcript -->)", re.DOTALL)


def transcript() -> str:
    """Return what the demonstration shows between its first and last line.

    Raises CalledProcessError if it fails.
    """
    python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
    done = subprocess.run(
        [python, os.path.join(ROOT, "install.py"), "--demo"],
        check=True,
        capture_output=True,
        text=True,
        env=dict(os.environ, PATH="/usr/bin:/bin", SHELL="/bin/bash"),
    )
    story = done.stdout[done.stdout.index("# A new project") :]
    return story[: story.rindex("\nThe story came out")].rstrip("\n") + "\n"


def normal(text: str) -> str:
    """Return the text without what differs between machines."""
    return re.sub(r"3\.\d+\.\d+", "3.x", text)


def main(arguments: list[str]) -> int:
    """Update README.md, or compare with it; return 1 if they differ."""
    path = os.path.join(ROOT, "README.md")
    with open(path, encoding="utf-8") as file:
        old = file.read()
    text = transcript()
    new = BLOCK.sub(lambda found: found[1] + text + found[2], old)
    if "--check" in arguments:
        if normal(new) != normal(old):
            print(
                "README.md does not show what the demonstration shows; run: python tools/update_readme.py",
                file=sys.stderr,
            )
            return 1
        return 0
    with open(path, "w", encoding="utf-8") as file:
        file.write(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
