"""MNIST, Fashion-MNIST and CIFAR, from small files in the formats of the real ones."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.data.set_files import batch, cifar10_members, labels, write_fashion, write_mnist, write_tar
from workbench.data import DataSet
from workbench.errors import DataError
from workbench.spec.data import Cifar10, Cifar100, FashionMnist, Mnist


def test_mnist_is_read_from_keras_own_folder(read: Callable[..., DataSet], keras_folder: Path) -> None:
    arrays = write_mnist(keras_folder)
    found = read(Mnist(validation=0.2))
    assert (len(found.training), len(found.validation), len(found.test)) == (50, 10, 20)
    assert np.array_equal(found.test.pictures.array()[..., 0], arrays["x_test"])
    assert found.test.labels.tolist() == labels(20).tolist()
    assert found.shape == (28, 28, 1)


def test_a_damaged_mnist_file_says_which_and_what_to_do(read: Callable[..., DataSet], keras_folder: Path) -> None:
    write_mnist(keras_folder)
    content = (keras_folder / "mnist.npz").read_bytes()
    (keras_folder / "mnist.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"mnist\.npz cannot be read: .* Delete the file and start again"):
        read(Mnist())


def test_labels_beyond_the_classes_are_refused(read: Callable[..., DataSet], keras_folder: Path) -> None:
    write_mnist(keras_folder, y_test=np.full(20, 11, np.uint8))
    with pytest.raises(DataError, match="labels from 11 to 11; 0 to 9 are allowed"):
        read(Mnist())


def test_mnist_with_pickled_objects_is_refused(read: Callable[..., DataSet], keras_folder: Path) -> None:
    write_mnist(keras_folder, x_train=np.array([None] * 60))
    with pytest.raises(DataError, match="Python objects"):
        read(Mnist())


def test_fashion_mnist_is_read_from_idx_files_whether_in_their_folder_or_flat(
    read: Callable[..., DataSet], keras_folder: Path
) -> None:
    arrays = write_fashion(keras_folder / "fashion-mnist")
    found = read(FashionMnist())
    assert np.array_equal(found.test.pictures.array()[..., 0], arrays["test"])
    assert found.classes[9] == "Ankle boot"
    for path in (keras_folder / "fashion-mnist").iterdir():
        path.rename(keras_folder / path.name)
    assert read(FashionMnist()).fingerprint == found.fingerprint


@pytest.mark.parametrize("cut", [3, 9, 40, -5])
def test_an_idx_file_that_is_cut_off_says_so(read: Callable[..., DataSet], keras_folder: Path, cut: int) -> None:
    write_fashion(keras_folder / "fashion-mnist")
    path = keras_folder / "fashion-mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:cut]))
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz cannot be read"):
        read(FashionMnist())


@pytest.mark.parametrize(
    "name", ["cifar-10-python.tar.gz", "cifar-10-batches-py.tar.gz", "cifar-10-batches-py-target_archive"]
)
def test_cifar_10_is_read_under_every_name_that_keras_gave_it(
    read: Callable[..., DataSet], keras_folder: Path, name: str
) -> None:
    members = cifar10_members()
    write_tar(keras_folder / name, members)
    found = read(Cifar10(validation=0.1))
    assert (len(found.training), len(found.validation), len(found.test)) == (90, 10, 20)
    rows = pickle.loads(members["cifar-10-batches-py/test_batch"])[b"data"]
    # The rows are a red, a green and a blue plane.
    assert found.test.pictures.array()[4, 1, 2].tolist() == [rows[4, plane * 1024 + 34] for plane in range(3)]
    assert found.classes[0] == "airplane"


def test_cifar_100_has_its_hundred_names(read: Callable[..., DataSet], keras_folder: Path) -> None:
    names = [f"thing {number}".encode() for number in range(100)]
    parts = {part: pickle.dumps(batch(300, b"fine_labels", 100), protocol=2) for part in ("train", "test")}
    meta = pickle.dumps({b"fine_label_names": names, b"coarse_label_names": []}, protocol=2)
    write_tar(
        keras_folder / "cifar-100-python.tar.gz",
        {f"cifar-100-python/{name}": content for name, content in {**parts, "meta": meta}.items()},
    )
    found = read(Cifar100())
    assert found.classes[:2] == ("thing 0", "thing 1")
    assert len(found.classes) == 100


class Attack:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.target,)


def test_a_malicious_cifar_file_is_refused_and_runs_nothing(
    read: Callable[..., DataSet], keras_folder: Path, tmp_path: Path
) -> None:
    members = cifar10_members()
    members["cifar-10-batches-py/test_batch"] = pickle.dumps({b"data": Attack(tmp_path / "harm")}, protocol=2)
    write_tar(keras_folder / "cifar-10-python.tar.gz", members)
    with pytest.raises(DataError, match="which is not allowed in a file of pictures"):
        read(Cifar10())
    assert not (tmp_path / "harm").exists()


def test_members_that_lead_out_of_the_archive_touch_nothing(
    read: Callable[..., DataSet], keras_folder: Path, tmp_path: Path
) -> None:
    members = {"../../harm": b"x", "/harm": b"x", **cifar10_members()}
    write_tar(keras_folder / "cifar-10-python.tar.gz", members)
    before = sorted(path.name for path in keras_folder.parent.iterdir())
    assert len(read(Cifar10()).test) == 20
    assert sorted(path.name for path in keras_folder.parent.iterdir()) == before
    assert not (tmp_path / "harm").exists()


def test_a_cifar_archive_without_one_of_its_members_says_which(
    read: Callable[..., DataSet], keras_folder: Path
) -> None:
    members = cifar10_members()
    del members["cifar-10-batches-py/data_batch_3"]
    write_tar(keras_folder / "cifar-10-python.tar.gz", members)
    with pytest.raises(DataError, match="data_batch_3 is missing"):
        read(Cifar10())
