"""Consent: what ``autovenv verify`` does for the hooks, and what ``allow`` and ``deny`` do for the person.

Everything here reads the project and never runs anything of it. Times are taken before an environment is
judged, so that a change in between shows as one at the next prompt.
"""

from __future__ import annotations

import os
import sys

from autovenv import discovery, lines, native, trust, venvcfg, verify
from autovenv.decision import State
from autovenv.errors import AutovenvError
from autovenv.record import changed, record
from autovenv.text import below, same_place, shown
from autovenv.trust import Home, Marker
from autovenv.verify import Candidate, Consent, Person
from autovenv.words import Refusal, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from autovenv.decision import Found
    from autovenv.spelling import Spelling
    from autovenv.trust import Twins

    Say = Callable[[str], None]

ALLOWED = 0
REFUSED = 1
NO_CONSENT = 3
# Nanoseconds. FAT keeps times to two seconds.
SECOND = 1_000_000_000
GRANULARITY = 2 * SECOND
MADE = "autovenv: you made .venv, so it switches on here by itself from now on"
ACTIVATED = "autovenv: you activated .venv, so it switches on here by itself from now on"


@record
class Line:
    """A line that was typed, as the hook hands it over.

    ``text`` is "" if unknown or hidden from the history. ``since`` is when the prompt before it was shown, in
    whole seconds since the epoch, None if unknown. ``activated`` is the VIRTUAL_ENV that appeared with it.
    ``quiet``: do not tell of a consent.
    """

    text: str
    shell: str
    aliases: Mapping[str, str]
    status: int = 1
    since: int | None = None
    activated: str = ""
    quiet: bool = False


def to_stderr(line: str) -> None:
    """Print one line for the person; a closed stderr is no reason to fail."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass


def me() -> Person:
    """Return the person that runs this process."""
    return verify.current_person(os.environ)


# -- what the hooks ask


def after_change(home: Home, place: str, *, person: Person | None = None, say: Say = to_stderr) -> int:
    """Look again at the allowed project at ``place``, whose environment has changed (C4).

    Returns ALLOWED with fresh twins, or REFUSED: without a word if there is no marker or no environment, else
    after one line. Raises OSError.
    """
    marker = trust.read_marker(home, place)
    seen = trust.look(marker) if marker else None
    if marker is None or (seen is None and not os.path.lexists(marker.venv)):
        return REFUSED
    refusal = review(marker, person or me())
    if refusal is None and seen is not None:
        _accept(home, marker, seen)
        return ALLOWED
    word = refusal.word if refusal else Word.UNREADABLE
    for one in _known(home, marker):
        trust.write_refused(home, one, word.value, seen=seen)
    say(word.text)
    return REFUSED


def review(marker: Marker, person: Person) -> Refusal | None:
    """Return why an allowed environment would be refused now, or None. Reads only."""
    candidate = Candidate(os.path.realpath(marker.project), marker.venv, marker.bin, marker.target)
    return verify.judge(
        candidate,
        consent=Consent.C4,
        person=person,
        overrides=marker.overrides,
        any_owner=marker.any_owner,
    )


def new_under(home: Home, folder: str, *, person: Person | None = None, say: Say = to_stderr) -> int:
    """Judge the new environment in ``folder``, which lies below a folder that the person named.

    Returns ALLOWED with markers, or REFUSED: silently if it was not wanted after all or was refused before.
    Raises OSError.
    """
    desk, spelled = Desk(home, person or me(), say), spellings(folder)
    # Below by its spelling alone is not enough: a link could lead out of the folder that was named.
    if spelled is None or not all(trust.under_of(home, one) for one in spelled) or _denied(home, spelled):
        return REFUSED
    return _judge(desk, Case(spelled, Consent.UNDER, once=True))


def after_line(
    home: Home, cwd: str, line: Line, *, person: Person | None = None, say: Say = to_stderr
) -> int:
    """Judge what a line did in ``cwd``: made ``.venv`` here (C3), or activated one of here or above (C2).

    Below a folder that was named with ``allow --under``, any line will do. Returns ALLOWED, REFUSED (said, or
    silent where a no is remembered), or NO_CONSENT: then the hook hints. Raises OSError.
    """
    desk, spelled = Desk(home, person or me(), say), spellings(cwd)
    if spelled is None:
        return NO_CONSENT
    if _denied(home, spelled):
        return REFUSED
    if line.shell in lines.CMD and _shadowed(spelled[0]):
        return NO_CONSENT
    kinds = [lines.classify(line.text, line.aliases, project=one, shell=line.shell) for one in spelled]
    answer = _made(desk, spelled, line) if all(kind.creates for kind in kinds) else NO_CONSENT
    if answer == NO_CONSENT and line.activated and all(kind.activates for kind in kinds):
        answer = _by_hand(desk, cwd, line)
    if answer == NO_CONSENT and _wanted_below(home, spelled):
        answer = _judge(desk, Case(spelled, Consent.UNDER, once=True))
    if answer == NO_CONSENT:
        _refuse_still(desk, spelled)
    return answer


def _shadowed(folder: str) -> bool:
    """Whether cmd, which looks in the current folder first, would have run a file of the project's own."""
    from autovenv import lines_cmd

    try:
        return lines_cmd.shadowed(os.listdir(folder))
    except OSError:
        return True


