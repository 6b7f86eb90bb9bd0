"""PowerShell's profiles: which files each edition reads, and whether Windows lets it read them.

Windows PowerShell (5.1) and PowerShell (7) are two editions with a profile each; outside Windows there is
only the second. Sources: about_Profiles, about_Execution_Policies, and what the shells themselves print.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autovenv.errors import AutovenvError
from autovenv.paths import config_home, user_home
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROFILE = "profile.ps1"
"""The name of `$PROFILE.CurrentUserAllHosts` in both editions: also read in the terminal of an editor."""
SCOPES = ("MachinePolicy", "UserPolicy", "CurrentUser", "LocalMachine")
"""The scopes of an execution policy, strongest first. Not `Process`: a variable of this very terminal."""
BY_GROUP = ("MachinePolicy", "UserPolicy")
PROCESS_SCOPE = "PSExecutionPolicyPreference"
FORBIDDING = frozenset(("Restricted", "AllSigned"))
# The last line is the policy that counts, which an edition also has where no scope sets one.
ASK = (
    "Get-ExecutionPolicy -List | ForEach-Object { [string]$_.Scope + '=' + [string]$_.ExecutionPolicy }; "
    "'effective=' + [string](Get-ExecutionPolicy)"
)
PARSE = (
    "$errors = $null; [void][Management.Automation.Language.Parser]::ParseFile("
    "$env:_AUTOVENV_FILE, [ref]$null, [ref]$errors); exit [int]($errors.Count -gt 0)"
)
QUIET = ("-NoLogo", "-NoProfile", "-NonInteractive", "-Command")
ASK_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Edition:
    """One PowerShell on this machine: what a person calls it, its program, and the folder of its profile."""

    name: str
    program: str
    folder: str

    @property
    def profile(self) -> str:
        """The file that this edition reads when a terminal opens."""
        return os.path.join(self.folder, PROFILE)


def editions(
    environ: Mapping[str, str], *, platform: str = sys.platform, documents: str = ""
) -> list[Edition]:
    """Return the editions that are found here; outside Windows always the one.

    ``documents`` is the user's folder of that name, for tests; else Windows is asked, which knows whether it
    was moved to OneDrive or to a share.
    """
    path = environ.get("PATH")
    if platform != "win32":
        folder = os.path.join(config_home(environ), "powershell")
        return [Edition("PowerShell", shutil.which("pwsh", path=path) or "", folder)]
    documents = documents or _documents(environ)
    root = environ.get("SystemRoot", r"C:\Windows")
    old = os.path.join(root, "System32", "WindowsPowerShell", "v1.0", "powershell.exe")
    new = shutil.which("pwsh", path=path) or os.path.join(
        environ.get("ProgramFiles", r"C:\Program Files"), "PowerShell", "7", "pwsh.exe"
    )
    known = (
        Edition("Windows PowerShell", old, os.path.join(documents, "WindowsPowerShell")),
        Edition("PowerShell", new, os.path.join(documents, "PowerShell")),
    )
    return [edition for edition in known if os.path.isfile(edition.program)]


def _documents(environ: Mapping[str, str]) -> str:
    """Return the known folder FOLDERID_Documents; below the home folder if Windows does not say."""
    if sys.platform == "win32":
        import ctypes
        from uuid import UUID

        which = (ctypes.c_byte * 16).from_buffer_copy(UUID("fdd39ad0-238f-46af-adb4-6c85480369c7").bytes_le)
        path = ctypes.c_wchar_p()
        failed = ctypes.windll.shell32.SHGetKnownFolderPath(ctypes.byref(which), 0, None, ctypes.byref(path))
        try:
            if not failed and path.value:
                return path.value
        finally:
            ctypes.windll.ole32.CoTaskMemFree(path)
    return os.path.join(environ.get("USERPROFILE") or user_home(environ), "Documents")


# --- The execution policy --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Policy:
    """An execution policy, and the scope that sets it; "" for an edition's own default."""

    name: str
    scope: str = ""

    @property
    def loads_profiles(self) -> bool:
        """Whether a profile of the user's own, without a signature, is loaded."""
        return self.name not in FORBIDDING


