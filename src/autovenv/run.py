"""``exec``: one command in the allowed venv of a folder, without a hook."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from autovenv import facts, native, scene, search, spelling, trust
from autovenv.decision import State
from autovenv.errors import AutovenvError
from autovenv.identify import identify
from autovenv.machine import Machine
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autovenv.search import Step
    from autovenv.trust import Home, Marker

NOT_FOUND = 127
NOT_EXECUTABLE = 126
"""What shells answer (POSIX, Shell Command Language 2.8.2)."""


def run(command: Sequence[str], environ: Mapping[str, str], *, home: str) -> int:
    """Run ``command`` in the allowed venv of the current folder, and return its exit status.

    Outside Windows this process becomes the command. Raises :class:`AutovenvError`: code 1 if there is no
    venv to use, 127 if there is no such command, 126 if it cannot be run.
    """
    marker = allowed(environ, trust.Home(home))
    inside = environment(marker, environ)
    path = _program(command[0], inside)
    try:
        if native.WINDOWS:
            from autovenv import run_windows

            return run_windows.wait_for(path, command[1:], inside)
        os.execve(path, list(command), inside)  # noqa: S606  # running it is what was asked for
    except OSError as error:
        raise _refused(path, error) from None


def allowed(environ: Mapping[str, str], home: Home) -> Marker:
    """Return the marker that counts in the current folder, its venv looked at again if it has changed."""
    cwd = scene.logical_cwd(environ)
    user_home = native.person_home(environ)
    marker = next(
        filter(None, (trust.find(home, one, user_home=user_home) for one in (cwd, os.getcwd()))), None
    )
    if marker is None:
        raise AutovenvError(
            f"no environment is allowed for {shown(cwd)}", f"type: autovenv allow {_typed(cwd, environ)}"
        )
    found = trust.state_of(home, marker)
    if found.state is State.CHANGED:
        from autovenv import consent

        consent.after_change(home, marker.project)
        found = trust.state_of(home, marker)
    if found.state is not State.UNCHANGED:
        raise AutovenvError(f"the environment {shown(marker.venv)} is left off", "type: autovenv status")
    return marker


def environment(marker: Marker, environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` as it is inside the venv: what ``activate`` sets, and nothing of our own."""
    inside = dict(environ)
    inside["PATH"] = native.PATH_SEPARATOR.join(filter(None, (marker.bin, environ.get("PATH", ""))))
    inside["VIRTUAL_ENV"] = marker.venv
    inside["VIRTUAL_ENV_PROMPT"] = marker.label
    for name in ("PYTHONHOME", facts.VARIABLE):
        inside.pop(name, None)
    return inside


def _typed(cwd: str, environ: Mapping[str, str]) -> str:
    """Return what a person would want to allow, ready to be typed: the nearest folder with a ``.venv``."""
    project = next((one for one in scene.upward(cwd) if scene.has_venv(one)), cwd)
    return spelling.of(facts.read(environ).shell).word(project)


def _program(name: str, inside: Mapping[str, str]) -> str:
    """Return the file that ``name`` runs on the new PATH."""
    found = search.candidates_of(_walk(name, Machine(environ=inside, cwd=os.getcwd())))
    first = search.winner(found)
    if first is not None:
        return first.path
    if found and os.path.exists(found[0].path):
        raise AutovenvError(f"{shown(found[0].path)}: {found[0].why_not}", code=NOT_EXECUTABLE)
    raise AutovenvError(f"{shown(name)}: command not found", code=NOT_FOUND)


def _walk(name: str, machine: Machine) -> tuple[Step, ...]:
    """Return where a shell looks for ``name``; on Windows without what only a shell can run."""
    asked = search.query(name, machine=machine, shell=facts.NONE)
    if not machine.windows:
        return search.walk(asked)
    from autovenv import search_windows

    return tuple(search_windows.runnable(asked))


def _refused(path: str, error: OSError) -> AutovenvError:
    """Return what the system said. The file is there, so a missing one is the one that ``#!`` names."""
    problem = identify(path).problem
    code = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
    return AutovenvError(f"{shown(path)}: {shown(problem) or error.strerror}", code=code)
