"""Presets on disk: written and read alike, bad files told in sentences, shipped ones left alone."""

import errno
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import recipes
from workbench.errors import RecipeError, WorkspaceError
from workbench.paths import Workspace, shipped_presets
from workbench.spec import presets
from workbench.spec.presets import Preset
from workbench.spec.recipe import Recipe, changed

LINE = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=40)


def own(workspace, title="My net", recipe=None, about=""):
    return presets.save(Preset(presets.slug(title), title, recipe or Recipe(), about), workspace)


def told(path) -> str:
    with pytest.raises(RecipeError) as caught:
        presets.load(path)
    return str(caught.value)


# --- writing and reading -----------------------------------------------------------------------


@given(recipe=recipes(), title=LINE, about=LINE)
def test_a_preset_is_read_as_it_was_written(recipe, title, about):
    again = presets.loads(presets.dump(recipe, title, about))
    assert (again.recipe, again.title, again.about) == (recipe, title, about)


@given(recipes())
def test_writing_what_was_read_gives_the_same_text(recipe):
    text = presets.dump(recipe)
    assert presets.dump(presets.loads(text).recipe) == text


def test_tricks_that_are_off_and_untouched_are_not_written():
    assert "tricks" not in presets.dump(Recipe())


def test_a_trick_that_is_off_keeps_its_values_in_the_file():
    recipe = changed(Recipe(), "tricks.dropout.rate", 0.5)
    assert presets.loads(presets.dump(recipe)).recipe == recipe


def test_the_lines_of_what_it_is_about_stay(workspace):
    about = "First line.\nSecond line, with a tab\tin it."
    assert presets.loads(presets.dump(Recipe(), "Mine", "One.\nTwo.")).about == "One.\nTwo."
    # Signs that are not seen are made so; ends of lines among them are no ground for losing the words.
    assert presets.loads(presets.dump(Recipe(), "Mine", about)).about == about.replace("\n", " ").replace("\t", " ")


def test_texts_that_are_too_long_are_refused_and_not_cut():
    with pytest.raises(RecipeError, match=r"about: must have at most 2,000 characters, got 2,001\."):
        presets.loads(presets.dump(Recipe(), "Mine", "x" * 2001))


def test_a_preset_without_a_title_is_called_by_its_name():
    assert presets.loads("format = 1", "mine").title == "mine"


def test_dots_in_texts_and_comments_are_no_matter():
    about = "It 'is'. " * 150
    text = f"# {'.' * 100}\n{presets.dump(Recipe(), about=about)}"
    assert presets.loads(text).about == about


# --- bad files ---------------------------------------------------------------------------------


def test_a_missing_file_is_a_clear_sentence(tmp_path):
    with pytest.raises(WorkspaceError, match="There is no file"):
        presets.load(tmp_path / "none.toml")


def test_a_folder_is_no_preset(tmp_path):
    (tmp_path / "folder.toml").mkdir()
    assert "is a folder" in told(tmp_path / "folder.toml")


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(8 << 30)  # a sparse file: reading it would take the machine's memory
    assert "8,589,934,592 bytes" in told(path)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\xff\xfe", b"\xff\xfef\x00o\x00"])
def test_a_binary_file_is_refused(tmp_path, content):
    (tmp_path / "binary.toml").write_bytes(content)
    assert "not a text file in UTF-8" in told(tmp_path / "binary.toml")


@pytest.mark.parametrize("text", ["hello there", "[data", '{"json": true}', "format = 1\nformat = 1", "\0"])
def test_what_is_not_toml_is_told_with_its_place(tmp_path, text):
    (tmp_path / "bad.toml").write_text(text)
    sentence = told(tmp_path / "bad.toml")
    assert "this is not a TOML file" in sentence


@pytest.mark.parametrize(
    "text",
    [
        "format = 1\na.b.c.d.e.f.g = 1",
        "format = 1\n[a.b.c.d.e.f]\nx = 1",
        "format = 1\nx = " + "[" * 5000 + "]" * 5000,
        "format = 1\nx = " + "{a=" * 5000 + "1" + "}" * 5000,
        "format = 1\n" + ".".join("a" * 5000) + " = 1",
    ],
)
def test_a_deep_file_is_refused_and_breaks_nothing(tmp_path, text):
    (tmp_path / "deep.toml").write_text(text)
    assert told(tmp_path / "deep.toml")


