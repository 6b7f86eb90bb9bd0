"""A new user's path, by the README alone: from a clone to `(.venv)` to uninstalled, in a fresh home.

Typed into a real interactive shell on a pty. At the end the home's tree is what it was, byte for byte.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parents[2]
START = {"bash": ["-i"], "zsh": ["-i"], "fish": ["-i"]}
RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
PROMPT = {
    "bash": "PS1='READY$ '\n",
    "zsh": "PS1='READY$ '\nunsetopt prompt_cr prompt_sp\n",
    "fish": "function fish_prompt; printf 'READY$ '; end\nfunction fish_greeting; end\n",
}
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()=>]\w?|\r")


class Terminal:
    """A person's terminal: types lines, reads what is shown up to the next prompt."""

    def __init__(self, shell, home):
        environ = {
            "HOME": str(home),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TERM": "dumb",
            "LANG": "C.UTF-8",
            "HISTFILE": "/dev/null",
            "fish_history": "",
            "PIP_NO_CACHE_DIR": "1",
            **{key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_"))},
        }
        self.child = pexpect.spawn(
            shutil.which(shell),
            START[shell],
            env=environ,
            cwd=str(home),
            encoding="utf-8",
            timeout=300,
            dimensions=(50, 250),
        )
        self.child.delaybeforesend = None
        self.wait()

    def wait(self):
        self.child.expect(r"READY\$ ")
        return ESCAPES.sub("", self.child.before)

    def type(self, line):
        """Return what the line makes the shell show, with the label of the prompt after it."""
        mark = f"end{os.urandom(4).hex()}"
        self.child.sendline(line)
        self.child.sendline(f"echo {mark[:5]}''{mark[5:]}")
        self.child.expect(f"{mark}\r\n")
        shown = ESCAPES.sub("", self.child.before)
        return shown, re.search(r"(\(\S+\) )?$", self.wait()).group()  # fish draws more before it

    def close(self):
        self.child.sendline("exit")
        self.child.expect(pexpect.EOF)
        self.child.close()


def tree(home):
    """Return what each path below ``home`` is: mode, and content or link."""
    found = {}
    for folder, folders, files in os.walk(home):
        for name in (*folders, *files):
            path = Path(folder, name)
            info = path.lstat()
            content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            found[str(path.relative_to(home))] = (stat.filemode(info.st_mode), content)
    return found


@pytest.fixture
def clone(tmp_path):
    """What `git clone` gives a new user: what git tracks, and what a change is about to add."""
    target = tmp_path / "autovenv"
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, path = ROOT / name, target / name
        if source.exists() and not name.startswith("tests/"):
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, path)
    return target


@pytest.mark.parametrize("shell", START)
def test_from_a_clone_to_a_label_in_the_prompt_and_back(shell, tmp_path, clone):
    block = ".config/fish/conf.d/autovenv.fish" if shell == "fish" else RC[shell]
    home = tmp_path / "home"
    (home / ".local/share/fish/generated_completions").mkdir(parents=True)
    rc = home / RC[shell]
    rc.parent.mkdir(parents=True, exist_ok=True)
    rc.write_text(PROMPT[shell], encoding="ascii")
    Terminal(shell, home).close()  # whatever the shell itself leaves at its first start
    before = tree(home)

    terminal = Terminal(shell, home)
    terminal.child.sendline(f"python3 {clone}/install.py")
    terminal.child.expect_exact("below which folder? (Enter: none)")
    shown = terminal.child.before
    terminal.child.sendline("")
    shown += terminal.wait()
    assert f"Installed for {shell}: 3 lines in ~/{block}" in shown
    assert f"This terminal does not have it yet. Type: exec {shell}" in shown
    assert tree(home) != before, "the control: installing changes the home"

    terminal.child.sendline(f"exec {shell}")
    terminal.wait()
    shown, label = terminal.type("mkdir p; cd p")
    assert label == ""
    shown, label = terminal.type("python3 -m venv .venv")
    assert "autovenv: you made .venv, so it switches on here by itself from now on" in shown
    assert label == "(.venv) "
    shown, label = terminal.type("autovenv which")
    assert f"{home}/p/.venv/bin/python" in shown.replace("~", str(home))
    assert "row 11" in shown
    assert terminal.type("cd ..")[1] == ""
    assert terminal.type("cd p")[1] == "(.venv) "
    terminal.type("cd ..")
    terminal.type("rm -rf p")
    shown, _ = terminal.type(f"python3 {clone}/install.py --uninstall")
    assert "Traceback" not in shown
    terminal.close()
    assert tree(home) == before
