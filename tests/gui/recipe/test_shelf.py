from pathlib import Path

import pytest

from workbench.errors import RecipeError, WorkspaceError
from workbench.gui.recipe.shelf import Shelf
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.recipe import Recipe, changed

WIDE = changed(Recipe(), "model.width", 48)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(Workspace(tmp_path).create())


def test_the_default_preset_is_first(shelf: Shelf) -> None:
    assert shelf.default().name == presets.DEFAULT


def test_a_recipe_saved_under_a_title_is_found_again(shelf: Shelf) -> None:
    saved = shelf.save_as("  My  wide net ", WIDE)
    found = shelf.get(saved.name)
    assert found is not None
    assert (found.title, found.recipe, found.shipped) == ("My wide net", WIDE, False)


def test_a_shipped_preset_is_neither_overwritten_nor_hidden(shelf: Shelf) -> None:
    shipped = shelf.default()
    with pytest.raises(WorkspaceError, match="another name"):
        shelf.save(shipped.name, WIDE)
    saved = shelf.save_as(shipped.name, WIDE)
    assert saved.name != shipped.name
    kept = shelf.get(shipped.name)
    assert kept is not None
    assert kept.shipped


def test_saving_under_the_title_of_an_own_preset_replaces_it(shelf: Shelf) -> None:
    first = shelf.save_as("Mine", Recipe())
    assert shelf.own_of_title("mine") is not None
    second = shelf.save_as("Mine", WIDE)
    assert first.name == second.name
    assert [each.recipe for each in shelf.presets if not each.shipped] == [WIDE]


def test_renaming_moves_the_file_and_never_lands_on_another(shelf: Shelf) -> None:
    mine, other = shelf.save_as("Mine", WIDE), shelf.save_as("Other", Recipe())
    renamed = shelf.rename(mine.name, "Better name")
    assert shelf.get(mine.name) is None
    assert shelf.get(renamed.name) is not None
    with pytest.raises(WorkspaceError, match="already"):
        shelf.rename(renamed.name, other.title)
    with pytest.raises(WorkspaceError, match="shipped"):
        shelf.rename(renamed.name, shelf.default().name)
    with pytest.raises(WorkspaceError, match="Type one"):
        shelf.rename(renamed.name, "  ")


def test_deleting_takes_only_the_own_preset(shelf: Shelf) -> None:
    mine = shelf.save_as("Mine", WIDE)
    shelf.delete(mine.name)
    assert shelf.get(mine.name) is None
    with pytest.raises(WorkspaceError, match="stays"):
        shelf.delete(shelf.default().name)


def test_an_imported_file_gets_a_name_that_is_free(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "Mine.toml"
    file.parent.mkdir()
    file.write_text(presets.dump(WIDE, "From a friend"))
    names = [shelf.import_file(file).name for _ in range(3)]
    assert names == ["mine", "mine-2", "mine-3"]
    assert file.exists()


def test_a_bad_file_is_refused_with_all_its_problems(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('format = 1\n[optimizer]\nmethod = "adam"\nlearning_rate = 5000\n[training]\nepochs = 0\n')
    with pytest.raises(RecipeError) as caught:
        shelf.import_file(file)
    assert len(caught.value.problems) == 2
    assert not [each for each in shelf.presets if not each.shipped]
