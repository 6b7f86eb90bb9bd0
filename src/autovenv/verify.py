"""May this environment be switched on? It is read, never run.

:func:`judge` holds every refusal of ``shims/README.md``; :mod:`autovenv.words` has the texts.
"""

from __future__ import annotations

import os
import stat
from enum import Enum

from autovenv import gitindex, native, venvcfg
from autovenv.record import record
from autovenv.text import below, has_control, same_place
from autovenv.trust import NAME_LIMIT, PATH_LIMIT, PREFIX
from autovenv.words import Refusal, Refused, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from autovenv.venvcfg import Config

ACTIVATE_LIMIT = 64 * 1024
WINDOWS_FILE_SYSTEMS = {"9p", "drvfs", "v9fs"}

# What people type without thinking. Not here: python, pip, activate and what packages bring on purpose.
COMMANDS = frozenset(
    (
        *("ls", "cat", "cd", "cp", "mv", "rm", "ln", "mkdir", "rmdir", "touch", "chmod", "chown", "find"),
        *("grep", "sed", "awk", "sort", "head", "tail", "less", "more", "man", "which", "ps", "kill", "top"),
        *("df", "du", "id", "whoami", "who", "env", "date", "pwd", "echo", "printf", "test", "true", "false"),
        *("sleep", "uname", "hostname", "stat", "tar", "gzip", "unzip", "ssh", "scp", "rsync", "git", "gpg"),
        *("sudo", "su", "doas", "sh", "bash", "zsh", "fish", "dash", "pwsh", "curl", "wget", "make", "cc"),
        *("gcc", "vi", "vim", "nano", "emacs", "code", "open", "systemctl", "apt", "apt-get", "dnf", "yum"),
        *("pacman", "brew", "docker", "exit", "clear", "tmux", "mount"),
    )
)


# The same for Windows; what is built into cmd (dir, copy, cd …) no file can stand for.
WINDOWS_COMMANDS = frozenset(
    (
        *("cmd", "powershell", "wsl", "where", "doskey", "reg", "regedit", "net", "sc", "ping", "ipconfig"),
        *(
            "xcopy",
            "robocopy",
            "tasklist",
            "taskkill",
            "notepad",
            "explorer",
            "shutdown",
            "schtasks",
            "icacls",
        ),
        *("attrib", "findstr", "fc", "comp", "ftp", "nslookup", "tracert", "netstat", "systeminfo", "chcp"),
        *(
            "msiexec",
            "rundll32",
            "wscript",
            "cscript",
            "winget",
            "choco",
            "scoop",
            "certutil",
            "runas",
            "tree",
        ),
    )
)
WINDOWS_ENDINGS = frozenset(("exe", "bat", "cmd", "com", "ps1", "vbs", "js", "msc"))


class Consent(Enum):
    """Where the consent came from: typed, activated by hand, made, rebuilt, or below a folder that was
    named.
    """

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    UNDER = "under"


@record
class Candidate:
    """An environment to be judged.

    ``project`` is the physical folder; ``venv`` and ``bin`` are what would be put into VIRTUAL_ENV and PATH;
    ``target`` is where the environment led when it was allowed, if it was a link then.
    """

    project: str
    venv: str
    bin: str
    target: str = ""


@record
class Person:
    """Who asks, and what the system around looks like; tests put in their own.

    ``private_group(gid)``: is that group the user's own and nobody else's? ``windows_drive(path)``: does the
    path lie on a Windows drive under WSL? ``temporary``: the folders for temporary files, physical.
    """

    uid: int
    home: str
    private_group: Callable[[int], bool]
    windows_drive: Callable[[str], bool]
    temporary: frozenset[str] = frozenset()


def current_person(environ: Mapping[str, str]) -> Person:
    """Return the person that runs this process. ``environ`` gives HOME and TMPDIR."""
    home = native.person_home(environ)
    return Person(
        uid=native.user(),
        home=os.path.realpath(home) if native.is_absolute(home) else "",
        private_group=private_group,
        windows_drive=windows_drive,
        temporary=frozenset(os.path.realpath(one) for one in _temporary(environ) if native.is_absolute(one)),
    )