def test_an_empty_file_says_that_the_format_is_missing(tmp_path):
    (tmp_path / "empty.toml").touch()
    assert "format: must be 1, got nothing" in told(tmp_path / "empty.toml")


@pytest.mark.parametrize("form", ["2", '"1"', "true", "1.0", "[1]"])
def test_another_format_is_refused(form):
    with pytest.raises(RecipeError, match="format: must be 1"):
        presets.loads(f"format = {form}")


def test_every_problem_is_told_with_those_of_the_recipe():
    with pytest.raises(RecipeError) as caught:
        presets.loads("title = 3\n[training]\nepochs = -1\n[optimizer]\nlearning_rat = 1.0\n[modl]\n")
    assert {problem.path for problem in caught.value.problems} == {
        "format", "title", "training.epochs", "optimizer.learning_rat", "modl",
    }  # fmt: skip


@given(st.text(max_size=200))
def test_any_text_is_a_preset_or_a_sentence(text):
    refused, read = (), None
    try:
        read = presets.loads(text)
    except RecipeError as error:
        refused = error.problems
    if read is None:
        assert refused
        assert all(problem.sentence.endswith((".", "?")) for problem in refused)
    else:
        assert presets.loads(presets.dump(read.recipe)).recipe == read.recipe


# --- the list ----------------------------------------------------------------------------------


def test_the_default_comes_first_then_shipped_ones_then_ones_own(workspace):
    own(workspace, "A first of mine")
    found, broken = presets.available(workspace)
    assert not broken
    assert found[0].default
    assert [preset.shipped for preset in found] == sorted((preset.shipped for preset in found), reverse=True)
    assert found[-1].title == "A first of mine"


def test_ones_own_preset_wins_over_a_shipped_one_of_the_same_name(workspace):
    presets.save(Preset("digits-cnn", "Mine", Recipe()), workspace)
    found, _ = presets.available(workspace)
    assert [preset.title for preset in found if preset.name == "digits-cnn"] == ["Mine"]
    assert presets.find("digits-cnn", workspace).title == "Mine"


def test_unreadable_files_are_listed_and_hide_no_other(workspace):
    (workspace.presets / "bad.toml").write_text("format = 7")
    (workspace.presets / "folder.toml").mkdir()
    (workspace.presets / "notes.txt").write_text("no preset at all")
    own(workspace, "Good")
    found, broken = presets.available(workspace)
    assert {each.path.name for each in broken} == {"bad.toml", "folder.toml"}
    assert all(each.problems for each in broken)
    assert "Good" in {preset.title for preset in found}


def test_a_dangling_link_is_listed_as_unreadable(workspace):
    (workspace.presets / "gone.toml").symlink_to(workspace.home / "nowhere.toml")
    _, broken = presets.available(workspace)
    assert [each.path.name for each in broken] == ["gone.toml"]


def test_a_workspace_that_does_not_exist_yet_has_the_shipped_presets(tmp_path):
    found, broken = presets.available(Workspace(tmp_path / "none"))
    assert len(found) == len(list(shipped_presets().glob("*.toml")))
    assert not broken


# --- finding -----------------------------------------------------------------------------------


def test_a_preset_is_found_by_name_title_or_path(workspace, tmp_path):
    mine = own(workspace, "My net")
    assert presets.find("my-net", workspace) == mine
    assert presets.find("my NET", workspace).name == "my-net"
    (tmp_path / "elsewhere.toml").write_text(presets.dump(Recipe(), "Elsewhere"))
    assert presets.find(str(tmp_path / "elsewhere.toml"), workspace).title == "Elsewhere"


