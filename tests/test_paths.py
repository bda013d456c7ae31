"""Where things lie, and files that are written whole or not at all."""

import errno
import os
import sys
from pathlib import Path

import pytest

from workbench import paths
from workbench.errors import WorkspaceError
from workbench.paths import Workspace


def test_the_workspace_is_what_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "other"))
    assert paths.find_workspace(tmp_path / "mine").home == tmp_path / "mine"


def test_else_the_workspace_is_what_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "other"))
    assert paths.find_workspace().home == tmp_path / "other"


def test_else_the_workspace_lies_in_the_users_data_folder(tmp_path, monkeypatch):
    monkeypatch.delenv(paths.HOME_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert paths.find_workspace().home.name == "keras-workbench"


def test_the_workspace_path_is_absolute_and_knows_the_tilde(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert paths.find_workspace("here").home == tmp_path / "here"
    assert paths.find_workspace("~/there").home == Path("~/there").expanduser()


def test_creating_a_workspace_makes_its_folders_and_leaves_nothing_else(tmp_path):
    workspace = Workspace(tmp_path / "a" / "b").create()
    assert {each.name for each in workspace.home.iterdir()} == {"runs", "presets"}
    workspace.create()  # a second time does no harm


def test_a_workspace_where_a_file_lies_is_a_clear_sentence(tmp_path):
    (tmp_path / "taken").write_text("hello")
    with pytest.raises(WorkspaceError, match="is a file where a folder is needed"):
        Workspace(tmp_path / "taken").create()
    assert (tmp_path / "taken").read_text() == "hello"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a place where not even root may write")
def test_a_read_only_workspace_is_a_clear_sentence():
    with pytest.raises(WorkspaceError, match="cannot be written to"):
        Workspace(Path("/sys/workbench")).create()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EDQUOT, "is full"),
        (errno.EROFS, "cannot be written to"),
        (errno.EACCES, "cannot be written to"),
        (errno.ENOTDIR, "is a file where a folder is needed"),
        (errno.EIO, "could not be used"),
    ],
)
def test_what_the_system_says_becomes_a_sentence_that_names_the_path(number, words):
    sentence = paths.explain(OSError(number, os.strerror(number)), Path("/some/where"))
    assert words in sentence
    assert "/some/where" in sentence
    assert sentence.endswith(".")


def test_the_file_that_stands_where_a_folder_is_needed_is_named(tmp_path):
    (tmp_path / "taken").write_text("hello")
    with pytest.raises(WorkspaceError) as raised:
        Workspace(tmp_path / "taken" / "by" / "a file").create()
    assert str(raised.value).startswith(f"{tmp_path / 'taken'} is a file where a folder is needed. Choose another work")


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EIO])
def test_who_named_a_place_is_told_to_name_another_and_nothing_of_workspaces(number):
    sentence = paths.explain_place(
        OSError(number, os.strerror(number)), Path("/some/where"), "Choose another with --to."
    )
    assert sentence.startswith("/some/where ")
    assert sentence.endswith(". Choose another with --to.")
    assert "workspace" not in sentence


def test_a_file_is_written_with_its_folders(tmp_path):
    paths.write_atomic(tmp_path / "new" / "file.bin", b"\x00\x01")
    assert (tmp_path / "new" / "file.bin").read_bytes() == b"\x00\x01"


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    file = tmp_path / "file"
    paths.write_atomic(file, b"old")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkspaceError, match="is full"):
        paths.write_atomic(file, b"new")
    assert file.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_write_that_is_interrupted_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    file = tmp_path / "file"
    paths.write_atomic(file, b"old")

    def interrupted(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        paths.write_atomic(file, b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("file", b"old")]


def test_shipped_presets_and_assets_are_found_in_a_checkout():
    assert (paths.shipped_presets() / "digits-cnn.toml").is_file()
    assert paths.assets().is_dir()


def test_inside_a_wheel_presets_and_assets_lie_in_the_package(tmp_path, monkeypatch):
    (tmp_path / "workbench" / "_presets").mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "workbench" / "paths.py"))
    assert paths.shipped_presets() == tmp_path / "workbench" / "_presets"
    assert paths.assets() == tmp_path / "assets"
