"""The oracle's side of the table: a shell simulated in Python, which decides with `autovenv.decision`.

It has what a shell has (a folder, an environment, functions, nested shells) and no shell language. Its
projects are on the real disk, its markers are the real ones, and `autovenv.consent` judges as in the program.
"""

from __future__ import annotations

import copy
import os
import subprocess
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from autovenv import consent, trust
from autovenv.decision import Action, Facts, Found, decide
from conformance import harness
from conformance.shells import SHELLS, VARIABLES
from conformance.world import ELSEWHERE

if TYPE_CHECKING:
    from autovenv.decision import Decision
    from conformance.table import Case, Expect, Step
    from conformance.world import World

SPELLED_BY = SHELLS["bash"]
"""Consent reads the line that made a venv; the simulated person types it as in this shell."""


def play(world: World, case: Case, *, rows: set[int] | None = None) -> list[str]:
    """Play the case on the oracle; return what did not hold. ``rows`` collects the rows that decided."""
    world.build(case)
    first, folder = harness.opening(case, world)
    person = Person(world, rows if rows is not None else set())
    previous = start = person.open(world.environ(case.env), folder)
    failures = harness.compare(_known(case.steps[0]), 0, previous, previous, start, world) if first else []
    for number, step in enumerate(case.steps[len(first) :], len(first)):
        seen = person.step(step)
        failures += harness.compare(_known(step), number, seen, previous, start, world)
        previous = seen
    return failures


def _known(step: Step) -> Step:
    """Leave out what only a terminal shows: prompt, status, text."""
    return replace(step, expect=_decided(step.expect))


def _decided(expect: Expect) -> Expect:
    return replace(
        expect, label=None, prompt=None, status=None, says=(), says_not=(), silent=False, absent=()
    )


@dataclass(slots=True)
class Hook:
    """What one shell process knows for itself; an inner shell begins with a new one."""

    dressed: str = ""
    project: str = ""
    bin: str = ""
    count: int = 0
    function: str = ""
    """Whose `deactivate` is defined: "ours", "script", or ""."""
    scripts_path: str = ""
    python_home: str = ""
    opted_out: str = ""
    off: bool = False
    seen: str = ""
    absent: str = ""
    gone_bin: str = ""
    gone_count: int = 0
    conda: str = ""
    tried: set[str] = field(default_factory=set)
    looked: str = ""
    marker: trust.Marker | None = None
    """The deepest marker of the folder ``looked``: other terminals' changes show at the next cd."""


