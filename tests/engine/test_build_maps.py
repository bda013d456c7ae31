"""Networks for masks as Keras builds them: what the plan says, bilinear at the start, any size."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.networks import differences, pictures
from workbench.engine.build import build_model, named_variables
from workbench.engine.build_maps import BilinearUpLayer, CropLikeLayer, PadToMultipleLayer, bilinear_kernel
from workbench.errors import RecipeError
from workbench.network.maps import BilinearUp, Deconv
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras


def recipe(**model: object) -> Recipe:
    return parse({"data": {"kind": "shape_masks"}, "model": model})


def built(shape: tuple[int, int, int], classes: int = 4, *, any_size: bool = False, **model: object) -> keras.Model:
    wanted = recipe(**model)
    return build_model(plan(wanted, shape, classes), wanted, any_size=any_size)


# --- bilinear ---------------------------------------------------------------------------------------


def interpolated(values: np.ndarray, factor: int) -> np.ndarray:
    """One row brought to `factor` times its length by bilinear interpolation between the middles of pixels."""
    places = (np.arange(len(values) * factor) + 0.5) / factor - 0.5
    return np.interp(places, np.arange(len(values)), values)


@pytest.mark.parametrize("factor", [2, 8, 16, 32])
def test_the_start_of_a_deconvolution_reproduces_a_ramp_exactly(factor: int) -> None:
    height, width = 3, 5
    ramp = (2.0 * np.arange(height)[:, None] - 3.0 * np.arange(width)[None, :] + 1).astype(np.float32)
    layer = BilinearUpLayer(factor)
    found = np.array(layer(np.stack([ramp, -ramp], axis=-1)[None]))[0]

    assert found.shape == (height * factor, width * factor, 2)
    down = (np.arange(height * factor) + 0.5) / factor - 0.5
    across = (np.arange(width * factor) + 0.5) / factor - 0.5
    # Between the outermost middles the ramp goes on; beyond them it stays what it is at the edge.
    wanted = 2.0 * down.clip(0, height - 1)[:, None] - 3.0 * across.clip(0, width - 1)[None, :] + 1
    assert np.abs(found[..., 0] - wanted).max() < 1e-5
    assert np.abs(found[..., 1] + wanted).max() < 1e-5


def test_the_start_of_a_deconvolution_is_interpolation_of_any_map() -> None:
    maps = pictures(1, (4, 6, 1))
    found = np.array(BilinearUpLayer(4)(maps))[0, :, :, 0]
    rows = np.array([interpolated(row, 4) for row in maps[0, :, :, 0]])
    wanted = np.array([interpolated(column, 4) for column in rows.T]).T
    assert np.abs(found - wanted).max() < 1e-5


def test_a_bilinear_kernel_keeps_maps_apart_and_its_weights_sum_to_the_area() -> None:
    kernel = bilinear_kernel(4, 3)
    assert kernel.shape == (8, 8, 3, 3)
    assert np.allclose(kernel.sum(axis=(0, 1)), 16 * np.eye(3))


def test_a_deconvolution_learns_from_its_start() -> None:
    layer = BilinearUpLayer(2)
    layer.build((None, None, None, 3))
    assert [each.name for each in layer.trainable_variables] == ["kernel"]


# --- the plan is what Keras builds -------------------------------------------------------------------

normalizations = st.sampled_from(["none", "batch", "layer", "group"])
unets = st.fixed_dictionaries(
    {
        "kind": st.just("unet"), "normalization": normalizations, "depth": st.integers(1, 3),
        "convolutions": st.integers(1, 2), "width": st.integers(2, 6), "upsampling": st.sampled_from(["deconvolution", "resize"]),
    }
)  # fmt: skip
fcns = st.fixed_dictionaries(
    {
        "kind": st.just("fcn_masks"), "normalization": normalizations, "skips": st.sampled_from(["32s", "16s", "8s"]),
        "depth": st.integers(1, 2), "width": st.integers(2, 5), "head": st.sampled_from([0, 6]),
    }
)  # fmt: skip


@given(model=st.one_of(unets, fcns), shape=st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3])),
       classes=st.integers(2, 4), dropout=st.booleans())  # fmt: skip
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # shrinking would build hundreds of models
    suppress_health_check=[HealthCheck.too_slow],
)
def test_shapes_parameters_and_multiply_adds_are_keras_own(
    model: dict[str, object], shape: tuple[int, int, int], classes: int, dropout: bool
) -> None:
    wanted = parse({"data": {"kind": "shape_masks"}, "model": model, "tricks": {"dropout": {"on": dropout}}})
    try:
        found = plan(wanted, shape, classes)
    except RecipeError as error:
        assert str(error).startswith("model.normalization: ")  # noqa: PT017 - the only reason there may be
        return
    network = build_model(found, wanted)
    assert differences(network, found) == []
    assert network(pictures(2, shape), training=True).shape == (2, *shape[:2], classes)


# --- any size ----------------------------------------------------------------------------------------

SMALL_FCN = {"kind": "fcn_masks", "width": 2, "depth": 1, "head": 4}
SMALL_UNET = {"kind": "unet", "width": 2, "depth": 2, "convolutions": 1}


@pytest.mark.parametrize("model", [SMALL_FCN, SMALL_UNET, {**SMALL_UNET, "upsampling": "resize"}])
def test_the_same_weights_answer_for_pictures_of_any_size(model: dict[str, object]) -> None:
    fixed, free = built((47, 61, 3), **model), built((64, 64, 3), any_size=True, **model)
    assert free.input.shape == (None, None, None, 3)
    assert free.output.shape == (None, None, None, 4)
    weights = named_variables(fixed)
    assert list(weights) == list(named_variables(free))
    batch = pictures(2, (47, 61, 3))
    assert np.abs(np.array(fixed(batch)) - np.array(free(batch))).max() < 1e-5
    assert free(pictures(1, (32, 32, 3))).shape == (1, 32, 32, 4)
    # Also where the size is not known when the graph is made.
    assert np.abs(free.predict(batch, verbose=0) - np.array(fixed(batch))).max() < 1e-5


@pytest.mark.parametrize(("size", "of"), [(47, 8), (61, 32), (64, 32), (1, 4)])
def test_padding_is_zeros_alike_on_both_sides_and_cropping_brings_back_the_picture(size: int, of: int) -> None:
    batch = 1 + np.abs(pictures(2, (size, size + 1, 3)))
    padded = np.array(PadToMultipleLayer(of)(batch))
    assert all(side % of == 0 for side in padded.shape[1:3])
    assert padded.sum() == pytest.approx(batch.sum(), rel=1e-5)
    assert np.array_equal(np.array(CropLikeLayer()([padded, batch])), batch)
    for axis, middle in ((1, 2), (2, 1)):
        filled = np.flatnonzero(padded.any(axis=(0, 3)).any(axis=middle - 1))
        before, after = filled[0], padded.shape[axis] - 1 - filled[-1]
        assert 0 <= after - before <= 1


def test_a_skip_starts_with_the_coarser_prediction_unchanged() -> None:
    batch = pictures(1, (64, 64, 3))
    coarse, fine = built((64, 64, 3), **SMALL_FCN, skips="32s"), built((64, 64, 3), **SMALL_FCN, skips="8s")
    assert np.abs(np.array(fine.get_layer("skip3_score").kernel)).max() == 0
    inside = (slice(None), slice(16, 48), slice(16, 48))
    # Doubling twice and then eightfold is bilinear too, but not the same as at once: near, not equal.
    one, other = np.array(coarse(batch))[inside], np.array(fine(batch))[inside]
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.98


def test_our_layers_can_be_made_again_from_their_own_description() -> None:
    for layer in (BilinearUpLayer(4, name="a"), PadToMultipleLayer(8, name="b"), CropLikeLayer(name="c")):
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()


def test_deconvolutions_of_a_unet_start_by_the_recipe_s_scheme() -> None:
    network = built((32, 32, 3), kind="unet", width=32, depth=1)
    kernel = np.array(network.get_layer("up1_deconv").kernel)
    assert kernel.shape == (2, 2, 32, 64)
    assert kernel.std() > 0
    assert Deconv(32).trainable((16, 16, 64)) == kernel.size + 32
    assert BilinearUp(2).trainable((1, 1, 3)) == 16 * 9
