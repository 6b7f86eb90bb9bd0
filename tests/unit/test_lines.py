"""Which lines lend their words to consent: the most dangerous judgement here, so the longest table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovenv.lines import Kind, classify

CREATES, ACTIVATES, BOTH, NEITHER = Kind(True), Kind(False, True), Kind(True, True), Kind()
ALIASES = {
    "mkvenv": "python3 -m venv .venv",
    "nv": "python3 -m venv .venv && . .venv/bin/activate",
    "p": "/usr/bin/python3",
    "pv": "p -m venv",
    "loop": "loop2",
    "loop2": "loop",
    "rm": "rm -i",
    "cd": "z",
    "sneak": "./setup.sh; python3 -m venv .venv",
    "x=": "python3",
    "empty": "",
}

CREATE_LINES = [
    "python -m venv .venv",
    "python3 -m venv .venv",
    "python3.12 -m venv .venv",
    "python3.9 -m venv --prompt demo .venv",
    "/usr/bin/python3 -m venv .venv",
    "/opt/py/bin/python3.13 -m venv .venv",
    "python3 -mvenv .venv",
    "python3 -I -m venv .venv",
    "python3 -X utf8 -m venv .venv",
    "python3 -Xutf8 -W ignore -m venv .venv",
    "python3 -m venv --clear .venv",
    "python3 -m venv --without-pip .venv",
    "python3 -m virtualenv .venv",
    "py -m venv .venv",
    "py -3 -m venv .venv",
    "py -3.12 -m venv .venv",
    "virtualenv .venv",
    "virtualenv -p python3.11 .venv",
    "uv venv",
    "uv venv --python 3.12",
    "uv sync",
    "uv sync --all-extras --frozen",
    "uv --quiet sync",
    "uv -v --offline sync",
    "uv add requests",
    "uv run python -V",
    "uv init",
    "poetry install",
    "poetry -n install --no-root",
    "poetry add requests",
    "poetry env use python3.12",
    "pdm install",
    "pdm add requests",
    "pdm sync",
    "pdm venv create",
    "hatch env create",
    "pipenv install",
    "pipenv sync",
    "cd p && python3 -m venv .venv",
    "mkdir p; cd p; python3 -m venv .venv",
    "mkdir -p a/b && cd a/b && uv init && uv venv",
    "pushd p && python3 -m venv .venv",
    "rm -rf .venv && python3 -m venv .venv",
    "rm -rf .venv; uv venv; echo done",
    "touch x; python3 -m venv .venv",
    "clear; python3 -m venv .venv",
    "export A=1; python3 -m venv .venv",
    "X=1 python3 -m venv .venv",
    "UV_PYTHON=3.12 UV_LINK_MODE=copy uv sync",
    "A='b c' python3 -m venv .venv",
    "X=1; python3 -m venv .venv",
    "time python3 -m venv .venv",
    "command python3 -m venv .venv",
    "time command python3 -m venv .venv",
    r"\python3 -m venv .venv",
    "python3 -m venv '.venv'",
    'python3 -m venv ".venv"',
    'python3 -m venv --prompt "$USER" .venv',
    "python3 -m venv --prompt $USER .venv",
    "'python3' -m venv .venv",
    "python3 \\\n  -m venv .venv",
    "cd p\npython3 -m venv .venv",
    "python3 -m venv .venv;",
    "python3 -m venv .venv\n\n",
    "  python3   -m\tvenv .venv  ",
    "python3 -m venv .venv > /dev/null",
    "python3 -m venv .venv >/dev/null 2>&1",
    "python3 -m venv .venv 2>/dev/null",
    "python3 -m venv .venv &>/dev/null",
    "python3 -m venv .venv </dev/null",
    "python3 -m venv .venv >>/dev/null && echo ok",
    "python3 -m venv .venv || echo failed",
    "python3 -m venv .venv  # my first",
    "# first\npython3 -m venv .venv",
    "python3 -m venv .venv && uv sync",
    "mkvenv",
    "time mkvenv",
    "X=1 mkvenv --clear",
    "p -m venv .venv",
    "pv .venv",
    "rm -rf .venv && mkvenv",
    "empty python3 -m venv .venv",
]

ACTIVATE_LINES = [
    "source .venv/bin/activate",
    ". .venv/bin/activate",
    ". ./.venv/bin/activate",
    "source /home/al/p/.venv/bin/activate",
    "source ~/p/.venv/bin/activate",
    "source '../.venv/bin/activate'",
    "source $HOME/p/.venv/bin/activate",
    "source .venv/bin/activate.csh",
    "source .venv/bin/activate.fish",
    "cd p && source .venv/bin/activate",
    "cd p; . .venv/bin/activate; clear",
    "source .venv/bin/activate >/dev/null",
    "workon demo",
]

BOTH_LINES = [
    "python3 -m venv .venv && . .venv/bin/activate",
    "python3 -m venv .venv; source .venv/bin/activate",
    "mkdir p && cd p && uv venv && source .venv/bin/activate",
    "nv",
    "cd p && nv",
]

NEITHER_LINES = [
    "",
    "   ",
    "\n",
    "ls",
    "git clone https://example.org/x",
    "git clone https://example.org/x && cd x",
    "git clone https://example.org/x && cd x && python3 -m venv .venv",
    "git pull",
    "git checkout main",
    "git pull && uv sync",
    "gh repo clone x/y",
    "tar xf x.tar.gz",
    "tar xf x.tar.gz && uv sync",
    "unzip x.zip",
    "unzip x.zip; cd x; uv venv",
    "cp -r ../x/.venv .",
    "mv ../x/.venv .",
    "rsync -a host:p .",
    "curl -O https://example.org/x.tgz",
    "make",
    "make venv",
    "just setup",
    "npm install",
    "docker run x",
    "./setup.sh",
    "./setup.sh && uv sync",
    "uv sync && ./setup.sh",
    "uv sync; make",
    "uv sync | tee log",
    "bash setup.sh",
    "sh -c 'python3 -m venv .venv'",
    "source setup.sh",
    ". ./setup.sh",
    "source setup.sh && source .venv/bin/activate",
    "eval 'python3 -m venv .venv'",
    "exec python3 -m venv .venv",
    "sudo python3 -m venv .venv",
    "env X=1 python3 -m venv .venv",
    "nohup python3 -m venv .venv",
    "nice python3 -m venv .venv",
    "xargs python3 -m venv",
    "find . -exec python3 -m venv .venv ;",
    "python3 -m venv .venv &",
    "python3 -m venv .venv & ls",
    "sleep 1 & python3 -m venv .venv",
    "(python3 -m venv .venv)",
    "{ python3 -m venv .venv; }",
    "python3 -m venv $(cat name)",
    "python3 -m venv `cat name`",
    'python3 -m venv "$(cat name)"',
    'python3 -m venv "`cat name`"',
    "python3 -m venv ${x:-$(y)}",
    "python3 -m venv <(x)",
    "python3 -m venv .venv > log",
    "python3 -m venv .venv 2> log",
    "echo x > .venv/pyvenv.cfg",
    "echo x >> .venv/pyvenv.cfg; uv venv",
    "python3 -m venv .venv >/dev/nullx",
    "cat <<E\npython3 -m venv .venv\nE",
    "python3 <<E\nimport x\nE",
    "if true; then python3 -m venv .venv; fi",
    "for x in a; do python3 -m venv $x; done",
    "while true; do uv sync; done",
    "f() { uv sync; }",
    "function f { uv sync; }",
    "f() { uv sync; }; f",
    "[[ -d .venv ]] || python3 -m venv .venv",
    "test -d .venv || python3 -m venv .venv",
    "! python3 -m venv .venv",
    "python",
    "python3",
    "python3 setup.py",
    "python3 -m venvx .venv",
    "python3 -m venv.evil",
    "python3 -m pip install x",
    "python3 -c 'import venv'",
    "python3 -c -m venv",
    "python3 x.py -m venv .venv",
    "python3 -i -m venv .venv",
    "python3 -h -m venv",
    "python3 - -m venv",
    "python3 -m $X .venv",
    "python3 -m",
    "python4 -m venv .venv",
    "python3.x -m venv .venv",
    "python3x -m venv .venv",
    "python3\u0661 -m venv .venv",
    "ipython -m venv .venv",
    "./python -m venv .venv",
    "bin/python -m venv .venv",
    "../python -m venv .venv",
    "~/bin/python -m venv .venv",
    "$PYTHON -m venv .venv",
    "$HOME/bin/python3 -m venv .venv",
    "/home/al/p/python3 -m venv .venv",
    "/home/al/p/.venv/bin/python3 -m venv .venv",
    "/home/al/x/../p/python3 -m venv .venv",
    "/home/al/p/../p/python3 -m venv .venv",
    "//home/al/p/python3 -m venv .venv",
    "/home//al/p/python3 -m venv .venv",
    "/home/al/./p/python3 -m venv .venv",
    "/usr/bin/py*on3 -m venv .venv",
    "PATH=. python3 -m venv .venv",
    "PATH+=:. python3 -m venv .venv",
    "PYTHONPATH=. python3 -m venv .venv",
    "LD_PRELOAD=./x.so python3 -m venv .venv",
    "export PATH=.:$PATH; python3 -m venv .venv",
    "export PATH+=:. ; python3 -m venv .venv",
    "X=$(./x) python3 -m venv .venv",
    "X=(a b) python3 -m venv .venv",
    "PAT'H'=. python3 -m venv .venv",
    "'X'=1 python3 -m venv .venv",
    "uv",
    "uv pip install x",
    "uv lock",
    "uv tool run x",
    "uv --directory ../x sync",
    "uv --project ../x sync",
    "uvx x",
    "./uv sync",
    "poetry",
    "poetry env list",
    "poetry run x",
    "pdm run x",
    "pdm venv list",
    "hatch run x",
    "pipenv shell",
    "hatch",
    "conda create -n x",
    "virtualenvx .venv",
    "./virtualenv .venv",
    "source .venv/bin/activate.evil",
    "source .venv/bin/activate_this.py",
    "source activate x",
    "source .venv/bin/activate && python manage.py runserver",
    "source <(cat .venv/bin/activate)",
    "./source .venv/bin/activate",
    "./. .venv/bin/activate",
    "bash .venv/bin/activate",
    ".venv/bin/activate",
    "direnv allow",
    "cd p",
    "rm -rf .venv",
    "mkdir .venv; touch .venv/pyvenv.cfg",
    "sneak",
    "cd p && cd q",
    "python3 -m venv 'unclosed",
    'python3 -m venv "unclosed',
    "python3 -m venv .venv |& cat",
    "python3 -m venv .venv;; ls",
    "python3 -m venv .venv # it's $(x)",
    "# ; python3 -m venv .venv",
    "# python3 -m venv .venv",
    "echo python3 -m venv .venv",
    "echo 'python3 -m venv .venv'",
    "python3 -m venv $'\\n'",
    'python3 -m venv $"x"',
    "python3 -m venv .venv\x1b[A",
    "python3 -m venv .venv\0",
    "python3 -m venv .venv\rls",
    "builtin cd p; python3 -m venv .venv",
    "command -v python3",
    "command -p python3 -m venv .venv",
    "python3 -m venv " + "x" * 9000,
    "\udcff python3 -m venv .venv",
]

PLAIN = {name: value for name, value in ALIASES.items() if name != "cd"}


def judged(line, shell="bash", aliases=PLAIN):
    return classify(line, aliases, project="/home/al/p", shell=shell)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("line", CREATE_LINES)
def test_this_line_makes_an_environment(line, shell):
    assert judged(line, shell) == CREATES


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("line", ACTIVATE_LINES)
def test_this_line_activates_an_environment(line, shell):
    assert judged(line, shell) == ACTIVATES


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("line", BOTH_LINES)
def test_this_line_makes_and_activates_an_environment(line, shell):
    assert judged(line, shell) == BOTH


PLAIN_IN_POWERSHELL = {".venv/bin/activate", "python3 -m venv .venv # it's $(x)"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell", "", "tcsh"])
@pytest.mark.parametrize("line", NEITHER_LINES)
def test_this_line_lends_nothing(line, shell):
    if shell == "powershell" and line in PLAIN_IN_POWERSHELL:
        return  # see test_lines_powershell
    assert judged(line, shell) == NEITHER


def test_the_tables_are_as_long_as_promised_and_do_not_overlap():
    yes = CREATE_LINES + ACTIVATE_LINES + BOTH_LINES
    assert len(set(yes)) == len(yes) >= 60
    assert len(set(NEITHER_LINES)) == len(NEITHER_LINES) >= 80
    assert not set(yes) & set(NEITHER_LINES)


@pytest.mark.parametrize(
    ("line", "shell", "kind"),
    [
        ("cd p; and python3 -m venv .venv", "fish", CREATES),
        ("cd p; and python3 -m venv .venv", "bash", NEITHER),
        ("cd p; or uv sync", "fish", CREATES),
        ("python3 -m venv .venv\\", "bash", NEITHER),
        ("python3 -m venv .venv\\", "fish", NEITHER),
        ("uv sync", "tcsh", NEITHER),
        ("uv sync", "", NEITHER),
        ("not uv sync", "fish", NEITHER),
        ("begin; uv sync; end", "fish", NEITHER),
        ("uv sync (x)", "fish", NEITHER),
        ("python3 -m venv 'a\\'; x; '", "fish", NEITHER),
        ("python3 -m ve\\x6ev", "fish", NEITHER),
        (r"python3 -m ve\nv .venv", "fish", NEITHER),
        (r"python3 -m ve\nv .venv", "bash", CREATES),
        ("noglob python3 -m venv .venv", "zsh", CREATES),
        ("=python3 -m venv .venv", "zsh", NEITHER),
        ("uv sync *(e:x:)", "zsh", NEITHER),
        ("& .venv/bin/Activate.ps1", "powershell", ACTIVATES),
        ("& ./.venv/Scripts/Activate.ps1", "powershell", ACTIVATES),
        (". .venv/bin/Activate.ps1", "powershell", ACTIVATES),
        (".venv/bin/Activate.ps1", "powershell", ACTIVATES),
        (".\\.venv\\Scripts\\Activate.ps1", "powershell", ACTIVATES),
        (".venv/bin/Activate.ps1", "bash", NEITHER),
        ("& ./evil.ps1", "powershell", NEITHER),
        ("python -m venv .venv; & .venv/bin/Activate.ps1", "powershell", BOTH),
        ("py -3.12 -m venv .venv", "powershell", CREATES),
        ("python.exe -m venv .venv", "powershell", CREATES),
        ("Set-Location p; uv sync", "powershell", CREATES),
        ("uv sync; & { x }", "powershell", NEITHER),
        ("$env:PATH='.'; uv sync", "powershell", NEITHER),
        ("uv sync @args", "powershell", NEITHER),
        ("uv `\n sync", "powershell", CREATES),
        ("uv sync &", "powershell", NEITHER),
    ],
)
def test_each_shell_is_read_by_its_own_rules(line, shell, kind):
    assert judged(line, shell) == kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("cd p && uv sync", NEITHER),
        (r"\cd p && uv sync", CREATES),
        ("'cd' p && uv sync", CREATES),
        ("loop", NEITHER),
        ("sneak", NEITHER),
        (r"\mkvenv", NEITHER),
        ("mkvenv''", NEITHER),
        ("command mkvenv", NEITHER),
    ],
)
def test_aliases_are_expanded_as_the_shell_does(line, kind):
    assert judged(line, aliases=ALIASES) == kind


def test_a_tool_inside_the_project_does_not_count_but_one_outside_does():
    line = "/srv/q/bin/python3 -m venv .venv"
    assert classify(line, {}, project="/srv/q", shell="bash") == NEITHER
    assert classify(line, {}, project="/srv/q2", shell="bash") == CREATES
    assert classify(line, {}, project="/srv", shell="bash") == NEITHER


@given(st.text(alphabet="uv sync;&|<>()$`'\"\\#{}[]!~*\n\t=:./-éA\udcff\x1b\0", max_size=40))
def test_no_line_breaks_the_reader(line):
    for shell in ("bash", "zsh", "fish", "powershell"):
        assert isinstance(judged(line, shell), Kind)


@given(
    st.text(max_size=20),
    st.sampled_from(["$(", "`", "(", "& ", "<<E", "&& ./x ", "; make ", "| sh ", "\n./x "]),
)
def test_nothing_that_runs_something_else_counts_whatever_stands_behind_it(tail, piece):
    assert judged("uv sync " + piece + tail) == NEITHER
