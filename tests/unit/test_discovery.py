from __future__ import annotations

import pytest

from autovenv.discovery import Discovered, find_venv


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "p"
    path.mkdir()
    return path


def found(folder, **environ):
    return find_venv(str(folder), environ=environ)


def test_an_empty_folder_has_none(folder):
    assert found(folder) is None


def test_the_order_is_the_documented_one(folder, make_venv):
    kinds = []
    make_venv(folder / "env")
    kinds.append(found(folder).kind)
    make_venv(folder / "venv")
    kinds.append(found(folder).kind)
    (folder / ".python-envs").write_text("venv\nenv\n")
    kinds.append(found(folder).kind)
    assert found(folder).venv == str(folder / "env")
    (folder / ".venv").write_text("./venv\n")
    kinds.append(found(folder).kind)
    assert found(folder) == Discovered(str(folder / "venv"), "redirect", str(folder / ".venv"))
    (folder / ".venv").unlink()
    (folder / ".venv").symlink_to("venv")
    kinds.append(found(folder).kind)
    (folder / ".venv").unlink()
    make_venv(folder / ".venv")
    kinds.append(found(folder).kind)
    assert kinds == ["env", "venv", "python-envs", "redirect", "link", "folder"]


def test_a_redirect_may_be_relative_absolute_or_a_name(folder, make_venv, tmp_path):
    make_venv(tmp_path / "else where" / "v")
    for text in ("../else where/v", f"{tmp_path}/else where/v\nmore\n", "\n  ../else where/v  \r\n"):
        (folder / ".venv").write_text(text)
        assert found(folder).venv == str(tmp_path / "else where" / "v")
    make_venv(tmp_path / "collection" / "demo")
    (folder / ".venv").write_text("demo\n")
    assert found(folder) is None
    for name in ("WORKON_HOME", "VIRTUALFISH_HOME"):
        assert found(folder, **{name: str(tmp_path / "collection")}).venv == str(
            tmp_path / "collection" / "demo"
        )
    assert found(folder, WORKON_HOME="collection") is None
    make_venv(tmp_path / ".virtualenvs" / "demo")
    assert found(folder, HOME=str(tmp_path)).venv == str(tmp_path / ".virtualenvs" / "demo")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"nowhere\n",
        b"//server/share\n",
        b"\\\\server\\share\n",
        b"a\0b\n",
        b"a\x1bb\n",
        b"x" * 20000,
    ],
)
def test_a_redirect_that_leads_nowhere_counts_as_absent(folder, make_venv, data):
    (folder / ".venv").write_bytes(data)
    (folder / ".python-envs").write_bytes(data)
    assert found(folder) is None
    make_venv(folder / "venv")
    assert found(folder).kind == "venv"


def test_a_redirect_that_is_a_link_is_not_read(folder, make_venv, tmp_path):
    make_venv(tmp_path / "v")
    (tmp_path / "file").write_text(str(tmp_path / "v"))
    (folder / ".venv").symlink_to(tmp_path / "file")
    assert found(folder) is None
    (folder / ".venv").unlink()
    (folder / ".venv").write_text(str(tmp_path / "v"))
    assert found(folder) is not None


def test_bytes_that_are_no_text_are_a_path_like_any_other(folder, make_venv):
    make_venv(folder / "caf\udce9")
    (folder / ".venv").write_bytes(b"caf\xe9\n")
    assert found(folder).venv == str(folder / "caf\udce9")


def test_a_folder_without_a_configuration_is_no_environment(folder, make_venv):
    (folder / ".venv").mkdir()
    assert found(folder) is None
    make_venv(folder / "env")
    assert found(folder).kind == "env"
