"""The conformance table on Wine's cmd. What cmd cannot do, or Wine cannot show, is in deviations.toml beside this.

In cmd nothing happens at a prompt: a hook runs only with one of the macros. So a step that no macro catches is
followed by ``cd .``, and what the table expects at the prompt is looked for there; Enter alone is ``cd .``.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from conformance import table
from wine import machine
from wine.machine import SYSTEM_PATH, Console, Place, host

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = os.path.dirname(os.path.abspath(__file__))
TRACE = re.compile(r"^autovenv: trace action=(\S+) reason=(\S+) from=.*$")
IMPOSSIBLE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\udc80-\udcff]')
CASES = table.load()

with open(os.path.join(HERE, "deviations.toml"), "rb") as stream:
    DEVIATIONS = tomllib.load(stream)
ONCE_MORE = frozenset(DEVIATIONS.pop("once_more")["cases"])
"""Cases in which verify may start once more than the table says, if the minute of a change is not over."""


class Unspelled(Exception):  # noqa: N818
    """cmd, or Wine, has no spelling for the verb."""


def typed_path(place: Place, text: str) -> str:
    if text == "@" or text.startswith("@/"):
        text = place.folder + text[1:]
    elif text == "~" or text.startswith("~/"):
        text = place.user + text[1:]
    return text.replace("/", "\\").replace("\\bin", "\\Scripts")


def absolute(place: Place, text: str) -> str:
    path = typed_path(place, text)
    return path if not path or path[1:2] == ":" else f"{place.folder}\\{path}"


def quoted(place: Place, text: str) -> str:
    return f'"{typed_path(place, text)}"'


def remove(place: Place, console: Console, text: str) -> str:
    here = console.send("cd").split("\n")[-1].removeprefix("# ")
    here = re.sub(r"^(\(.*\) )?# ", "", here)
    path = typed_path(place, text)
    whole = path if path[1:2] == ":" else f"{here}\\{path}"
    if os.path.isfile(host(whole + ".exe")):
        return f'del /q "{path}.exe"'
    return f'rmdir /s /q "{path}"' if os.path.isdir(host(whole)) else f'del /q "{path}"'


def line(pattern: str) -> Callable[..., str]:
    def spell(place: Place, _console: Console, argument: Any) -> str:
        word = quoted(place, argument) if isinstance(argument, str) else ""
        path = typed_path(place, argument) if isinstance(argument, str) else ""
        return pattern.format(a=word, path=path, raw=argument)

    return spell


def pair(pattern: str) -> Callable[..., str]:
    return lambda place, _console, argument: pattern.format(
        a=quoted(place, argument[0]), b=quoted(place, argument[1])
    )


def path_remove(place: Place, console: Console, argument: str) -> str:
    gone = typed_path(place, argument).lower()
    left = [one for one in console.value("PATH").split(";") if one.lower() != gone]
    return f'set "PATH={";".join(left)}"'


def touch(place: Place, _console: Console, argument: str) -> str:
    path = typed_path(place, argument)
    return f'echo.>>"{path}"'


def noninteractive(place: Place, _console: Console, argument: list[str]) -> str:
    """Let a cmd that nobody types in run AutoRun's text first, as Windows would, and then a command or a script."""
    kind, folder = argument[0], quoted(place, argument[1])
    if kind == "stdin":
        raise Unspelled("Wine's cmd takes all that is in a pipe, and uses the first line of it")
    file = f"{place.root}\\script.bat"
    with open(host(file), "wb") as stream:
        stream.write(f"@cd /d {folder}\r\n@echo value=!VIRTUAL_ENV!\r\n".encode())
    does = f"cd /d {folder}&echo value=!VIRTUAL_ENV!" if kind == "command" else f'"{file}"'
    return f'cmd /d /v:on /c "set PROMPT=#$S&set CMDCMDLINE=cmd /c x&{machine.AUTORUN}&{does}"'


