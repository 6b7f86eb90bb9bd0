"""Command lines: with the macros, cmd does what it does without them, and the environment follows the folder.

Each line is typed into two consoles, one without the hook. Folder, error level, echo and what is said must be the
same; VIRTUAL_ENV and PATH must be what the folder says. So cmd itself is the measure, as far as Wine's cmd is cmd.
"""

from __future__ import annotations

import os

import pytest

from wine import doskey
from wine.machine import SYSTEM_PATH, Console, Place, host

FOLDERS = [
    "a b", "Program Files (x86)", "a'b", "x+y", "[z]", "R&D", "a^b", "100%", "a,b", "a;b", "a=b", "wow!", ".hidden",
    "a!b!c", "!x", "a!&b", "a^!b", "100%!", "x (86)!", "sub\\deep", "q", "one two three four five six seven eight nine ten", "é", "~t", "@at", "#h", "$d", "(x)",
]  # fmt: skip
PLAIN = ["p", "p\\src", "q", "a'b", "x+y", "[z]", ".hidden", "sub\\deep", "nope", "é", "(x)", "#h"]
QUOTED = [
    "a b",
    "Program Files (x86)",
    "R&D",
    "a^b",
    "a,b",
    "a;b",
    "a=b",
    "wow!",
    "100%",
    "p\\src",
    "not here",
]


BANGS = ["wow!", "a!b!c", "!x", "100%!", "nope!", "x (86)!", "a!&b", "a^!b"]
PATH = SYSTEM_PATH + r";C:\wow!;C:\a!b!c;C:\x^y;C:\R&D;C:\100%;C:\Program Files (x86)\z"


def lines() -> list[str]:
    """Return the lines, each once."""
    found = []
    for name in PLAIN:
        found += [
            f"cd {name}", f"cd {name}\\", f"cd .\\{name}", f"cd ..\\w\\{name}", f"CD {name}", f"chdir {name}",
            f"cd /d {name}", f"cd/d {name}", f"cd  {name}", f"cd {name} ", f"pushd {name}", f"cd {name}>nul",
            f"cd {name} 2>nul", f"cd {name}&&echo yes", f"cd {name}||echo no", f"cd {name}&echo next",
        ]  # fmt: skip
    for name in QUOTED:
        found += [
            f'cd "{name}"', f'cd "{name}', f'cd "{name}\\"', f'cd /d "{name}"', f'Chdir "{name}"', f'pushd "{name}"',
            f'cd ".\\{name}"', f'cd "{name}" && echo yes', f'cd "{name}" || echo no', f'cd "{name}" & cd',
        ]  # fmt: skip
    found += [
        "cd", "chdir", "cd ..", "cd..", "chdir..", "cd\\", "cd \\", "chdir\\", "cd .", "cd ..\\..", "cd \\windows",
        "cd \\windows\\system32", "c:", "C:", "pushd", "popd", "popd & echo x", "pushd p & popd", "pushd . && popd",
        "cd R^&D", "cd a^^b", "cd /d R^&D", "pushd R^&D", "cd p && cd src", "cd p&cd", "cd %WINDIR%",
        "cd %NOTHING%", "cd p/src", "cd Program Files (x86)", "cd a b", "pushd a b", "cd nope && echo yes",
        "cd nope || cd q", "cd p && cmd /d /c exit 3", "cd q & cmd /d /c exit 4", "cd P", "cd P\\SRC", "cd c:\\windows",
        "cd /D \\windows", "(cd p)", " cd p", "if 1==1 cd p", "echo cd p", "rem cd p", "set X=cd p", "cd p&popd",
        "z:", "q:", "cd a & cd b", "cd ^p", "cd p^\\src", 'cd p"\\src"', 'cd "p"\\src', 'cd a" b"', 'cd .\\"a b"',
        "cd one two three four five six seven eight nine ten", "pushd one two three four five six seven eight nine ten",
        "cd /d one two three four five six seven eight nine ten", "cd one two three four five six seven eight nine",
        'cd "one two three four five six seven eight nine ten" && echo yes', "popd ^&D", "c: ^&D",
        # Half in quotes: Wine takes the quotes out of a batch file's word, so these can be passed on.
        'cd .\\"R&D"', 'cd a"&D"', 'cd /d ".\\"R^&D', 'pushd q"&D"', 'cd /d x"&D"', 'pushd .\\"R&D" && echo yes',
    ]  # fmt: skip
    for name in BANGS:
        found += [
            f'cd "{name}"',
            f'cd /d "{name}"',
            f'pushd "{name}"',
            f'cd "{name}" && echo yes',
            f'cd "{name}" & cd',
        ]
        if "&" not in name and "^" not in name:
            found += [f"cd {name}", f"cd /d {name}", f"pushd {name}&popd", f"cd {name}||echo no"]
    found += [
        "cd a!^&b", "cd /d a!^&b", "pushd a!^&b", 'cd "!WHERE!"', "cd !WHERE!", "cd !NOTHING!", "pushd !WHERE! && popd",
        'cd ".\\wow!\\..\\p"', 'cd "p!NOTHING!"', "cd /d %CD%\\wow!", 'pushd "wow!" & cd ..\\p',
    ]  # fmt: skip
    return list(dict.fromkeys(found))


