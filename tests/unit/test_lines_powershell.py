"""Which lines of PowerShell lend their words to consent, and as many that must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovenv.lines import Kind, classify

NEITHER, CREATES, ACTIVATES, BOTH = Kind(), Kind(creates=True), Kind(activates=True), Kind(True, True)
ALIASES = {
    "cd": "Set-Location", "py3": "C:\\Program Files\\Python312\\python.exe", "evil": ".\\evil.exe",
    "loop": "loop", "echo": "Write-Output", "Make": "python", "gone": "",
}  # fmt: skip

CREATE_LINES = [
    "python -m venv .venv",
    "python3 -m venv .venv",
    "py -m venv .venv",
    "py -3.12 -m venv .venv",
    "PYTHON.EXE -m venv .venv",
    "cd p; python3 -m venv .venv",
    "cd p && python -m venv .venv",
    "mkdir p; cd p; python -m venv .venv",
    "md p | Out-Null; cd p; uv venv",
    "mkdir p > $null; cd p; uv venv",
    "New-Item -ItemType Directory p; sl p; uv venv",
    "ni -Type Directory 'my p'; Set-Location -LiteralPath 'my p'; uv sync",
    'cd "my project"; python -m venv .venv',
    "cd 'it''s'; python -m venv .venv",
    'cd "say ""so"""; python -m venv .venv',
    "cd my` project; python -m venv .venv",
    "python -m venv `\n .venv",
    "python -m venv '.venv'",
    'python -m venv ".venv"',
    "python -m venv .\\.venv",
    "python -m venv C:\\Users\\al\\p\\.venv",
    'python -m venv "$PWD/.venv"',
    "& python -m venv .venv",
    "& 'C:\\Program Files\\Python312\\python.exe' -m venv .venv",
    "C:\\Python312\\python.exe -m venv .venv",
    "/usr/bin/python3 -m venv .venv",
    "& /usr/bin/python3.11 -m venv .venv",
    "py3 -m venv .venv",
    "& py3 -m venv .venv",
    "make -m venv .venv",
    "$env:X='1'; python -m venv .venv",
    "$env:UV_LINK_MODE = 'copy'; uv sync",
    "$env:N=1; uv sync",
    "python -m venv .venv # it's $(x) <#",
    "# a note\npython -m venv .venv",
    "uv sync 2>$null",
    "uv sync 2> $null",
    "uv sync *> $null",
    "uv sync 2>&1",
    "uv sync 2>&1 | Out-Null",
    "poetry install",
    "uv add requests@2.31",
    "pdm install",
    "virtualenv .venv",
    "Remove-Item -Recurse -Force .venv; python -m venv .venv",
    "Write-Host 'making it'; uv venv; cls",
    "uv venv || uv venv",
    "pushd p; uv sync; popd",
    "python -m venv --prompt 'a b' .venv",
]
ACTIVATE_LINES = [
    ".venv\\Scripts\\Activate.ps1",
    ".\\.venv\\Scripts\\Activate.ps1",
    "& .\\.venv\\Scripts\\Activate.ps1",
    "& '.venv\\Scripts\\Activate.ps1'",
    ". ./.venv/bin/Activate.ps1",
    ".venv/bin/activate.ps1",
    ".venv\\Scripts\\activate",
    "& .venv/bin/activate",
    "cd p; . .venv/bin/Activate.ps1",
    '& "C:\\Users\\al\\my p\\.venv\\Scripts\\Activate.ps1"',
    "workon p",
    ".venv/bin/Activate.ps1 # mine",
]
BOTH_LINES = [
    "python -m venv .venv; .\\.venv\\Scripts\\Activate.ps1",
    "python -m venv .venv && . .venv/bin/Activate.ps1",
    "uv venv\n.venv/bin/activate.ps1",
]
NEITHER_LINES = [
    "git clone x; python -m venv .venv",
    "python -m venv .venv; git pull",
    "python -m venv venv",
    "python -c 'import venv'",
    "python setup.py -m venv .venv",
    ".\\python -m venv .venv",
    "./python3 -m venv .venv",
    ".venv/bin/python -m venv .venv",
    "& .\\.venv\\Scripts\\python.exe -m venv .venv",
    "/home/al/p/.venv/bin/python -m venv .venv",
    "C:\\p\\..\\p\\python -m venv .venv",
    "~/bin/python -m venv .venv",
    "\\\\host\\share\\python -m venv .venv",
    "'python' -m venv .venv",
    '"python" -m venv .venv',
    "& $python -m venv .venv",
    "& $(x) -m venv .venv",
    "$python -m venv .venv",
    "python -m venv .venv &",
    "Start-Job { python -m venv .venv }",
    "if (1) { python -m venv .venv }",
    "foreach ($x in 1) { uv venv }",
    "iex 'python -m venv .venv'",
    "Invoke-Expression 'uv venv'",
    "powershell -c 'uv venv'",
    "cmd /c python -m venv .venv",
    "sh -c 'uv venv'",
    "(python -m venv .venv)",
    "$(python -m venv .venv)",
    "@(uv venv)",
    "$x = python -m venv .venv",
    "$x = uv venv",
    "[void](uv venv)",
    "!uv venv",
    "uv venv; & { x }",
    "uv venv @args",
    "uv venv | x",
    "uv venv | Tee-Object f",
    "uv venv | % { x }",
    "uv venv > out.txt",
    "uv venv >> out.txt",
    "uv venv < in",
    "$env:PATH='.'; uv venv",
    "$env:Path = '.;' + $env:Path; uv venv",
    "$env:PYTHONPATH='.'; uv venv",
    "$env:PSModulePath='.'; uv venv",
    "$env:PATHEXT='.X'; uv venv",
    "${env:PATH}='.'; uv venv",
    "$env:X=$(x); uv venv",
    "$env:X=(x); uv venv",
    "$env:X = x; uv venv",
    "$x='1'; uv venv",
    "$env:X='1' + '2'; uv venv",
    "Set-Alias python ./evil; python -m venv .venv",
    "function python { x }; python -m venv .venv",
    "ni function:python -Value x; python -m venv .venv",
    "ni alias:python -Value ./evil; uv venv",
    "cd Env:; uv venv",
    "evil -m venv .venv",
    "loop -m venv .venv",
    "gone -m venv .venv",
    "uv venv `u{3b} x",
    "uv venv `",
    "uv`nvenv",
    'uv v"en"v',
    "uv venv 'x'y",
    "uv venv \u2018.venv\u2019",
    "uv venv \u201cx\u201d",
    "uv \u2013h; uv venv",
    "uv venv --% x",
    "uv venv; x",
    "x; uv venv",
    "uv venv\nx",
    "uv venv;; uv venv",
    "",
    "#",
    "uv venv 'x",
    'uv venv "x',
    "'uv venv'",
    "uv venv <# x #> y",
    ". .\\evil.ps1",
    "& .\\evil.ps1",
    ". .venv\\Scripts\\Activate.ps1 x",
    "Activate.ps1",
    "activate",
    "& $x\\Activate.ps1",
    '. "$x/Activate.ps1"',
    "Get-Content .venv/bin/Activate.ps1 | iex",
    "source .venv/bin/Activate.ps1",
    "git clone x; .venv\\Scripts\\Activate.ps1",
    "time uv venv",
    "sudo uv venv",
    "uv pip install x",
    "uv",
    "py",
    "python -m venv",
    "pip install x",
    "conda create -n x",
    "Expand-Archive x.zip .; uv venv",
    "tar xf x; .venv/bin/Activate.ps1",
    "Copy-Item -Recurse ../x .venv; uv venv",
    "Import-Module ./x; uv venv",
    "trap { x }; uv venv",
    "uv venv; return",
    "Start-Process uv venv",
    ".{uv venv}",
    "&{uv venv}",
]