def read_policy(answer: str) -> Policy | None:
    """Return the policy from what :data:`ASK` prints; None if it is not understood."""
    pairs = dict(line.strip().partition("=")[::2] for line in answer.splitlines() if "=" in line)
    scopes = [scope for scope in SCOPES if pairs.get(scope, "Undefined") != "Undefined"]
    if scopes:
        return Policy(pairs[scopes[0]], scopes[0])
    return Policy(pairs["effective"]) if pairs.get("effective") else None


def ask_policy(edition: Edition, environ: Mapping[str, str]) -> Policy | None:
    """Ask an edition for the policy that a new terminal has; None if it does not answer.

    The scope Process is left out: whoever installs from `-ExecutionPolicy Bypass` would be told a policy that
    no other terminal has.
    """
    own = {name: value for name, value in environ.items() if name.lower() != PROCESS_SCOPE.lower()}
    try:
        done = subprocess.run(
            [edition.program, *QUIET, ASK],
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return read_policy(done.stdout.decode("ascii", "replace"))


def refusal(edition: Edition, policy: Policy | None) -> AutovenvError | None:
    """Return what to tell of an edition that would not load its profile, None if it would (or is silent)."""
    if policy is None or policy.loads_profiles:
        return None
    where = ", the default" if not policy.scope else f", set for {policy.scope}"
    if policy.scope in BY_GROUP:
        where = ", set by Group Policy"
    reason = f"policy: {policy.name}{where}"
    fact = f"Windows does not let {edition.name} load profiles here ({reason}). Nothing was changed."
    if policy.scope in BY_GROUP:
        return AutovenvError(fact, "Only the administrator of this computer can change that.")
    return AutovenvError(
        fact,
        "To permit it for you: Set-ExecutionPolicy -Scope CurrentUser RemoteSigned, "
        "then: autovenv install-hook",
    )


def marked(profile: str) -> AutovenvError | None:
    """Return what to tell of a profile that Windows takes for one from the internet, None if it is none."""
    if sys.platform != "win32" or not os.path.exists(profile + ":Zone.Identifier"):
        return None
    return AutovenvError(
        f"{shown(profile)} is marked as coming from the internet, so PowerShell does not load it",
        f"If it is yours: Unblock-File -LiteralPath {quoted(profile)}, then: autovenv install-hook",
    )


def barred(
    environ: Mapping[str, str],
    *,
    platform: str = sys.platform,
    found: list[Edition] | None = None,
    ask: Callable[[Edition, Mapping[str, str]], Policy | None] = ask_policy,
) -> dict[str, AutovenvError]:
    """Return the profiles that would not be loaded, each with what to tell of it. Writes nothing.

    Outside Windows there are none: the policy is Unrestricted there, and fixed.
    """
    if platform != "win32":
        return {}
    known = editions(environ, platform=platform) if found is None else found
    told = {one.profile: refusal(one, ask(one, environ)) or marked(one.profile) for one in known}
    return {profile: error for profile, error in told.items() if error}


# --- The line --------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """Return ``text`` as one word of PowerShell in ASCII, whatever encoding a profile is read in.

    Windows PowerShell reads a file without a byte order mark in the code page of the machine.
    """
    units = text.encode("utf-16-le", "surrogatepass")
    parts, plain = [], ""
    for at in range(0, len(units), 2):
        unit = units[at] + (units[at + 1] << 8)
        if 0x20 <= unit < 0x7F:
            plain += chr(unit)
            continue
        parts += [f"'{_doubled(plain)}'"] if plain else []
        parts.append(f"[char]{unit}")
        plain = ""
    parts += [f"'{_doubled(plain)}'"] if plain or not parts else []
    return parts[0] if parts[0][0] == "'" and len(parts) == 1 else f"(-join ({','.join(parts)}))"


def _doubled(text: str) -> str:
    return text.replace("'", "''")


def source_line(hook: str) -> str:
    """Return the line of a profile that loads the hook file, and is silent if it is gone.

    `Test-Path` and not .NET, which constrained language mode would complain of.
    """
    return f"if (Test-Path -LiteralPath {quoted(hook)}) {{ . {quoted(hook)} }}"