ALL = lines()
PIECES = 6
UNHOOKED = ("(cd p)", " cd p", "if 1==1 cd p")
"""Lines that no macro catches; a ``cd .`` behind them shows what they did."""
SEES_LATE = (
    "cd p && cd src",
    "cd nope || cd q",
    "pushd p & popd",
    "pushd . && popd",
    "cd p&popd",
    "cd a & cd b",
    "pushd !WHERE! && popd",
    'pushd "wow!" & cd ..\\p',
    *(f"pushd {name}&popd" for name in BANGS),
)


@pytest.fixture(scope="module")
def place() -> Place:
    place = Place().build()
    place.make(["p\\.venv"], allow=["p"], folders=[*FOLDERS, "p\\src"])
    for name in ("D", "b", "D'"):
        with open(host(f"{place.folder}\\{name}.bat"), "wb") as stream:
            stream.write(b"@echo planted> %~dp0planted\r\n")
    return place


def test_there_are_enough_lines() -> None:
    assert len(ALL) >= 250
    assert sum("!" in line for line in ALL) >= 50


def play(console: Console, line: str, *, late: bool) -> tuple[str, int, str, str]:
    console.send(f'cd /d "{console.place.folder}"')
    console.type("cd .")
    console.send("cmd /d /c exit 5")
    said = console.type(line)
    status = console.status
    if late:
        console.type("cd .")
    folder = console.send("cd").rpartition("# ")[2]
    return folder, status, said, console.send("echo").rpartition("# ")[2]


@pytest.mark.parametrize("options", [(), ("/v:on",)], ids=["plain", "delayed"])
@pytest.mark.parametrize("piece", range(PIECES))
def test_a_line_does_what_it_does_without_the_hook(
    place: Place, piece: int, options: tuple[str, ...]
) -> None:
    failures = []
    where = {"WHERE": "wow!", "PATH": PATH}
    with (
        Console(place, *options, hook=False, **where) as bare,
        Console(place, *options, AUTOVENV_QUIET="1", **where) as hooked,
    ):
        assert hooked.value("PATH") == PATH
        for line in ALL[piece::PIECES]:
            if options and "100%!" in line:
                continue  # Wine takes a % in a batch file's word for the begin of a variable, up to the next %.
            failures += compare(place, bare, hooked, line)
    assert not failures, "\n".join(failures)


