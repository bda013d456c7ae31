"""The engine against plain `fit` on a tiny MLP, where Python's share of each step is largest."""

from tests.bench.row import Row
from tests.bench.sides import Engine, PlainFit, tiny_mlp
from tests.bench.timing import interleaved

TARGET = 3.0


def measure() -> Row:
    recipe = tiny_mlp()
    found = interleaved(Engine(recipe, epochs=10), PlainFit(recipe, epochs=10), pairs=9)
    return Row(
        "TensorFlow engine, tiny MLP on 8×8 digits, batch 32, against plain fit", f"≥ {TARGET:g}×",
        f"{found.one:,.0f} steps/s", found.ratio >= TARGET, f"{found.other:,.0f} steps/s", found.ratio, found.interval(),
    )  # fmt: skip