def _temporary(environ: Mapping[str, str]) -> tuple[str, ...]:
    if native.WINDOWS:
        system = os.path.join(environ.get("SYSTEMROOT", ""), "Temp")
        return (environ.get("TEMP", ""), environ.get("TMP", ""), system)
    return ("/tmp", "/var/tmp", "/dev/shm", environ.get("TMPDIR", ""))  # noqa: S108 - refused, not used


def private_group(gid: int) -> bool:
    """Whether ``gid`` is the current user's primary group, of the same name, without other members.

    That is what Debian, Ubuntu and Fedora make for each user, and why their umask can be 002.
    """
    try:
        import grp
        import pwd

        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except (ImportError, KeyError):
        return False
    return user.pw_gid == gid and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def windows_drive(path: str) -> bool:
    """Whether ``path`` lies on a Windows drive that WSL mounted."""
    release = _kernel_text("/proc/sys/kernel/osrelease").lower()
    return "microsoft" in release and file_system(path, _kernel_text("/proc/mounts")) in WINDOWS_FILE_SYSTEMS


def file_system(path: str, mounts: str) -> str:
    """Return the type of the file system that ``path`` lies on, from the text of ``/proc/mounts``."""
    best, kind = "", ""
    for line in mounts.split("\n"):
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        if below(path, point) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind


def _kernel_text(path: str) -> str:
    """Return a file of the kernel as text, "" if it cannot be read."""
    try:
        return native.decoded(venvcfg.read_regular(path, 1 << 20) or b"")
    except OSError:
        return ""


def bin_of(venv: str) -> str:
    """Return the folder of ``venv`` that goes on PATH."""
    return os.path.join(venv, native.SCRIPTS)


def judge(
    candidate: Candidate,
    *,
    consent: Consent,
    person: Person,
    overrides: tuple[str, ...] = (),
    any_owner: bool = False,
) -> Refusal | None:
    """Return why ``candidate`` stays off, or None if it may be switched on.

    ``overrides`` are command names that it may bring; ``any_owner`` accepts files of other users. The cheap
    and general reasons come first, so that the one that is told is the one to mend first. Reads only.
    """
    try:
        _names(candidate)
        _project(candidate, person)
        _git(candidate)  # before what a stranger's environment may lack: that it is a stranger's says more
        _link(candidate, consent)
        _kind(candidate)
        config = venvcfg.read(candidate.venv)
        _access(candidate, person, any_owner=any_owner)
        _finished(candidate)
        _interpreter(candidate, config, person)
        _place(candidate)
        _commands(candidate, overrides)
    except Refused as refused:
        return Refusal(refused.word, refused.path, candidate.venv, refused.name)
    except OSError as error:
        return Refusal(Word.UNREADABLE, os.fsdecode(error.filename or candidate.venv), candidate.venv)
    return None


def judge_folder(folder: str, person: Person) -> Refusal | None:
    """Return why nothing below the physical ``folder`` may be wanted as a whole, or None."""
    try:
        _own(folder, {person.uid, 0}, person, any_owner=False)
        for path in _above(folder):
            _ancestor(path, person)
    except Refused as refused:
        return Refusal(refused.word, refused.path)
    except OSError as error:
        return Refusal(Word.UNREADABLE, os.fsdecode(error.filename or folder))
    return None


def _names(candidate: Candidate) -> None:
    for path in (candidate.project, candidate.venv, candidate.bin):
        if not native.is_absolute(path) or has_control(path) or native.unfit(path):
            raise Refused(Word.BAD_PATH, path)
        parts = native.parts(path)
        if any(part.startswith(PREFIX) for part in parts):
            raise Refused(Word.MIRROR_NAME, path)
        if len(os.fsencode(path)) >= PATH_LIMIT or any(len(os.fsencode(part)) > NAME_LIMIT for part in parts):
            raise Refused(Word.TOO_LONG, path)