def compare(place: Place, bare: Console, hooked: Console, line: str) -> list[str]:
    failures = []
    late = line in UNHOOKED or line in SEES_LATE
    # Wine's cmd knows no cd\\ without a blank; Windows' does.
    native = line.replace("\\", " \\") if line in ("cd\\", "chdir\\") else line
    want, found = play(bare, native, late=late), play(hooked, line, late=late)
    if want[:2] + want[3:] != found[:2] + found[3:] or tidy(want[2]) != tidy(found[2]):
        failures.append(f"{line!r}: {want} became {found}")
    inside = (found[0].lower() + "\\").startswith(f"{place.folder}\\p\\".lower())
    wanted = f"{place.folder}\\p\\.venv" if inside else ""
    now = hooked.variables()
    path = f"{wanted}\\Scripts;{PATH}" if wanted else PATH
    # Wine leaves letters as they are typed; Windows takes those of the disk.
    if (now.get("VIRTUAL_ENV", "").lower(), now["PATH"].lower()) != (wanted.lower(), path.lower()):
        failures.append(
            f"{line!r}: in {found[0]} VIRTUAL_ENV is {now.get('VIRTUAL_ENV')}, PATH {now['PATH']}"
        )
    if os.path.exists(host(place.folder + "\\planted")) and line != "cd R&D":
        failures.append(f"{line!r}: something was run")
    return failures


def tidy(said: str) -> str:
    """Return what was said without prompts, which Wine shows in front of the first line."""
    rows = (row.rpartition("# ")[2].strip() for row in said.split("\n"))
    return "\n".join(row for row in rows if row)


@pytest.mark.parametrize("options", [(), ("/v:on",)], ids=["plain", "delayed"])
@pytest.mark.parametrize(
    "line",
    ["cd a b^&D", "cd a!b c^&D", "cd one two three four five six seven eight nine ten^&D", 'cd a "x"y"&D"',
     "cd 1 2 3 4 5 6 7 8 9 a^|D", "pushd q ^&D", 'cd /d q x"&D"'],
)  # fmt: skip
def test_what_cannot_be_passed_on_is_refused(place: Place, line: str, options: tuple[str, ...]) -> None:
    """Words of which cmd would take a part for a command, when it reads them for the second time."""
    with Console(place, *options) as console:
        said = console.type(line + " && echo yes")
        assert "all of it in quotes" in said
        assert "yes" not in said
        assert console.status == 1
        assert console.send("cd").rpartition("# ")[2] == place.folder
    assert not os.path.exists(host(place.folder + "\\planted"))


def test_what_is_bait_here_would_be_run(place: Place) -> None:
    with Console(place, hook=False) as console:
        console.send("cd .&D")
    os.unlink(host(place.folder + "\\planted"))


@pytest.mark.parametrize("state", ["on", "off"])
def test_echo_is_as_it_was(place: Place, state: str) -> None:
    with Console(place) as console:
        console.send(f"echo {state}")
        for line in (
            "cd p",
            "cd ..",
            "pushd p",
            "popd",
            "c:",
            "cd nope",
            "autovenv off",
            "autovenv on",
            "deactivate",
        ):
            console.type(line)
            assert state in console.send("echo").lower(), line


@pytest.mark.parametrize(
    ("line", "folder"),
    [("cd p", "p"), ('cd "a b"', "a b"), ('cd "R&D"', "R&D"), ("cd ..", ".."), ("cd nope", ""), ("cd R^&D", "R&D"),
     ("cd /d p", "p"), ("pushd p", "p")],
)  # fmt: skip
def test_delayed_expansion_does_not_eat_exclamation_marks(place: Place, line: str, folder: str) -> None:
    with Console(place, "/v:on") as console:
        before = console.value("PATH")
        console.type(line)
        found = console.send("cd").rpartition("# ")[2]
        assert found == {"..": place.root, "": place.folder}.get(folder, f"{place.folder}\\{folder}")
        assert (console.value("VIRTUAL_ENV") != "") == (folder == "p")
        console.type(f'cd /d "{place.folder}"')
        assert console.value("PATH") == before


@pytest.mark.parametrize("options", [(), ("/v:on",)])
@pytest.mark.parametrize(
    "path",
    [
        r"C:\windows\system32;C:\a!b!c;C:\x^y;C:\R&D;C:\100%;C:\Program Files (x86)\z",
        r"C:\windows\system32;;C:\e;",
        r";C:\windows\system32;C:\a(b",
        r"C:\windows\system32;C:\a=b;C:\ ~x;C:\é",
    ],
)
def test_path_comes_back_whole_whatever_is_in_it(place: Place, path: str, options: tuple[str, ...]) -> None:
    with Console(place, *options) as console:
        typed = path.replace("!", "^!") if options else path
        console.send(f'set "PATH={typed}"')
        before = console.value("PATH")
        console.type("cd p")
        assert console.value("PATH") == f"{place.folder}\\p\\.venv\\Scripts;{before}"
        console.type("cd ..")
        assert console.value("PATH") == before
        console.type("cd p")
        console.send('set "PATH=C:\\mine;%PATH%"') if not options else console.send(
            'set "PATH=C:\\mine;!PATH!"'
        )
        console.type("cd ..")
        assert console.value("PATH") == f"C:\\mine;{before}"


