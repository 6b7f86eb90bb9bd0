"""PowerShell's profiles: which are found, whether they would be read, and every encoding given back."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autovenv
from autovenv import hookfiles, paths, powershell, rcfile
from autovenv.hookfiles import Place, Standing
from autovenv.powershell import Edition, Policy
from conftest import program as find_program

if TYPE_CHECKING:
    from pathlib import Path

OLD = Edition("Windows PowerShell", "powershell.exe", "D")
TEXT = "function prompt { 'é日 >' }\r\nSet-Alias ll Get-ChildItem"
ENCODINGS = {
    "utf-8": TEXT.encode(),
    "utf-8 with mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "utf-16": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "utf-16 big": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "a code page": TEXT.replace("日", "").encode("cp1252"),
    "empty": b"",
    "only a mark": b"\xff\xfe",
    "half a pair": b"\xff\xfe" + b"\x00\xd8" + "#\n".encode("utf-16-le"),
    "carried on": b"echo `",
    "a last line without end": b"echo 1",
}


# ---- which files ----


def test_outside_windows_it_is_the_profile_of_all_hosts() -> None:
    (one,) = powershell.editions({"HOME": "/h", "PATH": ""}, platform="linux")
    assert one.profile == "/h/.config/powershell/profile.ps1"
    (one,) = powershell.editions({"HOME": "/h", "XDG_CONFIG_HOME": "/c", "PATH": ""}, platform="darwin")
    assert one.profile == "/c/powershell/profile.ps1"


def test_that_is_the_file_that_powershell_names_itself(own_home: Path) -> None:
    words = ["-NoProfile", "-c", "$PROFILE.CurrentUserAllHosts"]
    done = subprocess.run([find_program("pwsh"), *words], capture_output=True, text=True, check=True)
    (one,) = powershell.editions(os.environ, platform="linux")
    assert done.stdout.strip() == one.profile


def test_on_windows_each_edition_that_is_found_has_its_own(tmp_path: Path) -> None:
    old = tmp_path / "System32" / "WindowsPowerShell" / "v1.0" / "powershell.exe"
    new = tmp_path / "PowerShell" / "7" / "pwsh.exe"
    environ = {"SystemRoot": str(tmp_path), "ProgramFiles": str(tmp_path), "PATH": ""}
    found = []
    for program in (old, new):
        program.parent.mkdir(parents=True)
        program.touch()
        editions = powershell.editions(environ, platform="win32", documents="D:\\OneDrive\\Dokumente")
        found.append([(one.name, os.path.basename(one.folder)) for one in editions])
        assert all(one.profile.startswith("D:\\OneDrive\\Dokumente") for one in editions)
    assert found == [
        [("Windows PowerShell", "WindowsPowerShell")],
        [("Windows PowerShell", "WindowsPowerShell"), ("PowerShell", "PowerShell")],
    ]


# ---- the policy ----


def answer(effective: str, **scopes: str) -> str:
    every = dict.fromkeys(
        ("MachinePolicy", "UserPolicy", "Process", "CurrentUser", "LocalMachine"), "Undefined"
    )
    return "\r\n".join(
        f"{name}={value}" for name, value in {**every, **scopes, "effective": effective}.items()
    )


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        (answer("Restricted"), Policy("Restricted")),
        (answer("RemoteSigned"), Policy("RemoteSigned")),
        (answer("Bypass", Process="Bypass"), Policy("Bypass")),
        (answer("Restricted", CurrentUser="Restricted"), Policy("Restricted", "CurrentUser")),
        (
            answer("RemoteSigned", CurrentUser="RemoteSigned", LocalMachine="Restricted"),
            Policy("RemoteSigned", "CurrentUser"),
        ),
        (
            answer("AllSigned", MachinePolicy="AllSigned", CurrentUser="Bypass"),
            Policy("AllSigned", "MachinePolicy"),
        ),
        (answer("Bypass", Process="Bypass", LocalMachine="Restricted"), Policy("Restricted", "LocalMachine")),
        (answer("RemoteSigned", UserPolicy="RemoteSigned"), Policy("RemoteSigned", "UserPolicy")),
        ("", None),
        ("powershell: not found\n", None),
    ],
)
def test_the_strongest_scope_that_says_something_decides(text: str, policy: Policy | None) -> None:
    assert powershell.read_policy(text) == policy


@pytest.mark.parametrize("name", ["RemoteSigned", "Unrestricted", "Bypass", "Default"])
def test_these_policies_load_a_profile(name: str) -> None:
    assert powershell.refusal(OLD, Policy(name, "CurrentUser")) is None


def test_no_answer_is_no_reason_to_refuse() -> None:
    assert powershell.refusal(OLD, None) is None


def test_the_default_is_told_with_the_command_that_changes_it() -> None:
    error = powershell.refusal(OLD, Policy("Restricted"))
    assert error is not None
    fact, remedy = error.lines()
    assert fact == (
        "autovenv: Windows does not let Windows PowerShell load profiles here "
        "(policy: Restricted, the default). Nothing was changed."
    )
    assert remedy == (
        "To permit it for you: Set-ExecutionPolicy -Scope CurrentUser RemoteSigned, "
        "then: autovenv install-hook"
    )


@pytest.mark.parametrize("scope", ["MachinePolicy", "UserPolicy"])
def test_a_group_policy_is_not_told_to_be_changed(scope: str) -> None:
    error = powershell.refusal(OLD, Policy("AllSigned", scope))
    assert error is not None
    assert "(policy: AllSigned, set by Group Policy)" in error.fact
    assert "Set-ExecutionPolicy" not in error.remedy


def test_the_policy_of_this_terminal_is_not_asked_for(tmp_path: Path) -> None:
    program = tmp_path / "powershell"
    program.write_text('#!/bin/sh\necho "effective=${PSExecutionPolicyPreference:-Restricted}"\n')
    program.chmod(0o755)
    edition = Edition("PowerShell", str(program), "D")
    environ = {"PATH": os.environ["PATH"], "PSExecutionPolicyPreference": "Bypass"}
    assert powershell.ask_policy(edition, environ) == Policy("Restricted")


def test_the_question_is_answered_by_the_engine(own_home: Path) -> None:
    policy = powershell.ask_policy(Edition("PowerShell", find_program("pwsh"), "D"), os.environ)
    assert policy is not None
    assert policy.name == "Unrestricted"  # fixed outside Windows


def test_only_the_edition_that_is_barred_is_left_out() -> None:
    new = Edition("PowerShell", "pwsh.exe", "E")
    policies = {OLD: Policy("Restricted"), new: Policy("RemoteSigned")}
    barred = powershell.barred({}, platform="win32", found=[OLD, new], ask=lambda one, _: policies[one])
    assert list(barred) == [OLD.profile]
    assert powershell.barred({}, platform="linux", found=[OLD], ask=lambda one, _: policies[one]) == {}


def test_nothing_is_written_where_no_profile_would_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    place = Place(environ, paths.data_home(environ), "/opt/bin/autovenv")
    profile = powershell.editions(environ, platform="linux")[0].profile
    error = powershell.refusal(OLD, Policy("Restricted"))
    monkeypatch.setattr(powershell, "barred", lambda *_, **__: {profile: error})
    (result,) = hookfiles.install(place, ["powershell"])
    assert (result.before, result.error) == (Standing.REFUSED, error)
    assert list(tmp_path.iterdir()) == []


# ---- the line ----


@given(st.text(st.characters(exclude_characters="\0"), max_size=30))
def test_a_path_is_ascii_in_a_profile(text: str) -> None:
    assert powershell.quoted(text).isascii()
    assert "\n" not in powershell.quoted(text)


def test_the_engine_reads_it_as_it_was(own_home: Path) -> None:
    paths_ = ["C:\\Users\\Zoë\\x", "it's", "日本", "\U0001f600", 'a`$(x)"b', "", "é", " "]
    script = "\n".join(f"[Console]::Out.Write({powershell.quoted(path)} + [char]10)" for path in paths_)
    done = subprocess.run([find_program("pwsh"), "-NoProfile", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split("\n")[:-1] == paths_


# ---- encodings ----


@pytest.mark.parametrize("content", ENCODINGS.values(), ids=ENCODINGS)
def test_a_profile_in_any_encoding_is_given_back(content: bytes, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    place = Place(environ, paths.data_home(environ), "/opt/bin/autovenv")
    profile = tmp_path / ".config" / "powershell" / "profile.ps1"
    profile.parent.mkdir(parents=True)
    profile.write_bytes(content)
    (result,) = hookfiles.install(place, ["powershell"])
    assert (result.before, result.error) == (Standing.ABSENT, None)
    assert profile.read_bytes().startswith(content)
    assert rcfile.BEGIN in rcfile.readable(profile.read_bytes())
    assert hookfiles.install(place, ["powershell"])[0].before is Standing.CURRENT
    hookfiles.uninstall(place, ["powershell"])
    assert profile.read_bytes() == content
    assert sorted(one.name for one in tmp_path.iterdir()) == [".config"]


@pytest.mark.parametrize("name", ["utf-8", "utf-8 with mark", "utf-16", "utf-16 big", "carried on"])
def test_the_engine_reads_the_block_in_that_encoding(name: str, tmp_path: Path) -> None:
    (tmp_path / "hook.ps1").write_text("[Console]::Out.Write('loaded')\n")
    script = tmp_path / "profile.ps1"
    content = ENCODINGS[name].replace(b"echo `", b"[void]1 `")
    script.write_bytes(rcfile.with_block(content, powershell.source_line(str(tmp_path / "hook.ps1"))))
    words = [find_program("pwsh"), "-NoProfile", "-File", str(script)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("loaded", "")


def test_a_file_that_only_begins_as_utf16_is_left_alone(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    profile = tmp_path / ".config" / "powershell" / "profile.ps1"
    profile.parent.mkdir(parents=True)
    profile.write_bytes(b"\xff\xfeabc")
    (result,) = hookfiles.install(Place(environ, paths.data_home(environ)), ["powershell"])
    assert result.error is not None
    assert result.error.fact == f"{profile} begins as UTF-16 and is not; left as it is"
    assert profile.read_bytes() == b"\xff\xfeabc"


def test_the_hook_that_is_installed_has_the_version_of_the_program() -> None:
    with open(paths.hook_source("powershell"), encoding="ascii") as hook:
        assert hook.readline() == f"# autovenv hook 1 {autovenv.__version__}\n"
