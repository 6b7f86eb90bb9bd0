"""The commands as they are typed: exit statuses, clear answers in odd places, the panel, the weight."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from unit.world import World

STYLES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def world(own_home):
    world = World(own_home)
    world.environ["XDG_DATA_HOME"] = str(own_home / "data")
    world.state = type(world.state)(str(own_home / "data" / "autovenv"))
    return world


def command(world):
    environ = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TERM": "xterm", **world.environ}
    return [sys.executable, "-m", "autovenv"], environ


def ask(world, *words, cwd=".", **more):
    start, environ = command(world)
    place = world.root / cwd
    return subprocess.run(
        [*start, *words],
        cwd=place,
        env={**environ, "PWD": str(place), **more},
        capture_output=True,
        text=True,
        check=False,
    )


def on_a_terminal(world, *words, cwd=".", width=90, **more):
    """Return what a real terminal is shown, and the exit status."""
    start, environ = command(world)
    ours, theirs = os.openpty()
    place = world.root / cwd
    environ |= {"PWD": str(place), "COLUMNS": str(width), **more}
    process = subprocess.Popen(
        [*start, *words], cwd=place, env=environ, stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    data = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        data += piece
    os.close(ours)
    return data.decode("utf-8", "replace").replace("\r\n", "\n"), process.wait()


# ---- exit statuses and odd situations ---------------------------------------------------------------


def test_a_name_that_is_not_there(world):
    done = ask(world, "which", "nonesuch")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "autovenv: there is no nonesuch on PATH\n"
    assert ask(world, "where", "nonesuch").returncode == 1


@pytest.mark.parametrize(
    "words", [["which", ""], ["where", ""], ["which", "--nonesuch"], ["which", "a", "b"]]
)
def test_wrong_words_are_a_usage_error(world, words):
    done = ask(world, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("autovenv: ")
    assert "Traceback" not in done.stderr


def test_help_is_no_error(world):
    done = ask(world, "which", "--help")
    assert done.returncode == 0
    assert "Usage: autovenv which" in done.stdout


def test_an_empty_path(world):
    done = ask(world, "which", PATH="")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        "PATH is empty, so python is looked for in the current folder only; do: open a new terminal"
        in done.stderr
    )


def test_a_path_of_64_kib(world):
    last = world.trap("last/python")
    entries = [str(world.root / f"{number:060}") for number in range(800)]
    path = ":".join(entries)[: 64 * 1024 - len(str(last.parent)) - 1] + f":{last.parent}"
    assert len(path) == 64 * 1024
    done = ask(world, "which", PATH=path)
    assert (done.returncode, done.stdout) == (0, f"{last}\n")
    assert ask(world, "which", "--explain", PATH=path).stdout.count("PATH ") > 500


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_folder_called_python(world, shell):
    world.folder("tools/python")
    world.hook(shell=shell)
    done = ask(world, "which")
    assert done.returncode == 1
    assert done.stderr == "autovenv: there is no python on PATH; the python in ~/tools is a folder\n"


def test_a_dangling_link(world):
    (world.tools / "python").symlink_to("/nowhere/python3.9")
    done = ask(world, "which")
    assert done.returncode == 1
    assert "there is ~/tools/python, but its link leads nowhere" in done.stderr


def test_no_permission_to_run_it(world):
    world.trap("tools/python").chmod(0o644)
    done = ask(world, "which")
    assert done.returncode == 1
    assert f"it is not executable; do: chmod +x {world.tools}/python" in done.stderr


@pytest.mark.parametrize(
    ("name", "path"), [("./python", "/nowhere"), ("python", ":/nowhere"), ("python", "p:/nowhere")]
)
def test_nobody_is_told_to_make_executable_what_a_folder_brought(world, name, path):
    for place in ("python", "p/python"):
        world.trap(place).chmod(0o644)
    for shell in ("bash", "zsh"):
        world.hook(shell=shell)
        done = ask(world, "which", name, PATH=path)
        assert done.returncode == 1
        assert "it is not executable" in done.stderr
        assert "chmod" not in done.stderr


def test_a_closed_folder_is_named(world, monkeypatch):
    from autovenv import files, scene, verdict

    real = files.RealFiles.look
    closed = files.Look(files.Sort.CLOSED)
    monkeypatch.setattr(
        files.RealFiles,
        "look",
        lambda self, path: closed if path.startswith("/closed/") else real(self, path),
    )
    monkeypatch.chdir(world.root)
    here = scene.look({**world.environ, "PATH": "/closed"}, home=world.state.path)
    assert verdict.judge(here, "python").cause == "there is no python on PATH; /closed may not be entered"


def test_the_current_folder_is_gone(world):
    gone = world.folder("gone")
    start, environ = command(world)
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", gone, *start, "which"], env={**environ, "PATH": os.environ["PATH"]},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "autovenv: the current folder is gone\nrun: cd\n"


def test_the_expected_one_wins_is_0_and_another_is_1(world):
    venv = world.venv("p")
    world.allow("p")
    world.activate(venv)
    world.trap("tools/python")
    world.hook()
    assert ask(world, "which", cwd="p").returncode == 0
    world.environ["PATH"] = f"{world.tools}:{world.environ['PATH']}"
    assert ask(world, "which", cwd="p").returncode == 1


def test_run_asks_the_winner_itself_and_nothing_else_does(world):
    (world.tools / "python").write_text("#!/bin/sh\necho 3.99.1\n")
    (world.tools / "python").chmod(0o755)
    done = ask(world, "which", "--json")
    assert '"version": null' in done.stdout
    done = ask(world, "which", "--json", "--run")
    assert '"version": "3.99.1"' in done.stdout


def test_run_of_one_that_does_not_answer_leaves_it_unknown(world):
    (world.tools / "python").write_text("#!/bin/sh\nexit 3\n")
    (world.tools / "python").chmod(0o755)
    assert '"version": null' in ask(world, "which", "--json", "--run").stdout


# ---- the beginner ---------------------------------------------------------------------------------


def test_inside_an_environment_where_python_exe_prints_its_own_first(world):
    venv = world.venv("p")
    world.trap("tools/python")
    world.environ["PATH"] = f"{venv}/bin:{world.tools}:/usr/bin"
    world.environ["VIRTUAL_ENV"] = str(venv)
    done = ask(world, "where", "python.exe", cwd="p")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[:2] == [f"{venv}/bin/python", f"{world.tools}/python"]
    assert "outside Windows its name has no .exe" in done.stderr


def test_pip_of_another_python_is_said_in_a_pipe_too(world):
    venv = world.venv("p")
    other = world.venv("q")
    (world.tools / "pip").write_text(f"#!{other}/bin/python\n")
    (world.tools / "pip").chmod(0o755)
    world.environ["PATH"] = f"{venv}/bin:{world.tools}"
    done = ask(world, "which", "pip")
    assert done.stdout == f"{world.tools}/pip\n"
    assert "pip installs into ~/q/.venv, python is ~/p/.venv/bin/python: they differ" in done.stderr
    assert "they differ" in ask(world, "which").stderr
    assert not ask(world, "which", "pip", AUTOVENV_QUIET="1").stderr


# ---- the panel ------------------------------------------------------------------------------------


@pytest.fixture
def wrong(world):
    """A world in which a folder before the environment wins."""
    venv = world.venv("p")
    world.allow("p")
    world.activate(venv)
    world.trap("tools/python")
    world.hook()
    world.environ["PATH"] = f"{world.tools}:{world.environ['PATH']}"
    return world


def test_a_terminal_gets_a_panel_and_says_in_words_what_colour_says(wrong):
    shown, code = on_a_terminal(wrong, "which", cwd="p")
    assert code == 1
    assert "\x1b[" in shown
    lines = STYLES.sub("", shown).splitlines()
    assert lines[0].startswith("╭─ not as it should be ")
    assert lines[-1].startswith("╰─")
    text = "\n".join(lines)
    for part in (
        "~/tools/python",
        "wanted",
        "~/p/.venv/bin/python",
        "because",
        "another folder was put before",
        "do",
    ):
        assert part in text
    shown, code = on_a_terminal(wrong, "which", cwd=".", PATH=str(wrong.tools), VIRTUAL_ENV="")
    assert "as it should be" in shown
    assert code == 0


def test_no_color_takes_the_colours_and_leaves_the_words(wrong):
    shown, _ = on_a_terminal(wrong, "which", cwd="p", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", shown), "a colour"
    assert "not as it should be" in shown


def test_a_dumb_terminal_gets_plain_lines(wrong):
    shown, _ = on_a_terminal(wrong, "which", cwd="p", TERM="dumb")
    assert shown.startswith("~/tools/python\n  version ")


def test_an_ascii_terminal_gets_no_letters_that_it_lacks(wrong):
    shown, _ = on_a_terminal(wrong, "which", cwd="p", PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert STYLES.sub("", shown).isascii()
    assert "not as it should be" in shown


def test_a_narrow_terminal_folds_and_loses_nothing(wrong):
    shown, _ = on_a_terminal(wrong, "which", cwd="p", width=40)
    lines = STYLES.sub("", shown).splitlines()
    assert max(map(len, lines)) <= 40
    letters = re.sub(r"[│╭╮╰╯─\s]", "", "".join(lines))
    assert "anotherfolderwasputbeforetheenvironment'sonPATH" in letters


def test_explain_walks_every_rule(wrong):
    for text in (
        ask(wrong, "which", "--explain", cwd="p").stdout,
        on_a_terminal(wrong, "which", "--explain", cwd="p")[0],
    ):
        rules = re.findall(r"(?m)^\d+\.\s+(\S+(?: \d+)?)", STYLES.sub("", text))
        assert rules == ["alias", "keyword", "function", "builtin", "hashed", "PATH 1", "PATH 2", "PATH 3"]
        assert text.count("<- wins") == 1


# ---- weight ---------------------------------------------------------------------------------------


def cost(words, environ):
    """Return the processor time in seconds that a command takes, its children's too."""
    pid = os.posix_spawn(
        words[0], words, environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)],
    )  # fmt: skip
    _, _, used = os.wait4(pid, 0)
    return used.ru_utime + used.ru_stime


