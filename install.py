#!/usr/bin/env python3
"""Install autovenv from this checkout, or remove it again. Needs nothing but Python 3.10 or newer.

    python3 install.py [SHELL...] [--all] [--yes]    the program, then: autovenv install-hook with these words
    python3 install.py --uninstall [--keep-trust]    the hook, then the program
    python3 install.py --demo                        installs nothing: plays the story in a scratch home
    python3 install.py --with uv                     who keeps the program: venv, uv or pipx; default: the
                                                     first of these that works

With venv, the program gets an environment of its own, ${XDG_DATA_HOME:-~/.local/share}/autovenv-app, and a
link in ~/.local/bin if there is nothing of that name. No other Python is touched, so it works on a system
whose Python refuses `pip install`. It comes first because --uninstall can then leave nothing behind.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "autovenv-shell"
WAYS = ("venv", "uv", "pipx")
NOTE = "autovenv-made"


class Failed(Exception):  # noqa: N818, said to a person
    """Something went wrong: one line for the person, and what to do."""

    def __init__(self, fact: str, remedy: str = "") -> None:
        super().__init__(fact)
        self.fact = fact
        self.remedy = remedy


def main(arguments: list[str]) -> int:
    """Do what the words say; return the exit status."""
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    try:
        refuse_old_python()
        if "--demo" in arguments:
            return demo()
        refuse_foreign_home()
        if "--uninstall" in arguments:
            return uninstall([word for word in arguments if word != "--uninstall"])
        ways, words = chosen_ways(arguments)
        return start(install(ways), ["install-hook", *words])
    except Failed as error:
        print("autovenv: " + error.fact, *filter(None, [error.remedy]), sep="\n", file=sys.stderr)
        return 1


def refuse_old_python() -> None:
    """Raise if this Python is too old, naming one that is not."""
    major, minor = sys.version_info[:2]
    if (major, minor) >= (3, 10):
        return
    newer = [name for name in (f"python3.{number}" for number in range(20, 9, -1)) if shutil.which(name)]
    remedy = f"run: {newer[0]} install.py" if newer else "install Python 3.10 or newer"
    raise Failed(f"needs Python 3.10 or newer, and this is {major}.{minor}", remedy)


def refuse_foreign_home() -> None:
    """Raise if the home folder belongs to somebody else, as it does under some kinds of sudo."""
    home = os.path.expanduser("~")
    if not os.path.isdir(home):
        raise Failed(f"the home folder {home} does not exist")
    if os.stat(home).st_uid != os.geteuid():
        raise Failed(f"{home} belongs to another user; run this without sudo")


def demo() -> int:
    """Play the story; see tools/demo.py."""
    sys.path.insert(0, os.path.join(ROOT, "tools"))
    from demo import demo as play  # type: ignore[import-not-found, unused-ignore]

    return int(play() or 0)


def chosen_ways(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split the words into the ways to try and what install-hook gets."""
    if "--with" not in arguments:
        return list(WAYS), arguments
    at = arguments.index("--with")
    way = "".join(arguments[at + 1 : at + 2])
    if way not in WAYS:
        raise Failed("--with needs one of: " + ", ".join(WAYS))
    return [way], arguments[:at] + arguments[at + 2 :]


# ---- The program --------------------------------------------------------------------------------


def install(ways: list[str]) -> str:
    """Install the program in the first way that works; return its absolute path."""
    first, *others = ways
    print(f"Installing the program with {first} ...", flush=True)
    try:
        return {"venv": with_venv, "uv": with_uv, "pipx": with_pipx}[first]()
    except Failed as problem:
        with contextlib.suppress(Failed):
            if others:
                return install(others)
        raise problem from None


def with_venv() -> str:
    """Install into an environment of our own. One that is there is put aside, and put back if it fails."""
    app = app_folder()
    aside = app + ".old"
    if os.path.isdir(app):
        shutil.rmtree(aside, ignore_errors=True)
        os.rename(app, aside)
    made = read_note(aside) + missing_folders(os.path.dirname(app))
    try:
        fill_environment(app)
    except Failed:
        shutil.rmtree(app, ignore_errors=True)
        if os.path.isdir(aside):
            os.rename(aside, app)
        else:
            remove_folders(made)
        raise
    shutil.rmtree(aside, ignore_errors=True)
    program = os.path.join(app, "bin", "autovenv")
    write_note(app, made + link(program))
    return program


def fill_environment(app: str) -> None:
    """Make the environment and install autovenv into it."""
    make = [sys.executable, "-m", "venv", app]
    bare = [sys.executable, "-m", "venv", "--clear", "--without-pip", app]
    if run(make).returncode and (not can_pip_elsewhere() or run(bare).returncode):
        raise Failed(f"this Python ({sys.executable}) cannot make an environment", missing_package())
    words = ["install", "--quiet", "--no-cache-dir", "--disable-pip-version-check", ROOT]
    done = run(pip_for(os.path.join(app, "bin", "python")) + words)
    if done.returncode:
        raise Failed("pip could not install autovenv:\n" + last_lines(done.stderr))


def pip_for(python: str) -> list[str]:
    """Return the words that start pip for this Python: its own, or else ours upon it."""
    own = [python, "-m", "pip"]
    return (
        own if run([*own, "--version"]).returncode == 0 else [sys.executable, "-m", "pip", "--python", python]
    )


def can_pip_elsewhere() -> bool:
    """Say whether this Python has a pip that can install into another one (pip 22.3 or newer)."""
    return run([sys.executable, "-m", "pip", "--python", sys.executable, "--version"]).returncode == 0


