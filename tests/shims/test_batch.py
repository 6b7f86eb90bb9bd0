"""The batch files of cmd, looked at line by line."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "shims" / "cmd"
BATCH = sorted(FOLDER.glob("*.bat"))
NAMES = [path.name for path in BATCH]
# Untrusted texts: they may only be put in as !x!, which is not read again.
UNTRUSTED = ("PATH", "PROMPT", "VIRTUAL_ENV", "CONDA_PREFIX", "CMDCMDLINE")
PERCENT = re.compile(r"%(?!%|~|\*|\d)([A-Za-z_][\w. ()]*?)(?::[^%]*)?%")
ALLOWED = {
    ("before.bat", "VIRTUAL_ENV"): "in quotes; compared, never run",
    ("leave.bat", "VIRTUAL_ENV"): "in quotes; compared, never run",
}


def code(path: Path) -> list[str]:
    """Return the lines that are neither labels nor comments."""
    lines = (
        path.read_bytes().decode("ascii").split("\r\n")
    )  # autovenv.bat holds U+001E, a line end to splitlines
    return [line for line in lines if line and not line.startswith(":")]


@pytest.fixture(params=BATCH, ids=NAMES)
def batch(request) -> Path:
    return request.param


def test_all_files_are_there() -> None:
    assert NAMES == ["autorun.bat", "autovenv.bat", "before.bat", "go.bat", "hook.bat", "leave.bat"]


@pytest.mark.parametrize("path", [*BATCH, FOLDER / "macros.txt"], ids=lambda path: path.name)
def test_lines_end_with_crlf_and_letters_are_ascii(path: Path) -> None:
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert data.endswith(b"\r\n")
    assert data.isascii()
    assert b"\t" not in data
    assert max(map(len, data.split(b"\r\n"))) < 4000


def test_git_keeps_the_line_ends() -> None:
    for path in (*BATCH, FOLDER / "macros.txt"):
        asked = subprocess.run(
            ["git", "check-attr", "eol", "text", "--", str(path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "eol: crlf" in asked.stdout


def test_no_line_can_be_echoed(batch: Path) -> None:
    for line in code(batch):
        assert line.startswith("@"), line


def test_echo_is_never_switched(batch: Path) -> None:
    assert not re.search(r"\becho (on|off)\b", "\n".join(code(batch)), re.IGNORECASE)


def test_what_is_said_goes_to_stderr_or_into_a_file_of_ours(batch: Path) -> None:
    for line in code(batch):
        for echo in re.finditer(r"\becho\b", line):
            assert re.search(r'>(&2|"[^"]*\.autovenv-cmd-seen") $', line[: echo.start()]), line


def test_set_is_quoted_whole(batch: Path) -> None:
    for line in code(batch):
        for word in re.finditer(r"\bset (?=[^/])(.)", line):
            assert word[1] == '"', line
        for word in re.finditer(r"\bset /a (.)", line):
            assert word[1] == '"', line


def test_no_untrusted_text_is_put_in_by_percent(batch: Path) -> None:
    for line in code(batch):
        for name in PERCENT.findall(line):
            if name in UNTRUSTED:
                assert (batch.name, name) in ALLOWED, line


def test_the_check_sees_such_a_text() -> None:
    assert PERCENT.findall('@set "PATH=%_av_bin%;%PATH%" %~dp0 %1 %*') == ["_av_bin", "PATH"]
    assert PERCENT.findall("%PATH:~0,1% %CD%") == ["PATH", "CD"]


def test_no_process_is_started_but_the_program_and_doskey(batch: Path) -> None:
    text = "\n".join(code(batch))
    assert not re.search(r"for /f [^\n]* in \('", text)
    command = r"(?:^@|[&(] ?|\bdo @|\belse )(?:call )?"
    external = (
        r"(start|setx|reg|chcp|powershell|wmic|where|find|findstr|cmd|xcopy|more|timeout)(\.exe|\.com)?\b"
    )
    assert not re.search(command + external, text, re.IGNORECASE | re.MULTILINE)
    assert re.search(command + external, "@if a (findstr b) else reg", re.IGNORECASE)
    for line in code(batch):
        assert "|" not in re.sub(r'"[^"]*"', '""', line).replace("||", ""), line


def test_words_of_the_typed_line_stand_where_none_can_be_run(batch: Path) -> None:
    """cmd reads a batch file's words once more: in quotes they are kept in by for /f, or what it found."""
    looked = False
    for line in code(batch):
        if 'in (".%~1' in line or 'in (".%~2' in line:
            looked = True
            continue
        words = re.findall(r"(?<!%)%~?[1-9*]", line)
        if words and batch.name in ("go.bat", "autovenv.bat") and not re.search(r'_av_verb=%~1"$', line):
            assert looked, line


