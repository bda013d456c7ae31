"""What the lab says of what it shows: two sentences for the landscape and the theory that holds on it."""

from __future__ import annotations

import math

from workbench.descent import theory
from workbench.gui.lab.landscape import figure
from workbench.gui.lab.shown import Shown

PREPARING = "Preparing the methods: the race is compiled once, which takes some seconds."
UNMEASURED = "A slice shows the loss of a run around its weights. Choose a run and measure its loss first."

_LANDSCAPES: dict[str, str] = {
    "trough": "Convex and flat along its bottom: descent stops wherever it meets it. Any weight decay λ makes it λ-strongly convex, with one minimum.",
    "quartic": "Convex, but ever flatter towards the minimum. The error falls as a power of the steps, faster than convexity alone promises.",
    "ravine": "The valley winds, so that straight momentum hits its walls. Nothing is promised here; trying is what helps.",
    "rosenbrock": "A flat, bent valley: finding it is easy, following it is not. Methods with memory get round the bend first.",
    "himmelblau": "Four minima of the same depth. Which one a method ends in is decided by the start and the first steps.",
    "beale": "Flat ground with steep walls at the corners. A step size that is safe on the walls hardly moves on the ground.",
    "saddle": "On the ridge the gradient leads straight into the saddle, and exact descent rests there. Noise leaves it, and Newton is drawn to it.",
    "kink": "The gradient jumps at the kink, so a fixed step leaps across it for ever. Smaller and smaller steps, or a mean of the places, come to rest.",
    "bumpy": "Many minima: descent ends in the next one. Momentum and noise carry across small bumps.",
    "logistic": "The samples can be parted, so the loss falls for ever and has no minimum: convex, 1/ε steps. Weight decay gives it one, and steps as log 1/ε.",
    "slice": "The loss of a real run on the plane of two directions through its weights. Methods here see that plane only.",
}  # fmt: skip


def sentence(shown: Shown) -> str:
    """Two sentences on what is shown."""
    landscape, found = shown.lab.landscape, shown.curvature
    told = f"{_curvatures(shown)} " if found is not None else ""
    if landscape.noise > 0 and landscape.kind != "logistic":
        spread = landscape.noise / math.sqrt(landscape.batch_size)
        return (
            f"Each step's gradient has noise of σ/√m = {figure(spread)}: with a fixed step size methods end in a cloud, not at a point. "
            "Four times the batch size halves it."
        )
    if landscape.kind == "logistic" and landscape.batch_size < 24:  # noqa: PLR2004 - its samples
        return "Each step sees a batch of the samples, drawn without repetition. Smaller batches are noisier, and a step costs less."
    if landscape.kind == "quadratic":
        assert found is not None
        best = theory.best_heavy_ball(found)
        ball = f" The best heavy ball is η = {figure(best[0])}, β = {figure(best[1])}." if best else ""
        return f"{told}Descent needs about κ steps, momentum about √κ.{ball}"
    return f"{told}{_LANDSCAPES[landscape.kind]}"


def _curvatures(shown: Shown) -> str:
    found = shown.curvature
    assert found is not None
    where = "" if found.everywhere else " in view"
    if found.smallest > 0:
        return f"L = {figure(found.largest)}, μ = {figure(found.smallest)}, κ = {figure(found.condition)}{where}."
    return f"L = {figure(found.largest)}{where}, no μ above 0."
