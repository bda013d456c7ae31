import pytest

from workbench.gui.recipe.estimate import Estimate, estimate, steps_per_epoch, training_pictures
from workbench.spec.recipe import Recipe, changed


def test_the_default_recipe_fits_and_says_what_it_is() -> None:
    found = estimate(Recipe())
    assert found.problems == ()
    assert found.parameters is not None
    assert found.parameters > 1000
    assert "CNN" in found.summary
    assert found.memory is not None
    assert found.available is not None


def test_a_larger_batch_takes_more_memory_and_fewer_steps() -> None:
    small, large = estimate(Recipe()), estimate(changed(Recipe(), "training.batch_size", 1024))
    assert small.memory is not None
    assert large.memory is not None
    assert large.memory > small.memory
    assert steps_per_epoch(Recipe()) == 40
    assert large.steps == 2
    together = changed(Recipe(), "tricks.gradient_accumulation", new=True)
    assert steps_per_epoch(changed(together, "tricks.gradient_accumulation.batches", 4)) == 10
    assert steps_per_epoch(changed(together, "tricks.gradient_accumulation.whole", new=True)) == 1


def test_a_batch_of_more_than_all_pictures_takes_as_much_memory_as_one_of_all() -> None:
    pictures = training_pictures(Recipe())
    all_in_one, more = (estimate(changed(Recipe(), "training.batch_size", batch)) for batch in (pictures, 1_048_576))
    assert more.memory == all_in_one.memory
    assert (more.fit, more.steps) == ("fits", 1)


def test_a_network_that_does_not_fit_the_pictures_is_a_problem_of_the_model() -> None:
    found = estimate(changed(Recipe(), "model.stages", 7))
    assert [problem.path.split(".")[0] for problem in found.problems] == ["model"]


def test_a_folder_that_is_missing_is_a_problem_of_its_path() -> None:
    recipe = changed(changed(Recipe(), "data.kind", "folder"), "data.path", "/nowhere/at/all")
    assert [problem.path for problem in estimate(recipe).problems] == ["data.path"]


@pytest.mark.parametrize(("memory", "fit"), [(1, "fits"), (69, "fits"), (80, "tight"), (101, "too_big")])
def test_what_is_free_decides_whether_it_fits(memory: int, fit: str) -> None:
    assert Estimate(memory=memory, available=100).fit == fit
    assert Estimate(memory=None, available=100).fit is None