def _project(candidate: Candidate, person: Person) -> None:
    project = candidate.project
    if native.is_root(project) or project in person.temporary or _drive_root(project, person):
        raise Refused(Word.BAD_PROJECT, project)


def _drive_root(project: str, person: Person) -> bool:
    return (
        os.path.dirname(project) == "/mnt" and len(project) == len("/mnt/c") and person.windows_drive(project)
    )


def _link(candidate: Candidate, consent: Consent) -> None:
    try:
        is_link = native.is_link(candidate.venv)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(Word.NO_CONFIG, os.path.join(candidate.venv, "pyvenv.cfg")) from None
    if consent is Consent.C1:
        return
    if consent is Consent.C4 and candidate.target:
        is_link = os.path.realpath(candidate.venv) != candidate.target
    if is_link:
        raise Refused(Word.SYMLINK, candidate.venv)


def _kind(candidate: Candidate) -> None:
    try:
        mode = os.lstat(candidate.bin).st_mode
    except (FileNotFoundError, NotADirectoryError):
        if os.path.isdir(os.path.join(candidate.venv, "bin" if native.WINDOWS else "Scripts")):
            raise Refused(Word.OTHER_OS, candidate.venv) from None
        _missing_bin(candidate)
        raise
    if native.is_link(candidate.bin):
        raise Refused(Word.SYMLINK, candidate.bin)
    if not stat.S_ISDIR(mode):
        raise Refused(Word.NO_INTERPRETER, candidate.bin)


def _missing_bin(candidate: Candidate) -> None:
    venvcfg.read(candidate.venv)
    raise Refused(Word.NO_INTERPRETER, candidate.bin)


def _access(candidate: Candidate, person: Person, *, any_owner: bool) -> None:
    real = os.path.realpath(candidate.venv)
    config = os.path.join(real, "pyvenv.cfg")
    for path in (real, os.path.join(real, os.path.basename(candidate.bin)), config):
        _own(path, {person.uid}, person, any_owner=any_owner)
    # Root could change everything anyway, so a project folder of root's is as good as one's own.
    _own(candidate.project, {person.uid, 0}, person, any_owner=any_owner)
    for path in sorted({*_above(real), *_above(candidate.project)}, key=len, reverse=True):
        _ancestor(path, person)


def _own(path: str, owners: set[int], person: Person, *, any_owner: bool) -> None:
    if native.WINDOWS:
        return  # owner and mode mean nothing there, and access lists are not read: see README
    info = os.stat(path)
    if info.st_uid not in owners and not any_owner:
        raise Refused(Word.OTHER_OWNER, path)
    world = bool(info.st_mode & stat.S_IWOTH)
    group = bool(info.st_mode & stat.S_IWGRP) and not any_owner
    if world or (group and (not person.private_group(info.st_gid) or _has_acl(path))):
        raise Refused(Word.WINDOWS_DRIVE if person.windows_drive(path) else Word.WRITABLE, path)


def _has_acl(path: str) -> bool:
    # With an access list the group bits are only its mask: somebody else may be meant.
    try:
        return bool(os.getxattr(path, "system.posix_acl_access"))
    except (OSError, AttributeError):
        return False


def _above(path: str) -> list[str]:
    found = []
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        found.append(path)
    return found


def _ancestor(path: str, person: Person) -> None:
    if native.WINDOWS:
        return
    mode = os.stat(path).st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise Refused(Word.WINDOWS_DRIVE if person.windows_drive(path) else Word.ANCESTOR_WRITABLE, path)


def _finished(candidate: Candidate) -> None:
    if not any(name.lower().startswith("activate") for name in os.listdir(candidate.bin)):
        raise Refused(Word.UNFINISHED, candidate.bin)


