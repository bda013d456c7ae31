"""The sets that come with a library or are fetched: scikit-learn's digits, and those of keras.datasets."""

from __future__ import annotations

import textwrap

from workbench.data.known import CLOTHES, DIGITS, THINGS
from workbench.export.script.draft import WIDTH, Draft
from workbench.spec import data as spec

_DIGITS = """
digits = load_digits()
pictures = np.rint(digits.data * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)  # ink is counted from 0 to 16
labels = digits.target
class_names = tuple("0123456789")
given = np.zeros(len(labels), np.int8)
"""

_KNOWN = """
(x_given, y_given), (x_kept, y_kept) = keras.datasets.{module}.load_data()
pictures = np.concatenate([x_given, x_kept]){channels}
labels = np.concatenate([y_given, y_kept]).reshape(-1).astype(np.int64)
class_names = {names}
given = np.repeat(np.array([0, 2], np.int8), [len(y_given), len(y_kept)])  # the set brings its own test pictures
"""

#: CIFAR-100's classes, which Keras gives without their names; the split is drawn by them.
HUNDRED = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
    "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
    "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish",
    "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion",
    "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange",
    "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine",
    "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk",
    "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank",
    "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale",
    "willow_tree", "wolf", "woman", "worm",
)  # fmt: skip
#: Their module in keras.datasets and the names of their classes; grey ones come without an axis for channels.
_SETS: dict[type[spec.DataSpec], tuple[str, tuple[str, ...], bool]] = {
    spec.Mnist: ("mnist", DIGITS, True),
    spec.FashionMnist: ("fashion_mnist", CLOTHES, True),
    spec.Cifar10: ("cifar10", THINGS, False),
    spec.Cifar100: ("cifar100", HUNDRED, False),
}


def digits(draft: Draft) -> None:
    """Append the reading of the digits."""
    draft.needs("from sklearn.datasets import load_digits", "scikit-learn")
    draft.cell("The digits come with scikit-learn: nothing is fetched.", _DIGITS)


def known(draft: Draft) -> None:
    """Append the reading of one of the sets of keras.datasets."""
    module, names, grey = _SETS[type(draft.recipe.data)]
    lines = textwrap.wrap(", ".join(f'"{name}"' for name in names), WIDTH - 4)
    written = "(\n" + "\n".join(f"    {line}" for line in lines) + ",\n)"
    code = _KNOWN.format(module=module, channels="[..., None]" if grey else "", names=written)
    draft.cell("Keras fetches the files once, checks them, and finds them again the next time.", code)
