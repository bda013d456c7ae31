"""The X-ray against passes written in NumPy: another forward and backward than Keras', layer by layer."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tests.engine.training import recipe
from workbench import data
from workbench.engine.build import build_model
from workbench.engine.feeding import training_order
from workbench.engine.probes import PROBES
from workbench.engine.probes.asked import Asked
from workbench.errors import DataError
from workbench.network.plan import plan as plan_network
from workbench.paths import Workspace
from workbench.probing.xray import Row, Scheme, Verdict, XRay
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras

Array = np.ndarray[Any, np.dtype[Any]]


def xray(workspace: Workspace, wanted: Recipe, **options: Any) -> XRay:
    told: list[dict[str, Any]] = []
    found = XRay.from_tree(PROBES["xray"](Asked(workspace, wanted, told.append, options)))
    assert [each["partial"]["scheme"]["kind"] for each in told if "partial" in each] == [s.kind for s in found.schemes]
    return found


def start(workspace: Workspace, wanted: Recipe) -> tuple[dict[str, Array], Array, Array]:
    """The weights a run of the recipe begins with, and its first 32 prepared pictures with their labels."""
    loaded = data.load(wanted.data, wanted.training.seed, workspace, lambda *_: None)
    model = build_model(plan_network(wanted, loaded.shape, len(loaded.classes)), wanted)
    chosen = training_order(wanted.training.seed, 1, len(loaded.training))[:32]
    pictures = (loaded.training.pictures.take(chosen) - loaded.mean.astype(np.float64)) / loaded.spread
    weights = {weight.path: np.asarray(weight.numpy(), np.float64) for weight in model.weights}
    return weights, pictures, np.asarray(loaded.training.labels[chosen])


def loss_gradient(logits: Array, labels: Array) -> Array:
    """Of the mean cross-entropy of softmax by the logits."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(labels)), labels] -= 1
    return shares / len(labels)


def expect(
    rows: tuple[Row, ...], given: dict[str, Array], gradients: dict[str, Array], pictures: Array, last: str = "logits"
) -> None:
    assert [row.layer for row in rows] == list(given)
    end = np.linalg.norm(gradients[last])
    for row in rows:
        a, g = given[row.layer], gradients[row.layer]
        found = (row.activation_mean, row.activation_std, row.gradient_mean, row.gradient_std, row.signal, row.gradient)
        wanted = (a.mean(), a.std(), g.mean(), g.std(), a.std() / pictures.std(), np.linalg.norm(g) / end)
        np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=1e-7, err_msg=row.layer)


def convolved(w: dict[str, Array], pictures: Array) -> Array:
    """What the first layer gives, 3 × 3 with padding: (pictures, rows, columns, filters)."""
    kernel, size = w["stage1_conv1/kernel"], pictures.shape[1]
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)))
    places = itertools.product(range(3), repeat=2)
    parts = [np.einsum("nhwc,cf->nhwf", padded[:, i : i + size, j : j + size], kernel[i, j]) for i, j in places]
    return np.asarray(w["stage1_conv1/bias"] + sum(parts))