TYPED = {
    "cp -R ../other/.venv .venv": r"xcopy /e /i /q ..\other\.venv .venv",
    "python3 -m venv --without-pip --prompt demo .venv": "python -m venv --without-pip --prompt demo .venv",
    "mkdir p && cd p && python3 -m venv --without-pip .venv": "mkdir p && cd p && python -m venv --without-pip .venv",
}
VERBS: dict[str, Callable[..., str]] = {
    "enter": line("cd ."),
    "typed": lambda place, console, argument: TYPED[argument],
    "cd": line("cd {a}"),
    "pushd": line("pushd {a}"),
    "popd": line("popd"),
    "make_venv": line("python -m venv --without-pip {path}"),
    "make_venv_clear": line("python -m venv --clear --without-pip {path}"),
    "remove": remove,
    "remove_and_fail": lambda place, console, argument: (
        f"{remove(place, console, argument)}&cmd /d /c exit 9"
    ),
    "touch": touch,
    "deactivate": line("deactivate"),
    "autovenv_off": line("autovenv off"),
    "autovenv_on": line("autovenv on"),
    "allow": line("autovenv allow"),
    "deny": line("autovenv deny"),
    "fail": line("cmd /d /c exit {raw}"),
    "subshell": line("cmd /d"),
    "leave": line("exit"),
    "activate_script": lambda place, console, argument: typed_path(place, argument) + "\\Scripts\\activate",
    "set": lambda place, console, argument: "&".join(
        f'set "{n}={typed_path(place, v)}"' for n, v in argument.items()
    ),
    "unset": line('set "{raw}="'),
    "path_prepend": line('set "PATH={path};%PATH%"'),
    "path_append": line('set "PATH=%PATH%;{path}"'),
    "path_remove": path_remove,
    "path_save": line('set "saved=%PATH%"'),
    "path_restore": line('set "PATH=%saved%"'),
    "leave_by_hand": line('set "VIRTUAL_ENV="'),
    "conda_activate": line(
        'set "CONDA_PREFIX={path}"&set "CONDA_DEFAULT_ENV=science"&set "PATH={path}\\Scripts;%PATH%"'
    ),
    "conda_deactivate": line('set "CONDA_PREFIX="&set "CONDA_DEFAULT_ENV="'),
    "in_substitution": line('cmd /d /v:on /c "cd /d {a}&echo value=!VIRTUAL_ENV!"'),
    "in_subshell": line('cmd /d /v:on /c "cd /d {a}&echo value=!VIRTUAL_ENV!"'),
    "cd_and_ask": line("cd {a} && cmd /d /v:on /c echo value=!VIRTUAL_ENV!"),
    "cd_nowhere": line("cd {a} 2>nul"),
    "cd_twice": pair("cd {a} && cd {b}"),
    "noninteractive": noninteractive,
    "source_rc_again": line(machine.AUTORUN.replace("{", "{{")),
    "source_hook_again": line(machine.AUTORUN.replace("{", "{{")),
}
HOOKED = {"cd", "pushd", "popd", "make_venv", "make_venv_clear", "deactivate", "autovenv_off", "autovenv_on", "allow",
          "deny", "enter", "cd_and_ask", "cd_twice", "source_rc_again", "source_hook_again"}  # fmt: skip


