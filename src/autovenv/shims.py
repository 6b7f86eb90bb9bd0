"""Where a shim leads, from the configuration that its tool would read. Executes nothing.

A project's files name versions here. They choose among what the tool has installed, and nothing else: a name
that is no plain version, or that is not installed, leads nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autovenv.files import is_file, is_folder, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autovenv.machine import Machine
    from autovenv.search import Query

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+@")


def leads_to(tool: str, path: str, machine: Machine) -> str:
    """Return the program that the shim at ``path`` would run, "" if that cannot be told."""
    known = {
        LAUNCHER: _py,
        MANAGER: _manager,
        "pyenv": _pyenv,
        "pyenv-win": _pyenv_win,
        "asdf": _asdf,
        "mise": _mise,
        "rye": _rye,
        "Scoop": _scoop,
    }
    find = known.get(tool)
    found = find(path, machine) if find else ""
    if not found or machine.elsewhere(found):
        return ""
    return found if is_file(machine.files, found) else ""


LAUNCHER = "the py launcher"
MANAGER = "Python install manager"


def _py(path: str, machine: Machine) -> str:
    from autovenv import search_windows

    return search_windows.py(_query(path, machine)).executable


def _manager(path: str, machine: Machine) -> str:
    from autovenv import search_windows

    return search_windows.pymanager(_query(path, machine)).executable


def _query(path: str, machine: Machine) -> Query:
    from autovenv import facts
    from autovenv.search import Query

    environ = machine.environ
    entries = next((value for key, value in environ.items() if key.upper() == "PATH"), "")
    return Query(
        machine.base(path),
        machine.cwd,
        entries,
        facts.NONE,
        machine.home(),
        machine.files,
        machine.registry,
        environ,
    )


def _upward(machine: Machine) -> Iterator[str]:
    folder = machine.cwd
    while True:
        yield folder
        above = machine.above(folder)
        if above == folder:
            return
        folder = above


def _first_file(machine: Machine, names: tuple[str, ...]) -> tuple[str, str]:
    """Return name and text of the nearest of these files, from the current folder upwards."""
    for folder in _upward(machine):
        for name in names:
            content = text(machine.files, folder, name)
            if content:
                return name, content
    return "", ""


def _words(content: str) -> list[str]:
    """Return the versions in a ``.python-version``: blanks or newlines between them, ``#`` comments."""
    lines = [line.partition("#")[0] for line in content.splitlines()]
    return [word for line in lines for word in line.split() if _plain(word)]


def _plain(word: str) -> bool:
    return bool(word) and set(word) <= _LETTERS and not word.startswith(".")


def _program(folder: str, name: str, machine: Machine) -> str:
    return machine.join(folder, name) if machine.windows else machine.join(folder, "bin", name)


def _install(base: str, version: str, machine: Machine) -> str:
    """Return the folder of ``version`` in ``base``: that name, or the newest that it is the beginning of."""
    if is_folder(machine.files, base, version):
        return machine.join(base, version)
    fitting = [name for name in machine.files.names(base) if name.startswith(version + ".")]
    best = max(fitting, key=_numbers, default="")
    return machine.join(base, best) if best else ""


def _numbers(name: str) -> list[int]:
    return [int(part) if part.isdigit() else -1 for part in name.split(".")]


# ---- pyenv ----------------------------------------------------------------------------------------


def _pyenv(path: str, machine: Machine) -> str:
    """PYENV_VERSION, ``.python-version`` from here upwards, the global version (pyenv, README)."""
    root = machine.environ.get("PYENV_ROOT") or machine.above(machine.above(path))
    name = machine.base(path)
    for version in _pyenv_versions(root, machine):
        if version == "system":
            return _beyond(path, name, machine)
        folder = _install(machine.join(root, "versions"), version.removeprefix("python-"), machine)
        program = _program(folder, name, machine) if folder else ""
        if program and is_file(machine.files, program):
            return program
    return ""


def _pyenv_versions(root: str, machine: Machine) -> list[str]:
    chosen = machine.environ.get("PYENV_VERSION", "").replace(":", " ")
    chosen = chosen or _first_file(machine, (".python-version",))[1] or text(machine.files, root, "version")
    return _words(chosen) or ["system"]


