"""Reading a recipe finds every problem at once; changing one setting is the same check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import recipes, ruled, tables, values
from workbench.errors import RecipeError
from workbench.spec import recipe as recipes_of
from workbench.spec.recipe import (
    Recipe,
    changed,
    chooser_of,
    conflicts,
    differences,
    edited,
    parse,
    settings,
    spec_classes,
    value,
)


def problems(tree: dict) -> dict[str, str]:
    with pytest.raises(RecipeError) as caught:
        parse(tree)
    return {problem.path: problem.sentence for problem in caught.value.problems}


def test_nothing_given_is_the_default_recipe():
    assert parse({}) == Recipe()
    assert not conflicts(Recipe())


def test_a_missing_key_means_the_declared_default():
    recipe = parse({"optimizer": {"method": "sgd"}, "model": {}})
    assert recipe.optimizer.learning_rate == 0.05
    assert recipe.model.kind == "cnn"


def test_a_tricks_table_turns_it_on_and_on_false_keeps_its_values():
    recipe = parse({"tricks": {"dropout": {"rate": 0.5}, "early_stopping": {"on": False, "patience": 3}}})
    assert (recipe.tricks.dropout.on, recipe.tricks.dropout.rate) == (True, 0.5)
    assert (recipe.tricks.early_stopping.on, recipe.tricks.early_stopping.patience) == (False, 3)
    assert not recipe.tricks.weight_decay.on


def test_every_mistake_of_a_file_is_told_at_once():
    found = problems(
        {
            "data": {"kind": "digitz"},
            "model": {"kind": "resnet", "depth": 21, "widht": 3, "activation": "rellu"},
            "optimizer": {"method": "adam", "learning_rate": 5000.0, "beta_1": 1.0},
            "training": {"epochs": 0, "batch_size": "many", "device": "tpu"},
            "tricks": {"dropuot": {}, "early_stopping": {"patience": 2.5}, "weight_decay": 3},
            "schedul": {"kind": "cosine"},
            "initializer": "kaiming_normal",
        }
    )
    assert found == {
        "data.kind": found["data.kind"],
        "model.depth": "must be 6n + 2, got 21; the nearest are 20 and 26.",
        "model.widht": "there is no such setting here. Did you mean width?",
        "model.activation": found["model.activation"],
        "optimizer.learning_rate": "must be at most 1,000, got 5000.0.",
        "optimizer.beta_1": "must be less than 1, got 1.0.",
        "training.epochs": "must be at least 1 epoch, got 0.",
        "training.batch_size": found["training.batch_size"],
        "training.device": "must be one of auto, cpu, gpu, got 'tpu'. Did you mean gpu?",
        "tricks.dropuot": "there is no such trick. Did you mean dropout?",
        "tricks.early_stopping.patience": found["tricks.early_stopping.patience"],
        "tricks.weight_decay": "must be a table [tricks.weight_decay], got 3.",
        "schedul": "there is no such table. Did you mean schedule?",
        "initializer": "must be a table [initializer], got 'kaiming_normal'.",
    }
    assert found["data.kind"].endswith("got 'digitz'. Did you mean digits?")
    assert found["model.activation"].endswith("got 'rellu'. Did you mean relu?")
    assert found["training.batch_size"].startswith("must be a whole number")
    assert found["tricks.early_stopping.patience"].startswith("must be a whole number")


@pytest.mark.parametrize(
    ("station", "name", "word"),
    [("optimizer", "learning_rate", "nan"), ("optimizer", "learning_rate", "inf"), ("data", "validation", "-inf")],
)
def test_a_number_that_is_not_finite_is_refused(station, name, word):
    assert problems({station: {name: float(word)}}) == {f"{station}.{name}": f"must be a finite number, got {word}."}


@pytest.mark.parametrize("came", [True, "3", [3], {"a": 3}, 3.5])
def test_no_value_is_bent_into_another_type(came):
    found = problems({"training": {"epochs": came}})
    assert list(found) == ["training.epochs"]
    assert found["training.epochs"].startswith("must be a whole number")


def test_a_whole_number_is_taken_where_a_fraction_is_allowed():
    assert parse({"optimizer": {"learning_rate": 1}}).optimizer.learning_rate == 1


def test_a_very_long_value_is_cut_in_the_message():
    sentence = problems({"model": {"activation": "x" * 10_000}})["model.activation"]
    assert len(sentence) < 300


def test_a_chooser_of_another_type_is_one_problem():
    found = problems({"data": {"kind": ["digits"]}, "optimizer": {"method": 3}, "model": {"kind": {"a": 1}}})
    assert set(found) == {"data.kind", "optimizer.method", "model.kind"}


def test_a_key_of_another_alternative_is_unknown_here():
    assert "there is no such setting here" in problems({"model": {"kind": "mlp", "stages": 2}})["model.stages"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=12,
)
KEYS = st.sampled_from(["data", "model", "optimizer", "training", "tricks", "schedule", "initializer"]) | st.text(
    max_size=8
)
SETTINGS = st.sampled_from(["kind", "method", "path", "epochs", "learning_rate", "dropout", "on", "depth"]) | st.text(
    max_size=8
)


@given(st.dictionaries(KEYS, JSON | st.dictionaries(SETTINGS, JSON, max_size=4), max_size=5))
def test_whatever_tables_come_the_answer_is_a_recipe_or_sentences(tree):
    found = []
    try:
        assert isinstance(parse(tree), Recipe)
    except RecipeError as error:
        found = [problem.sentence for problem in error.problems]
    assert all(found)
    # That would be pydantic's language, not a person's.
    assert not any("Input should" in sentence for sentence in found)


@given(tables())
def test_values_that_are_each_allowed_fail_only_by_contradiction(tree):
    # A contradiction is said by `conflicts`, never as a value past its limits.
    try:
        parse(tree)
    except RecipeError as error:
        told = {problem.path for problem in error.problems}
        assert told <= {"data.validation", "model.kind", "schedule.warmup", "tricks.early_stopping", "training.keep", "tricks.weight_decay", "tricks.ema",
                        "optimizer.nesterov", "tricks.resampling", "tricks.stochastic_depth",
                        "schedule.kind", "schedule.lowest",
                        "initializer.run", "initializer.file", "initializer.start",
                        "data.crop", "tricks.augmentation.erasing_smallest", "tricks.mixup", "tricks.cutmix",
                        "tricks.label_smoothing"}  # fmt: skip


# --- changing one setting ----------------------------------------------------------------------


def test_changing_a_setting_leaves_the_rest_and_the_old_recipe_alone():
    old = Recipe()
    new = changed(old, "optimizer.learning_rate", 0.01)
    assert differences(old, new) == {"optimizer.learning_rate": (0.001, 0.01)}
    assert old == Recipe()


def test_a_tricks_name_alone_is_its_switch():
    recipe = changed(Recipe(), "tricks.dropout", True)
    assert recipe.tricks.dropout.on
    assert value(recipe, "tricks.dropout") is True


def test_setting_a_tricks_parameter_leaves_its_switch_alone():
    recipe = changed(Recipe(), "tricks.dropout.rate", 0.5)
    assert (recipe.tricks.dropout.on, recipe.tricks.dropout.rate) == (False, 0.5)


@pytest.mark.parametrize("rate", [1e-3, 0.02])
def test_a_value_whose_default_differs_belongs_to_its_alternative(rate):
    # Whether it is the default, a preset's or typed: Adam's rate says nothing about SGD's or Lion's.
    adam = changed(Recipe(), "optimizer.learning_rate", rate)
    assert changed(adam, "optimizer.method", "sgd").optimizer.learning_rate == 0.05
    assert changed(adam, "optimizer.method", "lion").optimizer.learning_rate == 1e-4


def test_a_value_with_the_same_default_is_kept_by_another_alternative():
    adam = changed(changed(Recipe(), "optimizer.learning_rate", 0.02), "optimizer.epsilon", 1e-4)
    adamw = changed(adam, "optimizer.method", "adamw").optimizer
    assert (adamw.learning_rate, adamw.epsilon) == (0.02, 1e-4)
    # AdaDelta's ε is another thing, and it says so by its default.
    assert changed(adam, "optimizer.method", "adadelta").optimizer.epsilon == 1e-6
    warm = changed(changed(Recipe(), "schedule.warmup", 3.0), "schedule.kind", "step")
    assert (warm.schedule.kind, warm.schedule.warmup, warm.schedule.factor) == ("step", 3.0, 0.1)
    assert changed(warm, "schedule.kind", "exponential").schedule.factor == 0.95


@given(recipes(), st.data())
def test_another_alternative_has_each_setting_as_it_was_or_by_its_own_default(recipe, data):
    station = data.draw(st.sampled_from(["data", "model", "initializer", "optimizer", "schedule"]))
    old, new = getattr(recipe, station), data.draw(st.sampled_from(sorted(spec_classes(station))))
    tree = edited(recipe.model_dump(), f"{station}.{chooser_of(station)}", new)
    for name, field in spec_classes(station)[new].model_fields.items():
        if name != chooser_of(station):
            mine = type(old).model_fields.get(name)
            # A file's path is no folder's: what has another name means something else.
            same = mine is not None and (mine.title, mine.default) == (field.title, field.default)
            assert tree[station][name] == (getattr(old, name) if same else field.default)


def test_another_network_takes_its_own_default_where_the_same_name_means_another_thing():
    deeper = changed(changed(Recipe(), "model.depth", 3), "model.width", 32)
    resnet = changed(deeper, "model.kind", "resnet").model
    assert (resnet.depth, resnet.width) == (20, 32)
    large = changed(changed(Recipe(), "model.kind", "resnet_imagenet"), "model.variant", "resnet18")
    assert changed(large, "model.kind", "densenet_imagenet").model.variant == "densenet121"


def test_another_data_set_keeps_the_shares_and_takes_its_own_picture_size():
    recipe = changed(changed(Recipe(), "data.validation", 0.3), "data.kind", "shapes")
    assert (recipe.data.validation, recipe.data.image_size) == (0.3, 32)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("optimizer.learning_rat", "Did you mean optimizer.learning_rate?"),
        ("tricks.dropuot.rate", "Did you mean tricks.dropout.rate?"),
        ("optimiser.learning_rate", "Did you mean optimizer.learning_rate?"),
        ("nothing", ""),
        ("", ""),
        ("training", ""),
        ("training.epochs.more", ""),
        ("model.", ""),
    ],
)
def test_an_unknown_path_is_told_with_a_guess(path, hint):
    with pytest.raises(RecipeError) as caught:
        changed(Recipe(), path, 1)
    (problem,) = caught.value.problems
    assert problem.path == path
    assert "there is no such setting" in problem.sentence
    assert hint in problem.sentence


def test_a_change_past_the_limits_is_refused_with_its_sentence():
    with pytest.raises(RecipeError, match=r"optimizer\.learning_rate: must be at most 1,000, got 5000"):
        changed(Recipe(), "optimizer.learning_rate", 5000)


def test_an_unknown_alternative_is_refused_with_a_guess():
    with pytest.raises(RecipeError, match="Did you mean resnet"):
        changed(Recipe(), "model.kind", "resnett")


@given(recipes(), st.data())
def test_changing_any_setting_to_an_allowed_value_changes_that_setting(recipe, data):
    declared = data.draw(st.sampled_from([each for each in settings(recipe) if each.kind != "choice"]))
    new = ruled(declared.path, recipe.model.kind, data.draw(values(declared)))
    try:
        after = changed(recipe, declared.path, new)
    except RecipeError:
        return  # the value contradicts another setting
    assert value(after, declared.path) == new
    assert set(differences(recipe, after)) <= {declared.path}
    assert changed(after, declared.path, value(recipe, declared.path)) == recipe


@given(recipes(), recipes())
def test_differences_are_the_same_seen_from_the_other_side(one, other):
    there = differences(one, other)
    assert {path: (b, a) for path, (a, b) in there.items()} == differences(other, one)
    assert bool(there) == (one != other)


@given(recipes())
def test_every_setting_has_a_value_and_every_path_is_told_once(recipe):
    paths = [each.path for each in settings(recipe)]
    assert len(paths) == len(set(paths))
    assert set(recipes_of.values(recipe)) == set(paths)


def test_a_setting_that_only_one_recipe_has_is_a_difference():
    found = differences(Recipe(), changed(Recipe(), "model.kind", "mlp"))
    assert found["model.stages"] == (2, None)
    assert found["model.kind"] == ("cnn", "mlp")


# --- settings that contradict each other -------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "path", "words"),
    [
        ({"data": {"validation": 0.5, "test": 0.5}}, "data.validation", "together take 100%"),
        ({"data": {"validation": 0.0}, "training": {"keep": "last"}, "tricks": {"early_stopping": {}}},
         "tricks.early_stopping", "needs validation pictures"),
        ({"data": {"validation": 0.0}, "training": {"keep": "last"}, "schedule": {"kind": "plateau"}},
         "schedule.kind", "watches validation loss"),
        ({"schedule": {"kind": "plateau", "lowest": 1e-3}}, "schedule.lowest",
         "must be less than optimizer.learning_rate, which is 0.001, got 0.001"),
        ({"data": {"validation": 0.0}}, "training.keep", "keep the last epoch"),
        ({"schedule": {"warmup": 20.0}}, "schedule.warmup", "must be shorter than the run of 20 epochs, got 20."),
        ({"optimizer": {"method": "adamw"}, "tricks": {"weight_decay": {}}}, "tricks.weight_decay", "decay twice"),
        ({"optimizer": {"method": "schedule_free"}, "tricks": {"ema": {}}}, "tricks.ema", "a mean of its own"),
        ({"initializer": {"start": "run"}}, "initializer.run", "is empty; give the number"),
        ({"initializer": {"start": "file"}}, "initializer.file", "is empty; choose"),
        ({"initializer": {"start": "imagenet"}}, "initializer.start", "not for CNN; take one of these"),
        ({"tricks": {"class_weights": {}, "resampling": {}}}, "tricks.resampling", "favour the small ones twice"),
        ({"optimizer": {"method": "sgd", "momentum": 0.0, "nesterov": True}}, "optimizer.nesterov", "needs a momentum"),
        ({"model": {"kind": "densenet"}, "tricks": {"stochastic_depth": {}}}, "tricks.stochastic_depth", "(DenseNet) has none"),
        ({"model": {"kind": "resnet", "depth": 32, "block": "bottleneck"}}, "model.depth",
         "must be 9n + 2 with bottleneck blocks, got 32; the nearest are 29 and 38."),
        ({"model": {"kind": "wide_resnet", "depth": 20}}, "model.depth", "must be 6n + 4, got 20; the nearest are 16 and 22."),
        ({"model": {"kind": "densenet", "depth": 41}}, "model.depth", "must be 3n + 4, got 41; the nearest are 40 and 43."),
        ({"model": {"kind": "densenet", "depth": 43, "bottleneck": True}}, "model.depth",
         "must be 6n + 4 with bottleneck, got 43; the nearest are 40 and 46."),
        ({"data": {"kind": "shape_masks"}, "model": {"kind": "unet"}, "tricks": {"cutmix": {}}}, "tricks.cutmix",
         "CutMix shares one label a picture"),
        ({"data": {"image_size": 20, "crop": 21}}, "data.crop", "must be at most data.image_size, 20, got 21"),
        ({"tricks": {"augmentation": {"erasing": 0.5, "erasing_smallest": 0.5}}},
         "tricks.augmentation.erasing_smallest", "must be at most erasing_largest, 0.4, got 0.5."),
    ],
)  # fmt: skip
def test_a_contradiction_is_told_where_it_can_be_put_right(tree, path, words):
    assert words in problems(tree)[path]


def test_a_folder_with_its_own_validation_folder_needs_no_share():
    assert parse({"data": {"kind": "folder", "path": "somewhere", "validation": 0.0}})


@given(recipes())
def test_a_recipe_that_was_read_contradicts_itself_nowhere(recipe):
    assert not conflicts(recipe)