def test_a_name_that_is_nowhere_is_told_with_what_is_known(workspace):
    with pytest.raises(RecipeError, match=r"there is no preset 'digitscnn'.*digits-cnn"):
        presets.find("digitscnn", workspace)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a" * 5000, "a" * 5000 + ".toml", "nul\0byte", "nul\0byte.toml", "*", "[a-z]*", "no/where"]
)
def test_a_strange_name_is_not_found_rather_than_a_crash(workspace, name):
    with pytest.raises((RecipeError, WorkspaceError)):
        presets.find(name, workspace)


# --- saving, renaming, deleting ----------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_told_so_and_not_that_it_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError, match=r"There is no file .*mine\.toml\."):
        presets.load(tmp_path / "file" / "mine.toml")

    def refuse(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    (tmp_path / "mine.toml").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(WorkspaceError) as raised:
        presets.load(tmp_path / "mine.toml")
    sentence = "cannot be read (Permission denied). Allow reading it, or take another file."
    assert str(raised.value) == f"{tmp_path / 'mine.toml'} {sentence}"


def test_a_preset_that_names_a_file_that_is_no_text_is_told_and_not_saved(workspace):
    with pytest.raises(RecipeError, match="is no text, so no recipe can keep it"):
        own(workspace, recipe=changed(Recipe(), "initializer.file", "/a\udcff.h5"))
    assert not list(workspace.presets.iterdir())


def test_a_saved_preset_says_where_it_lies_and_is_ones_own(workspace):
    saved = own(workspace, "My net, wide", about="Wider.")
    assert saved.path == workspace.presets / "my-net-wide.toml"
    assert not saved.shipped
    assert presets.load(saved.path) == saved


def test_renaming_moves_the_file(workspace):
    old = own(workspace, "Old", changed(Recipe(), "training.epochs", 3), "About it.")
    new = presets.rename(old, "New name", workspace)
    assert [path.name for path in workspace.presets.iterdir()] == ["new-name.toml"]
    assert (new.title, new.about, new.recipe) == ("New name", "About it.", old.recipe)


def test_renaming_to_the_same_file_keeps_it(workspace):
    old = own(workspace, "my net")
    new = presets.rename(old, "My Net!", workspace)
    assert presets.load(workspace.presets / "my-net.toml") == new


def test_a_shipped_preset_is_neither_deleted_nor_renamed_away(workspace):
    shipped = presets.find("digits-cnn", workspace)
    with pytest.raises(WorkspaceError, match="is a shipped preset and stays"):
        presets.delete(shipped)
    assert shipped.path.is_file()


def test_renaming_a_shipped_preset_leaves_no_copy(workspace):
    shipped = presets.find("digits-cnn", workspace)
    with pytest.raises(WorkspaceError, match="is a shipped preset"):
        presets.rename(shipped, "Mine", workspace)
    assert shipped.path.is_file()
    assert not list(workspace.presets.iterdir())


def test_renaming_never_writes_over_another_preset(workspace):
    other = own(workspace, "Other", changed(Recipe(), "training.epochs", 7))
    mine = own(workspace, "Mine")
    with pytest.raises(WorkspaceError, match="already"):
        presets.rename(mine, "Other", workspace)
    assert presets.load(other.path).recipe.training.epochs == 7
    assert mine.path.is_file()


def test_deleting_twice_does_no_harm(workspace):
    mine = own(workspace)
    presets.delete(mine)
    presets.delete(mine)
    assert not list(workspace.presets.iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a place where not even root may write")
def test_saving_into_a_read_only_folder_is_a_clear_sentence():
    with pytest.raises(WorkspaceError, match="cannot be written to"):
        own(Workspace(Path("/sys/workbench")))


@pytest.mark.parametrize(
    ("title", "name"),
    [("My CNN, wide", "my-cnn-wide"), ("  spaced  ", "spaced"), ("../../etc/passwd", "etc-passwd"), ("", "preset"),
     ("…", "preset"), ("Grün & blau", "grün-blau"), ("CON", "con"), ("a" * 300, "a" * 80)],
)  # fmt: skip
def test_a_title_becomes_a_file_name(title, name):
    assert presets.slug(title) == name


@given(LINE)
def test_a_file_name_never_leaves_its_folder(title):
    name = presets.slug(title)
    assert name
    assert not set(name) & set("/\\.\0:")
    assert len(name) <= 80