class Person:
    """Somebody at a terminal: does the steps of a case in a simulated shell, and shell within shell."""

    def __init__(self, world: World, rows: set[int]) -> None:
        """``rows`` collects the numbers of the rows that decided."""
        self.world, self.rows = world, rows
        self.environ: dict[str, str] = {}
        self.cwd = self.back = ""
        self.stack: list[str] = []
        self.hook = Hook()
        self.outer: list[tuple[dict[str, str], str, Hook]] = []
        self.decisions: list[Decision] = []
        self.value: str | None = None
        self.saved = ""
        self.calls = 0

    def open(self, environ: dict[str, str], folder: str) -> harness.Seen:
        """Open the terminal."""
        self.environ, self.cwd, self.back = dict(environ), folder, folder
        self._start()
        return self._look()

    def step(self, step: Step) -> harness.Seen:
        """Do one step, up to the prompt after it."""
        self.decisions, self.value, self.calls = [], None, 0
        since = int(time.time())
        if step.verb in ELSEWHERE:
            ELSEWHERE[step.verb](self.world, step.argument)
            self._prompt("", since)
        else:
            line = "" if step.verb == "close_pane" else SPELLED_BY.spell(self.world, step.verb, step.argument)
            if getattr(self, f"do_{step.verb}")(step.argument) is not True:
                self._prompt(line, since)
        return self._look()

    def _look(self) -> harness.Seen:
        return harness.Seen(
            tuple(harness.Decision(one.action.value, one.reason) for one in self.decisions),
            "" if self.value is None else f"value={self.value}",
            "",
            0,
            {name: self.environ.get(name, "") for name in VARIABLES},
            self.calls,
        )

    def _start(self) -> None:
        """Start a shell process: its hook knows nothing, and the first prompt follows."""
        active = self.environ.get("_AUTOVENV_ACTIVE", "")
        self.hook = Hook(seen=self.active, conda=self.environ.get("CONDA_PREFIX", "") if active else "")
        self._prompt("", None)

    # ---- the hook ----

    @property
    def active(self) -> str:
        """VIRTUAL_ENV."""
        return self.environ.get("VIRTUAL_ENV", "")

    def _prompt(self, line: str, since: int | None) -> None:
        self._notice()
        self._consent(line, since)
        self._decide()

    def _cd_event(self) -> None:
        self._notice()
        self._decide()

    def _notice(self) -> None:
        hook = self.hook
        if hook.dressed and not self.active:
            hook.opted_out = hook.project
            self._deactivate()
        elif hook.dressed and self.active != hook.dressed:
            self._push_aside()
        if hook.gone_bin and not self.active:
            self._trim(hook.gone_bin, hook.gone_count)
        if not f"{self.cwd}/".startswith(f"{hook.opted_out}/"):
            hook.opted_out = ""

    def _push_aside(self) -> None:
        """Another activate script ran over ours: take our entries away, also from what that script saved."""
        hook = self.hook
        self._trim(hook.bin, hook.count)
        hook.scripts_path = _trimmed(hook.scripts_path, hook.bin, hook.count)
        self.environ.pop("_AUTOVENV_ACTIVE", None)
        hook.dressed = ""

    def _consent(self, line: str, since: int | None) -> None:
        hook, venv = self.hook, os.path.join(self.cwd, ".venv")
        marker = self._marker()
        here = marker is not None and marker.project == self.cwd
        made = hook.absent == self.cwd and os.path.isfile(os.path.join(venv, "pyvenv.cfg")) and not here
        known = {hook.seen, self.environ.get("_AUTOVENV_ACTIVE", ""), marker.venv if marker else ""}
        activated = self.active if self.active.endswith("/.venv") and self.active not in known else ""
        if made or (activated and activated not in hook.tried):
            self.calls += 1
            typed = consent.Line(line, SPELLED_BY.name, {}, status=0, since=since, activated=activated)
            consent.after_line(self.world.trust, self.cwd, typed, say=_silent)
            hook.tried.add(activated)
            hook.looked = ""

    def _marker(self) -> trust.Marker | None:
        hook = self.hook
        if hook.looked != self.cwd:
            hook.looked = self.cwd
            hook.marker = trust.find(self.world.trust, self.cwd, user_home=self.world.home)
        return hook.marker

    def _found(self) -> Found | None:
        """Return the deepest allowed project; below a folder that was named, a new one is judged first."""
        marker = self._marker()
        under = trust.under_of(self.world.trust, self.cwd)
        for folder in trust.places(self.cwd):
            deeper = len(folder) > max(len(under), len(marker.project) if marker else 0)
            if (
                under
                and deeper
                and os.path.isfile(f"{folder}/.venv/pyvenv.cfg")
                and folder not in self.hook.tried
            ):
                self.hook.tried.add(folder)
                self.calls += 1
                consent.new_under(self.world.trust, folder, say=_silent)
                self.hook.looked = ""
                marker = self._marker()
        return trust.state_of(self.world.trust, marker) if marker else None

    def _decide(self) -> None:
        found = self._found()
        try:
            decision = decide(self._facts(found))
        except ValueError:
            self.calls += 1
            consent.after_change(self.world.trust, found.project, say=_silent)
            found = self._found()
            decision = decide(self._facts(found))
        self.rows.add(decision.row)
        if decision.opts_out:
            self.hook.opted_out = self.hook.project
        self._apply(decision, found)
        self.decisions.append(decision)
        self.hook.seen = self.active
        self.hook.absent = "" if os.path.lexists(os.path.join(self.cwd, ".venv")) else self.cwd

    def _facts(self, found: Found | None) -> Facts:
        hook, active, path = self.hook, self.active, self.environ.get("PATH", "")
        ours = bool(active) and self.environ.get("_AUTOVENV_ACTIVE") == active
        conda = self.environ.get("CONDA_PREFIX", "")
        return Facts(
            off=hook.off or bool(self.environ.get("AUTOVENV_DISABLE")),
            found=found,
            active=active,
            same=bool(active and found) and (active == found.venv or _same(active, found.venv)),
            ours=ours,
            dressed=ours
            and hook.dressed == active
            and hook.function == "ours"
            and hook.bin in path.split(":"),
            conda=bool(conda) and self.environ.get("CONDA_DEFAULT_ENV") != "base" and conda != hook.conda,
            opted_out=found is not None and hook.opted_out == found.project,
        )

    def _apply(self, decision: Decision, found: Found | None) -> None:
        if decision.action in {Action.DEACTIVATE, Action.SWITCH}:
            self._deactivate()
        if decision.action in {Action.ACTIVATE, Action.SWITCH}:
            self._activate(found)
        if decision.action is Action.ADOPT:
            self._adopt(found)

    def _activate(self, found: Found) -> None:
        bin_folder = os.path.join(found.venv, "bin")
        self.hook.count = self._entries().count(bin_folder)
        self.hook.conda = self.environ.get("CONDA_PREFIX", "")
        self._first_on_path(bin_folder)
        self._dress(found)

    def _adopt(self, found: Found) -> None:
        bin_folder, hook = os.path.join(found.venv, "bin"), self.hook
        times = self._entries().count(bin_folder)
        inherited = self.active == hook.seen or times == 0 or bool(self.environ.get("_AUTOVENV_ACTIVE"))
        if not hook.dressed:
            hook.count = 0 if inherited else times - 1
        else:
            # our own entry may be there once more, below that of a script
            self._trim(bin_folder, hook.count + 1)
        if self._entries()[:1] != [bin_folder]:
            self._trim(bin_folder, max(times - 1, 0))
            self._first_on_path(bin_folder)
        hook.opted_out = ""
        self._dress(found)

    def _dress(self, found: Found) -> None:
        hook = self.hook
        self.environ.update(VIRTUAL_ENV=found.venv, _AUTOVENV_ACTIVE=found.venv)
        hook.dressed, hook.project, hook.function = found.venv, found.project, "ours"
        hook.bin = os.path.join(found.venv, "bin")
        hook.python_home = self.environ.pop("PYTHONHOME", "") or hook.python_home

    def _deactivate(self) -> None:
        hook = self.hook
        bin_folder = hook.bin or os.path.join(self.environ.get("_AUTOVENV_ACTIVE", self.active), "bin")
        self._trim(bin_folder, hook.count)
        for name in ("VIRTUAL_ENV", "_AUTOVENV_ACTIVE"):
            self.environ.pop(name, None)
        if hook.python_home:
            self.environ["PYTHONHOME"] = hook.python_home
        hook.gone_bin, hook.gone_count = bin_folder, hook.count
        hook.dressed = hook.project = hook.bin = hook.function = hook.python_home = ""
        hook.count = 0

    def _entries(self) -> list[str]:
        return self.environ["PATH"].split(":")

    def _first_on_path(self, folder: str) -> None:
        self.environ["PATH"] = f"{folder}:{self.environ['PATH']}"

    def _trim(self, folder: str, keep: int) -> None:
        self.environ["PATH"] = _trimmed(self.environ["PATH"], folder, keep)

    # ---- the verbs: folders ----

    def _cd(self, text: str) -> None:
        target = os.path.normpath(os.path.join(self.cwd, self.world.path(text)))
        if os.path.isdir(target):
            self.back, self.cwd = self.cwd, target
            self._cd_event()

    def do_cd(self, text: str) -> None:
        """Go to a folder."""
        self._cd(text)

    do_cd_nowhere = do_cd

    def do_cd_back(self, _: object) -> None:
        """`cd -`."""
        self._cd(self.back)

    def do_cd_twice(self, texts: list[str]) -> None:
        """Two on one line."""
        for text in texts:
            self._cd(text)

    def do_cd_and_ask(self, text: str) -> None:
        """Go, and print VIRTUAL_ENV on the same line."""
        self._cd(text)
        self.value = self.active

    def do_in_substitution(self, _: str) -> None:
        """Go there in a substitution: nothing happens in it."""
        self.value = self.active

    do_in_subshell = do_in_substitution

    def do_pushd(self, text: str) -> None:
        """Go, and remember."""
        self.stack.append(self.cwd)
        self._cd(text)

    def do_popd(self, _: object) -> None:
        """Go back to the remembered folder."""
        self._cd(self.stack.pop())

    # ---- the verbs: files ----

    def _run(self, *words: str) -> None:
        folder = self.cwd if os.path.isdir(self.cwd) else "/"
        subprocess.run(words, cwd=folder, env=self.environ, check=True, capture_output=True)

    def _at(self, text: str) -> str:
        return os.path.join(self.cwd, self.world.path(text))

    def do_typed(self, line: str) -> None:
        """Run external programs, and cd between them."""
        for words in line.split(" && "):
            name, *arguments = words.split()
            self._cd(arguments[0]) if name == "cd" else self._run(name, *arguments)

    def do_enter(self, _: object) -> None:
        """Press Enter."""

    do_fail = do_enter

    def do_make_venv(self, text: str) -> None:
        """Make a venv with the real tool."""
        self._run("python3", "-m", "venv", "--without-pip", self._at(text))

    def do_make_venv_clear(self, text: str) -> None:
        """Make it anew on the spot."""
        self._run("python3", "-m", "venv", "--clear", "--without-pip", self._at(text))

    def do_remove(self, text: str) -> None:
        """Remove a file or a tree."""
        self._run("rm", "-rf", "--", self._at(text))

    do_remove_and_fail = do_remove

    def do_move(self, texts: list[str]) -> None:
        """Rename."""
        self._run("mv", "--", *map(self._at, texts))

    def do_link(self, texts: list[str]) -> None:
        """Make a symbolic link."""
        self._run("ln", "-s", "--", self.world.path(texts[0]), self._at(texts[1]))

    def do_touch(self, text: str) -> None:
        """Make a file, or its time new."""
        self._run("touch", "--", self._at(text))

    # ---- the verbs: variables ----

    def do_set(self, variables: dict[str, str]) -> None:
        """Export variables."""
        self.environ.update({name: self.world.path(value) for name, value in variables.items()})

    def do_unset(self, name: str) -> None:
        """Take a variable away."""
        self.environ.pop(name, None)

    def do_leave_by_hand(self, _: object) -> None:
        """Take VIRTUAL_ENV away."""
        self.do_unset("VIRTUAL_ENV")

    def do_path_prepend(self, text: str) -> None:
        """Put a folder first."""
        self._first_on_path(self.world.path(text))

    def do_path_append(self, text: str) -> None:
        """Put a folder last."""
        self.environ["PATH"] += ":" + self.world.path(text)

    def do_path_remove(self, text: str) -> None:
        """Take a folder out."""
        self._trim(self.world.path(text), 0)

    def do_path_save(self, _: object) -> None:
        """Take a snapshot."""
        self.saved = self.environ["PATH"]

    def do_path_restore(self, _: object) -> None:
        """Put the snapshot back."""
        self.environ["PATH"] = self.saved

    def do_conda_activate(self, text: str) -> None:
        """Do what `conda activate` does to the environment."""
        self.do_set({"CONDA_PREFIX": text, "CONDA_DEFAULT_ENV": "science"})
        self.do_path_prepend(f"{text}/bin")

    def do_conda_deactivate(self, _: object) -> None:
        """Take conda's variables away."""
        for name in ("CONDA_PREFIX", "CONDA_DEFAULT_ENV"):
            self.do_unset(name)

    # ---- the verbs: activation by hand, and our own commands ----

    def do_activate_script(self, text: str) -> None:
        """Source an activate script. It clears away what an earlier one left, not what we did."""
        hook = self.hook
        if hook.function == "script":
            self.environ["PATH"] = hook.scripts_path
        venv = os.path.realpath(self._at(text))
        hook.function, hook.scripts_path = "script", self.environ["PATH"]
        self.environ["VIRTUAL_ENV"] = venv
        self._first_on_path(os.path.join(venv, "bin"))

    def do_deactivate(self, _: object) -> None:
        """Call whatever `deactivate` is."""
        hook = self.hook
        if hook.function == "ours":
            hook.opted_out = hook.project
            self._deactivate()
        elif hook.function == "script":
            self.environ["PATH"], hook.function = hook.scripts_path, ""
            self.environ.pop("VIRTUAL_ENV", None)

    def do_autovenv_off(self, _: object) -> None:
        """Leave, and stay out."""
        self.hook.off, self.hook.opted_out = True, ""
        self._cd_event()

    def do_autovenv_on(self, _: object) -> None:
        """Come back."""
        self.hook.off, self.hook.opted_out = False, ""
        self._cd_event()

    def do_allow(self, _: object) -> None:
        """Allow the project of this folder; a refusal shows in what follows."""
        self.hook.looked = ""
        try:
            consent.allow(self.world.trust, pwd=self.cwd, environ=self.environ)
        except consent.AutovenvError:
            return

    def do_deny(self, _: object) -> None:
        """Deny it."""
        self.hook.looked = ""
        consent.deny(self.world.trust, self.cwd)

    # ---- the verbs: other shells ----

    def _inner(self, *, login: bool = False) -> bool:
        self.outer.append((dict(self.environ), self.cwd, self.hook))
        return self.do_exec_login_shell(True) if login else self.do_exec_shell(True)

    def do_subshell(self, _: object) -> bool:
        """Start a shell inside this one."""
        return self._inner()

    def do_login_shell(self, _: object) -> bool:
        """Start a login shell, whose profile builds PATH anew."""
        return self._inner(login=True)

    do_tmux_pane = do_login_shell

    def do_exec_shell(self, _: object) -> bool:
        """Replace the shell by a new one."""
        self._start()
        return True

    def do_exec_login_shell(self, _: object) -> bool:
        """Replace the shell by a login shell."""
        self.environ["PATH"] = self.world.search
        self._start()
        return True

    def do_leave(self, _: object) -> None:
        """Leave the inner shell."""
        environ, self.cwd, self.hook = self.outer.pop()
        self.environ = copy.copy(environ)

    do_close_pane = do_leave

    def do_source_rc_again(self, _: object) -> None:
        """Read the start-up file again: the hook is loaded already."""

    do_source_hook_again = do_source_rc_again


def verbs() -> set[str]:
    """Return the verbs that the simulated shell knows."""
    return {name[3:] for name in dir(Person) if name.startswith("do_")} | set(ELSEWHERE) | {"open"}


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _trimmed(path: str, folder: str, keep: int) -> str:
    entries = path.split(":")
    while entries.count(folder) > keep:
        entries.remove(folder)
    return ":".join(entries)


def _silent(_: str) -> Any:
    return None