MOST = 66
"""Rounds: noise only ever adds, so the least of many is what it takes; few of them do on a quiet machine."""


def ratio(words, environ, limit):
    """Return how much dearer ``words`` are than importing click, both at their best of the same rounds.

    Goes on as long as the ratio is above ``limit``, because other work on the machine may just have met ours.
    """
    base, ours = [sys.executable, "-c", "import click"], [sys.executable, *words]
    least, own = [float("inf")] * 2, float("inf")
    for number in range(1, MOST + 1):
        least = [min(old, cost(command, environ)) for old, command in zip(least, (base, ours), strict=True)]
        own = least[1] / least[0]
        if number >= 11 and own <= limit:
            break
    return own


@pytest.fixture
def active(world, monkeypatch):
    """The environment of a process where an environment is active, without the tests' own sources."""
    venv = world.venv("p")
    world.allow("p")
    world.activate(venv)
    world.hook()
    monkeypatch.chdir(world.root / "p")
    _, environ = command(world)
    environ |= {"PWD": str(world.root / "p")}
    environ.pop("PYTHONPATH")
    return environ


@pytest.mark.parametrize(
    "words", [["which"], ["which", "--json"], ["where"], ["where", "--json"], ["which", "pip"]], ids=" ".join
)
def test_in_a_pipe_it_takes_little_more_than_click(active, words):
    assert ratio(["-m", "autovenv", *words], active, 1.5) <= 1.5