def _interpreter(candidate: Candidate, config: Config, person: Person) -> None:
    path = os.path.join(candidate.venv, "pyvenv.cfg")
    if config.home.startswith("/") if native.WINDOWS else config.home[1:2] == ":" or config.home[:1] == "\\":
        raise Refused(Word.OTHER_OS, path)
    # Asked first: a look at another machine's folder would already send it something.
    if not native.is_absolute(config.home) or not os.path.isdir(config.home):
        raise Refused(Word.NO_HOME, path)
    if _inside(config.home, candidate, person):
        raise Refused(Word.HOME_INSIDE, path)
    python = _python(candidate.bin)
    copied = os.path.dirname(os.path.realpath(python)) == os.path.realpath(candidate.bin)
    if not copied and _inside(python, candidate, person):
        raise Refused(Word.HOME_INSIDE, python)


def _python(folder: str) -> str:
    for name in ("python.exe",) if native.WINDOWS else ("python", "python3"):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise Refused(Word.NO_INTERPRETER, os.path.join(folder, "python"))


def _inside(path: str, candidate: Candidate, person: Person) -> bool:
    """Whether ``path`` leads into the project.

    A project that is the home folder, or above it, holds the user's own pythons as well.
    """
    if person.home and below(person.home, candidate.project):
        return False
    return below(os.path.realpath(path), os.path.realpath(candidate.project))


def _place(candidate: Candidate) -> None:
    script = os.path.join(candidate.bin, "activate.bat" if native.WINDOWS else "activate")
    try:
        data = venvcfg.read_regular(script, ACTIVATE_LIMIT)
    except OSError:
        return
    places = list(_made_for(native.decoded(data or b"")))
    if places and not any(same_place(place, candidate.venv) for place in places):
        raise Refused(Word.MOVED, candidate.venv)


def _made_for(script: str) -> list[str]:
    """Return the absolute folders that an ``activate`` script sets VIRTUAL_ENV to, plainly quoted ones
    only.
    """
    found = []
    if native.WINDOWS:
        return _made_for_windows(script)
    for line in script.split("\n"):
        name, _, value = line.strip().removeprefix("export ").partition("=")
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        if name == "VIRTUAL_ENV" and value.startswith("/") and not any(char in value for char in "'\"$`\\"):
            found.append(value)
    return found


def _made_for_windows(script: str) -> list[str]:
    """The same for ``activate.bat``: ``set "VIRTUAL_ENV=X:\\…"``, also without quotes; not ``%…%``."""
    found = []
    for line in script.split("\n"):
        words = line.strip().removeprefix("@")
        name, _, value = words[4:].strip().strip('"').partition("=")
        if (
            words[:4].lower() == "set "
            and name == "VIRTUAL_ENV"
            and native.is_absolute(value)
            and "%" not in value
        ):
            found.append(value)
    return found


def _commands(candidate: Candidate, overrides: tuple[str, ...]) -> None:
    for name in sorted(os.listdir(candidate.bin)):
        command = _typed(name.lower())
        if command in COMMANDS and not {name, command} & set(overrides):
            raise Refused(Word.SHADOWS_COMMAND, os.path.join(candidate.bin, name), command)
        if native.WINDOWS and command in WINDOWS_COMMANDS and command not in overrides:
            raise Refused(Word.SHADOWS_COMMAND, os.path.join(candidate.bin, name), command)


def _typed(name: str) -> str:
    """Return what a person types to run the file ``name``: on Windows it is without the ending."""
    stem, dot, ending = name.rpartition(".")
    return stem if native.WINDOWS and dot and ending in WINDOWS_ENDINGS else name


def _git(candidate: Candidate) -> None:
    for path in dict.fromkeys((candidate.venv, os.path.realpath(candidate.venv))):
        answer = gitindex.tracked(os.path.dirname(path), os.path.basename(path))
        if answer is gitindex.Tracked.YES:
            raise Refused(Word.TRACKED, path)
        if answer is gitindex.Tracked.UNKNOWN:
            raise Refused(Word.GIT_UNREADABLE, path)
