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


def test_bytes_that_are_no_utf8_are_read_and_never_a_traceback(place: Place) -> None:
    place.make(["p\\.venv"], folders=["q"])
    told = place.python(r"""
from autovenv import discovery, gitindex, scene, verdict
venv = w + "\\p\\.venv"
for name in ("pyvenv.cfg", "Scripts\\activate", "Scripts\\activate.bat"):
    with open(venv + "\\" + name, "ab") as stream: stream.write(b"prompt = \xe9\xff\r\n")
open(w + "\\p\\.python-version", "wb").write(b"\xe9")
open(w + "\\q\\.venv", "wb").write(b"\xff\xfe")
open(w + "\\q\\.git", "wb").write(b"gitdir: \xe9")
found = verify.judge(verify.Candidate(w + "\\p", venv, verify.bin_of(venv)), consent=verify.Consent.C1, person=verify.current_person(environ))
print(found.word.value if found else "", discovery.find_venv(w + "\\q", environ=environ), gitindex.tracked(w + "\\q", ".venv").name)
os.chdir(w + "\\p")
environ["PATH"] = venv + "\\Scripts"
print(verdict.judge(scene.look(environ, home=home.path), "python").winner.candidate.path == venv + "\\Scripts\\python.exe")
""")
    assert told.splitlines() == [" None UNKNOWN", "True"]


def test_too_long_for_cmd_is_refused(place: Place) -> None:
    told = place.python(
        "p = w + '\\\\' + 'x' * 120 + '\\\\' + 'y' * 120\nprint(trust.unplaceable(home, p))\n"
    )
    assert told.strip() == "too-long"


# ---- installing -----------------------------------------------------------------------------------

MACHINE = r"""
import functools, uuid
from dataclasses import replace
from autovenv import autorun, hookfiles, registry, windows
key = "Software\\autovenv-test\\" + uuid.uuid4().hex
real = registry.CurrentUser(key)
answers = []
def probe():
    answers.append(1)
    return (("/c echo", b"AUTOVENV_OK", b"", 0),)
windows.AutoRun = functools.partial(windows.AutoRun, real, probe)
place = hookfiles.Place(environ, home.path, home.path + "\\bin\\autovenv.exe")
def install(place=place): return [(one.before.value, one.error) for one in hookfiles.install(place, ["cmd"])]
def uninstall(): return [(one.before.value, one.error) for one in hookfiles.uninstall(place, ["cmd"])]
def standing(place=place): return hookfiles.standing(place, "cmd").before.value
def cmd(*words):
    from autovenv import cli
    sys.argv[0] = place.program
    return cli.run(list(words))
"""


def test_install_and_uninstall_leave_no_trace(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
import shutil
shutil.rmtree(home.path + "\\cmd")
def tree(): return sorted(os.path.relpath(os.path.join(r, f), home.path) for r, _, n in os.walk(home.path) for f in n)
print(standing(), real.read(), len(hookfiles.pending_files(place)) > 15)
print(hookfiles.difference(place, hookfiles.standing(place, "cmd")) == "would put in front of AutoRun: " + autorun.ENTRY)
print(install(), standing(), real.read() == autorun.Value(autorun.ENTRY, 2), len(answers))
first = tree()
print(install(), tree() == first, hookfiles.pending_files(place), len(answers))
open(home.path + "\\cmd\\hook.bat", "a").write("x")
print(standing(), install(), standing())
print(uninstall(), real.read(), os.path.exists(home.path))
print(uninstall(), standing())
"""
    )
    assert told.splitlines() == [
        "absent None True",
        "True",
        "[('absent', None)] current True 2",
        "[('current', None)] True [] 2",
        "outdated [('outdated', None)] current",
        "[('current', None)] None False",
        "[('absent', None)] absent",
    ]


def test_the_commands_tell_of_cmd_as_of_any_shell(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
os.environ.update(TERM="dumb")
print(cmd("hook", "cmd"))
print(cmd("install-hook", "cmd", "--dry-run").__class__.__name__, real.read())
for _ in range(2): cmd("install-hook", "cmd", "--yes")
cmd("uninstall-hook", "cmd", "--keep-trust")
cmd("uninstall-hook")
"""
    ).splitlines()
    assert told[0] == 'cmd /k "%LOCALAPPDATA%\\autovenv\\cmd\\autorun.bat"'
    assert "would put in front of AutoRun: (if exist" in told[2]
    assert "int None" in told
    assert [line for line in told if line.startswith(("Inst", "Alr", "Rem", "There"))] == [
        "Installed for cmd: one entry in AutoRun (undo: autovenv uninstall-hook)",
        "Already installed for cmd: one entry in AutoRun",
        "Removed for cmd: one entry in AutoRun",
        "There was no hook to remove.",
    ]


