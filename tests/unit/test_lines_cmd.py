"""cmd's lines: what makes an environment, what activates one, and what counts for nothing."""

from __future__ import annotations

import time

import pytest

from autovenv import console, lines, lines_cmd

PROJECT = r"C:\Users\al\p"
CREATES = r"""
python -m venv .venv
PYTHON -m venv .venv
python.exe -m venv .venv
python3 -m venv .venv
python -m venv --prompt demo .venv
python -m venv ".venv"
python -m venv .\.venv
python -m venv C:\Users\al\p\.venv
py -m venv .venv
py -3 -m venv .venv
py -3.12 -m venv .venv
py -V:3.12 -m venv .venv
py.exe -3 -m venv .venv
virtualenv .venv
uv venv
uv.exe venv
uv sync
uv add requests
uv run main.py
uv init
"C:\Program Files\Python312\python.exe" -m venv .venv
C:\Python312\python.exe -m venv .venv
C:/Python312/python -m venv .venv
poetry install
pdm add requests
hatch env create
pipenv install
mkdir p & cd p & python -m venv .venv
md p&&cd p&&python -m venv .venv
cd /d D:\p & py -m venv .venv
d: & cd \p & py -m venv .venv
python -m venv .venv >nul
python -m venv .venv > nul 2>&1
python -m venv .venv 2>NUL
python -m venv .venv&
@python -m venv .venv
python,-m venv .venv
  python -m venv .venv
python -m venv .venv && echo done
set X=1 & python -m venv .venv
rd .venv & python -m venv .venv
rmdir /s /q .venv & uv venv --python=3.12
python -m venv .venv || echo bad
""".strip("\n").split("\n")
ACTIVATES = r"""
.venv\Scripts\activate
.venv\Scripts\activate.bat
.\.venv\Scripts\Activate
call .venv\Scripts\activate.bat
".venv\Scripts\activate"
C:\Users\al\p\.venv\Scripts\activate
cd p & .venv\Scripts\activate
.venv/Scripts/activate
""".strip("\n").split("\n")
NEITHER = r"""
git clone x
git pull & python -m venv .venv
python setup.py
python -m venv other
python -c "import venv" .venv
python %X% -m venv .venv
python -m venv !X!
(python -m venv .venv)
if exist x python -m venv .venv
for %i in (1) do python -m venv .venv
make
build.bat
.\python -m venv .venv
bin\python -m venv .venv
C:\Users\al\p\python.exe -m venv .venv
c:\users\AL\P\x\python.exe -m venv .venv
C:\Users\al\q\..\p\python.exe -m venv .venv
C:python -m venv .venv
\\server\x\python.exe -m venv .venv
\python.exe -m venv .venv
python -m venv .venv > log
python -m venv .venv < x
python -m venv ".venv
start python -m venv .venv
cmd /c python -m venv .venv
call python -m venv .venv
set PATH=. & python -m venv .venv
set "path=." & python -m venv .venv
set PYTHONPATH=. & python -m venv .venv
set /a X=1 & python -m venv .venv
path . & python -m venv .venv
python -m venv .venv ^
activate
activate base
call activate
.venv\Scripts\activate x
.venv\Scripts\activate.ps1
source .venv/Scripts/activate
tar xf x.tgz & uv sync
pythonx -m venv .venv
uv pip install x
""".strip("\n").split("\n")


def kind(line):
    return lines.classify(line, {}, project=PROJECT, shell="cmd")


@pytest.mark.parametrize("line", CREATES)
def test_a_line_that_makes_an_environment(line):
    assert kind(line).creates


@pytest.mark.parametrize("line", ACTIVATES)
def test_a_line_that_activates_one(line):
    assert kind(line) == lines.Kind(activates=True)


@pytest.mark.parametrize("line", [*NEITHER, "", " ", "python -m venv .venv\x1b", "x" * 9000])
def test_a_line_that_counts_for_nothing(line):
    assert kind(line) == lines.NEITHER


@pytest.mark.parametrize("name", ["python.exe", "Python.BAT", "py.cmd", "uv.com", "python3.12.exe"])
def test_a_program_in_the_current_folder_runs_in_place_of_the_real_one(name):
    assert lines_cmd.shadowed(["README.md", name])


def test_other_files_do_not():
    assert not lines_cmd.shadowed(["python", "python.py", "main.exe", "python.exe.txt", "pyproject.toml"])


@pytest.mark.parametrize("text", ["22:05:03,12", "22:05:03.12", "22:05:03"])
def test_the_clock_of_cmd_is_read(text):
    now = time.mktime((2026, 3, 4, 22, 5, 13, 0, 0, -1))
    assert console.clock(text, now=now) == int(now) - 10


def test_a_blank_stands_for_the_first_digit_and_midnight_passes():
    now = time.mktime((2026, 3, 4, 0, 0, 5, 0, 0, -1))
    assert console.clock(" 0:00:01,00", now=now) == int(now) - 4
    assert console.clock("23:59:55,00", now=now) == int(now) - 10


@pytest.mark.parametrize(
    "text", ["", "x", "25:00:00", "12:61:00", "12:00", "-1:00:00", "1200:00:00", "%TIME%"]
)
def test_anything_else_is_no_time(text):
    assert console.clock(text, now=0.0) is None