ON_A_TERMINAL = (
    "from autovenv import cli_which, entry; cli_which._terminal = lambda: True; entry.main(['which'])"
)


def test_on_a_terminal_it_takes_at_most_three_times_as_long(active):
    assert ratio(["-c", ON_A_TERMINAL], active, 3) <= 3


def test_the_ratio_sees_what_is_dear(active):
    slow = "import click, timeit; timeit.timeit('sum(range(1000))', number=8000)"
    assert ratio(["-c", slow], active, 9) > 1.5


LISTED = """
import os, sys
seen, real = [], os.listdir
os.listdir = lambda path=".": seen.append(path) or real(path)
from autovenv.entry import main
main(sys.argv[1:])
print(*seen, sep="\\n", file=sys.stderr)
"""


@pytest.mark.parametrize(("name", "listed"), [("python3", False), ("python3.97", True)])
def test_the_folder_of_the_base_is_listed_only_where_the_usual_names_are_missing(world, active, name, listed):
    base = world.trap(f"base/{name}").parent
    (world.root / "p/.venv/pyvenv.cfg").write_text(f"home = {base}\nversion = 3.11.2\n")
    environ = active | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = [sys.executable, "-c", LISTED, "which"]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    assert (str(base) in done.stderr.splitlines()) is listed


COUNT = (
    "import sys; from autovenv.entry import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
)
LIMIT = 26
"""Modules of ours that ``which`` may import; and how many more than click it may need of the library."""


def modules(world, *words, code=COUNT):
    _, environ = command(world)
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=world.root, env={**environ, "PWD": str(world.root)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "words", [["which"], ["which", "--json"], ["where"], ["where", "--json"]], ids=" ".join
)
def test_the_modules_are_counted(world, words):
    world.trap("tools/python")
    with_click = modules(world, code="import click, sys; print(*sys.modules, file=sys.stderr)")
    more = modules(world, *words) - with_click
    ours = {name for name in more if name.startswith("autovenv")}
    assert "autovenv.verdict" in ours
    assert len(ours) <= LIMIT, sorted(ours)
    assert len(more - ours) <= 8, sorted(more - ours)
    heavy = {"rich", "pefile", "shellingham", "jsonschema", "subprocess", "dataclasses", "difflib"}
    assert not {name.split(".")[0] for name in more} & heavy


def test_rich_is_imported_for_a_terminal_alone(world):
    world.trap("tools/python")
    code = COUNT.replace(
        "import sys;", "import sys; from autovenv import cli_which; cli_which._terminal = lambda: True;"
    )
    assert "rich.panel" in modules(world, "which", code=code)
