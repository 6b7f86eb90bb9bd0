"""The search against a real PowerShell, as :mod:`test_real_shells` does it for the others."""

from __future__ import annotations

import random
import subprocess

import pytest

from which import test_real_shells as shells

LAYOUTS, PATHS = 40, 60
SCRIPT = """
foreach ($p in Get-Content -LiteralPath $env:LIST) {
  $env:PATH = $p.Substring(1)
  $c = Get-Command -Name $env:ASKED -CommandType Application,ExternalScript -ErrorAction SilentlyContinue
  [Console]::Out.WriteLine('<' + @($c)[0].Source)
}
"""
ENTRIES = (
    *(["@/" + name for name in shells.FOLDERS] + list(shells.FOLDERS)),
    *(
        "",
        ".",
        "./a",
        "..",
        "@",
        "~",
        "~/a",
        "~/tilde",
        "  @/a",
        "nowhere",
        "@/a/",
        "@//a",
        "a/../b",
        "~/",
        "-",
    ),
)
SCRIPTS = ("plain", "program", "folder", "dangling", "nothing", "nothing", "nothing")


def test_no_difference(tmp_path, find_program):
    pytest.importorskip("engine", reason="where the tests get PowerShell from")
    pwsh, pick = find_program("pwsh"), random.Random(1)  # the same layouts in every run
    compared = found = 0
    for number in range(LAYOUTS):
        tree = (tmp_path / str(number)).resolve()
        tree.mkdir()
        shells.put(tree, tree / "target", "program")
        for name, sorts in (("python", shells.SORTS), ("python.ps1", SCRIPTS)):
            places = ("a", "b", "c d", "e", "tilde", "~", "deep/er", ".")
            shells.lay(tree, {place: pick.choice(sorts) for place in places}, name)
        listed = [
            ":".join(pick.choices(ENTRIES, k=pick.randint(1, 6))).replace("@", str(tree))
            for _ in range(PATHS)
        ]
        (tree / "list").write_text("".join(f"={path}\n" for path in listed))
        environ = {"PATH": "/nowhere", "HOME": str(tree), "PWD": str(tree), "LC_ALL": "C.UTF-8"}
        environ |= {"ASKED": "python", "LIST": str(tree / "list")}
        done = subprocess.run(
            [pwsh, "-NoProfile", "-Command", SCRIPT],
            cwd=tree,
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
        told = [line[1:] for line in done.stdout.splitlines() if line.startswith("<")]
        assert len(told) == PATHS
        for path, answer in zip(listed, told, strict=True):
            mine = shells.ours("powershell", "python", path, tree)
            assert shells.place(mine, tree) == shells.place(answer, tree), path
            compared, found = compared + 1, found + bool(answer)
    assert compared >= 2000
    assert found >= compared // 4
