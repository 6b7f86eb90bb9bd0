"""The Python part on a Windows CPython, under Wine: paths, consent, installing, and the real registry."""

from __future__ import annotations

import json
import os

import pytest

from wine.machine import REPOSITORY, Place, host, launcher, python, run

AUTORUN_TEXTS = os.path.join(REPOSITORY, "tests", "unit")


def check(script: str) -> None:
    """Run asserts on the Windows CPython."""
    assert python(script + "\nprint('done')").endswith("done\n")


def test_paths_are_windows_paths() -> None:
    check(r"""
from autovenv import native, text
assert native.WINDOWS and native.SCRIPTS == "Scripts"
for good in ("C:\\", "C:\\x", "d:\\x y\\é"):
    assert native.is_absolute(good), good
for bad in ("", "C:", "C:x", "x", "\\x", "/x", "C:/x", "\\\\server\\share", "\\\\?\\C:\\x", "\\\\.\\C:", "é:\\x"):
    assert not native.is_absolute(bad), bad
assert native.parts("C:\\a\\b\\") == ["a", "b"] and native.is_root("C:\\") and not native.is_root("C:\\a")
assert list(native.places("C:\\a\\b")) == ["C:\\a", "C:\\a\\b"]
assert native.in_mirror("c:\\Users\\al\\") == "\\C\\Users\\al" and native.from_mirror("\\C\\Users") == "C:\\Users"
assert native.below("C:\\A\\b", "c:\\a") and not native.below("C:\\ab", "C:\\a") and native.below("C:\\a", "C:\\")
for bad in "&!^%;=":
    assert native.unfit("C:\\a" + bad), bad
for good in "()[]{}'`~@#$+,-_. é":
    assert not native.unfit("C:\\a" + good + "b"), good
assert text.shown("C:\\Users\\al\\p", home="C:\\Users\\al") == "~\\p"
""")


def test_own_folders_come_from_windows_variables() -> None:
    check(r"""
from autovenv import paths
assert paths.data_home({"LOCALAPPDATA": "C:\\L", "USERPROFILE": "C:\\u"}) == "C:\\L\\autovenv"
assert paths.data_home({"USERPROFILE": "C:\\u"}) == "C:\\u\\AppData\\Local\\autovenv"
assert paths.data_home({"LOCALAPPDATA": "\\\\s\\x", "USERPROFILE": "C:\\u"}) == "C:\\u\\AppData\\Local\\autovenv"
assert paths.user_home({"USERPROFILE": "C:\\u", "HOME": "C:\\other"}) == "C:\\u"
""")


@pytest.fixture
def place() -> Place:
    return Place().build()


def test_an_environment_is_allowed_and_found_in_any_case(place: Place) -> None:
    place.make(["p\\.venv"], allow=["p"], folders=["p\\src"])
    told = place.python(r"""
marker = trust.find(home, (w + "\\P\\SRC").upper())
print(marker.venv, marker.bin, sep="\n")
print(trust.state_of(home, marker).state.value)
print([one.project for one in trust.projects(home)] == [w + "\\p"])
""")
    assert told.splitlines() == [
        place.folder + "\\p\\.venv",
        place.folder + "\\p\\.venv\\Scripts",
        "unchanged",
        "True",
    ]


def test_the_file_that_cmd_reads_is_one_ascii_line(place: Place) -> None:
    place.make(["ünï cödé\\.venv"], allow=["ünï cödé"])
    data = place.python(r"""
print(open(trust.marker_place(home, w + "\\ünï cödé") + "\\.autovenv-cmd", "rb").read())
""")
    assert data == "b'1|.venv|Scripts|.venv\\r\\n'\n"