class Player:
    """One case on one console."""

    def __init__(self, case: table.Case) -> None:
        self.case = case
        self.place = Place().build()
        self.failures: list[str] = []

    def play(self) -> list[str]:
        self.build()
        steps, folder = list(self.case.steps), self.place.folder
        variables = {"PATH": "C:\\python;" + SYSTEM_PATH, "AUTOVENV_TRACE": "1"}
        for name, value in (self.case.env or {}).items():
            if name == "PATH_FIRST":
                variables["PATH"] = f"{typed_path(self.place, value)};{variables['PATH']}"
            else:
                variables[name] = typed_path(self.place, value) if value.startswith("@") else value
        if self.case.rc or self.case.rc_after or self.case.hook == "evaluated":
            raise Unspelled(f"{self.case.name}: cmd has no start-up file")
        opening = steps.pop(0) if steps[0].verb == "open" else None
        if opening is not None:
            folder = absolute(self.place, opening.argument)
        with Console(self.place, folder=folder, hook=self.case.hook != "none", **variables) as console:
            self.start = variables["PATH"]
            self.before = self.start
            if self.case.hook == "twice":
                console.autorun()
            if opening is not None:
                self.check(0, opening, console, console.opened, 0, 0)
            for number, step in enumerate(steps, 1):
                self.step(number, step, console)
        return self.failures

    def build(self) -> None:
        operations = [entry.partition(" ")[::2] for entry in self.case.tree]
        for kind, rest in operations:
            if IMPOSSIBLE.search(rest.replace("/", "").replace("->", "")):
                raise Unspelled(f"{self.case.name}: {kind} {rest!r} cannot be on a Windows disk")
        script = (
            "import time, venv\n"
            "operations, allow, deny = eval(sys.argv[1])\n"
            "for kind, path in operations:\n"
            "    os.makedirs(path if kind == 'folder' else os.path.dirname(path), exist_ok=True)\n"
            "    if kind in ('venv', 'forged'): venv.create(path)\n"
            "    if kind == 'file': open(path, 'w').close()\n"
            "    if kind in ('venv', 'forged'):\n"
            "        for one in (os.path.join(path, 'pyvenv.cfg'), os.path.join(path, 'Scripts')):\n"
            "            os.utime(one, (time.time() - 7200,) * 2)\n"
            "for project, *rest in allow:\n"
            "    if project == '--under': consent.allow_under(home, rest[0])\n"
            "    else: consent.allow(home, pwd=w, project=project, venv=rest[1] if rest else '', environ=environ)\n"
            "for project in deny: consent.deny(home, project)\n"
        )
        tree = [(kind, absolute(self.place, rest)) for kind, rest in operations if kind != "link"]
        links = [rest.split(" -> ") for kind, rest in operations if kind == "link"]
        allow = [
            tuple(part if part.startswith("--") else absolute(self.place, part) for part in wish)
            for wish in self.case.allow
        ]
        deny = [absolute(self.place, one) for one in self.case.deny]
        os.makedirs(host(self.place.user), exist_ok=True)
        head, _, rest = script.partition("for project, *rest in allow:")
        self.place.python(head, repr((tree, allow, deny)))
        for name, target in links:
            os.symlink(target, host(absolute(self.place, name)))
        if allow or deny:
            self.place.python(
                "operations, allow, deny = eval(sys.argv[1])\nfor project, *rest in allow:" + rest,
                repr(([], allow, deny)),
            )
        if any(step.expect.processes is not None for step in self.case.steps):
            self.visit([wish[0] for wish in allow if not wish[0].startswith("--")])

    def visit(self, projects: list[str]) -> None:
        """Go there once: cmd has verify look once at a project that was allowed elsewhere, and keeps a note."""
        with Console(self.place) as console:
            for project in projects:
                console.type(f'cd /d "{project}"')

    def step(self, number: int, step: table.Step, console: Console) -> None:
        calls = len(self.place.calls())
        if step.verb in ELSEWHERE:
            ELSEWHERE[step.verb](self.place, step.argument)
            said, hooked = "", False
            status = console.status
        else:
            try:
                spelled = VERBS[step.verb](self.place, console, step.argument)
            except KeyError:
                raise Unspelled(f"{self.case.name}: {step.verb}") from None
            prompt = console.value("PROMPT") if step.verb == "subshell" else ""
            said = console.autorun() if spelled == machine.AUTORUN else console.type(spelled)
            status, hooked = console.status, step.verb in HOOKED
            if step.verb == "subshell":
                # Wine's cmd begins with a PROMPT of its own; Windows' takes the one it is given.
                console.send(f'set "PROMPT={prompt}"')
                said = console.autorun()
                hooked = True
            elif step.verb == "typed":
                hooked = spelled.startswith("python ")
        if not hooked and step.expect.said():
            said += "\n" + console.type("cd .")
        self.check(number, step, console, said, status, calls)

    def check(
        self, number: int, step: table.Step, console: Console, said: str, status: int, calls: int
    ) -> None:
        processes = sum(one.startswith("verify") for one in self.place.calls()[calls:])
        prompt = console.prompt
        now = console.variables()
        path = now.get("PATH", "")
        decisions = [
            found.groups() for one in said.split("\n") if (found := TRACE.match(one.removeprefix("# ")))
        ]
        changed = [one for one in decisions if one[0] != "keep"]
        decision = (changed or decisions[-1:] or [("", "")])[0]
        text = "\n".join(one for one in said.split("\n") if one.strip() and not TRACE.match(one))
        text = re.sub(r"^(\(.*\) )?# ?", "", text, flags=re.MULTILINE)
        text = re.sub(r"^Success\.$\n?", "", text, flags=re.MULTILINE)  # Wine's rmdir says so
        for name, wanted, found in self.compare(
            step.expect, decision, now, path, prompt, status, text, processes
        ):
            if wanted != found:
                self.failures.append(
                    f"step {number} {step.verb}: {name} should be {wanted!r}, is {found!r}; {said!r}"
                )
        self.before = path

    def compare(self, want: table.Expect, decision: tuple[str, str], now: dict[str, str], path: str, prompt: str,
                status: int, text: str, processes: int) -> Iterator[tuple[str, object, object]]:  # fmt: skip
        entries = path.lower().split(";")
        if want.action is not None:
            yield "action", want.action, decision[0]
        if want.reason is not None:
            yield "reason", want.reason, decision[1]
        if want.active is not None:
            yield "active", absolute(self.place, want.active), now.get("VIRTUAL_ENV", "")
        if want.path is not None:
            yield "PATH", {"start": self.start, "same": self.before}[want.path], path
        if want.path_head is not None:
            wanted = [absolute(self.place, one).lower() for one in want.path_head]
            yield "head of PATH", wanted, entries[: len(wanted)]
        if want.python is not None:
            wanted_python = absolute(self.place, want.python)
            yield "python", wanted_python + ".exe" if wanted_python else "", self.python_on(path)
        for folder, times in (want.times_on_path or {}).items():
            yield f"times {folder}", times, entries.count(absolute(self.place, folder).lower())
        for name, value in (want.env or {}).items():
            yield name, absolute(self.place, value) if value.startswith("@") else value, now.get(name, "")
        if want.processes is not None:
            spare = 1 if self.case.name in ONCE_MORE and processes == want.processes + 1 else 0
            yield "processes", want.processes, processes - spare
        for name in want.absent:
            yield f"{name} absent", True, not os.path.exists(host(absolute(self.place, name)))
        if want.label is not None:
            label = re.match(r"^(?:\((.*)\) )?# $", prompt)
            yield "label", want.label, (label[1] or "") if label else prompt
        if want.prompt is not None:
            yield "prompt", want.prompt, prompt.removesuffix("# ")
        if want.status is not None:
            yield "status", want.status, status
        if want.value is not None:
            value = re.search(r"^.*value=(.*)$", text, re.MULTILINE)
            found = value[1].strip() if value else None
            yield "value", absolute(self.place, want.value), "" if found == "!VIRTUAL_ENV!" else found
        if want.silent:
            yield "text", "", text
        for part in want.says:
            yield f"says {part}", True, part in text
        for part in want.says_not:
            yield f"says {part}", False, part in text

    def python_on(self, path: str) -> str:
        for folder in path.split(";"):
            if folder.startswith(self.place.root) and os.path.isfile(host(folder + "\\python.exe")):
                return folder + "\\python.exe"
        return ""