def _wanted_below(home: Home, spelled: tuple[str, ...]) -> bool:
    """Whether an environment here needs no line that made it: it lies below a folder that was named."""
    config = os.path.join(spelled[0], ".venv", "pyvenv.cfg")
    return os.path.isfile(config) and all(trust.under_of(home, one) for one in spelled)


@record
class Desk:
    """Where a judgement is written, for whom it is made, and how its one line reaches the person."""

    home: Home
    person: Person
    say: Say


@record
class Case:
    """A project whose ``.venv`` is judged for the first time; its physical spelling comes first.

    ``told`` is said if it passes and was not allowed before. ``once``: a refusal is not said a second time.
    """

    spelled: tuple[str, ...]
    consent: Consent
    told: str = ""
    once: bool = False

    def candidate(self) -> Candidate:
        """Return what is to be judged."""
        venv = os.path.join(self.spelled[0], ".venv")
        return Candidate(self.spelled[0], venv, verify.bin_of(venv))


def _made(desk: Desk, spelled: tuple[str, ...], line: Line) -> int:
    case = Case(spelled, Consent.C3, "" if line.quiet else MADE)
    if line.status != 0:
        return _failed(desk, case)
    cfg = trust.modified(os.path.join(case.candidate().venv, "pyvenv.cfg"))
    if line.since is None or cfg is None or cfg < line.since * SECOND - GRANULARITY:
        return NO_CONSENT
    return _judge(desk, case)


def _failed(desk: Desk, case: Case) -> int:
    """Tell of a half-made environment, which is what the line that failed has left."""
    refusal = verify.judge(case.candidate(), consent=case.consent, person=desk.person)
    if refusal is None or refusal.word is not Word.UNFINISHED:
        return NO_CONSENT
    candidate = case.candidate()
    return _refuse(desk, case, refusal.word, trust.look_at(candidate.venv, candidate.bin))


def _by_hand(desk: Desk, cwd: str, line: Line) -> int:
    nearest_first = reversed(list(trust.places(cwd)))
    folder = next(
        (one for one in nearest_first if same_place(os.path.join(one, ".venv"), line.activated)), ""
    )
    spelled = spellings(folder)
    if spelled is None:
        return NO_CONSENT
    if _denied(desk.home, spelled):
        return REFUSED
    return _judge(desk, Case(spelled, Consent.C2, "" if line.quiet else ACTIVATED, once=True))