def test_a_small_cnn_is_as_in_a_numpy_pass(workspace: Workspace) -> None:
    wanted = recipe(
        model__stages=1, model__width=4, model__dense=8, tricks__dropout=False, tricks__label_smoothing=False
    )
    w, x, labels = start(workspace, wanted)
    given: dict[str, Array] = {}
    back: dict[str, Array] = {}

    # forward
    conv, size = convolved(w, x), x.shape[1]
    given["stage1_conv1"] = conv
    given["stage1_activation1"] = lit = np.maximum(conv, 0)
    squares = lit.reshape(len(x), size // 2, 2, size // 2, 2, 4).transpose(0, 1, 3, 5, 2, 4).reshape(-1, 4)
    given["stage1_pool"] = squares.max(axis=1).reshape(len(x), size // 2, size // 2, 4)
    given["head_flatten"] = flat = given["stage1_pool"].reshape(len(x), -1)
    given["head_dense"] = flat @ w["head_dense/kernel"] + w["head_dense/bias"]
    given["head_activation"] = np.maximum(given["head_dense"], 0)
    given["logits"] = given["head_activation"] @ w["logits/kernel"] + w["logits/bias"]

    # backward
    back["logits"] = loss_gradient(given["logits"], labels)
    back["head_activation"] = back["logits"] @ w["logits/kernel"].T
    back["head_dense"] = back["head_activation"] * (given["head_dense"] > 0)
    back["head_flatten"] = back["head_dense"] @ w["head_dense/kernel"].T
    back["stage1_pool"] = back["head_flatten"].reshape(given["stage1_pool"].shape)
    largest = np.zeros_like(squares)
    largest[np.arange(len(squares)), squares.argmax(axis=1)] = back["stage1_pool"].reshape(-1)
    spread = largest.reshape(len(x), size // 2, size // 2, 4, 2, 2).transpose(0, 1, 4, 2, 5, 3)
    back["stage1_activation1"] = spread.reshape(lit.shape)
    back["stage1_conv1"] = back["stage1_activation1"] * (conv > 0)

    chosen = xray(workspace, wanted, kinds=[]).schemes
    assert [each.kind for each in chosen] == ["kaiming_normal"]
    expect(chosen[0].rows, given, back, x)
    dead = {row.layer: row.dead for row in chosen[0].rows}
    assert dead == dict.fromkeys(given) | {
        "stage1_activation1": np.mean((lit == 0).all(axis=(0, 1, 2))),
        "head_activation": np.mean((given["head_activation"] == 0).all(axis=0)),
    }


def test_batch_norm_takes_the_statistics_of_the_batch_as_in_training(workspace: Workspace) -> None:
    wanted = recipe(
        model__kind="mlp", model__width=16, model__depth=1, model__normalization="batch", tricks__dropout=False
    )
    w, x, labels = start(workspace, wanted)
    (scheme,) = xray(workspace, wanted, kinds=[]).schemes
    flatten, dense, norm, activation, _ = (row.layer for row in scheme.rows)
    given = {flatten: x.reshape(len(x), -1)}
    given[dense] = given[flatten] @ w[f"{dense}/kernel"]
    root = np.sqrt(given[dense].var(axis=0) + 1e-5)
    given[norm] = (given[dense] - given[dense].mean(axis=0)) / root
    given[activation] = np.maximum(given[norm], 0)
    given["logits"] = given[activation] @ w["logits/kernel"] + w["logits/bias"]

    back = {"logits": loss_gradient(given["logits"], labels)}
    back[activation] = back["logits"] @ w["logits/kernel"].T
    back[norm] = g = back[activation] * (given[norm] > 0)
    # Ioffe & Szegedy 2015: the mean and the variance pass their share of the gradient on.
    back[dense] = (g - g.mean(axis=0) - given[norm] * (g * given[norm]).mean(axis=0)) / root
    back[flatten] = back[dense] @ w[f"{dense}/kernel"].T
    expect(scheme.rows, given, back, x)


def test_the_mean_of_an_fcn_comes_after_its_last_weights_and_nothing_is_put_back(workspace: Workspace) -> None:
    data = {"kind": "shapes", "count": 100, "image_size": 16}
    model = {"kind": "fcn", "stages": 1, "depth": 1, "width": 4, "pooling": "average", "activation": "tanh"}
    wanted = parse({"data": data, "model": model, "initializer": {"kind": "truncated_normal"}})
    w, x, labels = start(workspace, wanted)
    conv, size = convolved(w, x), x.shape[1]
    lit = np.tanh(conv)
    pool = lit.reshape(len(x), size // 2, 2, size // 2, 2, 4).mean(axis=(2, 4))
    score = pool @ w["head_score/kernel"][0, 0] + w["head_score/bias"]
    names = ("stage1_conv1", "stage1_activation1", "stage1_pool", "head_score", "logits")
    given = dict(zip(names, (conv, lit, pool, score, score.mean(axis=(1, 2))), strict=True))

    back = {"logits": loss_gradient(given["logits"], labels)}
    places = (size // 2) ** 2
    back["head_score"] = np.broadcast_to(back["logits"][:, None, None] / places, score.shape)
    back["stage1_pool"] = back["head_score"] @ w["head_score/kernel"][0, 0].T
    back["stage1_activation1"] = back["stage1_pool"].repeat(2, axis=1).repeat(2, axis=2) / 4
    back["stage1_conv1"] = back["stage1_activation1"] * (1 - lit**2)

    (found,) = xray(workspace, wanted, kinds=[]).schemes
    expect(found.rows, given, back, x, "head_score")
    assert [row.carried for row in found.rows] == [row.gradient for row in found.rows]
    assert found.rows[0].gradient is not None
    assert found.rows[0].gradient < 0.1, "what is drawn and judged is below the healthy band, as it is in the pass"


def by_kind(found: XRay) -> dict[str, Scheme]:
    return {each.kind: each for each in found.schemes}


def test_in_a_deep_relu_network_each_initializer_does_what_its_variance_says(workspace: Workspace) -> None:
    deep = recipe(model__kind="mlp", model__depth=12, model__width=256, tricks__dropout=False)
    found = by_kind(xray(workspace, deep))
    assert found["kaiming_normal"].verdict is Verdict.HEALTHY
    # Var = 1 / fan_in halves the signal's power at each of twelve ReLU layers: 2⁶ = 64.
    assert found["lecun_normal"].verdict is Verdict.FADES
    first, *_, last = (row.signal for row in found["lecun_normal"].rows if row.dead is not None)
    assert first is not None
    assert last is not None
    assert 2**5.5 / 1.6 < first / last < 2**5.5 * 1.6
    assert found["lecun_normal"].sentence.endswith("Kaiming normal keeps it.")
    # Four times Kaiming's variance: twice at each layer.
    assert found["doubling"].verdict is Verdict.EXPLODES
    grown = [row.signal for row in found["doubling"].rows if row.dead is not None]
    kept = [row.signal for row in found["kaiming_normal"].rows if row.dead is not None]
    ratios = [a / b for a, b in zip(grown, kept, strict=True) if a and b]
    np.testing.assert_allclose(ratios, [2.0**n for n in range(1, 13)], rtol=0.02)
    assert found["zeros"].verdict is Verdict.DIES
    assert found["zeros"].rows[-2].dead == 1.0


def test_a_bias_that_switches_units_off_shows_as_dead_units(workspace: Workspace, tmp_path: Any) -> None:
    from safetensors.numpy import save_file

    wanted = recipe(model__stages=1, model__width=4, model__dense=8, tricks__dropout=False)
    w, _, _ = start(workspace, wanted)
    w["stage1_conv1/bias"] = np.array([-1e4, -1e4, -1e4, 0.0])
    save_file({name: np.ascontiguousarray(each, np.float32) for name, each in w.items()}, tmp_path / "w.safetensors")
    started = {"kind": "kaiming_normal", "start": "file", "file": str(tmp_path / "w.safetensors")}
    wanted = parse(wanted.model_dump() | {"initializer": started})
    chosen, other = xray(workspace, wanted, kinds=["lecun_normal"]).schemes
    assert chosen.title == "Trained weights"
    assert [row.dead for row in chosen.rows if row.layer == "stage1_activation1"] == [0.75]
    assert [row.dead for row in other.rows if row.layer == "stage1_activation1"] == [0.0]


def test_masks_are_looked_through_too_and_half_formats_are_not_judged(workspace: Workspace) -> None:
    data = {"kind": "shape_masks", "count": 60, "image_size": 32}
    model = {"kind": "unet", "depth": 2, "width": 4}
    wanted = parse({"data": data, "model": model, "training": {"precision": "bfloat16"}})
    found = by_kind(xray(workspace, wanted))
    assert found["kaiming_normal"].verdict is Verdict.HEALTHY
    assert found["kaiming_normal"].rows[-1].gradient == 1.0


def test_scores_that_start_at_zero_on_purpose_and_fixed_enlargements_are_not_judged(workspace: Workspace) -> None:
    data = {"kind": "shape_masks", "count": 60, "image_size": 64}
    model = {"kind": "fcn_masks", "width": 4, "normalization": "batch"}
    (found,) = xray(workspace, parse({"data": data, "model": model}), kinds=[]).schemes
    named = {row.layer: row for row in found.rows}
    assert found.verdict is Verdict.HEALTHY, found.sentence
    assert (named["skip4_score"].signal, named["skip4_score"].counts) == (0.0, False)
    assert (named["head_score"].gradient, named["head_score"].counts) == (1.0, True)
    assert not named["logits"].counts


def test_places_are_those_of_the_global_mean_and_only_before_it(workspace: Workspace) -> None:
    wanted = parse({"model": {"kind": "densenet", "depth": 10, "growth": 4, "normalization": "batch"}})
    (found,) = xray(workspace, wanted, kinds=[]).schemes
    assert found.verdict is Verdict.HEALTHY, found.sentence
    places = [row.places for row in found.rows]
    assert places == [4] * (len(places) - 2) + [1, 1]
    assert [row.layer for row in found.rows][-2:] == ["head_pool", "logits"]


def test_pictures_of_one_even_colour_are_a_sentence(workspace: Workspace, tmp_path: Any) -> None:
    np.savez(tmp_path / "even.npz", x=np.full((40, 8, 8), 7, np.uint8), y=np.arange(40) % 2)
    wanted = parse({"data": {"kind": "npz", "path": str(tmp_path / "even.npz"), "image_size": 8}})
    with pytest.raises(DataError, match="one even colour"):
        xray(workspace, wanted)
