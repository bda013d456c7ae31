import numpy as np
import pytest

from workbench.gui.recipe.edits import Edits, Saved
from workbench.gui.recipe.planned import Planned, planned
from workbench.rates import rates
from workbench.spec.recipe import Recipe, spec_classes

#: The default data set in the default batches.
STEPS = 40


def edits(**settings: object) -> Edits:
    """The default recipe in a form, with settings changed, such as edits(schedule__kind="cosine")."""
    form = Edits(Saved("default", Recipe()))
    for path, value in settings.items():
        form.set(path.replace("__", "."), value)  # type: ignore[arg-type]
    return form


def plan(**settings: object) -> Planned:
    found = planned(edits(**settings))
    assert found is not None
    return found


def said(**settings: object) -> str:
    """The sentence, with its unbreakable gaps as plain ones."""
    return plan(**settings).sentence.replace("\u00a0", " ")


@pytest.mark.parametrize("kind", sorted(spec_classes("schedule")))
def test_what_is_drawn_is_what_the_engine_will_train_with(kind: str) -> None:
    form = edits(schedule__kind=kind, schedule__warmup=2.0)
    found = planned(form)
    assert found is not None
    assert form.recipe is not None
    real = rates(form.recipe, 1, 20 * STEPS, STEPS)
    assert (found.first, found.highest, found.last) == (real[0], real.max(), real[-1])
    # Each point is the rate of its step, and no rate is outside.
    at = np.rint(found.epochs * STEPS).astype(int) - 1
    assert np.array_equal(found.rates, real[at])
    assert (found.rates.min(), found.rates.max()) == (real.min(), real.max())
    assert (np.diff(found.epochs) > 0).all()
    assert len(found.epochs) <= 602


def test_a_run_of_few_steps_is_drawn_as_stairs() -> None:
    found = plan(training__epochs=2, training__batch_size=512, schedule__warmup=1.0)
    assert found.epochs.tolist() == pytest.approx(np.repeat(np.arange(7) / 3, 2)[1:-1].tolist())
    assert found.rates.tolist() == pytest.approx(np.repeat([1e-3 / 3, 2e-3 / 3, 1e-3, 1e-3, 1e-3, 1e-3], 2).tolist())


def test_a_very_long_run_is_drawn_from_some_of_its_steps_and_keeps_its_corners() -> None:
    found = plan(training__epochs=100_000, training__batch_size=1, schedule__kind="cosine", schedule__warmup=777.0)
    assert len(found.epochs) <= 602
    assert found.highest == np.float32(1e-3)
    assert found.epochs[-1] == 100_000
    assert (found.last, found.rates[-1]) == (0, 0)


def test_a_rate_that_falls_far_by_factors_is_drawn_on_a_log_scale() -> None:
    assert plan(schedule__kind="exponential", schedule__factor=0.5).log
    assert not plan(schedule__kind="exponential", schedule__factor=0.9).log
    assert not plan(schedule__kind="cosine").log
    assert not plan(schedule__kind="cosine_restarts").log
    assert not plan(schedule__kind="one_cycle").log
    # What rises in warm-up does not count: that is where every run begins.
    assert not plan(schedule__warmup=10.0).log


def test_the_rates_are_said_in_words() -> None:
    assert said() == "1.0e-3 at every step"
    assert said(schedule__kind="cosine") == "First 1.0e-3, highest 1.0e-3, last 0"
    assert said(schedule__warmup=1.0) == "First 2.5e-5, highest 1.0e-3, last 1.0e-3"
    falling = said(schedule__kind="plateau", schedule__lowest=1e-5)
    assert falling == "1.0e-3, then × 0.5 at each plateau, down to 1.0e-5"
    warm = said(schedule__kind="plateau", schedule__warmup=1.0)
    assert warm == "First 2.5e-5, highest 1.0e-3, then × 0.5 at each plateau"


def test_where_the_pictures_are_not_counted_yet_the_first_rate_of_a_warm_up_is_a_guess() -> None:
    assert said(data__kind="folder", schedule__warmup=1.0).startswith("First about 1.0e-5, ")
    assert said(data__kind="folder", schedule__kind="cosine").startswith("First 1.0e-3, ")


def test_only_what_the_rates_need_must_be_right() -> None:
    assert planned(edits(model__stages=-3, data__validation=3.0, training__batch_size=0)) is not None
    assert planned(edits(optimizer__learning_rate=-1.0)) is None
    assert planned(edits(training__epochs=0)) is None
    assert planned(edits(schedule__warmup=20.0)) is None
    unreadable = edits()
    unreadable.set_text("schedule.warmup", "long")
    assert planned(unreadable) is None
    elsewhere = edits()
    elsewhere.set_text("model.stages", "many")
    assert planned(elsewhere) is not None


def test_every_value_that_decides_the_rates_is_followed() -> None:
    before = plan(schedule__kind="one_cycle", schedule__warmup=1.0)
    for path, value in (("training.epochs", 7), ("training.batch_size", 64), ("optimizer.learning_rate", 0.5)):
        form = edits(schedule__kind="one_cycle", schedule__warmup=1.0)
        form.set(path, value)
        after = planned(form)
        assert after is not None
        assert (after.first, after.length) != (before.first, before.length), path