def _judge(desk: Desk, case: Case) -> int:
    """Write markers and tell of it, or write the refusal and say why."""
    candidate, old = case.candidate(), trust.read_marker(desk.home, case.spelled[0])
    seen = trust.look_at(candidate.venv, candidate.bin)
    refusal = verify.judge(candidate, consent=case.consent, person=desk.person)
    if refusal is not None or seen is None:
        return _refuse(desk, case, refusal.word if refusal else Word.UNREADABLE, seen)
    _write(desk.home, case.spelled, _marker(candidate, old, case.consent), seen)
    if case.told and old is None:
        desk.say(case.told)
    return ALLOWED


def _refuse(desk: Desk, case: Case, word: Word, seen: Twins | None) -> int:
    candidate = case.candidate()
    places = [one for one in case.spelled if not trust.unplaceable(desk.home, one)]
    known = [trust.refused_word(desk.home, one) for one in places]
    for one in places:
        marker = Marker(one, candidate.venv, candidate.bin, "-")
        trust.write_refused(desk.home, marker, word.value, seen=seen)
    if not case.once or set(known) != {word.value}:
        desk.say(word.text)
    return REFUSED


def _refuse_still(desk: Desk, spelled: tuple[str, ...]) -> None:
    """Renew the note of a refusal, by whose date the hook tells whether the environment was made again."""
    candidate = Case(spelled, Consent.C3).candidate()
    seen = trust.look_at(candidate.venv, candidate.bin)
    for one in spelled:
        word = trust.refused_word(desk.home, one)
        if word and trust.read_marker(desk.home, one) is None:
            trust.write_refused(desk.home, Marker(one, candidate.venv, candidate.bin, "-"), word, seen=seen)


# -- what the person asks


def allow(  # noqa: PLR0913 - one for each option of the command
    home: Home,
    *,
    pwd: str,
    project: str = "",
    venv: str = "",
    any_owner: bool = False,
    overrides: tuple[str, ...] = (),
    environ: Mapping[str, str],
    person: Person | None = None,
) -> Marker:
    """Allow a project's environment (C1) and return the marker of its physical spelling.

    ``pwd`` is the shell's logical folder; ``project`` may be relative to it; without one it is the nearest
    folder from ``pwd`` up that has an environment. ``venv`` binds an environment elsewhere. A remembered no
    ends. Raises :class:`AutovenvError` with the path and the remedy, OSError.
    """
    person = person or verify.current_person(environ)
    spelling = _spelling(environ)
    spelled = _asked(pwd, project, venv, environ, person)
    found = _environment(spelled[0], pwd, venv, environ, person)
    seen = trust.look_at(found.venv, verify.bin_of(found.venv))
    candidate = Candidate(spelled[0], found.venv, verify.bin_of(found.venv))
    old = trust.read_marker(home, spelled[0])
    if old is not None and old.venv == found.venv:
        overrides = tuple(dict.fromkeys((*old.overrides, *overrides)))
        any_owner = any_owner or old.any_owner
    refusal = verify.judge(
        candidate, consent=Consent.C1, person=person, overrides=overrides, any_owner=any_owner
    )
    if refusal is not None or seen is None:
        refusal = refusal or Refusal(Word.UNREADABLE, found.venv, found.venv)
        raise refusal.error(home=person.home, spelling=spelling)
    if word := next(filter(None, (trust.unplaceable(home, one) for one in spelled)), ""):
        raise Refusal(Word(word), spelled[0], found.venv).error(home=person.home, spelling=spelling)
    marker = _marker(candidate, old, Consent.C1)
    return _write(home, spelled, changed(marker, any_owner=any_owner, overrides=overrides), seen)


