"""Install or uninstall the hook for bash, in a process of its own that a test can kill: HOME PROGRAM VERB."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Do it between two system calls that a trace can be cut at; 0 if it was done, 1 if it was refused."""
    from autovenv import hookfiles
    from autovenv.errors import AutovenvError

    home, verb = sys.argv[1:]
    place = hookfiles.Place(
        {"HOME": home, "PATH": os.environ["PATH"]}, f"{home}/.local/share/autovenv", "/p/autovenv"
    )
    if verb == "install":
        hookfiles.standing(place, "bash")  # Everything is imported and read once before the first cut.
    work = hookfiles.install if verb == "install" else hookfiles.uninstall
    os.access("/cut-here", os.F_OK)
    try:
        results = work(place, ["bash"])
    except AutovenvError as error:
        print(*error.lines(), sep="\n", file=sys.stderr)
        return 1
    for line in [line for result in results if result.error for line in result.error.lines()]:
        print(line, file=sys.stderr)
    os.access("/cut-here", os.F_OK)
    return int(any(result.error for result in results))


if __name__ == "__main__":
    sys.exit(main())