def test_a_value_that_is_no_text_refuses_and_changes_nothing(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
import winreg
with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
    winreg.SetValueEx(opened, "AutoRun", 0, winreg.REG_DWORD, 1)
before = sorted(os.listdir(home.path))
(result,) = hookfiles.install(place, ["cmd"])
print(result.before.value, result.error.lines(), sorted(os.listdir(home.path)) == before)
"""
    )
    assert told.startswith("refused [")
    assert "AutoRun is of a type that I do not know" in told
    assert "the line that loads the hook is: cmd /k" in told
    assert told.endswith("True\n")


def test_without_autorun_the_registry_is_left_alone(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
bare = replace(place, autorun=False)
(result,) = hookfiles.install(bare, ["cmd"])
print(hookfiles.told(bare, result))
print(real.read(), standing(), standing(bare))
from autovenv import doctor, situation
environ["_AUTOVENV_FACTS"] = "\x1e".join(("shell=cmd", "hook=1", "home=" + home.path))
(start,) = situation.look(environ, home=home.path).start_files
print(start.path == home.path + "\\cmd", start.state)
print(uninstall(), os.path.exists(home.path))
"""
    )
    assert 'cmd /k "%LOCALAPPDATA%\\autovenv\\cmd\\autorun.bat"' in told
    assert told.splitlines()[1:] == ["None absent current", "True current", "[('current', None)] False"]


def test_clink_gets_its_script_where_it_is(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
os.makedirs(environ["LOCALAPPDATA"] + "\\clink")
lua = environ["LOCALAPPDATA"] + "\\clink\\autovenv.lua"
install()
print(os.path.getsize(lua) > 1000, hookfiles.told(place, hookfiles.standing(place, "cmd")).endswith("clink\\autovenv.lua"))
open(lua, "a").write("-- x")
print(standing(), install(), standing())
uninstall()
print(os.path.exists(lua))
"""
    )
    assert told.splitlines() == ["True True", "outdated [('outdated', None)] current", "False"]


def test_a_start_up_file_gets_its_lines_and_is_given_back_byte_for_byte(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
profile = environ["USERPROFILE"] + "\\.bashrc"
os.makedirs(environ["USERPROFILE"], exist_ok=True)
for old in (b"", b"x\r\ny", b"\xef\xbb\xbfx\r\n", "x\r\n".encode("utf-16")):
    open(profile, "wb").write(old)
    made = os.stat(profile).st_file_attributes
    (result,) = hookfiles.install(place, ["bash"])
    (again,) = hookfiles.install(place, ["bash"])
    new = open(profile, "rb").read()
    print(result.error, again.before.value, new != old, os.stat(profile).st_file_attributes == made, end=" ")
    print(hookfiles.uninstall(place, ["bash"])[0].error, open(profile, "rb").read() == old, os.listdir(os.path.dirname(profile)))
"""
    )
    assert told.splitlines() == ["None current True True None True ['.bashrc', 'Local']"] * 4


def test_powershells_profile_gets_its_line_and_is_given_back(place: Place) -> None:
    """Wine's powershell.exe is a stub that answers 0: so the policy is unknown, and any file parses."""
    told = place.python(
        MACHINE
        + r"""
from autovenv import doctor, powershell, situation
documents = environ["USERPROFILE"] + "\\Documents"
powershell._documents = lambda environ: documents
profile = documents + "\\WindowsPowerShell\\profile.ps1"
os.makedirs(os.path.dirname(profile))
for old in (None, "# é\r\n".encode("utf-8-sig"), "# é\r\n".encode("utf-16"), b"# \xe9"):
    if old is not None:
        open(profile, "wb").write(old)
    (result,) = hookfiles.install(place, ["powershell"])
    new = open(profile, "rb").read()
    environ["_AUTOVENV_FACTS"] = "\x1e".join(("shell=powershell", "version=5.1", "hook=1", "home=" + home.path))
    known = situation.look(environ, home=home.path)
    fine = [one.fact for one in doctor.start_files(known) if one.result.value == "ok"]
    print(result.error, result.files == (profile,), new.startswith(old or b""), fine == [known.shown(profile) + " loads the hook of powershell"], end=" ")
    (gone,) = hookfiles.uninstall(place, ["powershell"])
    print(gone.error, (open(profile, "rb").read() if os.path.exists(profile) else None) == old, os.path.exists(home.path))
"""
    )
    assert told.splitlines() == ["None True True True None True False"] * 4


def test_one_at_a_time(place: Place) -> None:
    told = place.python(r"""
import subprocess
from autovenv import rcfile
from autovenv.errors import AutovenvError
child = "import sys; sys.path[:0] = sys.argv[1:2]; from autovenv import rcfile\nwith rcfile.locked(sys.argv[2]): print('in', flush=True); sys.stdin.read(1)"
with rcfile.locked(w): print("alone")
held = subprocess.Popen([sys.executable, "-c", child, sys.path[0], w.upper()], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
held.stdout.readline()
rcfile.LOCK_SECONDS = 0.2
try:
    with rcfile.locked(w): print("both")
except AutovenvError as error: print(error.fact.replace(w, "W"))
held.kill(); held.wait()
rcfile.LOCK_SECONDS = 20.0
with rcfile.locked(w): print("again")
""")
    assert told.splitlines() == ["alone", "another autovenv is at work in W", "again"]


def test_another_shells_hook_keeps_the_files(place: Place) -> None:
    told = place.python(
        MACHINE
        + r"""
install()
profile = environ["USERPROFILE"] + "\\.bashrc"
(result,) = hookfiles.install(place, ["bash"])
print(result.error, os.path.exists(profile))
print(uninstall(), os.path.exists(home.path + "\\hook.bash"), real.read())
(result,) = hookfiles.uninstall(place, ["bash"])
print(result.error, os.path.exists(profile), os.path.exists(home.path))
"""
    )
    assert told.splitlines() == ["None True", "[('current', None)] True None", "None False False"]


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