def judged(line: str, project: str = "/home/al/p") -> Kind:
    return classify(line, ALIASES, project=project, shell="powershell")


@pytest.mark.parametrize("line", CREATE_LINES)
def test_this_line_makes_one(line: str) -> None:
    assert judged(line) == CREATES


@pytest.mark.parametrize("line", ACTIVATE_LINES)
def test_this_line_activates_one(line: str) -> None:
    assert judged(line) == ACTIVATES


@pytest.mark.parametrize("line", BOTH_LINES)
def test_this_line_does_both(line: str) -> None:
    assert judged(line) == BOTH


@pytest.mark.parametrize("line", NEITHER_LINES)
def test_this_line_lends_nothing(line: str) -> None:
    assert judged(line) == NEITHER


def test_the_lines_that_must_not_count_are_more_and_differ() -> None:
    yes = CREATE_LINES + ACTIVATE_LINES + BOTH_LINES
    assert len(set(NEITHER_LINES)) == len(NEITHER_LINES) > len(set(yes)) == len(yes) >= 60
    assert not set(yes) & set(NEITHER_LINES)


@pytest.mark.parametrize(
    ("program", "project", "kind"),
    [
        ("C:\\Users\\al\\p\\tools\\python.exe", "C:\\Users\\al\\p", NEITHER),
        ("c:\\users\\AL\\P\\python.exe", "C:\\Users\\al\\p", NEITHER),
        ("C:/Users/al/p/python.exe", "C:\\Users\\al\\p", NEITHER),
        ("C:\\Users\\al\\python.exe", "C:\\Users\\al\\p", CREATES),
        ("D:\\p\\python.exe", "C:\\p", CREATES),
        ("C:p\\python.exe", "C:\\p", NEITHER),
    ],
)
def test_a_program_of_the_project_makes_nothing(program: str, project: str, kind: Kind) -> None:
    assert judged(f"& '{program}' -m venv .venv", project) == kind


@given(st.text(alphabet="uv sync;&|<>()$`'\"\\#{}[]!~*@%,\n\t=:./-éA\u201c\udcff\x1b\0", max_size=40))
def test_no_line_breaks_the_reader(line: str) -> None:
    assert isinstance(judged(line), Kind)


@given(
    st.text(max_size=20),
    st.sampled_from(["$(", "(", "{", "& ", "; make ", "| sh ", "\n./x ", "--% ", "@(", "> f"]),
)
def test_nothing_that_runs_something_else_counts_whatever_stands_behind_it(tail: str, piece: str) -> None:
    assert judged("uv sync " + piece + tail) == NEITHER
