"""Layouts of real files: who wins, what it is, by which rule, and that the real shells take the same file."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from autovenv import facts, scene, verdict
from autovenv.identify import Trouble, What

VENV = "home = {base}/bin\nversion = 3.12.4\n"
ELF = "\x7fELF"


@dataclass(frozen=True)
class Layout:
    """``files`` maps places below the home to what is there: ``-> x`` a link, ``#!…`` or ELF a program (with
    ``- `` in front: not executable), ``dir`` a folder, else text. ``{base}`` is a folder with a real-looking
    Python.

    ``path`` has the PATH entries, those without a slash in front below the home. ``wins`` is the winner below
    the home, "" for none.
    """

    name: str
    files: dict
    path: str
    wins: str
    what: What | None = None
    tool: str = ""
    version: str = ""
    rule: str = ""
    cause: str = ""
    remedy: str = ""
    note: str = ""
    trouble: Trouble = Trouble.NONE
    leads_to: str = ""
    asked: str = "python"
    shell: str = "bash"
    known: dict = field(default_factory=dict)
    environ: dict = field(default_factory=dict)
    cwd: str = "."


def venv(place, *, version="3.12.4", base="{base}", was=None):
    """Return an environment at ``place`` as files."""
    return {
        f"{place}/pyvenv.cfg": f"home = {base}/bin\nversion = {version}\n",
        f"{place}/bin/python": f"-> {base}/bin/python3.12",
        f"{place}/bin/python3": "-> python",
        f"{place}/bin/activate": f"VIRTUAL_ENV={was or '{home}/' + place}\nexport VIRTUAL_ENV\n",
    }


PYENV = {
    ".pyenv/shims/python": "#!/usr/bin/env bash\nexec pyenv exec python\n",
    ".pyenv/versions/3.12.1/bin/python": ELF,
    ".pyenv/versions/3.11.7/bin/python": ELF,
    ".pyenv/versions/3.11.7/bin/python3.11": ELF,
}
MISE = ".local/share/mise"
UV = ".local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu"

LAYOUTS = [
    # -- PATH
    Layout("first folder", {"a/python": ELF, "b/python": ELF}, "a:b", "a/python", rule="entry 1 of 2, ~/a"),
    Layout(
        "second folder", {"a": "dir", "b/python": ELF}, "a:b", "b/python", What.FILE, rule="entry 2 of 2, ~/b"
    ),
    Layout("missing folder", {"b/python": ELF}, "nowhere:b", "b/python", rule="entry 2 of 2"),
    Layout("twice the same", {"a/python": ELF}, "a:a", "a/python", rule="entry 1 of 2"),
    Layout("not executable", {"a/python": "- x", "b/python": ELF}, "a:b", "b/python"),
    Layout("a folder called python", {"a/python": "dir", "b/python": ELF}, "a:b", "b/python"),
    Layout("dangling link", {"a/python": "-> gone", "b/python": ELF}, "a:b", "b/python"),
    Layout("loop of links", {"a/python": "-> python", "b/python": ELF}, "a:b", "b/python"),
    Layout("a file in the place of a folder", {"a": "text", "b/python": ELF}, "a:b", "b/python"),
    Layout(
        "empty entry first",
        {"python": ELF, "b/python": ELF},
        "|:b",
        "python",
        note="dangerous: PATH entry 1 is empty",
    ),
    Layout("empty entry last", {"python": ELF, "b/python": ELF}, "b:|", "b/python"),
    Layout(
        "dot",
        {"python": ELF, "b/python": ELF},
        "./.:b",
        "./python",
        note="dangerous: PATH entry 1 is relative",
    ),
    Layout("relative entry", {"a/python": ELF}, "./a", "a/python", note="is relative"),
    Layout("slash at the end", {"a/python": ELF}, "a/", "a/python"),
    Layout("spaces", {"a b/python": ELF}, "a b", "a b/python"),
    Layout(
        "a name with a dot", {"a/python3.12": ELF}, "a", "a/python3.12", asked="python3.12", version="3.12"
    ),
    Layout("nothing", {"a": "dir"}, "a", "", cause="there is no python on PATH"),
    Layout("only python3", {"a/python3": ELF}, "a", "", cause="but there is python3", remedy="python3"),
    Layout("only a folder", {"a/python": "dir"}, "a", "", cause="the python in ~/a is a folder"),
    Layout("only a dangling link", {"a/python": "-> gone"}, "a", "", cause="its link leads nowhere"),
    Layout(
        "only one without permission",
        {"a/python": "- x"},
        "a",
        "a/python",
        shell="bash",
        cause="the shell fails on it: it is not executable",
        remedy="chmod +x",
    ),
    Layout(
        "only one without permission, zsh",
        {"a/python": "- x"},
        "a",
        "",
        shell="zsh",
        cause="but it is not executable",
        remedy="chmod +x",
    ),
    Layout("by its path", {"a/python": ELF}, "b", "a/python", asked="./a/python", rule="named by its path"),
    # -- the shell itself
    Layout(
        "alias",
        {"a/python": ELF, "b/other": ELF},
        "a:b",
        "b/other",
        known={"kind": "alias", "alias": "other -q"},
        rule="an alias comes before",
    ),
    Layout(
        "alias of itself", {"a/python": ELF}, "a", "a/python", known={"kind": "alias", "alias": "python -q"}
    ),
    Layout(
        "alias =python in zsh",
        {"a/python": ELF},
        "a",
        "a/python",
        shell="zsh",
        known={"kind": "alias", "alias": "=python"},
    ),
    Layout(
        "function", {"a/python": ELF}, "a", None, known={"kind": "function"}, rule="a function comes before"
    ),
    Layout(
        "alias and function: the alias",
        {"a/python": ELF, "b/py": ELF},
        "a:b",
        "b/py",
        known={"kind": "alias function", "alias": "py"},
        rule="an alias",
    ),
    Layout(
        "builtin",
        {"a/test": ELF},
        "a",
        None,
        asked="test",
        known={"kind": "builtin"},
        rule="shell does itself",
    ),
    Layout("keyword", {"a/if": ELF}, "a", None, asked="if", known={"kind": "keyword"}, rule="grammar"),
    Layout(
        "hashed elsewhere",
        {"a/python": ELF, "b/python": ELF},
        "a:b",
        "b/python",
        known={"kind": "hashed", "hashed": "{home}/b/python"},
        rule="the shell remembers",
    ),
    Layout(
        "stale hash in bash",
        {"a/python": ELF},
        "a",
        "gone/python",
        known={"hashed": "{home}/gone/python"},
        cause="the shell remembers ~/gone/python, which is gone",
        remedy="hash -r",
        trouble=Trouble.GONE,
        what=What.BROKEN,
    ),
    Layout(
        "stale hash in zsh is searched again",
        {"a/python": ELF},
        "a",
        "a/python",
        shell="zsh",
        known={"hashed": "{home}/gone/python"},
        rule="entry 1",
    ),
    # -- environments
    Layout("venv", venv("p/.venv"), "p/.venv/bin", "p/.venv/bin/python", What.VENV, version="3.12.4"),
    Layout(
        "venv of uv",
        {**venv("v"), "v/pyvenv.cfg": "home = {base}/bin\nuv = 0.5\nversion_info = 3.12.9\n"},
        "v/bin",
        "v/bin/python",
        What.VENV,
        version="3.12.9",
    ),
    Layout(
        "venv of pipx",
        {
            **venv(".local/share/pipx/venvs/x"),
            ".local/bin/x": "-> ../share/pipx/venvs/x/bin/x",
            ".local/share/pipx/venvs/x/bin/x": "#!{home}/.local/share/pipx/venvs/x/bin/python\n",
        },
        ".local/bin",
        ".local/bin/x",
        What.VENV,
        "pipx",
        asked="x",
    ),
    Layout(
        "moved venv",
        venv("new/.venv", was="/old/place/.venv"),
        "new/.venv/bin",
        "new/.venv/bin/python",
        What.VENV,
        trouble=Trouble.MOVED,
        note="was moved: its scripts name /old/place/.venv; type: python3 -m venv --clear",
    ),
    Layout(
        "base upgraded away",
        venv("v", base="/nowhere/3.9"),
        "v/bin",
        "",
        What.BROKEN,
        cause="its link leads nowhere",
    ),
    Layout(
        "copied python whose base is gone",
        {**venv("v", base="/nowhere/3.9"), "v/bin/python": ELF},
        "v/bin",
        "v/bin/python",
        What.BROKEN,
        trouble=Trouble.BASE_GONE,
        cause="is gone (upgraded away?)",
        remedy="python3 -m venv --clear",
    ),
    Layout(
        "made by Windows",
        {"v/pyvenv.cfg": "home = C:\\Python312\nversion = 3.12.4\n", "v/bin/python": ELF},
        "v/bin",
        "v/bin/python",
        What.BROKEN,
        trouble=Trouble.OTHER_OS,
        cause="made by another system",
    ),
    Layout(
        "script in a venv's place",
        {**venv("v"), "v/bin/python": "#!/bin/sh\n"},
        "v/bin",
        "v/bin/python",
        What.SCRIPT,
    ),
    # -- tools
    Layout(
        "conda base",
        {
            "c/bin/python3.11": ELF,
            "c/bin/python": "-> python3.11",
            "c/condabin": "dir",
            "c/conda-meta/python-3.11.4-h9_0.json": "{}",
        },
        "c/bin",
        "c/bin/python",
        What.CONDA_BASE,
        "conda",
        "3.11.4",
    ),
    Layout(
        "conda environment",
        {"c/envs/x/bin/python": ELF, "c/envs/x/conda-meta/python-3.10.2-h9_0.json": "{}"},
        "c/envs/x/bin",
        "c/envs/x/bin/python",
        What.CONDA,
        "conda",
        "3.10.2",
    ),
    Layout(
        "pyenv shim, global",
        {**PYENV, ".pyenv/version": "3.12.1\n"},
        ".pyenv/shims",
        ".pyenv/shims/python",
        What.SHIM,
        "pyenv",
        "3.12.1",
        leads_to=".pyenv/versions/3.12.1/bin/python",
    ),
    Layout(
        "pyenv shim, local",
        {**PYENV, ".pyenv/version": "3.12.1\n", "p/.python-version": "3.11.7\n", "p/s": "dir"},
        ".pyenv/shims",
        ".pyenv/shims/python",
        What.SHIM,
        "pyenv",
        "3.11.7",
        cwd="p/s",
        leads_to=".pyenv/versions/3.11.7/bin/python",
    ),
    Layout(
        "pyenv shim, variable",
        {**PYENV, "p/.python-version": "3.12.1\n"},
        ".pyenv/shims",
        ".pyenv/shims/python",
        What.SHIM,
        "pyenv",
        "3.11.7",
        cwd="p",
        environ={"PYENV_VERSION": "3.11.7"},
        leads_to=".pyenv/versions/3.11.7/bin/python",
    ),
    Layout(
        "pyenv shim, prefix",
        {**PYENV, ".pyenv/versions/3.12.10/bin/python": ELF, ".python-version": "3.12\n"},
        ".pyenv/shims",
        ".pyenv/shims/python",
        What.SHIM,
        "pyenv",
        "3.12.10",
        leads_to=".pyenv/versions/3.12.10/bin/python",
    ),
    Layout(
        "pyenv shim, system",
        {**PYENV, ".python-version": "system\n", "b/python": ELF},
        ".pyenv/shims:b",
        ".pyenv/shims/python",
        What.SHIM,
        "pyenv",
        leads_to="b/python",
    ),
    Layout(
        "pyenv shim, hostile version",
        {**PYENV, ".python-version": "../../../tmp/\x1b[2J\n"},
        ".pyenv/shims",
        ".pyenv/shims/python",
        What.SHIM,
        "pyenv",
    ),
    Layout(
        "pyenv shim, a version that leads out of pyenv's folder",
        {**PYENV, ".python-version": "../../evil\n", "evil/bin/python": ELF},
        ".pyenv/shims",
        ".pyenv/shims/python",
        What.SHIM,
        "pyenv",
    ),
    Layout(
        "pyenv shim, version that is not installed",
        {**PYENV, ".python-version": "3.99\n"},
        ".pyenv/shims",
        ".pyenv/shims/python",
        What.SHIM,
        "pyenv",
    ),
    Layout(
        "pyenv's own folder elsewhere",
        {"x/shims/python": "#!/bin/sh\n", "x/versions/3.12.1/bin/python": ELF, "x/version": "3.12.1"},
        "x/shims",
        "x/shims/python",
        What.SHIM,
        "pyenv",
        "3.12.1",
        environ={"PYENV_ROOT": "{home}/x"},
        leads_to="x/versions/3.12.1/bin/python",
    ),
    Layout(
        "pyenv version",
        PYENV,
        ".pyenv/versions/3.11.7/bin",
        ".pyenv/versions/3.11.7/bin/python",
        What.MANAGED,
        "pyenv",
        "3.11.7",
    ),
    Layout(
        "asdf shim",
        {
            ".asdf/shims/python": "#!/bin/sh\n",
            ".asdf/installs/python/3.11.4/bin/python": ELF,
            ".tool-versions": "nodejs 20\npython 3.11.4 # why\n",
        },
        ".asdf/shims",
        ".asdf/shims/python",
        What.SHIM,
        "asdf",
        "3.11.4",
        leads_to=".asdf/installs/python/3.11.4/bin/python",
    ),
    Layout(
        "mise shim, mise.toml",
        {
            f"{MISE}/shims/python": ELF,
            f"{MISE}/installs/python/3.12.2/bin/python": ELF,
            "p/mise.toml": '[tools]\nnode = "20"\npython = "3.12"\n',
        },
        f"{MISE}/shims",
        f"{MISE}/shims/python",
        What.SHIM,
        "mise",
        "3.12.2",
        cwd="p",
        leads_to=f"{MISE}/installs/python/3.12.2/bin/python",
    ),
    Layout(
        "mise shim, global",
        {
            f"{MISE}/shims/python": ELF,
            f"{MISE}/installs/python/3.12.2/bin/python": ELF,
            ".config/mise/config.toml": '[tools]\npython = ["3.12.2", "3.11"]\n',
        },
        f"{MISE}/shims",
        f"{MISE}/shims/python",
        What.SHIM,
        "mise",
        "3.12.2",
        leads_to=f"{MISE}/installs/python/3.12.2/bin/python",
    ),
    Layout(
        "mise shim, nothing said",
        {f"{MISE}/shims/python": ELF},
        f"{MISE}/shims",
        f"{MISE}/shims/python",
        What.SHIM,
        "mise",
    ),
    Layout(
        "rye shim",
        {".rye/shims/python": ELF, "p/pyproject.toml": "[project]\n", **venv("p/.venv")},
        ".rye/shims",
        ".rye/shims/python",
        What.SHIM,
        "rye",
        "3.12.4",
        cwd="p",
        leads_to="p/.venv/bin/python",
    ),
    Layout(
        "uv's Python by a link",
        {f"{UV}/bin/python3.13": ELF, ".local/bin/python": f"-> ../../{UV}/bin/python3.13"},
        ".local/bin",
        ".local/bin/python",
        What.MANAGED,
        "uv",
        "3.13.1",
    ),
    Layout(
        "Homebrew on Linux",
        {
            "brew/Cellar/python@3.12/3.12.8/bin/python3.12": ELF,
            "brew/bin/python3": "-> ../Cellar/python@3.12/3.12.8/bin/python3.12",
        },
        "brew/bin",
        "brew/bin/python3",
        What.MANAGED,
        "Homebrew",
        "3.12.8",
        asked="python3",
    ),
    Layout(
        "Nix",
        {"nix/store/abc-python3-3.12.7/bin/python3.12": ELF},
        "nix/store/abc-python3-3.12.7/bin",
        "nix/store/abc-python3-3.12.7/bin/python3.12",
        What.MANAGED,
        "Nix",
        "3.12.7",
        asked="python3.12",
    ),
    Layout(
        "PyPy",
        {
            "pypy3.10-v7.3.16/bin/pypy3.10": ELF,
            "pypy3.10-v7.3.16/lib/pypy3.10": "dir",
            "pypy3.10-v7.3.16/bin/python": "-> pypy3.10",
        },
        "pypy3.10-v7.3.16/bin",
        "pypy3.10-v7.3.16/bin/python",
        What.FILE,
        version="3.10",
    ),
    Layout(
        "GraalPy",
        {
            "graalpy-24.1/bin/graalpy": ELF,
            "graalpy-24.1/bin/python": "-> graalpy",
            "graalpy-24.1/lib/graalpy3.11": "dir",
        },
        "graalpy-24.1/bin",
        "graalpy-24.1/bin/python",
        What.FILE,
        version="3.11",
    ),
    Layout(
        "script posing as python", {"a/python": "#!/bin/sh\nexec python3\n"}, "a", "a/python", What.SCRIPT
    ),
    Layout(
        "header beside it",
        {"o/bin/python3.12": ELF, "o/include/python3.12/patchlevel.h": '#define PY_VERSION "3.12.7"\n'},
        "o/bin",
        "o/bin/python3.12",
        What.FILE,
        version="3.12.7",
        asked="python3.12",
    ),
    Layout(
        "sysconfig beside it",
        {
            "o/bin/python3.12": ELF,
            "o/lib/python3.12/_sysconfigdata__linux.py": "build_time_vars = {'py_version': '3.12.6',\n",
        },
        "o/bin",
        "o/bin/python3.12",
        What.FILE,
        version="3.12.6",
        asked="python3.12",
    ),
    Layout(
        "nothing tells the version", {"o/bin/python": ELF}, "o/bin", "o/bin/python", What.FILE, version=""
    ),
    # -- console scripts
    Layout(
        "pip of another python",
        {**venv("v"), "t/pip": "#!{base}/bin/python3.12\n"},
        "v/bin:t",
        "t/pip",
        asked="pip",
        note="pip installs into {base}/bin/python3.12, python is ~/v/bin/python: they differ",
    ),
    Layout(
        "pip of the same",
        {**venv("v"), "v/bin/pip": "#!{home}/v/bin/python\n"},
        "v/bin",
        "v/bin/pip",
        What.VENV,
        asked="pip",
    ),
    Layout(
        "python, and pip of another",
        {**venv("v"), "t/pip": "#!{base}/bin/python3.12\n"},
        "v/bin:t",
        "v/bin/python",
        What.VENV,
        note="they differ; type: python -m pip",
    ),
    Layout(
        "pip by pyenv's shim, python of a venv",
        {
            **PYENV,
            **venv("v"),
            ".pyenv/version": "3.12.1\n",
            ".pyenv/shims/pip": "#!/usr/bin/env bash\n",
            ".pyenv/versions/3.12.1/bin/pip": "#!{home}/.pyenv/versions/3.12.1/bin/python\n",
        },
        "v/bin:.pyenv/shims",
        "v/bin/python",
        What.VENV,
        note="pip installs into ~/.pyenv/versions/3.12.1/bin/python, python is ~/v/bin/python: they differ",
    ),
    Layout(
        "pip and python by the same shims",
        {
            **PYENV,
            ".pyenv/version": "3.12.1\n",
            ".pyenv/shims/pip": "#!/usr/bin/env bash\n",
            ".pyenv/versions/3.12.1/bin/pip": "#!{home}/.pyenv/versions/3.12.1/bin/python\n",
        },
        ".pyenv/shims",
        ".pyenv/shims/pip",
        What.SHIM,
        asked="pip",
        leads_to=".pyenv/versions/3.12.1/bin/pip",
    ),
    Layout(
        "tool of pipx whose Python was upgraded away",
        {
            **venv(".local/share/pipx/venvs/x", base="/nowhere/3.9"),
            ".local/share/pipx/venvs/x/bin/x": "#!{home}/.local/share/pipx/venvs/x/bin/python\n",
            ".local/bin/x": "-> ../share/pipx/venvs/x/bin/x",
        },
        ".local/bin",
        ".local/bin/x",
        What.BROKEN,
        "pipx",
        asked="x",
        trouble=Trouble.INTERPRETER_GONE,
        cause="its first line names ~/.local/share/pipx/venvs/x/bin/python, whose link leads nowhere",
        remedy="pipx reinstall x",
    ),
    Layout(
        "pip with a long first line",
        {**venv("v"), "v/bin/pip": "#!/bin/sh\n'''exec' \"{home}/v/bin/python\" \"$0\"\n"},
        "v/bin",
        "v/bin/pip",
        What.VENV,
        asked="pip",
    ),
    Layout(
        "pip through env", {**venv("v"), "t/pip": "#!/usr/bin/env python3\n"}, "v/bin:t", "t/pip", asked="pip"
    ),
    Layout(
        "script of a moved environment",
        {**venv("v", was="/old/v"), "v/bin/tool": "#!/old/v/bin/python\n"},
        "v/bin",
        "v/bin/tool",
        What.BROKEN,
        asked="tool",
        trouble=Trouble.INTERPRETER_GONE,
        cause="was its environment moved?",
    ),
]


@pytest.fixture
def laid(own_home):
    """Return a function that lays a layout down and returns its environment and current folder."""
    home = own_home.resolve()
    base = home / "opt/base"
    (base / "bin").mkdir(parents=True)
    for name in ("python3.12", "python3"):
        make(base / "bin" / name, ELF)

    def words(text):
        return text.replace("{home}", str(home)).replace("{base}", str(base))

    def lay(layout):
        for place, content in layout.files.items():
            make(home / place, words(content))
        (home / layout.cwd).mkdir(parents=True, exist_ok=True)
        cwd = home / layout.cwd
        entries = [
            ""
            if one == "|"
            else one
            if one[:1] in "/." and one[:2] != ".l" and one.startswith(("/", "./"))
            else str(home / one) + ("/" if one.endswith("/") else "")
            for one in layout.path.split(":")
        ]
        environ = {"HOME": str(home), "PATH": ":".join(entries), "PWD": str(cwd)}
        environ |= {key: words(value) for key, value in layout.environ.items()}
        known = {
            "shell": layout.shell,
            "version": "5",
            "hook": "1",
            "name": layout.asked,
            **{key: words(value) for key, value in layout.known.items()},
        }
        environ[facts.VARIABLE] = facts.SEPARATOR.join(f"{key}={value}" for key, value in known.items())
        return environ, cwd, home, words

    return lay


def make(path, content):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if content.startswith("-> "):
        path.symlink_to(content[3:])
    elif content == "dir":
        path.mkdir(exist_ok=True)
    else:
        path.write_text(content.removeprefix("- "))
        path.chmod(0o755 if content.startswith(("#!", ELF)) else 0o644)


def test_there_are_enough_of_them():
    assert len(LAYOUTS) >= 60
    assert len({one.name for one in LAYOUTS}) == len(LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.name)
def test_winner_kind_and_reason(laid, layout, monkeypatch):
    environ, cwd, home, words = laid(layout)
    monkeypatch.chdir(cwd)
    here = scene.look(environ, home=str(home / "state"))
    found = verdict.judge(here, layout.asked)
    taken = found.winner
    path = taken.candidate.path if taken else ""
    if layout.wins is None:
        assert path == ""
    else:
        assert path == (os.path.join(home, layout.wins) if layout.wins else "") or os.path.samefile(
            path, home / layout.wins
        )
    assert layout.rule in found.rule
    assert words(layout.cause).replace(str(home), "~") in found.cause
    assert layout.remedy in found.remedy
    told = " | ".join(verdict.notes(here, found))
    assert words(layout.note).replace(str(home), "~") in told if layout.note else "they differ" not in told
    identity = taken.identity if taken else None
    if identity is not None:
        assert layout.what in (None, identity.what)
        assert identity.trouble is layout.trouble
        assert identity.tool == layout.tool or not layout.tool
        assert identity.leads_to == (str(home / layout.leads_to) if layout.leads_to else "")
        assert identity.version == layout.version or layout.what is None or not layout.version
    else:
        assert layout.what in (None, What.BROKEN)


ASK = {
    "bash": ["bash", "--norc", "--noprofile", "-c", 'type -P -- "$0"'],
    "zsh": ["zsh", "-fc", 'whence -p -- "$0"'],
    "fish": ["fish", "--no-config", "-c", "type -fp -- $argv[1]"],
}


PLAIN = [one for one in LAYOUTS if not one.known and "/" not in one.asked]


@pytest.mark.parametrize("shell", ASK)
@pytest.mark.parametrize("layout", PLAIN, ids=lambda one: one.name)
def test_the_real_shell_takes_the_same_file(laid, layout, shell, monkeypatch, find_program):
    environ, cwd, home, _ = laid(layout)
    monkeypatch.chdir(cwd)
    environ[facts.VARIABLE] = environ[facts.VARIABLE].replace(f"shell={layout.shell}", f"shell={shell}")
    found = verdict.judge(scene.look(environ, home=str(home / "state")), layout.asked)
    command = [find_program(shell), *ASK[shell][1:], layout.asked]
    environ.pop(facts.VARIABLE)
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    told = done.stdout.strip()
    ours = found.winner.candidate.path if found.winner else ""
    # `type -P` also names what bash would fail on; so does the winner.
    assert bool(told) == bool(ours)
    assert not told or os.path.realpath(os.path.dirname(cwd / told)) == os.path.realpath(
        os.path.dirname(ours)
    )
