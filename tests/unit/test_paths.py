"""Where autovenv's own folder is, and where its files come from."""

from __future__ import annotations

import os
import pwd

import pytest

from autovenv import paths
from autovenv.errors import AutovenvError


def test_the_folder_is_below_the_home_folder():
    assert paths.data_home({"HOME": "/h"}) == "/h/.local/share/autovenv"


def test_an_absolute_xdg_folder_wins():
    assert paths.data_home({"HOME": "/h", "XDG_DATA_HOME": "/d/"}) == "/d/autovenv"


def test_a_relative_xdg_folder_is_ignored_as_its_specification_asks():
    assert paths.data_home({"HOME": "/h", "XDG_DATA_HOME": "d"}) == "/h/.local/share/autovenv"


def test_what_the_hook_says_wins_over_the_environment():
    assert paths.data_home({"HOME": "/h", "XDG_DATA_HOME": "/d"}, home="/x/autovenv") == "/x/autovenv"


def test_without_home_the_list_of_users_is_asked():
    assert paths.user_home({}) == os.path.normpath(pwd.getpwuid(os.geteuid()).pw_dir)


def test_without_any_home_that_is_said(monkeypatch):
    monkeypatch.setattr(paths, "_listed_home", lambda: "")
    with pytest.raises(AutovenvError, match="HOME is not set"):
        paths.user_home({"HOME": "relative"})


@pytest.mark.parametrize("shell", paths.HOOKS)
def test_a_hook_and_completions_are_found_in_a_checkout(shell):
    with open(paths.hook_source(shell), "rb") as stream:
        assert stream.readline().startswith(b"# autovenv hook 1 ")
    assert os.path.isfile(paths.completion_source(shell))


def test_a_missing_file_is_told_of(monkeypatch):
    monkeypatch.setitem(paths.HOOKS, "bash", "hook.none")
    with pytest.raises(AutovenvError, match=r"has no shims/hook\.none"):
        paths.hook_source("bash")
