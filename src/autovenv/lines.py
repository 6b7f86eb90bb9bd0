"""Did the person make or activate an environment with this line?

A line lends its words to consent only if every part of it makes an environment, activates one, or is
harmless. Whatever is not understood for certain counts for nothing: the person sees a hint instead and can
type ``autovenv allow``. No input or output here. History expansion has happened before the text arrives.
"""

from __future__ import annotations

from autovenv.reader import Doubt
from autovenv.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from autovenv.reader import Token

ALIAS_DEPTH = 8
"""So many aliases of aliases are followed."""
CMD = frozenset(("cmd", "clink"))
# These decide which program a bare name runs, or what runs inside it.
UNSAFE_VARIABLES = (
    "PATH",
    "LD_",
    "DYLD_",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "BASH_ENV",
    "ENV",
    "IFS",
)

PYTHON_FLAGS = frozenset(("-I", "-B", "-E", "-s", "-S", "-P", "-u", "-q", "-v"))
PYTHON_VALUES = frozenset(("-X", "-W"))
PYTHON_MODULES = frozenset(("venv", "virtualenv"))

# Tool: (global options that may stand before the command, the commands that make an environment).
TOOLS: dict[str, tuple[frozenset[str], frozenset[tuple[str, ...]]]] = {
    "uv": (
        frozenset(
            (
                *(
                    "-q",
                    "-qq",
                    "--quiet",
                    "-v",
                    "-vv",
                    "--verbose",
                    "-n",
                    "--no-cache",
                    "--no-cache-dir",
                    "--offline",
                ),
                *("--no-progress", "--no-config", "--native-tls", "--system-certs", "--managed-python"),
                *("--no-managed-python", "--no-python-downloads"),
            )
        ),
        frozenset((("venv",), ("sync",), ("add",), ("run",), ("init",))),
    ),
    "poetry": (
        frozenset(
            (
                *(
                    "-q",
                    "--quiet",
                    "-v",
                    "-vv",
                    "-vvv",
                    "--verbose",
                    "-n",
                    "--no-interaction",
                    "--ansi",
                    "--no-ansi",
                ),
                *("--no-plugins", "--no-cache"),
            )
        ),
        frozenset((("install",), ("add",), ("env", "use"))),
    ),
    "pdm": (
        frozenset(("-q", "--quiet", "-v", "-vv", "--verbose", "-I", "--ignore-python")),
        frozenset((("install",), ("add",), ("sync",), ("venv", "create"))),
    ),
    "hatch": (
        frozenset(
            ("-q", "--quiet", "-v", "--verbose", "--color", "--no-color", "--interactive", "--no-interactive")
        ),
        frozenset((("env", "create"),)),
    ),
    "pipenv": (frozenset(("-q", "--quiet", "-v", "--verbose")), frozenset((("install",), ("sync",)))),
}


@record
class Kind:
    """What a line did: made an environment, activated one, both or neither."""

    creates: bool = False
    activates: bool = False


NEITHER = Kind()


def classify(line: str, aliases: Mapping[str, str], *, project: str, shell: str) -> Kind:
    """Return what ``line`` did, as typed into ``shell`` in or for ``project``.

    ``aliases`` are the shell's own. A program named by a path counts only outside ``project``.
    """
    language = _language(shell)
    if language is None:
        return NEITHER
    try:
        kinds = [language.judge(words, project, shell) for words in language.segments(line, aliases, shell)]
    except Doubt:
        return NEITHER
    return Kind(any(kind.creates for kind in kinds), any(kind.activates for kind in kinds))


if TYPE_CHECKING:

    class Language(Protocol):
        """How a shell reads a line: a module with two functions. Both raise :class:`Doubt`."""

        def segments(self, line: str, aliases: Mapping[str, str], shell: str, /) -> list[list[Token]]:
            """Return the commands of a line, with the person's aliases put in."""

        def judge(self, words: list[Token], project: str, shell: str, /) -> Kind:
            """Return what one of them does, typed in or for ``project``."""


def _language(shell: str) -> Language | None:
    """Return how ``shell`` reads a line, None for one that is not known. One module is imported, if any."""
    if shell in ("bash", "zsh", "fish"):
        from autovenv import lines_posix

        return lines_posix
    if shell == "powershell":
        from autovenv import lines_powershell

        return lines_powershell
    if shell in CMD:
        from autovenv import lines_cmd

        return lines_cmd
    return None


def creates(name: str, arguments: list[str]) -> bool:
    """Whether the program ``name`` with ``arguments`` makes an environment. Unknown arguments are ""."""
    if is_python(name):
        return _python_module(arguments) in PYTHON_MODULES and _may_be_here(arguments)
    if name == "py":
        return _python_module(_without_version(arguments)) in PYTHON_MODULES and _may_be_here(arguments)
    if name == "virtualenv":
        return _may_be_here(arguments)
    options, commands = TOOLS.get(name, (frozenset(), frozenset()))
    at = next((at for at, word in enumerate(arguments) if word not in options), len(arguments))
    if name == "uv" and arguments[at : at + 1] == ["venv"] and arguments[at + 1 : at + 2]:
        folder = arguments[at + 1]
        return folder.startswith("-") or _may_be_here([folder])
    return any(tuple(arguments[at : at + len(command)]) == command for command in commands)


def _may_be_here(arguments: list[str]) -> bool:
    """Whether the folder that is made may be ``.venv``: else it is another that appeared beside it."""
    return any(
        word.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] in {".venv", ".", ""} for word in arguments
    )


def is_python(name: str) -> bool:
    """Whether ``name`` is ``python``, ``python3`` or ``python3.N``."""
    if not name.startswith("python"):
        return False
    version = name[len("python") :]
    return version in {"", "3"} or (version.startswith("3.") and version[2:].isdigit() and version.isascii())


def _python_module(arguments: list[str]) -> str:
    """Return the module that ``-m`` names, "" if an option before it is not a known harmless one."""
    rest = iter(arguments)
    for word in rest:
        if word in PYTHON_VALUES:
            next(rest, "")
        elif word == "-m":
            return next(rest, "")
        elif word.startswith("-m"):
            return word[2:]
        elif word not in PYTHON_FLAGS and word[:2] not in PYTHON_VALUES:
            return ""
    return ""


def _without_version(arguments: list[str]) -> list[str]:
    if arguments and (arguments[0].startswith("-V:") or arguments[0][:2] in {"-3", "-2"}):
        return arguments[1:]
    return arguments


def unsafe(name: str) -> bool:
    """Whether the environment variable ``name`` decides which program a name runs, or what runs inside it."""
    name = name.rstrip("+")
    return name.startswith(("LD_", "DYLD_")) or name in UNSAFE_VARIABLES