def _allow_elsewhere(place: Place, project: str | list[str]) -> None:
    words = [project] if isinstance(project, str) else project
    assert words[1:2] in ([], ["--venv"]), words
    place.python(
        "consent.allow(home, pwd=w, project=sys.argv[1], venv=''.join(sys.argv[3:]), environ=environ)",
        *(one if one.startswith("--") else absolute(place, one) for one in words),
    )


def _deny_elsewhere(place: Place, project: str) -> None:
    place.python("consent.deny(home, sys.argv[1])", absolute(place, project))


def _make_elsewhere(place: Place, path: str) -> None:
    place.python("import venv; venv.create(sys.argv[1])", absolute(place, path))


def _plant(place: Place, path: str) -> None:
    with open(host(absolute(place, path)) + ".exe", "wb") as stream:
        stream.write(b"MZ")


def _move(place: Place, paths: list[str]) -> None:
    # Wine's cmd moves no folders.
    old, new = (host(absolute(place, one if one.startswith("@") else f"p/{one}")) for one in paths)
    os.rename(old, new)


def _track(place: Place, project: str) -> None:
    import subprocess

    folder = host(absolute(place, project))
    for words in (["init", "-q"], ["add", "-f", ".venv"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    os.utime(os.path.join(folder, ".venv", "pyvenv.cfg"))


def _link(place: Place, words: list[str]) -> None:
    # Wine's cmd makes none; a link of Linux' is a folder to it.
    target, name = (host(absolute(place, one if one.startswith("@") else f"p/{one}")) for one in words)
    os.symlink(target, name)


ELSEWHERE: dict[str, Callable[[Place, str], object]] = {
    "allow_elsewhere": _allow_elsewhere,
    "deny_elsewhere": _deny_elsewhere,
    "make_venv_elsewhere": _make_elsewhere,
    "plant_elsewhere": _plant,
    "git_tracks_elsewhere": _track,
    "move": _move,
    "link": _link,
}


def _rows() -> list[object]:
    rows = []
    for case in CASES:
        why = DEVIATIONS.get(case.name) or DEVIATIONS.get(case.row)
        marks = (
            [pytest.mark.xfail(reason=why, strict=True, raises=(AssertionError, Unspelled))] if why else []
        )
        rows.append(pytest.param(case, id=case.name.encode("ascii", "replace").decode(), marks=marks))
    return rows


@pytest.mark.parametrize("case", _rows())
def test_cmd_does_what_the_table_says(case: table.Case) -> None:
    assert not (failures := Player(case).play()), "\n".join(failures)
