"""Why an environment stays off: one word, one line for the person, one remedy each.

The line is fixed text: nothing that a project chose, not even its name, reaches a terminal through a hook.
``fact`` and ``remedy`` are for ``autovenv status`` and ``autovenv allow``, which a person asked for; they
name the path, escaped.
"""

from __future__ import annotations

from enum import Enum

from autovenv import native
from autovenv.errors import AutovenvError
from autovenv.record import record
from autovenv.text import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autovenv.spelling import Spelling

STATUS = "Why, and what to do: autovenv status"
LINUX_HOME = "Keep the project under your Linux home, e.g. ~/code"
REBUILD = f"{native.PYTHON} -m venv --clear .venv"
UNFINISHED = (
    "run: {again}" if native.WINDOWS else "on Debian and Ubuntu: sudo apt install python3-venv, then: {again}"
)
LOOK = "see who may read it, run: icacls" if native.WINDOWS else "look at its owner and mode, run: ls -la"


class Word(Enum):
    """The reason words of a refusal, as ``.autovenv-refused``, ``status`` and traces spell them."""

    TRACKED = "tracked"
    GIT_UNREADABLE = "git-unreadable"
    SYMLINK = "symlink"
    OTHER_OWNER = "other-owner"
    WRITABLE = "writable"
    ANCESTOR_WRITABLE = "ancestor-writable"
    WINDOWS_DRIVE = "windows-drive"
    NO_CONFIG = "no-config"
    BAD_CONFIG = "bad-config"
    NO_HOME = "no-home"
    HOME_INSIDE = "home-inside"
    NO_INTERPRETER = "no-interpreter"
    UNFINISHED = "unfinished"
    SHADOWS_COMMAND = "shadows-command"
    BAD_PATH = "bad-path"
    BAD_PROJECT = "bad-project"
    MIRROR_NAME = "mirror-name"
    TOO_LONG = "too-long"
    MOVED = "moved"
    OTHER_OS = "other-os"
    UNREADABLE = "unreadable"

    @property
    def text(self) -> str:
        """The one line that a hook lets the person see."""
        return "autovenv: " + _WORDS[self][0]

    @property
    def fact(self) -> str:
        """What is so, with ``{path}`` and ``{name}`` to be filled in."""
        return _WORDS[self][1]

    @property
    def remedy(self) -> str:
        """What to do about it, with ``{again}`` (the command that makes the environment again), ``{path}``
        (quoted for a shell) and ``{name}``.
        """
        return _WORDS[self][2]


