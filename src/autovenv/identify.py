"""What a command is, told from its place and the files beside it. Executes nothing.

A folder that a clone brought can imitate every shape that is known here, so an answer is a description for a
reader, never a reason to trust.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from autovenv import owners, pep514, shims, versions
from autovenv.files import Sort, is_file, is_folder, text
from autovenv.machine import HERE
from autovenv.record import record

if TYPE_CHECKING:
    from autovenv.files import Look
    from autovenv.machine import Machine


class What(Enum):
    """The sort of place that a command lives in."""

    VENV = "venv"
    CONDA = "conda"
    CONDA_BASE = "conda-base"
    SHIM = "shim"
    MANAGED = "managed"
    SYSTEM = "system"
    ALTERNATIVE = "alternative"
    FRAMEWORK = "framework"
    PYTHON_ORG = "python.org"
    STORE = "store"
    STORE_STUB = "store-stub"
    INSTALL_MANAGER = "install-manager"
    EMBEDDABLE = "embeddable"
    APPLE_STUB = "apple-stub"
    SCRIPT = "script"
    FILE = "file"
    BROKEN = "broken"


class Trouble(Enum):
    """What is wrong with a command or its environment, as far as it can be seen."""

    NONE = ""
    GONE = "gone"
    DANGLING = "dangling"
    INTERPRETER_GONE = "interpreter-gone"
    BASE_GONE = "base-gone"
    OTHER_OS = "other-os"
    MOVED = "moved"
    STUB = "stub"
    NO_PYTHON = "no-python"


@record
class Identity:
    """What a command is.

    ``tool`` is who manages it ("pyenv", "uv" …), ``root`` its environment's folder, ``version`` the Python's
    ("" = unknown, or no Python), ``real`` the file that its links end at, ``problem`` why it cannot work.
    ``trouble`` names the problem; MOVED alone leaves the command working. ``base`` is the folder of the
    Python that an environment was made from, ``leads_to`` the program that a shim runs, ``implementation`` ""
    for CPython. ``belongs_to`` is the interpreter that a script is run by.
    """

    what: What
    real: str
    tool: str = ""
    root: str = ""
    version: str = ""
    problem: str = ""
    trouble: Trouble = Trouble.NONE
    base: str = ""
    leads_to: str = ""
    implementation: str = ""
    belongs_to: str = ""
    old_place: str = ""


def identify(path: str, machine: Machine = HERE) -> Identity:
    """Return what the file at ``path`` (absolute) is. Never raises for an odd file."""
    seen = machine.files.look(path)
    if seen is not None and seen.alias:
        return _app_alias(path, seen, machine)
    real = machine.files.real(path)
    python = is_python(path)
    root = venv_of(path, machine) or ("" if python else venv_of(real, machine))
    interpreter = "" if python else owners.interpreter(path, machine)
    trouble, problem = _trouble(path, real, root, seen, machine)
    what, tool, folder = _what(path, real, root, machine)
    known = _config(root, machine) if root else None
    leads_to = shims.leads_to(tool, path, machine) if what is What.SHIM else ""
    version = versions.of(path, real, root, machine) if python and what is not What.SHIM else ""
    if leads_to and python:
        version = versions.of(leads_to, machine.files.real(leads_to), venv_of(leads_to, machine), machine)
    return Identity(
        what=What.BROKEN if problem and trouble is not Trouble.MOVED else what,
        real=real,
        tool=tool,
        root=folder,
        version=version,
        problem=problem,
        trouble=trouble,
        base=known.get("home", "") if known else "",
        leads_to=leads_to,
        implementation=versions.implementation(path, real, machine) if python else "",
        belongs_to=interpreter,
        old_place=_old_place(root, machine) if trouble is Trouble.MOVED else "",
    )


def venv_of(path: str, machine: Machine = HERE) -> str:
    """Return the venv that the file at ``path`` lies in, "" if none.

    Python looks for ``pyvenv.cfg`` beside the file that was named, before it follows its links, and one
    folder above (CPython, Modules/getpath.py).
    """
    folder = machine.above(path)
    for root in (machine.above(folder), folder):
        if is_file(machine.files, root, "pyvenv.cfg"):
            return root
    return ""


def is_python(path: str) -> bool:
    """Return whether the name is one of an interpreter: python, python3.12, pythonw.exe, pypy3, graalpy."""
    name = path.replace("\\", "/").rpartition("/")[2]
    lower = name.lower()
    for extension in (".exe", ".bat", ".cmd", ".ps1"):
        lower = lower.removesuffix(extension)
    for stem in ("python", "pypy", "graalpython", "graalpy"):
        if lower.startswith(stem):
            return not lower[len(stem) :].strip("0123456789.tdw")
    return False


# ---- by place -------------------------------------------------------------------------------------

_SHIMS = (
    ("/.pyenv/shims/", "pyenv"),
    ("/pyenv-win/shims/", "pyenv-win"),
    ("/mise/shims/", "mise"),
    ("/.asdf/shims/", "asdf"),
    ("/.rye/shims/", "rye"),
    ("/scoop/shims/", "Scoop"),
    ("/chocolatey/bin/", "Chocolatey"),
)
_MANAGED = (
    ("/.pyenv/versions/", "pyenv"),
    ("/pyenv-win/versions/", "pyenv-win"),
    ("/mise/installs/", "mise"),
    ("/.asdf/installs/", "asdf"),
    ("/.rye/py/", "rye"),
    ("/uv/python/", "uv"),
    ("/uv/data/python/", "uv"),
    ("/Cellar/", "Homebrew"),
    ("/homebrew/opt/", "Homebrew"),
    ("/nix/store/", "Nix"),
    ("/scoop/apps/", "Scoop"),
    ("/hatch/pythons/", "Hatch"),
    ("/msys64/", "MSYS2"),
)
_TOOL_VENVS = (
    ("/pipx/venvs/", "pipx"),
    ("/uv/tools/", "uv"),
    ("/.rye/", "rye"),
    ("/pypoetry/virtualenvs/", "Poetry"),
    ("/pypoetry/cache/virtualenvs/", "Poetry"),
    ("/hatch/env/virtual/", "Hatch"),
    ("/.virtualenvs/", "virtualenvwrapper"),
    ("/.local/share/virtualenvs/", "Pipenv"),
    ("/.pyenv/versions/", "pyenv"),
)
_SYSTEM = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin")
_SCRIPTS = (".bat", ".cmd", ".ps1")


def _what(path: str, real: str, root: str, machine: Machine) -> tuple[What, str, str]:
    """Return sort, tool and environment. A shim is one by its own place, before its links are followed."""
    shim = _shim(path, machine)
    if shim:
        return What.SHIM, shim, ""
    if root:
        posing = is_python(path) and _is_script(path, machine)
        return (What.SCRIPT if posing else What.VENV), _match(root + "/", _TOOL_VENVS, machine), root
    return (
        _conda(path, real, machine)
        or _kept(path, real, machine)
        or _script(path, machine)
        or (_of_windows(path, real, machine) if machine.windows else _of_posix(path, real, machine))
    )


def _shim(path: str, machine: Machine) -> str:
    """Return whose shim the file is, by its place, or by the place that its tool's variable names."""
    known = _match(path, _SHIMS, machine)
    if known:
        return known
    folder = machine.above(path)
    if machine.windows and machine.base(path).lower() in ("py.exe", "pyw.exe"):
        return shims.LAUNCHER
    for variable, below, tool in (
        ("PYENV_ROOT", "shims", "pyenv"),
        ("ASDF_DATA_DIR", "shims", "asdf"),
        ("MISE_DATA_DIR", "shims", "mise"),
        ("RYE_HOME", "shims", "rye"),
    ):
        base = machine.environ.get(variable, "")
        if base and folder == machine.join(base, below):
            return tool
    return ""