def allow_under(
    home: Home,
    folder: str,
    *,
    pwd: str = "/",  # noqa: S107
    person: Person | None = None,
) -> tuple[str, ...]:
    """Want every environment of the user's own below ``folder``; return its spellings, physical first.

    Raises :class:`AutovenvError` if there is no such folder, or if it is one where strangers' files land:
    ``/``, the home folder, a folder for temporary files, or one that other users can write to.
    """
    person = person or me()
    spelled = spellings(os.path.join(pwd, folder))
    if spelled is None or not os.path.isdir(spelled[0]):
        raise AutovenvError(f"{shown(folder)} is no folder", "run: autovenv allow --under FOLDER")
    physical = spelled[0]
    if (
        native.is_root(physical)
        or physical in person.temporary
        or (person.home and below(person.home, physical))
    ):
        raise AutovenvError(
            f"{shown(physical)} also holds what others bring, such as downloads",
            "name the folder that your projects are in, for example: autovenv allow --under ~/code",
        )
    refusal = verify.judge_folder(physical, person)
    if refusal is not None:
        raise refusal.error(home=person.home)
    for one in spelled:
        if word := trust.unplaceable(home, one):
            raise Refusal(Word(word), one).error(home=person.home)
    for one in spelled:
        trust.under_add(home, one)
    return spelled


def deny(home: Home, cwd: str) -> tuple[str, ...]:
    """Remember a no for the project ``cwd`` under all spellings, and return them. Raises AutovenvError,
    OSError.

    Without a marker or an environment in ``cwd`` itself, the allowed project around it is meant.
    """
    spelled = spellings(cwd)
    if spelled is None and trust.read_marker(home, cwd):
        spelled = (cwd,)
    if spelled is None:
        raise AutovenvError(f"{shown(cwd)} is no folder", "run: autovenv deny FOLDER")
    marker = trust.read_marker(home, spelled[0]) or trust.read_marker(home, spelled[-1])
    if marker is None and not os.path.lexists(os.path.join(spelled[0], ".venv")):
        marker = trust.find(home, spelled[-1]) or trust.find(home, spelled[0])
        spelled = (marker.project,) if marker else spelled
    every = tuple(dict.fromkeys((*spelled, *(marker.spellings if marker else ()))))
    for one in every:
        if word := trust.unplaceable(home, one):
            raise Refusal(Word(word), one).error()
        trust.deny(home, one)
    return every


def prune(home: Home) -> tuple[str, ...]:
    """Remove the markers of environments that are certainly gone, and what is left of others; return the
    projects.

    An environment that cannot be looked at (a dead mount, no permission) stays allowed. Raises OSError.
    """
    gone = [
        one.project for one in trust.projects(home) if trust.missing(os.path.join(one.venv, "pyvenv.cfg"))
    ]
    for project in gone:
        trust.forget(home, project)
    for project in list(trust.leftovers(home)):
        trust.discard(home, project)
    for folder in [folder for folder in trust.unders(home) if trust.missing(folder)]:
        trust.under_remove(home, folder)
    return tuple(gone)


def describe(home: Home, project: str) -> tuple[Found | None, Word | None]:
    """Return the allowed project and, if it is refused or would be refused now, the word. Changes nothing.

    The state is never CHANGED: an environment that changed is judged here, UNCHANGED if it would pass.
    """
    marker = trust.read_marker(home, project)
    if marker is None:
        return None, None
    found = trust.state_of(home, marker)
    if found.state is State.REFUSED:
        return found, known_word(found.word)
    if found.state is State.CHANGED:
        refusal = review(marker, me())
        state = State.REFUSED if refusal else State.UNCHANGED
        word = refusal.word if refusal else None
        return changed(found, state=state, word=word.value if word else ""), word
    return found, None


def known_word(word: str) -> Word:
    """Return the Word spelled ``word``; UNREADABLE if a later version wrote it."""
    return next((one for one in Word if one.value == word), Word.UNREADABLE)


# -- helpers


