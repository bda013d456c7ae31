"""The engine against plain `fit` on a small CNN, where arithmetic dominates."""

from tests.bench.row import Row
from tests.bench.sides import Engine, PlainFit, small_cnn
from tests.bench.timing import interleaved

TARGET = 1.2


def measure() -> Row:
    recipe = small_cnn()
    found = interleaved(Engine(recipe, epochs=3), PlainFit(recipe, epochs=3), pairs=9)
    return Row(
        "TensorFlow engine, small CNN on 28×28, batch 64, against plain fit", f"≥ {TARGET:g}×",
        f"{found.one:,.0f} steps/s", found.ratio >= TARGET, f"{found.other:,.0f} steps/s", found.ratio, found.interval(),
    )  # fmt: skip