def _conda(path: str, real: str, machine: Machine) -> tuple[What, str, str] | None:
    """conda keeps ``conda-meta`` in each environment, and ``condabin`` in its base alone."""
    for place in (path, real):
        folder = machine.above(place)
        for prefix in (folder, machine.above(folder)):
            if is_folder(machine.files, prefix, "conda-meta"):
                base = is_folder(machine.files, prefix, "condabin")
                return (What.CONDA_BASE if base else What.CONDA), "conda", prefix
    return None


def _kept(path: str, real: str, machine: Machine) -> tuple[What, str, str] | None:
    for place in (path, real):
        tool = _match(place, _MANAGED, machine)
        if tool:
            return What.MANAGED, tool, ""
    return None


def _script(path: str, machine: Machine) -> tuple[What, str, str] | None:
    return (What.SCRIPT, "", "") if is_python(path) and _is_script(path, machine) else None


def _is_script(path: str, machine: Machine) -> bool:
    return path.lower().endswith(_SCRIPTS) or machine.files.head(path, 2) == b"#!"


_FRAMEWORKS = (
    ("/Library/Developer/CommandLineTools/", "Apple's command line tools"),
    ("/Xcode.app/", "Xcode"),
    ("/Python.framework/", "python.org"),
)


def _of_posix(path: str, real: str, machine: Machine) -> tuple[What, str, str]:
    framework = _match(real, _FRAMEWORKS, machine)
    if framework:
        return What.FRAMEWORK, framework, ""
    if machine.platform == "darwin" and is_python(path) and machine.above(real) == "/usr/bin":
        return What.APPLE_STUB, "", ""
    if _through_alternatives(path, machine):
        return What.ALTERNATIVE, "Debian alternatives", ""
    system = machine.above(path) in _SYSTEM and (not is_python(path) or machine.above(real) in _SYSTEM)
    return (What.SYSTEM if system else What.FILE), "", ""


