"""The engine against the fastest thing that can be written by hand and still keeps each step's loss."""

from tests.bench.row import Row
from tests.bench.sides import ByHand, Engine, small_cnn
from tests.bench.timing import interleaved

TARGET = 0.95


def measure() -> Row:
    recipe = small_cnn()
    found = interleaved(Engine(recipe, epochs=1), ByHand(recipe, epochs=1), pairs=121)
    return Row(
        "TensorFlow engine against a hand-written whole-epoch tf.function of the same CNN", f"≥ {TARGET:g}×",
        f"{found.one:,.0f} steps/s", found.ratio >= TARGET, f"{found.other:,.0f} steps/s", found.ratio, found.interval(),
    )  # fmt: skip