def test_no_block_holds_an_untrusted_text_put_in_by_percent(batch: Path) -> None:
    """In ( … ) a ) of the text would end the block, whatever stands around it."""
    for line in code(batch):
        for block in blocks(line):
            for name in PERCENT.findall(block):
                assert name in IN_BLOCKS, line


IN_BLOCKS = {
    # ours, of letters that are no ) … or of paths, in quotes
    *(
        "_av_env",
        "_av_label",
        "_AUTOVENV_ACTIVE",
        "_OLD_VIRTUAL_PROMPT",
        "_OLD_VIRTUAL_PYTHONHOME",
        "_r",
        "_av_dir",
    ),
    *("_AUTOVENV_LABEL", "_av_count"),
}


def blocks(line: str) -> list[str]:
    """Return what stands in parentheses outside of quotes."""
    found, depth, start, quoted = [], 0, 0, False
    for place, letter in enumerate(line):
        quoted ^= letter == '"'
        if not quoted and letter == "(":
            start = start if depth else place + 1
            depth += 1
        elif not quoted and letter == ")" and depth:
            depth -= 1
            found += [line[start:place]] if not depth else []
    return found


def test_the_checks_see_a_block() -> None:
    assert blocks('@if x (set "A=%PATH%") else (b "(" %c%)') == ['set "A=%PATH%"', 'b "(" %c%']
    assert PERCENT.findall(blocks("@if x (echo %PATH%)")[0]) == ["PATH"]


def test_every_label_that_is_gone_to_is_there_once(batch: Path) -> None:
    labels = re.findall(r"^:(\w+)$", batch.read_text(encoding="ascii"), re.MULTILINE)
    wanted = set(re.findall(r"\b(?:goto|call :) ?(\w+)", "\n".join(code(batch))))
    assert len(labels) == len(set(labels))
    assert wanted <= set(labels)
    assert set(labels) <= wanted


def test_a_failed_change_of_folder_is_the_last_command_of_its_file() -> None:
    for name in ("go.bat", "autovenv.bat"):
        assert code(FOLDER / name)[-1] == '@cd "%~dp0go.bat" 2>nul'


def test_all_rows_of_the_table_are_marked() -> None:
    for path in (FOLDER / "hook.bat", ROOT / "shims" / "clink" / "autovenv.lua"):
        text = path.read_text(encoding="ascii")
        decide = text[text.index("---- decide") :]
        rows = {int(row) for row in re.findall(r"(?:rem|--|else|,) (\d+)\b", decide) if int(row) <= 15}
        assert rows == set(range(1, 16)), path.name


def test_the_sections_are_those_of_the_other_hooks() -> None:
    bash = re.findall(
        r"^# ---- (.+?) -+$", (ROOT / "shims" / "hook.bash").read_text(encoding="utf-8"), re.MULTILINE
    )
    for path, mark in ((FOLDER / "hook.bat", "::"), (ROOT / "shims" / "clink" / "autovenv.lua", "--")):
        found = re.findall(rf"^{mark} ---- (.+?) -+$", path.read_text(encoding="ascii"), re.MULTILINE)
        assert [section for section in bash if section in found] == found, path.name
        assert set(found) <= set(bash)


def test_the_version_is_the_packages() -> None:
    from autovenv import __version__

    for path in BATCH:
        assert path.read_text(encoding="ascii").startswith(
            f":: autovenv {'hook' if path.name == 'hook.bat' else 'cmd'} 1 {__version__}\n"
        )
