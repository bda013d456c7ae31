"""What recording every step's loss, gradient norm and accuracy costs, against the same loop recording nothing."""

from tests.bench.row import Row
from tests.bench.sides import Engine, small_cnn
from tests.bench.timing import interleaved

TARGET = 0.97


def measure() -> Row:
    recipe = small_cnn()
    found = interleaved(Engine(recipe, epochs=1), Engine(recipe, epochs=1, record=False), pairs=121)
    return Row(
        "recording every step's loss and gradient norm against recording nothing, no window", f"≥ {TARGET:g}×",
        f"{found.one:,.0f} steps/s", found.ratio >= TARGET, f"{found.other:,.0f} steps/s", found.ratio, found.interval(),
    )  # fmt: skip
