"""The weights of keras.applications: files in their form, by our names, for pictures prepared our way."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from workbench.engine import imagenet
from workbench.engine.imagenet import CAFFE, PRETRAINED, TORCH, Preparation, read_legacy, refitted, renamed
from workbench.errors import DownloadError, WorkspaceError
from workbench.paths import Workspace
from workbench.spec.initializer import IMAGENET


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
