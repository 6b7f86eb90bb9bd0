from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovenv.text import below, has_control, same_place, shown


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/al/my project", "/home/al/my project"),
        ("/home/al/größe/日本", "/home/al/größe/日本"),
        ("/p/\x1b[2Jx", "/p/\\x1b[2Jx"),
        ("/p/a\nb\tc", "/p/a\\x0ab\\x09c"),
        ("/p/\x7f", "/p/\\x7f"),
        ("/p/\x9b31m", "/p/\\x9b31m"),
        ("/p/\udc9b31m", "/p/\\x9b31m"),
        ("/p/\udcff", "/p/\\xff"),
        ("/p/\u202egpj.exe", "/p/\\u202egpj.exe"),
        ("/p/\u2066x\u2069", "/p/\\u2066x\\u2069"),
        ("/p/a\u2028b\u2029c", "/p/a\\u2028b\\u2029c"),
        ("/p/\u200b", "/p/\\u200b"),
        ("/p/\U000e0041", "/p/\\U000e0041"),
        ("/p/\ud800", "/p/\\ud800"),
        ("", ""),
    ],
)
def test_a_path_is_shown_without_what_could_repaint_a_terminal(path, expected):
    assert shown(path) == expected


@given(st.text())
def test_whatever_is_shown_is_printable_and_encodes(path):
    assert all(char.isprintable() for char in shown(path))
    shown(path).encode("utf-8")


@given(st.binary())
def test_any_bytes_can_be_shown(data):
    assert shown(data.decode("utf-8", "surrogateescape")).isprintable()


@pytest.mark.parametrize(
    ("path", "home", "expected"),
    [
        ("/home/al", "/home/al", "~"),
        ("/home/al/p", "/home/al", "~/p"),
        ("/home/alice/p", "/home/al", "/home/alice/p"),
        ("/x/home/al", "/home/al", "/x/home/al"),
        ("/etc", "/", "/etc"),
        ("/etc", "", "/etc"),
    ],
)
def test_the_home_folder_is_shown_as_a_tilde(path, home, expected):
    assert shown(path, home=home) == expected


def test_only_c0_and_del_are_control_characters():
    assert has_control("a\nb")
    assert has_control("\x7f")
    assert not has_control("a b\udc9b\x9b")


def test_below_goes_by_whole_names():
    assert below("/a/b", "/a")
    assert below("/a", "/a")
    assert below("/a", "/")
    assert not below("/ab", "/a")


def test_the_same_place_is_known_by_string_and_by_file(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert same_place(str(tmp_path / "real"), str(tmp_path / "link"))
    assert same_place("/nowhere", "/nowhere")
    assert not same_place(str(tmp_path / "real"), str(tmp_path / "missing"))
    assert not same_place(str(tmp_path / "real"), "bad\0name")