_WORDS: dict[Word, tuple[str, str, str]] = {
    Word.TRACKED: (
        f".venv is part of this git repository, so others can change it; left off. {STATUS}",
        "{path} is part of a git repository, so whoever can push to it can change what runs here",
        "run: git rm -r --cached {path}, make it again, and put it into .gitignore, then: autovenv allow",
    ),
    Word.GIT_UNREADABLE: (
        f"I could not read this git repository's index, so .venv may be part of it; left off. {STATUS}",
        "the git index above {path} cannot be read, so it may be part of the repository",
        "run: git status, and mend what it says, then: autovenv allow",
    ),
    Word.SYMLINK: (
        ".venv is a link to another place; left off. If it is yours, type: autovenv allow",
        "{path} is a link, or leads to another place than the one you allowed",
        "if you want what it leads to now, run: autovenv allow",
    ),
    Word.OTHER_OWNER: (
        f".venv belongs to another user; left off. {STATUS}",
        "{path} belongs to another user",
        "make one of your own, or, if you trust that user with your account: autovenv allow --any-owner",
    ),
    Word.WRITABLE: (
        f"other users can write to this .venv; left off. {STATUS}",
        "{path} can be changed by other users",
        "run: chmod -R go-w {path}, then: autovenv allow",
    ),
    Word.ANCESTOR_WRITABLE: (
        f"other users can write to a folder above this one; left off. {STATUS}",
        "{path} can be changed by every user, and the environment lies below it",
        "run: chmod o-w {path}, or keep the project below your home folder, then: autovenv allow",
    ),
    Word.WINDOWS_DRIVE: (
        f"Windows drives let every user write here; left off. {LINUX_HOME}",
        "{path} is on a Windows drive, where every user can write",
        f"{LINUX_HOME}, or mount the drive with the option metadata",
    ),
    Word.NO_CONFIG: (
        f".venv has no pyvenv.cfg, so it is no environment; left off. Make it again: {REBUILD}",
        "{path} is missing or no regular file, so this is no environment",
        "run: {again}",
    ),
    Word.BAD_CONFIG: (
        f".venv/pyvenv.cfg is not as python writes it; left off. Make it again: {REBUILD}",
        "{path} is not as python writes it: too large, a key twice, odd characters, or not readable",
        "run: {again}",
    ),
    Word.NO_HOME: (
        f"the python that .venv was made with is gone; left off. Make it again: {REBUILD}",
        "{path} names no python (home), or one that is gone",
        "run: {again}",
    ),
    Word.HOME_INSIDE: (
        f".venv runs a python that lies inside the project itself; left off. {STATUS}",
        "{path} leads to a python inside the project, so whoever made the project chose what runs",
        "make it with a python from elsewhere, run: {again}",
    ),
    Word.NO_INTERPRETER: (
        f"the python in .venv is missing or does not start; left off. Make it again: {REBUILD}",
        "{path} is missing, or leads to a file that is gone",
        "run: {again}",
    ),
    Word.UNFINISHED: (
        f".venv is unfinished; left off. Do what python said above, then: {REBUILD}",
        "{path} has no activate script: making the environment stopped halfway",
        UNFINISHED,
    ),
    Word.SHADOWS_COMMAND: (
        f".venv brings its own version of a command such as ls or git; left off. {STATUS}",
        "{path} would run in place of your command {name}",
        "if you want that, run: autovenv allow --command {name}; else delete it, then: autovenv allow",
    ),
    Word.BAD_PATH: (
        "this folder's name has a character that PATH cannot hold; left off. Rename it, e.g. without :",
        "{path} has a character in its name which PATH cannot hold: a control character or :, or ;&^%!=",
        "rename the folder, and make the environment again: " + REBUILD,
    ),
    Word.BAD_PROJECT: (
        "a .venv here would count for everything below; left off. Give the project a folder of its own",
        "{path} is no folder for one project: /, a drive, or a place for temporary files",
        "give the project a folder of its own",
    ),
    Word.MIRROR_NAME: (
        "a folder here is named .autovenv-something, which I use myself; left off. Rename the folder",
        "{path} has a part that begins with .autovenv-, which autovenv uses itself",
        "rename the folder",
    ),
    Word.TOO_LONG: (
        "this folder's path is too long to be remembered; left off. Move the project further up",
        "{path} is too long to be remembered",
        "move the project further up, or shorten the names",
    ),
    Word.MOVED: (
        f".venv was moved, so its programs are broken; left off. Make it again: {REBUILD}",
        "{path} was made for another place, so its programs are broken",
        "run: {again}",
    ),
    Word.OTHER_OS: (
        f".venv was made on another operating system; left off. Make it again: {REBUILD}",
        "{path} was made on another operating system",
        "run: {again}",
    ),
    Word.UNREADABLE: (
        f".venv cannot be read; left off. {STATUS}",
        "{path} cannot be read",
        LOOK + " {path}",
    ),
}


@record
class Refusal:
    """One refusal: the word, the path it is about, the environment, and the command's name if there is
    one.
    """

    word: Word
    path: str
    venv: str = ""
    name: str = ""

    def fact(self, *, home: str = "") -> str:
        """Return the fact with the path filled in, escaped; ``home`` is shown as ``~``."""
        return self.word.fact.replace("{name}", self.name).replace("{path}", shown(self.path, home=home))

    def remedy(self, spelling: Spelling | None = None) -> str:
        """Return the remedy with the paths filled in, as the shell spells it; None: one that is not known."""
        if spelling is None:
            from autovenv import spelling as spellings  # only for a person: hooks print fixed text

            spelling = spellings.of()
        again = spelling.make(self.venv or self.path, clear=True)
        filled = self.word.remedy.replace("{name}", self.name)
        return filled.replace("{again}", again).replace("{path}", spelling.word(self.path))

    def error(self, *, home: str = "", spelling: Spelling | None = None) -> AutovenvError:
        """Return the refusal as the error that ``autovenv allow`` ends with."""
        return AutovenvError(self.fact(home=home), self.remedy(spelling))


class Refused(Exception):  # noqa: N818 - not an error: a judgement on its way up
    """Carries a :class:`Refusal` to :func:`autovenv.verify.judge`."""

    def __init__(self, word: Word, path: str, name: str = "") -> None:
        super().__init__(word.value)
        self.word = word
        self.path = path
        self.name = name