def with_uv() -> str:
    """Let uv keep the program."""
    return with_tool(
        "uv", ["tool", "install", "--force", "--python", sys.executable, ROOT], ["tool", "dir", "--bin"]
    )


def with_pipx() -> str:
    """Let pipx keep the program."""
    words = ["install", "--force", "--python", sys.executable, ROOT]
    return with_tool("pipx", words, ["environment", "--value", "PIPX_BIN_DIR"])


def with_tool(name: str, words: list[str], where: list[str]) -> str:
    """Install with the tool, then ask it where it puts programs."""
    if not shutil.which(name):
        raise Failed("there is no " + name)
    done = run([name, *words])
    if done.returncode:
        raise Failed(f"{name} could not install autovenv:\n{last_lines(done.stderr)}")
    folder = run([name, *where]).stdout.strip() or os.path.expanduser("~/.local/bin")
    program = os.path.join(folder, "autovenv")
    if not os.access(program, os.X_OK):
        raise Failed(f"{name} says that it installed autovenv, but there is no {program}")
    return program


def missing_package() -> str:
    """Return the command that installs what is missing here."""
    known = {
        "apt-get": "run: sudo apt install python3-venv",
        "dnf": "run: sudo dnf install python3-pip",
        "apk": "run: apk add py3-pip",
        "zypper": "run: sudo zypper install python3-pip",
        "pacman": "run: sudo pacman -S python",
    }
    found = [text for tool, text in known.items() if shutil.which(tool)]
    return found[0] if found else "install the parts `venv` and `ensurepip` of this Python"


# ---- Files --------------------------------------------------------------------------------------


def app_folder() -> str:
    """Return the folder of the program's own environment."""
    data = os.environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):
        data = os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(data, "autovenv-app")


def link(program: str) -> list[str]:
    """Put a link to the program where many systems look for programs; return what was made for it."""
    path = os.path.join(os.path.expanduser("~"), ".local", "bin", "autovenv")
    if os.path.lexists(path):
        return []
    made = missing_folders(os.path.dirname(path))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(program, path)
    return [*made, path]


def missing_folders(path: str) -> list[str]:
    """Return the folders that are not there yet, outermost first."""
    missing = []
    while not os.path.lexists(path):
        missing.insert(0, path)
        path = os.path.dirname(path)
    return missing


def remove_folders(folders: list[str]) -> None:
    """Remove those of the folders that are empty."""
    for folder in reversed(folders):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def write_note(app: str, made: list[str]) -> None:
    """Remember, in the environment itself, what was made outside of it."""
    with open(os.path.join(app, NOTE), "wb") as stream:
        stream.write(b"".join(os.fsencode(path) + b"\0" for path in dict.fromkeys(made)))


def read_note(app: str) -> list[str]:
    """Return what was made outside of the environment."""
    try:
        with open(os.path.join(app, NOTE), "rb") as stream:
            return [os.fsdecode(path) for path in stream.read().split(b"\0") if path]
    except OSError:
        return []


# ---- The way back -------------------------------------------------------------------------------


def uninstall(words: list[str]) -> int:
    """Take the hook away, then the program, in the way that it came."""
    app = app_folder()
    program = installed_program(app)
    if program:
        status = start(program, ["uninstall-hook", *words])
        if status:
            return status
    removed = [remove_app(app), remove_with_tool(os.path.realpath(program))]
    print("Removed autovenv." if any(removed) else "There was no autovenv to remove.")
    return 0


def installed_program(app: str) -> str:
    """Return the path of the program: our own, the one that the hooks start, or the usual link to one."""
    link_to_it = os.path.join(os.path.expanduser("~"), ".local", "bin", "autovenv")
    hooked = first_line(os.path.join(os.path.dirname(app), "autovenv", "cli"))
    candidates = [os.path.join(app, "bin", "autovenv"), hooked, link_to_it]
    return next((path for path in candidates if path and os.access(path, os.X_OK)), "")


def first_line(path: str) -> str:
    """Return the first line of a file; empty if there is none."""
    try:
        with open(path, "rb") as stream:
            return os.fsdecode(stream.readline().rstrip(b"\n"))
    except OSError:
        return ""


def remove_with_tool(program: str) -> bool:
    """Have the tool whose environment the program lies in remove it; no other tool is started."""
    for tool, words in (("uv", ["tool", "uninstall", PACKAGE]), ("pipx", ["uninstall", PACKAGE])):
        if f"/{tool}/" in program and f"/{PACKAGE}/" in program and shutil.which(tool):
            return run([tool, *words]).returncode == 0
    return False


def remove_app(app: str) -> bool:
    """Remove the environment and what was made for it; say whether there was one."""
    made = read_note(app)
    if not os.path.isdir(app):
        return False
    shutil.rmtree(app)
    for path in made:
        if is_link_into(path, app):
            os.unlink(path)
    remove_folders([path for path in made if os.path.isdir(path)])
    return True


def is_link_into(path: str, folder: str) -> bool:
    """Say whether the path is a link to something in the folder."""
    return os.path.islink(path) and os.readlink(path).startswith(folder + os.sep)


def start(program: str, words: list[str]) -> int:
    """Run autovenv in full view; return its exit status."""
    try:
        return subprocess.run([program, *words], check=False).returncode
    except OSError as error:
        raise Failed(
            f"cannot start {program}: {error.strerror}", "run: python3 install.py (it renews it)"
        ) from error


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command quietly, with nothing to read. PYTHONPATH and its kind are for this Python only."""
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        env=environ,
        check=False,
    )


def last_lines(text: str) -> str:
    """Return the last few lines of what a program said."""
    return "\n".join(text.strip().splitlines()[-8:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
