"""Starting from weights that were trained before: what is taken, what is left and why, and what freezing does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from tests.engine.training import Trained, recipe, train
from workbench.engine import checkpoint, pretrained
from workbench.engine.build import build_model
from workbench.engine.pretrained import Left, Report, Source, freeze, from_file, from_run, take, thaw
from workbench.errors import RecipeError
from workbench.events import Failed, Warned
from workbench.journal import Journal
from workbench.network.plan import Plan
from workbench.network.plan import plan as plan_network
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe

pytestmark = pytest.mark.keras

SMALL: dict[str, Any] = {"model__width": 4, "model__dense": 8, "model__normalization": "batch"}
FOR_GOOD = {"initializer__freeze": "for_good"}
LAYERS = (
    "stage1_conv1",
    "stage1_conv1_norm",
    "stage2_conv1",
    "stage2_conv1_norm",
    "head_dense",
    "head_dense_norm",
    "logits",
)


def made(wanted: Recipe, classes: int = 10) -> tuple[Any, Plan]:
    plan = plan_network(wanted, (8, 8, 1), classes)
    return build_model(plan, wanted), plan


def another(classes: int = 10, **settings: Any) -> Source:
    """The weights of a network like the small one under another seed."""
    model, _ = made(recipe(**SMALL | {"training__seed": 2} | settings), classes)
    return Source("the other", checkpoint.weights_of(model))


def test_the_weights_of_the_same_network_are_all_taken_bit_for_bit() -> None:
    model, plan = made(recipe(**SMALL))
    source = another()
    report = take(model, plan, source)
    assert report == Report("the other", LAYERS, (), ())
    weights = checkpoint.weights_of(model)
    assert all((weights[name] == array).all() for name, array in source.arrays.items())
    assert report.sentence() == "Started from the other: 7 of 7 layers with weights were taken."


def test_an_output_for_other_classes_is_left_and_named_with_both_shapes() -> None:
    model, plan = made(recipe(**SMALL), classes=3)
    before = checkpoint.weights_of(model)["logits/kernel"]
    report = take(model, plan, another())
    assert report.taken == LAYERS[:-1]
    assert report.left == (Left("logits", "kernel is 8 × 10 there and 8 × 3 here"),)
    assert report.unused == ("logits/bias", "logits/kernel")
    assert (checkpoint.weights_of(model)["logits/kernel"] == before).all()
    assert report.sentence() == (
        "Started from the other: 6 of 7 layers with weights were taken. These keep their starting weights: "
        "logits (kernel is 8 × 10 there and 8 × 3 here)."
    )
    assert report.lines()[-3:] == [
        "left: logits: kernel is 8 × 10 there and 8 × 3 here", "not used: logits/bias", "not used: logits/kernel",
    ]  # fmt: skip


def test_the_first_layers_are_counted_by_their_kernels_and_norms_go_with_them() -> None:
    model, plan = made(recipe(**SMALL))
    report = take(model, plan, another(), first=2)
    assert report.taken == LAYERS[:4]
    assert {left.why for left in report.left} == {"not among the first 2"}
    assert take(model, plan, another(), first=100).taken == LAYERS


def test_a_layer_is_taken_whole_or_not_at_all() -> None:
    model, plan = made(recipe(**SMALL))
    arrays = dict(another().arrays)
    del arrays["stage1_conv1_norm/gamma"]
    arrays["stage2_conv1/kernel"] = np.full_like(arrays["stage2_conv1/kernel"], np.nan)
    arrays["head_dense/kernel"] = arrays["head_dense/kernel"].astype(np.int32)
    arrays = {name: array for name, array in arrays.items() if not name.startswith("logits")}
    before = checkpoint.weights_of(model)
    report = take(model, plan, Source("a file", arrays))
    assert report.left == (
        Left("stage1_conv1_norm", "gamma not there"),
        Left("stage2_conv1", "kernel holds something that is no finite number"),
        Left("head_dense", "kernel holds something that is no finite number"),
        Left("logits", "not there"),
    )
    after = checkpoint.weights_of(model)
    assert all((after[name] == before[name]).all() for name in before if name.startswith("stage1_conv1_norm"))
    assert (after["stage1_conv1/kernel"] == arrays["stage1_conv1/kernel"]).all()


def test_a_long_list_is_cut_in_the_sentence_and_whole_in_the_lines() -> None:
    left = tuple(Left(f"layer{number}", "not there") for number in range(9))
    report = Report("x", ("one",), left, ())
    assert report.sentence().endswith("layer0, layer1, layer2, layer3, layer4, layer5 (not there) and 3 more.")
    assert len(report.lines()) == 10


def test_weights_of_another_network_are_refused_with_the_reasons() -> None:
    model, plan = made(recipe(**SMALL))
    with pytest.raises(
        RecipeError, match=r"initializer\.start: nothing of mine fits: stage1_conv1, .* \(not there\) and 1 more\."
    ):
        take(model, plan, Source("mine", {"somebody/kernel": np.ones(3, np.float32)}))


def test_a_run_gives_the_weights_it_has_kept(workspace: Workspace) -> None:
    trained = train(workspace, recipe(**SMALL, training__epochs=2, data__limit=200))
    source = from_run(workspace, str(trained.run.number))
    assert checkpoint.fingerprint(source.arrays) == trained.run.weights_sha256
    assert source.title == f"{trained.run.name}, epoch {trained.run.best_epoch}"
    with pytest.raises(RecipeError, match=r"initializer\.run: There is no run '77'.*workbench runs"):
        from_run(workspace, "77")


def test_a_run_may_start_from_an_earlier_one_of_its_own_name(workspace: Workspace) -> None:
    trained = train(workspace, recipe(**SMALL, training__epochs=1, data__limit=100))
    with Journal(workspace) as journal:
        journal.rename_run(trained.run.id, "mine")
        new = journal.create_run(recipe(**SMALL), "mine")
    assert checkpoint.fingerprint(from_run(workspace, "mine").arrays) == trained.run.weights_sha256
    with pytest.raises(RecipeError, match=r"initializer\.run: mine has kept no weights yet"):
        from_run(workspace, new.id)


def test_a_file_gives_its_arrays_and_anything_else_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(safetensors.numpy.save({"logits/bias": np.arange(3, dtype=np.float32)}))
    _, plan = made(recipe(**SMALL))
    assert from_file(path, plan).arrays["logits/bias"].tolist() == [0, 1, 2]
    with pytest.raises(RecipeError, match=r"initializer\.file: there is no file .*nowhere.*Choose a \.safetensors"):
        from_file(tmp_path / "nowhere.safetensors", plan)
    path.write_bytes(b"\x80\x04pickled")
    with pytest.raises(RecipeError, match=r"initializer\.file: mine\.safetensors is not used\. It is a pickle"):
        from_file(path, plan)


def test_frozen_layers_are_no_longer_trainable_until_they_thaw() -> None:
    model, plan = made(recipe(**SMALL))
    whole = len(model.trainable_variables)
    report = take(model, plan, another(), first=2)
    freeze(model, report.taken)
    assert {each.path.partition("/")[0] for each in model.trainable_variables} == set(LAYERS[4:])
    thaw(model, report.taken)
    assert len(model.trainable_variables) == whole


def test_freezing_everything_is_refused() -> None:
    model, _ = made(recipe(**SMALL))
    with pytest.raises(RecipeError, match=r"initializer\.freeze: would leave nothing to learn"):
        freeze(model, LAYERS)


def test_a_recipe_that_starts_from_nothing_takes_nothing() -> None:
    wanted = recipe(**SMALL)
    model, plan = made(wanted)
    assert pretrained.begin(model, plan, wanted, None, workspace=None, progress=None) is None  # type: ignore[arg-type]


# --- in a run ---------------------------------------------------------------------------------------------


def last_weights(workspace: Workspace, trained: Trained) -> dict[str, np.ndarray]:
    return checkpoint.load(workspace.run_folder(trained.run.id) / "checkpoints", "last")


def test_a_run_starts_lower_from_an_earlier_run_and_says_what_it_took(workspace: Workspace) -> None:
    first = train(workspace, recipe(**SMALL, training__epochs=3))
    start = {"initializer__run": first.run.id, "initializer__start": "run"}
    second = train(workspace, recipe(**SMALL, training__epochs=1, training__seed=1, **start))
    assert [event.message for event in second.events(Warned)] == [
        f"Started from {first.run.name}, epoch {first.run.best_epoch}: 7 of 7 layers with weights were taken."
    ]
    assert second.losses[0] < min(first.losses[:5])


def test_frozen_layers_stay_bit_for_bit_and_learn_when_their_epochs_are_over(workspace: Workspace) -> None:
    first = train(workspace, recipe(**SMALL, training__epochs=2, data__limit=300))
    start = {
        "initializer__run": first.run.id, "initializer__start": "run", "initializer__layers": 2,
        "initializer__freeze": "for_epochs", "initializer__freeze_epochs": 2, "data__limit": 300,
    }  # fmt: skip
    source = from_run(workspace, first.run.id).arrays
    frozen = [name for name in source if name.partition("/")[0] in LAYERS[:4]]
    free = [name for name in source if name.partition("/")[0] in LAYERS[4:]]

    two = last_weights(workspace, train(workspace, recipe(**SMALL, training__epochs=2, **start)))
    assert all((two[name] == source[name]).all() for name in frozen), "moving averages too"
    assert all((two[name] != source[name]).any() for name in free)

    trained = train(workspace, recipe(**SMALL, training__epochs=3, **start))
    three = last_weights(workspace, trained)
    assert all((three[name] != source[name]).any() for name in (*frozen, *free))
    messages = [event.message for event in trained.events(Warned)]
    assert messages[0].endswith("The layers taken are frozen for the first 2 epochs.")
    assert messages[1] == "From epoch 3 on the frozen layers learn too; the optimizer starts afresh."
    good = last_weights(workspace, train(workspace, recipe(**SMALL, training__epochs=3, **start | FOR_GOOD)))
    assert all((good[name] == source[name]).all() for name in frozen)


def test_a_run_that_is_not_there_is_a_card_that_names_the_setting(workspace: Workspace) -> None:
    (failed,) = train(workspace, recipe(**SMALL, initializer__run="77", initializer__start="run")).events(Failed)
    assert any("initializer.run" in line for line in failed.card.evidence)
