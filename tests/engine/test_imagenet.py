"""The weights of keras.applications: files in their form, by our names, for pictures prepared our way."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

from workbench.engine import imagenet, pretrained
from workbench.engine.build import build_model
from workbench.engine.imagenet import CAFFE, PRETRAINED, TORCH, Preparation, read_legacy, refitted, renamed
from workbench.errors import DownloadError, WorkspaceError
from workbench.network.plan import plan as plan_network
from workbench.paths import Workspace
from workbench.spec.initializer import IMAGENET
from workbench.spec.recipe import parse


def write_legacy(path: Path, layers: dict[str, dict[str, np.ndarray]], *, pieces: int = 1) -> None:
    """A file as Keras 2 wrote it: a group a layer, arrays named "layer/kernel:0", lists of names as attributes."""
    with h5py.File(path, "w") as file:
        names = np.array([name.encode() for name in layers])
        if pieces == 1:
            file.attrs["layer_names"] = names
        for number, piece in enumerate(np.array_split(names, pieces)) if pieces > 1 else ():
            file.attrs[f"layer_names{number}"] = piece
        for layer, arrays in layers.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = np.array([f"{layer}/{name}:0".encode() for name in arrays])
            for name, array in arrays.items():
                group.create_dataset(f"{layer}/{name}:0", data=array)


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_file_of_keras_2_is_read_with_slashes_in_its_names_and_lists_cut_into_pieces(
    tmp_path: Path, pieces: int
) -> None:
    path = tmp_path / "weights.h5"
    layers = {
        "conv1/conv": {"kernel": ones(7, 7, 3, 2)},
        "conv1/bn": {"gamma": ones(2), "beta": ones(2), "moving_mean": ones(2), "moving_variance": 2 * ones(2)},
        "zero_padding2d": {},
        "fc1000": {"kernel": ones(4, 9), "bias": ones(9)},
    }
    write_legacy(path, layers, pieces=pieces)
    arrays = renamed(read_legacy(path), imagenet._densenet)
    assert set(arrays) == {
        "stem_conv/kernel", "stem_conv_norm/gamma", "stem_conv_norm/beta", "stem_conv_norm/moving_mean",
        "stem_conv_norm/moving_variance", "logits/kernel", "logits/bias",
    }  # fmt: skip
    assert (arrays["stem_conv_norm/moving_variance"] == 2).all()


@pytest.mark.parametrize("content", [b"", b"no weights at all", b"\x89HDF\r\n\x1a\n" + bytes(300)])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.h5"
    path.write_bytes(content)
    with pytest.raises(WorkspaceError, match=r"weights\.h5 is no whole file of Keras weights .*Delete it"):
        read_legacy(path)


@pytest.mark.parametrize("trained", [CAFFE, TORCH], ids=["caffe", "torch"])
def test_a_picture_prepared_our_way_gives_what_it_gave_theirs(trained: Preparation) -> None:
    random = np.random.default_rng(5)
    pictures = random.integers(0, 256, (4, 7, 7, 3)).astype(np.float64)
    kernel = random.normal(size=(7, 7, 3, 8)).astype(np.float32)
    moving = random.normal(size=8).astype(np.float32)
    mean, spread = np.array([110.0, 120.0, 90.0]), np.array([60.0, 70.0, 50.0])
    fitted = refitted(
        {"stem_conv/kernel": kernel, "stem_conv_norm/moving_mean": moving}, "stem_conv", trained, mean, spread
    )
    theirs = (pictures - np.array(trained.mean)) / np.array(trained.spread)
    theirs = theirs[..., ::-1] if trained.blue_first else theirs
    ours = (pictures - mean) / spread
    # The middle of a 7 × 7 picture under a 7 × 7 kernel: no edge is in sight.
    before = np.einsum("nhwc,hwco->no", theirs, kernel) - moving
    after = np.einsum("nhwc,hwco->no", ours, fitted["stem_conv/kernel"]) - fitted["stem_conv_norm/moving_mean"]
    assert after == pytest.approx(before, rel=1e-4, abs=1e-3 * np.abs(before).max())


def test_weights_for_colours_are_left_as_they_are_for_grey_pictures() -> None:
    arrays = {"stem_conv/kernel": ones(7, 7, 3, 2), "stem_conv_norm/moving_mean": ones(2)}
    assert refitted(arrays, "stem_conv", CAFFE, np.zeros(1), np.full(1, 255.0)) is arrays


def test_addresses_and_check_sums_are_those_of_keras() -> None:
    folder = Path(pytest.importorskip("importlib.util").find_spec("keras").origin).parent / "src" / "applications"
    for name, known in PRETRAINED.items():
        source = (folder / f"{'resnet' if name.startswith('resnet') else 'densenet'}.py").read_text(encoding="utf-8")
        base, _, file = known.remote.url.rpartition("/")
        assert f'"{base}/"' in source
        assert known.remote.md5 in source
        assert file == f"{name}_weights_tf_dim_ordering_tf_kernels.h5"
    assert tuple(PRETRAINED) == IMAGENET


# --- our networks ------------------------------------------------------------------------------------------


def scrambled(model: Any, seed: int) -> None:
    """Weights as of a training: also gammas, betas and moving averages are no longer what they start from."""
    random = np.random.default_rng(seed)
    for weight in model.weights:
        spread = 0.1 if weight.name in {"bias", "beta", "moving_mean"} else 0.2
        middle = 1.0 if weight.name in {"gamma", "moving_variance"} else 0.0
        if weight.name == "kernel":
            spread = np.sqrt(1.5 / np.prod(weight.shape[:-1]))
        values = middle + spread * random.standard_normal(weight.shape, np.float32)
        weight.assign(np.abs(values) if middle else values)


def names_of_theirs(variant: str) -> set[str]:
    """The layers with weights of a network of keras.applications, as its source composes their names."""
    names = {"conv1_conv", "conv1_bn", "predictions"}
    if variant.startswith("resnet"):
        counts = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3), "resnet152": (3, 8, 36, 3)}[variant]
        for stage, count in enumerate(counts, 2):
            steps = [(1, 0)] + [(block, step) for block in range(1, count + 1) for step in (1, 2, 3)]
            names |= {f"conv{stage}_block{block}_{step}_{what}" for block, step in steps for what in ("conv", "bn")}
        return names
    counts = {"densenet121": (6, 12, 24, 16), "densenet169": (6, 12, 32, 32), "densenet201": (6, 12, 48, 32)}[variant]
    for stage, count in enumerate(counts, 2):
        steps = ("0_bn", "1_conv", "1_bn", "2_conv")
        names |= {f"conv{stage}_block{block}_{step}" for block in range(1, count + 1) for step in steps}
    return names | {f"pool{stage}_{what}" for stage in (2, 3, 4) for what in ("conv", "bn")} | {"bn"}


@pytest.mark.parametrize("variant", PRETRAINED)
def test_the_table_of_names_leads_every_layer_of_theirs_to_one_of_ours(variant: str) -> None:
    kind = "resnet_imagenet" if variant.startswith("resnet") else "densenet_imagenet"
    plan = plan_network(parse({"model": {"kind": kind, "variant": variant}}), (32, 32, 3), 7)
    theirs = {f"{name}/kernel": ones(1) for name in names_of_theirs(variant)}
    ours = {name.removesuffix("/kernel") for name in renamed(theirs, PRETRAINED[variant].ours)}
    assert ours == {layer.name for layer in plan.layers if layer.parameters}


@pytest.mark.proof
@pytest.mark.keras
@pytest.mark.parametrize(("kind", "variant"), [("resnet_imagenet", "resnet50"), ("densenet_imagenet", "densenet121")])
def test_our_network_gives_what_the_one_of_keras_applications_gives_with_the_weights_of_its_file(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, kind: str, variant: str
) -> None:
    import keras
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    known = PRETRAINED[variant]
    makers = {"resnet50": keras.applications.ResNet50, "densenet121": keras.applications.DenseNet121}
    theirs = makers[variant](weights=None, classes=7, input_shape=(32, 32, 3), classifier_activation=None)
    scrambled(theirs, 3)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    with h5py.File(tmp_path / "models" / known.remote.name, "w") as file:
        save_weights_to_hdf5_group(file, theirs)

    # Pictures prepared our way, about the mean that theirs are prepared about: then the edges of zeros are alike too.
    mean, spread = np.array(known.preparation.mean, np.float32), np.array([50, 60, 70], np.float32)
    data = SimpleNamespace(mean=mean, spread=spread)
    wanted = parse({"model": {"kind": kind, "variant": variant}, "initializer": {"start": "imagenet"}})
    plan = plan_network(wanted, (32, 32, 3), 7)
    model = build_model(plan, wanted)
    report = pretrained.begin(model, plan, wanted, data, workspace=workspace, progress=lambda *_: None)  # type: ignore[arg-type]
    assert report is not None
    assert report.left == ()
    assert report.unused == ()
    assert report.source == f"ImageNet ({variant})"

    pictures = np.random.default_rng(4).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)
    prepare = getattr(keras.applications, "resnet" if variant == "resnet50" else "densenet").preprocess_input
    expected = keras.ops.convert_to_numpy(theirs(prepare(pictures.copy()), training=False))
    found = keras.ops.convert_to_numpy(model((pictures - mean) / spread, training=False))
    assert np.std(expected) > 0.01, "this test needs outputs that differ"
    # Their norms add 1.001e-5 to a variance, ours 1e-5.
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-3 * float(np.abs(expected).max()))


@pytest.mark.keras
def test_without_a_network_the_message_names_the_file_and_where_to_put_it(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    def refuse(*_arguments: object, **_options: object) -> None:
        raise requests.exceptions.ConnectionError

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(requests, "get", refuse)
    with pytest.raises(
        DownloadError, match=r"resnet50_weights.*\.h5 could not be fetched: there is no network .*put the"
    ) as caught:
        imagenet.read("resnet50", SimpleNamespace(), workspace, lambda *_: None)  # type: ignore[arg-type]
    assert f"into the folder {tmp_path / 'models'}" in str(caught.value)