def _beyond(shim: str, name: str, machine: Machine) -> str:
    """Return the program of that name on PATH outside the shims' own folder: what "system" means."""
    for folder in machine.environ.get("PATH", "").split(":"):
        place = machine.join(folder, name) if folder.startswith("/") else ""
        seen = machine.files.look(place) if place and folder.rstrip("/") != machine.above(shim) else None
        if seen is not None and seen.executable and seen.sort.value == "file":
            return place
    return ""


def _pyenv_win(path: str, machine: Machine) -> str:
    root = machine.above(machine.above(path))
    stem = machine.base(path).rpartition(".")[0]
    for version in _pyenv_versions(root, machine):
        folder = _install(machine.join(root, "versions"), version, machine)
        if folder and version != "system":
            return machine.join(folder, stem + ".exe")
    return ""


# ---- asdf, mise -----------------------------------------------------------------------------------


def _asdf(path: str, machine: Machine) -> str:
    """ASDF_PYTHON_VERSION, ``.tool-versions`` from here upwards and at home (asdf, Versions)."""
    root = machine.environ.get("ASDF_DATA_DIR") or machine.above(machine.above(path))
    chosen = machine.environ.get("ASDF_PYTHON_VERSION", "")
    for folder in [*_upward(machine), machine.home()]:
        chosen = chosen or _tool_version(text(machine.files, folder, ".tool-versions") if folder else "")
    return _of_versions(chosen, machine.join(root, "installs", "python"), path, machine)


def _tool_version(content: str) -> str:
    for line in content.splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["python"]:
            return " ".join(words[1:])
    return ""


def _of_versions(chosen: str, base: str, path: str, machine: Machine) -> str:
    name = machine.base(path)
    for version in _words(chosen):
        if version == "system":
            return _beyond(path, name, machine)
        folder = _install(base, version, machine)
        if folder:
            return _program(folder, name, machine)
    return ""


def _mise(path: str, machine: Machine) -> str:
    """MISE_PYTHON_VERSION, the nearest of mise's files from here upwards, its global configuration."""
    root = machine.environ.get("MISE_DATA_DIR") or machine.above(machine.above(path))
    chosen = machine.environ.get("MISE_PYTHON_VERSION", "")
    for folder in _upward(machine):
        chosen = chosen or _mise_here(folder, machine)
    base = machine.environ.get("XDG_CONFIG_HOME") or machine.join(machine.home(), ".config")
    chosen = chosen or _toml_python(text(machine.files, base, "mise", "config.toml"))
    return _of_versions(chosen, machine.join(root, "installs", "python"), path, machine)


def _mise_here(folder: str, machine: Machine) -> str:
    for name in ("mise.toml", ".mise.toml"):
        found = _toml_python(text(machine.files, folder, name))
        if found:
            return found
    return _tool_version(text(machine.files, folder, ".tool-versions")) or " ".join(
        _words(text(machine.files, folder, ".python-version"))
    )


def _toml_python(content: str) -> str:
    """Return the versions of ``python = …`` in ``[tools]``: a string or a list of strings on one line.

    Python 3.10 has no reader of TOML, and this is all that is needed of it.
    """
    table = ""
    for line in content.splitlines():
        key, equals, value = (part.strip() for part in line.partition("="))
        if line.strip().startswith("["):
            table = line.strip().strip("[] ")
        elif equals and table == "tools" and key.strip("\"'") == "python":
            return " ".join(part.strip(" \"'") for part in value.strip("[]").split(","))
    return ""


# ---- rye, Scoop -----------------------------------------------------------------------------------


def _rye(path: str, machine: Machine) -> str:
    """rye's shim runs the python of the nearest project's ``.venv`` (rye, guide, Shims)."""
    name = machine.base(path)
    for folder in _upward(machine):
        program = _program(machine.join(folder, ".venv"), name, machine)
        if is_file(machine.files, folder, "pyproject.toml") and is_file(machine.files, program):
            return program
    return ""


def _scoop(path: str, machine: Machine) -> str:
    """Scoop keeps ``NAME.shim`` beside its shim: ``path = "C:\\…"``."""
    stem = path.rpartition(".")[0] or path
    for line in text(machine.files, stem + ".shim").splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == "path":
            value = value.strip()
            import json

            return str(json.loads(value)) if _json_string(value) else value.strip('"')
    return ""


def _json_string(value: str) -> bool:
    return value.startswith('"') and "\\\\" in value and value.endswith('"') and '"' not in value[1:-1]