@pytest.mark.parametrize("length", [7000, 7899, 7900, 7901, 8100])
@pytest.mark.parametrize("options", [(), ("/v:on",)], ids=["plain", "delayed"])
def test_a_path_near_the_limit_is_whole_or_left_alone(
    place: Place, length: int, options: tuple[str, ...]
) -> None:
    entries = ";".join(f"C:\\R&D (x86)\\a^b\\{number:04}" for number in range(400))
    path = (SYSTEM_PATH + ";" + entries)[:length]
    # Through the environment: no typed line is as long. (With 8191 characters Wine's own cmd breaks down.)
    with Console(place, *options, unix={"LONG": path}) as console:
        console.send('set "PATH=%LONG%"' if not options else 'set "PATH=!LONG!"')
        before = console.value("PATH")
        assert before == path
        said = console.type("cd p")
        inside = console.value("PATH")
        if length < 7900:
            assert inside == f"{place.folder}\\p\\.venv\\Scripts;{path}"
        elif length > 7900:
            assert inside == path
            assert "8191" in said
        console.type("cd ..")
        assert console.value("PATH") == path


def test_a_path_too_long_for_cmd_is_refused_with_one_line(place: Place) -> None:
    with Console(place) as console:
        for _ in range(39):
            console.send('set "PATH=%PATH%;' + "C:\\" + "x" * 200 + '"')
        before = console.value("PATH")
        assert len(before) > 7900
        assert "8191" in console.type("cd p")
        assert console.value("PATH") == before
        assert "8191" not in console.type("cd src")


