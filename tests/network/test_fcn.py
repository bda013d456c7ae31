import pytest

from workbench.errors import RecipeError
from workbench.network.layers import Conv, Dense, Dropout, Flatten, GlobalPool, MapDropout
from workbench.network.plan import Plan, plan
from workbench.spec.recipe import parse


def drawn(shape: tuple[int, int, int] = (32, 32, 3), tricks: object = None, **model: object) -> Plan:
    return plan(parse({"model": model, "tricks": tricks or {}}), shape, 7)


def test_an_fcn_has_the_stages_of_a_cnn_and_no_layer_that_fixes_the_size() -> None:
    fcn, cnn = drawn(kind="fcn", stages=3), drawn(kind="cnn", stages=3)

    stages = [layer for layer in fcn.layers if layer.block.startswith("stage")]
    assert stages == [layer for layer in cnn.layers if layer.block.startswith("stage")]
    assert not any(isinstance(layer.kind, Dense | Flatten) for layer in fcn.layers)
    assert (fcn.any_size, cnn.any_size) == (True, False)


def test_an_fcn_scores_every_place_and_takes_the_mean() -> None:
    score, mean = drawn((32, 24, 3), kind="fcn", stages=3).layers[-2:]

    assert (score.kind, score.shape) == (Conv(7, 1), (4, 3, 7))
    assert (mean.name, mean.kind, mean.shape) == ("logits", GlobalPool(), (7,))


def test_parameters_of_an_fcn_do_not_depend_on_the_size_of_the_picture() -> None:
    assert drawn(kind="fcn").parameters == drawn((47, 61, 3), kind="fcn").parameters


def test_an_fcn_says_how_often_a_picture_can_be_halved() -> None:
    with pytest.raises(RecipeError, match=r"model\.stages: .* cannot be halved 4 times; take at most 3"):
        drawn((8, 8, 1), kind="fcn", stages=4)


@pytest.mark.parametrize("kind", ["cnn", "fcn"])
def test_widening_sets_the_filters_of_later_stages(kind: str) -> None:
    layers = {layer.name: layer for layer in drawn(kind=kind, stages=3, width=6, widening=2.667).layers}

    assert [layers[f"stage{stage}_conv1"].shape[-1] for stage in (1, 2, 3)] == [6, 16, 43]


def test_a_cnn_can_have_several_dense_layers_each_with_its_dropout() -> None:
    found = drawn(kind="cnn", stages=1, dense=9, dense_layers=3, tricks={"dropout": {"place": "output"}})

    assert [layer.name for layer in found.layers if layer.block == "head"] == [
        "head_flatten",
        "head_dense1", "head_activation1", "head_dropout1",
        "head_dense2", "head_activation2", "head_dropout2",
        "head_dense", "head_activation", "head_dropout",
        "logits",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "place", "expected"),
    [
        ({"kind": "cnn"}, "usual", ["stage1_dropout", "stage2_dropout", "head_dropout"]),
        ({"kind": "cnn"}, "both", ["stage1_dropout", "stage2_dropout", "head_dropout"]),
        ({"kind": "cnn"}, "stages", ["stage1_dropout", "stage2_dropout"]),
        ({"kind": "cnn"}, "output", ["head_dropout"]),
        ({"kind": "cnn", "dense": 0}, "stages", ["stage1_dropout", "stage2_dropout"]),
        ({"kind": "cnn", "dense": 0}, "both", ["stage1_dropout", "head_dropout"]),
        ({"kind": "fcn"}, "usual", ["stage1_dropout", "head_dropout"]),
        ({"kind": "fcn"}, "stages", ["stage1_dropout", "stage2_dropout"]),
        ({"kind": "fcn"}, "output", ["head_dropout"]),
        ({"kind": "mlp", "depth": 3}, "usual", ["hidden1_dropout", "hidden2_dropout", "hidden3_dropout"]),
        ({"kind": "mlp", "depth": 3}, "output", ["hidden3_dropout"]),
        ({"kind": "mlp", "depth": 0}, "stages", ["head_dropout"]),
        ({"kind": "densenet", "depth": 7}, "stages", ["stage1_dropout", "stage2_dropout", "stage3_dropout"]),
        ({"kind": "densenet", "depth": 7}, "both", ["stage1_dropout", "stage2_dropout", "head_dropout"]),
    ],
)
def test_dropout_stands_where_its_place_says(model: dict[str, object], place: str, expected: list[str]) -> None:
    found = drawn(**model, tricks={"dropout": {"place": place}})

    assert [layer.name for layer in found.layers if isinstance(layer.kind, Dropout | MapDropout)] == expected