def test_one_elsewhere_is_named_whole_or_not_at_all(place: Place) -> None:
    place.make(["env", "é"], folders=["p", "q"])
    told = place.python(r"""
for project, venv in (("p", "env"), ("q", "é")):
    consent.allow(home, pwd=w, project=w + "\\" + project, venv=w + "\\" + venv, environ=environ)
    file = trust.marker_place(home, w + "\\" + project) + "\\.autovenv-cmd"
    print(open(file).read().strip() if os.path.exists(file) else "none")
""")
    assert told.splitlines() == [f"1|{place.folder}\\env|Scripts|env", "none"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("os.rename(v + '\\\\Scripts', v + '\\\\bin')", "other-os"),
        ("open(v + '\\\\Scripts\\\\git.exe', 'w').close()", "shadows-command"),
        ("open(v + '\\\\Scripts\\\\Where.CMD', 'w').close()", "shadows-command"),
        ("os.unlink(v + '\\\\Scripts\\\\python.exe')", "no-interpreter"),
        (
            "[os.unlink(v + '\\\\Scripts\\\\' + n) for n in os.listdir(v + '\\\\Scripts') if 'ctivate' in n]",
            "unfinished",
        ),
        ("open(v + '\\\\pyvenv.cfg', 'w').write('home = /usr/bin\\n')", "other-os"),
        ("open(v + '\\\\pyvenv.cfg', 'w').write('home = \\\\\\\\server\\\\share\\n')", "no-home"),
        ("open(v + '\\\\pyvenv.cfg', 'w').write('home = ' + p + '\\n')", "home-inside"),
        ("os.unlink(v + '\\\\pyvenv.cfg')", "no-config"),
        ("os.rename(p, p + '2'); p += '2'", "moved"),
        ("", ""),
    ],
)
def test_what_is_refused_on_windows(place: Place, change: str, word: str) -> None:
    told = place.python(
        "import venv\n"
        "p = w + '\\\\p'; v = p + '\\\\.venv'; venv.create(v)\n"
        f"{change}\n"
        "v = p + '\\\\.venv'\n"
        "found = verify.judge(verify.Candidate(p, v, verify.bin_of(v)), consent=verify.Consent.C1,\n"
        "                     person=verify.current_person(environ))\n"
        "print(found.word.value if found else '')\n"
    )
    assert told.strip() == word


@pytest.mark.parametrize("name", ["R&D", "100%", "a^b", "wow!", "a;b", "a=b"])
def test_a_name_that_cmd_would_take_apart_is_refused(place: Place, name: str) -> None:
    told = place.python(
        # By hand: Python's venv makes none in a folder with ; in its name.
        "p = os.path.join(w, sys.argv[1]); os.makedirs(p + '\\\\.venv\\\\Scripts')\n"
        "for f in ('activate.bat', 'python.exe'): open(p + '\\\\.venv\\\\Scripts\\\\' + f, 'w').close()\n"
        "open(p + '\\\\.venv\\\\pyvenv.cfg', 'w').write('home = C:\\\\python')\n"
        "from autovenv.errors import AutovenvError\n"
        "try: consent.allow(home, pwd=w, project=p, environ=environ)\n"
        "except AutovenvError as error: print(error.fact)\n",
        name,
    )
    assert "which PATH cannot hold" in told


def test_too_long_for_cmd_is_refused(place: Place) -> None:
    told = place.python(
        "p = w + '\\\\' + 'x' * 120 + '\\\\' + 'y' * 120\nprint(trust.unplaceable(home, p))\n"
    )
    assert told.strip() == "too-long"


# ---- installing -----------------------------------------------------------------------------------

MACHINE = r"""
import uuid
from autovenv import autorun, registry, windows
key = "Software\\autovenv-test\\" + uuid.uuid4().hex
real = registry.CurrentUser(key)
program = home.path + "\\bin\\autovenv.exe"
answers = []
def probe():
    answers.append(1)
    return (("/c echo", b"AUTOVENV_OK", b"", 0),)
machine = windows.Machine(home.path, program, environ, real, probe)
"""


def test_install_and_uninstall_leave_no_trace(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
import shutil, json
shutil.rmtree(home.path + "\\cmd")
def tree(): return sorted(os.path.relpath(os.path.join(r, f), home.path) for r, _, n in os.walk(home.path) for f in n)
before = tree()
print(windows.installed(machine))
print(len(windows.pending(machine, with_autorun=True)) > 8, real.read())
windows.install(machine, with_autorun=True)
print(windows.installed(machine), real.read() == autorun.Value(autorun.ENTRY, 2))
first = tree()
windows.install(machine, with_autorun=True)
print(tree() == first, windows.pending(machine, with_autorun=True))
open(home.path + "\\cmd\\hook.bat", "a").write("x")
print(windows.installed(machine))
windows.install(machine, with_autorun=True)
print(windows.installed(machine))
windows.uninstall(machine)
print(real.read(), windows.installed(machine), os.path.exists(home.path))
"""
    )
    assert told.splitlines() == [
        "absent", "True None", "current True", "True []", "outdated", "current", "None absent False",
    ]  # fmt: skip


def test_without_autorun_the_registry_is_left_alone(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
print(*windows.install(machine, with_autorun=False), sep="\n")
print(real.read(), windows.installed(machine))
"""
    )
    assert 'cmd /k "%LOCALAPPDATA%\\autovenv\\cmd\\autorun.bat"' in told
    assert told.splitlines()[-1] == "None without-autorun"