def _through_alternatives(path: str, machine: Machine) -> bool:
    """Return whether a link on the way lies in /etc/alternatives (update-alternatives(1))."""
    for _ in range(8):
        link = machine.files.link(path)
        if not link:
            return False
        path = machine.files.flavour.normpath(machine.join(machine.above(path), link))
        if machine.above(path) == "/etc/alternatives":
            return True
    return False


def _of_windows(path: str, real: str, machine: Machine) -> tuple[What, str, str]:
    folder, place = machine.above(real), machine.slashed(real)
    local = machine.slashed(machine.environ.get("LOCALAPPDATA", "")) or "/appdata/local"
    if any(name.endswith("._pth") for name in machine.files.names(folder)):
        return What.EMBEDDABLE, "", folder
    for shape, what, tool in (
        ("/windowsapps/pythonsoftwarefoundation.python.", What.STORE, "Microsoft Store"),
        (local + "/python/bin/", What.INSTALL_MANAGER, shims.MANAGER),
        (local + "/python/", What.MANAGED, shims.MANAGER),
    ):
        if shape in place:
            return what, tool, ""
    return _registered(path, place, machine)


def _registered(path: str, place: str, machine: Machine) -> tuple[What, str, str]:
    """Return who registered the Python at ``path`` (PEP 514); else tell by its place."""
    known = (one for one in pep514.installed(machine.registry) if _same(one.executable, path, machine))
    company = next((one.company for one in known), "")
    if company == "PythonCore" or (not company and "/programs/python/python3" in place):
        return What.PYTHON_ORG, "python.org", ""
    if company:
        return What.MANAGED, company, ""
    system = machine.slashed(machine.environ.get("SystemRoot", r"C:\Windows"))
    return (What.SYSTEM if place.startswith(system + "/") else What.FILE), "", ""


def _same(one: str, other: str, machine: Machine) -> bool:
    return machine.slashed(one) == machine.slashed(other)


def _match(path: str, shapes: tuple[tuple[str, str], ...], machine: Machine) -> str:
    place = machine.slashed(path)
    return next((tool for shape, tool in shapes if machine.slashed(shape) in place), "")