def spellings(folder: str) -> tuple[str, ...] | None:
    """Return the spellings of ``folder``, the physical one first; None if it is no absolute path of a
    folder.
    """
    if not native.is_absolute(folder) or "\0" in folder:
        return None
    try:
        physical = os.path.realpath(folder, strict=True)
    except OSError:
        return None
    if not native.is_absolute(physical):
        return None  # a drive letter that stands for another machine's folder
    logical = os.path.normpath(folder)
    if logical.startswith("//") or not same_place(logical, physical):
        return (physical,)
    return (physical, logical) if logical != physical else (physical,)


def _denied(home: Home, spelled: tuple[str, ...]) -> bool:
    return any(trust.is_denied(home, one) for one in spelled)


def _marker(candidate: Candidate, old: Marker | None, consent: Consent) -> Marker:
    config = venvcfg.read(candidate.venv)
    real = os.path.realpath(candidate.venv)
    return Marker(
        candidate.project,
        candidate.venv,
        candidate.bin,
        venvcfg.label(candidate.venv, config),
        spellings=old.spellings if old else (),
        target=real if os.path.islink(candidate.venv) else "",
        c=consent.value,
    )


def _write(home: Home, spelled: tuple[str, ...], marker: Marker, seen: Twins) -> Marker:
    every = tuple(dict.fromkeys((*spelled, *marker.spellings)))
    usable = tuple(one for one in every if not trust.unplaceable(home, one) and same_place(one, spelled[0]))
    marker = changed(marker, spellings=usable)
    written = [trust.write_marker(home, marker, spelling=one, seen=seen) for one in usable]
    return written[0]


def _accept(home: Home, marker: Marker, seen: Twins) -> None:
    """Note that a changed environment passed, under every spelling; a rebuilt one may have another label."""
    label = venvcfg.label(marker.venv, venvcfg.read(marker.venv))
    for one in _known(home, marker):
        if one.label != label:
            trust.write_marker(home, changed(one, label=label), spelling=one.project, seen=seen)
        trust.clear_refused(home, one)
        trust.refresh_twins(home, one, seen=seen)


def _known(home: Home, marker: Marker) -> list[Marker]:
    """Return the markers of all spellings that still stand for the same environment."""
    read = [trust.read_marker(home, one) for one in marker.spellings if one != marker.project]
    return [marker, *(one for one in read if one and one.venv == marker.venv)]


def _asked(pwd: str, project: str, venv: str, environ: Mapping[str, str], person: Person) -> tuple[str, ...]:
    folder = os.path.join(pwd, project) if project or venv else _nearest(pwd, environ, person)
    spelled = spellings(folder)
    if spelled is None or not os.path.isdir(spelled[0]):
        raise AutovenvError(f"{shown(folder, home=person.home)} is no folder", "run: autovenv allow FOLDER")
    return spelled


def _nearest(pwd: str, environ: Mapping[str, str], person: Person) -> str:
    for folder in reversed(list(trust.places(pwd))):
        at_home = person.home and same_place(folder, person.home)
        if at_home and folder != pwd:
            break
        if os.path.lexists(os.path.join(folder, ".venv")) or discovery.find_venv(folder, environ=environ):
            return folder
    return pwd


def _environment(
    project: str, pwd: str, venv: str, environ: Mapping[str, str], person: Person
) -> discovery.Discovered:
    if venv:
        return discovery.Discovered(os.path.realpath(os.path.join(pwd, venv)), "named")
    found = discovery.find_venv(project, environ=environ)
    if found is not None:
        return found
    standard = os.path.join(project, ".venv")
    if os.path.lexists(standard):
        return discovery.Discovered(standard, "folder")
    raise AutovenvError(
        f"there is no environment in {shown(project, home=person.home)}",
        f"run: {_spelling(environ).make_in(project)}",
    )


def _spelling(environ: Mapping[str, str]) -> Spelling:
    """Return how the asking shell spells commands."""
    from autovenv import facts, spelling  # no hook needs them

    return spelling.of(facts.read(environ).shell)