@pytest.mark.parametrize("language", ["hi_IN.UTF-8", "ja_JP.UTF-8", "de_DE.UTF-8", "en_US.UTF-8"])
def test_every_code_page_reads_the_same(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVENV_TEST_LANG", language)
    place = Place().build()
    place.make(["proj é\\.venv"], allow=["proj é"])
    with Console(place, unix={"WHERE": "proj é"}) as console:
        console.type('cd "%WHERE%"')
        console.send('if "%VIRTUAL_ENV%"=="%CD%\\.venv" echo same>same')
        assert os.path.exists(host(f"{place.folder}\\proj é\\same"))
        console.type("cd ..")
        assert console.value("PATH") == SYSTEM_PATH


@pytest.mark.parametrize(
    ("name", "options"),
    [("Zoë d'A (x) b", ()), ("R&D (x86)", ()), ("R&D (x86)", ("/v:on",)), ("a^b & c", ()), ("a^b & c", ("/v:on",)),
     ("wow!", ()), ("!PATH!", ())],
)  # fmt: skip
def test_the_home_may_have_any_letters(name: str, options: tuple[str, ...]) -> None:
    """Of an account: a % is beyond Wine (see tests/windows), a ! beyond cmd /v:on."""
    place, project = Place(), Place()
    place.root += "\\" + name
    place.build()
    folder = project.folder
    os.makedirs(host(folder))
    place.python(
        "import venv; w = sys.argv[1]; venv.create(w + '\\\\p\\\\.venv')\n"
        "consent.allow(home, pwd=w, project=w + '\\\\p', environ=environ)",
        folder,
    )
    with Console(place, *options, folder=folder) as console:
        assert console.opened == ""
        console.type("cd p")
        assert console.value("VIRTUAL_ENV") == folder + "\\p\\.venv"
        assert console.value("PATH") == f"{folder}\\p\\.venv\\Scripts;{SYSTEM_PATH}"
        console.type("deactivate")
        assert console.value("VIRTUAL_ENV") == ""
        console.type("cd ..")
        assert console.value("PATH") == SYSTEM_PATH


# ---- the files gone, AutoRun ----------------------------------------------------------------------


def test_consoles_that_are_open_go_on_after_uninstalling() -> None:
    place = Place().build()
    with Console(place, PATH="C:\\python;" + SYSTEM_PATH) as console:
        for name in os.listdir(host(place.home + "\\cmd")):
            os.unlink(host(f"{place.home}\\cmd\\{name}"))
        assert "42" in console.type("python -c print(42)")
        console.type("cd ..")  # the macro takes itself away: doskey cd=
        del console.macros["cd"]
        console.type("cd ..")
        assert console.send("cd") == place.root


COMMAND_LINES = [
    ("cmd", True), ("cmd.exe", True), (r"C:\WINDOWS\system32\cmd.exe", True), ('"C:\\WINDOWS\\system32\\cmd.exe" ', True),
    (r"C:\Windows\System32\cmd.exe /k C:\x\init.bat", True), (r'cmd /K "C:\x\vcvars.bat /c"', True), ("cmd /q", True),
    ("cmd /v:on", True), ("cmd /q /k", True), ("cmd /k echo /c", True), ("C:/Windows/System32/cmd.exe", True),
    ("cmd /c echo x", False), ("cmd /C echo x", False), ("cmd /d /c x", False), (r"C:\x\cmd.exe /S /D /c dir", False),
    ("cmd /c echo /k", False), ('cmd.exe /c "a & b"', False), ("cmd /r x", False), ("cmd/cecho", False),
    ("C:/Windows/System32/cmd.exe /c dir", False), ('cmd /s /c "foo /k bar /c"', False), ("cmd /c", False),
    ('cmd /c "a!b^c%d"', False), ("cmd /q /c /k", False),
]  # fmt: skip


@pytest.mark.parametrize(("command", "person"), COMMAND_LINES)
def test_autorun_does_nothing_where_nobody_types(place: Place, command: str, person: bool) -> None:
    with Console(place, hook=False, folder=place.folder + "\\p") as console:
        console.send(f'set "CMDCMDLINE={command}"' if '"' not in command else f"set CMDCMDLINE={command}")
        console.send("cmd /d /c exit 3")
        said = console.autorun()
        assert said == ""
        assert console.status == 0
        assert bool(console.value("_AUTOVENV_CMD")) == person
        assert bool(console.value("VIRTUAL_ENV")) == person
        assert console.send("cd").rpartition("# ")[2] == place.folder + "\\p"


# ---- the expander's own table ---------------------------------------------------------------------

MACROS = doskey.read_macros("cd=go $*\ncd..=go .. $*\nx=$1-$2-$9 $$ a$Gb$T$*\nD:=drive\nself=self $*\n")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("cd p", ["go p"]), ("CD p", ["go p"]), ("cd", ["go "]), (" cd p", [" cd p"]), ("cd.. & y", ["go .. & y"]),
        ("cd\\x", ["cd\\x"]), ("cd&y", ["cd&y"]), ("x a b", ["a-b- $ a>b", "a b"]), ("d:", ["drive"]),
        ("self x", ["self x"]), ("y & cd p", ["y & cd p"]), ("cd  p", ["go  p"]), ('cd "a b', ['go "a b']), ("", [""]),
    ],
)  # fmt: skip
def test_macros_are_expanded_as_the_console_host_does(line: str, wanted: list[str]) -> None:
    assert doskey.expand(line, MACROS) == wanted


def test_the_macro_file_is_whole() -> None:
    from wine.machine import REPOSITORY

    with open(os.path.join(REPOSITORY, "shims", "cmd", "macros.txt"), encoding="ascii") as stream:
        macros = doskey.read_macros(stream.read())
    drives = {f"{letter}:" for letter in "abcdefghijklmnopqrstuvwxyz"}
    assert drives < set(macros)
    assert {"cd", "chdir", "cd..", "cd\\", "cd/", "cd/d", "pushd", "popd", "python", "py", "uv", "virtualenv",
            "deactivate", "autovenv"} < set(macros)  # fmt: skip