# ---- app execution aliases --------------------------------------------------------------------------


def _app_alias(path: str, seen: Look, machine: Machine) -> Identity:
    """Tell the Store's stub from a Store Python and from the install manager, by what the alias leads to."""
    target = seen.alias
    if "AppInstallerPythonRedirector.exe" in target:
        problem = "it is no Python: it opens the Microsoft Store"
        return Identity(What.STORE_STUB, path, "Microsoft Store", problem=problem, trouble=Trouble.STUB)
    if "PythonSoftwareFoundation.PythonManager_" in target:
        manager = shims.MANAGER
        return Identity(
            What.INSTALL_MANAGER, target, manager, leads_to=shims.leads_to(manager, path, machine)
        )
    package = target.partition("PythonSoftwareFoundation.Python.")[2]
    if package:
        return Identity(What.STORE, target, "Microsoft Store", version=versions.of_package(package))
    return Identity(What.FILE, target or path)


# ---- what is wrong --------------------------------------------------------------------------------


def _config(root: str, machine: Machine) -> dict[str, str]:
    return versions.config(text(machine.files, root, "pyvenv.cfg"))


def _trouble(path: str, real: str, root: str, seen: Look | None, machine: Machine) -> tuple[Trouble, str]:
    """Return what is wrong and why running the file would fail, "" if nothing is seen."""
    if seen is None or seen.sort is Sort.CLOSED:
        return Trouble.GONE, "it is gone"
    if seen.sort is Sort.DANGLING:
        return Trouble.DANGLING, f"its link leads to {real}, which is gone"
    interpreter = owners.named(path, machine)
    how = _gone(interpreter, machine) if interpreter and not machine.elsewhere(interpreter) else ""
    if how:
        return Trouble.INTERPRETER_GONE, f"its first line names {interpreter}, {how}"
    return _venv_trouble(path, root, machine) if root else (Trouble.NONE, "")


def _gone(path: str, machine: Machine) -> str:
    """Return how the interpreter of a script is gone, "" if it is there."""
    seen = machine.files.look(path)
    if seen is None:
        return "which is gone: was its environment moved?"
    return "whose link leads nowhere: was its Python upgraded away?" if seen.sort is Sort.DANGLING else ""


def _venv_trouble(path: str, root: str, machine: Machine) -> tuple[Trouble, str]:
    home = _config(root, machine).get("home", "")
    foreign = home.startswith("/") if machine.windows else home[1:2] == ":" or home.startswith("\\")
    if foreign:
        return Trouble.OTHER_OS, f"its environment was made by another system: its base is {home}"
    if home and is_python(path) and not machine.elsewhere(home) and not _has_base(home, machine):
        return Trouble.BASE_GONE, f"the Python that its environment was made from, {home}, is gone"
    old = _old_place(root, machine)
    if old:
        return Trouble.MOVED, f"its environment was moved: its scripts name {old}"
    return Trouble.NONE, ""


def _has_base(home: str, machine: Machine) -> bool:
    """Return whether a Python is left in the folder that pyvenv.cfg names.

    The usual names first: listing ``/usr/bin`` takes longer than all else that ``which`` does, and a folder
    may be entered that cannot be listed.
    """
    usual = ("python.exe",) if machine.windows else ("python3", "python")
    return any(is_file(machine.files, home, name) for name in usual) or any(
        is_python(name) for name in machine.files.names(home)
    )


def _old_place(root: str, machine: Machine) -> str:
    """Return the folder that the ``activate`` script was written for, if it is another one; "" if it fits."""
    folder = "Scripts" if machine.windows else "bin"
    written = owners.made_for(text(machine.files, root, folder, "activate"))
    places = [one for one in written if not machine.elsewhere(one)]
    real = machine.files.real(root)
    if not places or any(_same(machine.files.real(one), real, machine) for one in places):
        return ""
    return places[0]
