"""The shell and the folder that a question is asked from, and what the table decides for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from autovenv import decision, facts, native, pep514, spelling, trust
from autovenv.decision import Action, Found, State
from autovenv.errors import AutovenvError
from autovenv.machine import Machine
from autovenv.record import record
from autovenv.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from autovenv.decision import Decision
    from autovenv.facts import ShellFacts
    from autovenv.spelling import Spelling
    from autovenv.trust import Home, Marker
    from autovenv.words import Refusal


@record
class Cold:
    """A ``.venv`` here or above that is not allowed.

    ``folder`` is the folder it lies in, ``denied`` whether the user said no for good, ``under`` the folder
    named with ``allow --under`` that it lies below ("" = none), ``refusal`` what ``allow`` would refuse it
    for.
    """

    folder: str
    denied: bool = False
    under: str = ""
    refusal: Refusal | None = None


@record
class Scene:
    """Everything that the decision rests on, and the decision.

    ``cwd`` is the current folder as the shell spells it, ``user_home`` serves to print ``~``. ``active`` is
    VIRTUAL_ENV. ``found`` has its state looked at now: never CHANGED. ``refusal`` is why found is refused.
    ``machine`` is what is around it: files, registry, variables.
    """

    environ: Mapping[str, str]
    cwd: str
    user_home: str
    home: Home
    shell: ShellFacts
    active: str
    ours: bool
    disabled: bool
    marker: Marker | None
    found: Found | None
    refusal: Refusal | None
    decision: Decision
    cold: Cold | None
    machine: Machine

    def path(self, path: str) -> str:
        """Return ``path`` for a person's eyes."""
        return shown(path, home=self.user_home)

    def text(self, text: str) -> str:
        """Return a sentence with paths in it for a person's eyes."""
        home, slash = self.user_home, self.machine.files.flavour.sep
        return shown(text.replace(f" {home}{slash}", f" ~{slash}") if len(home) > 1 else text)

    @property
    def spelling(self) -> Spelling:
        """How the asking shell spells commands."""
        return spelling.of(self.shell.shell, windows=self.machine.windows)

    def allowed(self, venv: str) -> bool:
        """Return whether ``venv`` is the allowed environment of the folder that it lies in."""
        marker = trust.read_marker(self.home, self.machine.above(venv))
        return marker is not None and self.machine.same(marker.venv, venv)

    @property
    def expected(self) -> str:
        """The venv that the decision leaves active, "" for none."""
        if self.decision.action is Action.KEEP:
            return self.active
        if self.decision.action is Action.DEACTIVATE or self.found is None:
            return ""
        return self.found.venv


def look(environ: Mapping[str, str], *, home: str) -> Scene:
    """Return the scene of this process, with autovenv's folder ``home``. Changes no file, runs nothing.

    Raises :class:`AutovenvError` if the current folder is gone.
    """
    shell = facts.read(environ)
    state = trust.Home(home)
    cwd = logical_cwd(environ)
    user_home = native.person_home(environ)
    machine = Machine(registry=pep514.real(), environ=environ, cwd=cwd)
    marker = trust.find(state, cwd, user_home=user_home)
    found, refusal = _judged(state, marker, environ)
    known = facts_of(machine, shell, found)
    return Scene(
        environ=environ,
        cwd=cwd,
        user_home=user_home,
        home=state,
        shell=shell,
        active=known.active,
        ours=known.ours,
        disabled=bool(environ.get("AUTOVENV_DISABLE")),
        marker=marker,
        found=found,
        refusal=refusal,
        decision=decision.decide(known),
        cold=_cold(state, cwd, marker, environ),
        machine=machine,
    )


def logical_cwd(environ: Mapping[str, str]) -> str:
    """Return the current folder as the shell spells it: PWD if that is true, else the physical path."""
    pwd = environ.get("PWD", "")
    try:
        if pwd == os.path.normpath(pwd) and os.path.isabs(pwd) and os.path.samefile(pwd, "."):
            return pwd
        return os.getcwd()
    except OSError:
        pass
    try:
        return os.getcwd()
    except OSError:
        raise AutovenvError("the current folder is gone", "run: cd") from None


