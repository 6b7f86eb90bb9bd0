"""Where the tests get PowerShell from: one on PATH, or the engine beside the repository.

The engine is a tar file, `shared/pwsh/pwsh-host-linux-x64.tar.xz` in a folder above the repository; its
README says what it is. It is unpacked once, into `build/`. In CI it is the only one, and a failure if absent.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import tarfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
ARCHIVE = Path("shared", "pwsh", "pwsh-host-linux-x64.tar.xz")
UNPACKED = REPOSITORY / "build" / "pwsh"
MISSING = (
    "there is no PowerShell to test on: no pwsh on PATH, none that AUTOVENV_TEST_PWSH names, "
    f"and no ../{ARCHIVE} beside the repository"
)


@functools.cache
def pwsh() -> str | None:
    """Return the absolute path of the `pwsh` to test on; None if there is none."""
    named = os.environ.get("AUTOVENV_TEST_PWSH") or (None if in_ci() else shutil.which("pwsh"))
    if named:
        return os.path.abspath(named)
    archive = next((one / ARCHIVE for one in REPOSITORY.parents if (one / ARCHIVE).is_file()), None)
    return str(_unpacked(archive) / "pwsh-host" / "pwsh") if archive else None


def in_ci() -> bool:
    """Say whether a machine runs the tests, for which something missing is a failure."""
    return bool(os.environ.get("CI"))


def _unpacked(archive: Path) -> Path:
    """Return the folder with the archive's content; another process may be at it already."""
    status = archive.stat()
    folder = UNPACKED / f"{status.st_size}-{int(status.st_mtime)}"
    UNPACKED.mkdir(parents=True, exist_ok=True)
    with open(UNPACKED / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            half = UNPACKED / f"half-{os.getpid()}"
            with tarfile.open(archive) as tar:
                tar.extractall(half, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
            half.rename(folder)
    return folder