def test_clink_gets_its_script_where_it_is(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
os.makedirs(environ["LOCALAPPDATA"] + "\\clink")
windows.install(machine, with_autorun=True)
lua = environ["LOCALAPPDATA"] + "\\clink\\autovenv.lua"
print(os.path.getsize(lua) > 1000)
windows.uninstall(machine)
print(os.path.exists(lua))
"""
    )
    assert told.splitlines() == ["True", "False"]


def test_the_program_is_named_in_ascii_or_copied(place: Place) -> None:
    check(r"""
from autovenv.windows import program_line
home = "C:\\Users\\Zo\u00eb\\AppData\\Local\\autovenv"
assert program_line(home, "C:\\Users\\Zo\u00eb\\.local\\bin\\autovenv.exe") == (b"..\\..\\..\\..\\.local\\bin\\autovenv.exe\r\n", False)
assert program_line(home, "D:\\tools\\autovenv.exe") == (b"D:\\tools\\autovenv.exe\r\n", False)
assert program_line(home, "C:\\Users\\Zo\u00eb\\\u00fc\\autovenv.exe") == (b"..\\bin\\autovenv.exe\r\n", True)
assert program_line(home, "C:\\100%\\autovenv.exe") == (b"..\\bin\\autovenv.exe\r\n", True)
""")


def test_a_thousand_values_come_back_out_of_the_real_registry(place: Place) -> None:
    from unit.test_autorun import TEXTS

    texts = sorted(
        {text for text in TEXTS if "\0" not in text and not any("\ud800" <= c < "\ue000" for c in text)}
    )
    file = place.root + "\\texts.json"
    with open(host(file), "w", encoding="utf-8") as stream:
        json.dump(texts, stream)
    told = place.python(
        MACHINE
        + r"""
import json, winreg
texts = json.load(open(sys.argv[1], encoding="utf-8"))
bad = 0
for number, text in enumerate(texts):
    old = autorun.Value(text, 1 + number % 2)
    real.write(old)
    autorun.install(real, probe, lambda _: None)
    now = real.read()
    ours = now.text.startswith(autorun.ENTRY) and now.text.endswith(text) and now.kind == old.kind
    autorun.uninstall(real, created=False)
    bad += not ours or real.read() != old
print(len(texts), bad)
winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
""",
        file,
    )
    count, bad = map(int, told.split())
    assert count >= 1000
    assert bad == 0


def test_other_types_are_left_alone_in_the_real_registry(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
import winreg
from autovenv.errors import AutovenvError
for kind, value in ((winreg.REG_DWORD, 1), (winreg.REG_MULTI_SZ, ["a", "b"]), (winreg.REG_BINARY, b"\1\2")):
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
        winreg.SetValueEx(opened, "AutoRun", 0, kind, value)
        try: autorun.install(real, probe, lambda _: None); print("changed")
        except AutovenvError: print(winreg.QueryValueEx(opened, "AutoRun") == (value, kind))
"""
    )
    assert told.splitlines() == ["True"] * 3


def test_the_self_test_runs_a_real_cmd(place: Place) -> None:
    told = place.python(r"""
from autovenv import registry
for words, out, err, code in registry.try_cmd(): print(words, out.strip(), err, code)
""")
    assert told.splitlines() == [
        "/c echo AUTOVENV_OK b'AUTOVENV_OK' b'' 0",
        "/c rem b'' b'' 0",
        *(f"/c exit {code} b'' b'' {code}" for code in (0, 1, 7, 255)),
    ]


# ---- AutoRun's line, as cmd would run it ----------------------------------------------------------

LINES = [
    "echo after",
    "echo a&echo b",
    'if exist "C:\\nowhere" echo x & echo y',
    "(echo a) & (echo b)",
    "rem nothing",
    "cd /d C:\\windows & cd",
    "set X=1& echo %COMSPEC%",
    "echo ^&",
    "cmd /d /c exit 7",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("installed", [True, False])
def test_what_stands_behind_our_entry_runs_as_it_did(place: Place, line: str, installed: bool) -> None:
    from autovenv.autorun import Value, with_entry

    if not installed:
        os.unlink(host(place.home + "\\cmd\\autorun.bat"))
    environ = {"LOCALAPPDATA": place.local, "CMDCMDLINE": "cmd /c echo x"}
    alone, ours = (run("cmd", "/d", "/c", text, **environ) for text in (line, with_entry(Value(line)).text))
    assert (ours.stdout, ours.stderr, ours.returncode) == (alone.stdout, alone.stderr, alone.returncode)


def test_a_program_of_pips_kind_runs(place: Place) -> None:
    with open(host(place.root + "\\x.exe"), "wb") as stream:
        stream.write(launcher("import sys; sys.exit(len(sys.argv))"))
    assert run(place.root + "\\x.exe", "a", "b").returncode == 3