def facts_of(machine: Machine, shell: ShellFacts, found: Found | None) -> decision.Facts:
    """Return what the table asks for, as far as it can be seen from a child of the shell."""
    environ = machine.environ
    active = environ.get("VIRTUAL_ENV", "")
    ours = bool(active) and environ.get("_AUTOVENV_ACTIVE", "") == active
    left = bool(shell.dressed) and not active
    on_path = machine.on_path(machine.join(active, machine.scripts))
    return decision.Facts(
        off=bool(environ.get("AUTOVENV_DISABLE")) or shell.off,
        found=found,
        active=active,
        same=found is not None and bool(active) and machine.same(active, found.venv),
        ours=ours,
        dressed=ours and on_path and shell.dressed_for(active),
        conda=_conda(environ) and not ours,
        opted_out=found is not None
        and (left or machine.slashed(shell.opted_out) == machine.slashed(found.project)),
    )


def _conda(environ: Mapping[str, str]) -> bool:
    """Return whether a conda environment other than base is active.

    Which one was there when ours was activated is known to the hook only; where ours is still active, the
    hook has already let it pass.
    """
    return bool(environ.get("CONDA_PREFIX")) and environ.get("CONDA_DEFAULT_ENV", "") != "base"


def _judged(
    home: Home, marker: Marker | None, environ: Mapping[str, str]
) -> tuple[Found | None, Refusal | None]:
    """Return what was found with its present state. What has changed is judged now; nothing is written."""
    if marker is None:
        return None, None
    found = trust.state_of(home, marker)
    if found.state in (State.UNCHANGED, State.GONE):
        return found, None
    from autovenv import consent, verify  # seldom needed, and they take most of the time

    refusal = consent.review(marker, verify.current_person(environ))
    if found.state is State.REFUSED:
        return found, refusal or _noted(found)
    state = State.REFUSED if refusal else State.UNCHANGED
    return Found(found.project, found.venv, state, refusal.word.value if refusal else ""), refusal


def _noted(found: Found) -> Refusal:
    """Return the refusal that the hook goes by, although a look of now finds nothing any more."""
    from autovenv import consent
    from autovenv.words import Refusal

    return Refusal(consent.known_word(found.word), found.venv, found.venv)


def _cold(home: Home, cwd: str, marker: Marker | None, environ: Mapping[str, str]) -> Cold | None:
    """Return the nearest environment from ``cwd`` up that no marker covers, if there is one.

    One in the user's own home folder counts in that very folder only.
    """
    for folder in upward(cwd):
        if marker is not None and native.folded(folder) == native.folded(marker.project):
            return None
        at_home = native.folded(folder) == native.folded(native.person_home(environ))
        if has_venv(folder) and (not at_home or folder == cwd):
            denied, under = trust.is_denied(home, folder), trust.under_of(home, folder)
            return Cold(folder, denied, under, _would_refuse(folder, environ))
    return None


def _would_refuse(folder: str, environ: Mapping[str, str]) -> Refusal | None:
    """Return what ``autovenv allow`` would say no for, so that nobody is sent there in vain."""
    venv = os.path.join(folder, ".venv")
    if not os.path.isdir(venv):
        return None  # a file that leads to an environment elsewhere: allow follows it
    from autovenv import verify

    return verify.judge(
        verify.Candidate(os.path.realpath(folder), venv, verify.bin_of(venv)),
        consent=verify.Consent.C1,
        person=verify.current_person(environ),
    )


def has_venv(folder: str) -> bool:
    """Return whether ``folder`` has a ``.venv`` to be told about: a link, a file or an environment."""
    venv = os.path.join(folder, ".venv")
    return os.path.islink(venv) or os.path.isfile(venv) or os.path.isfile(os.path.join(venv, "pyvenv.cfg"))


def upward(folder: str) -> Iterator[str]:
    """Yield ``folder`` and its ancestors, the root last."""
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above
