"""What the lab says of what it shows: sentences for the landscape, the theory that holds on it, and each step size."""

from __future__ import annotations

from workbench.descent import chance, theory
from workbench.descent.theory import Curvature
from workbench.gui.lab.landscape import figure
from workbench.gui.lab.shown import Shown
from workbench.spec.lab import GradientDescent

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


#: What gradient descent does with its step size, by the verdict.
_VERDICTS = {
    "converges": "Converges: η is at most 1/⁠L = {one}, so no direction overshoots.",
    "oscillates": "Oscillates and converges: η lies between 1/⁠L = {one} and 2/⁠L = {two}, so the steep direction overshoots less each time.",
    "diverges": "Diverges: η is at least 2/⁠L = {two}, so the steepest direction grows.",
    "not promised": "The gradient jumps here, so there is no L and nothing is promised for a fixed step.",
}
#: The same where L is only what was seen within the view.
_IN_VIEW = {
    "converges": "Safe in view: η is at most 1/⁠L = {one}, with L the largest curvature in view.",
    "oscillates": "Overshoots where the ground bends most: η lies between 1/⁠L = {one} and 2/⁠L = {two}, with L the largest curvature in view.",
    "diverges": "May diverge: where the ground bends most in view, η is above 2/⁠L = {two}. Elsewhere it may do well.",
}


def sentence(shown: Shown) -> str:
    """Two sentences on what is shown."""
    landscape, found = shown.lab.landscape, shown.curvature
    told = f"{_curvatures(shown)} " if found is not None else ""
    if chance.noisy(landscape) and landscape.kind != "logistic":
        return (
            f"Each step's gradient has noise of σ/√m = {figure(chance.spread(landscape))}: with a fixed step size methods end in a cloud, "
            f"not at a point. Four times the batch size halves it.{_cloud(shown)}"
        )
    if chance.noisy(landscape):
        return "Each step sees a batch of the samples, drawn without repetition. Smaller batches are noisier, and a step costs less."
    if landscape.kind == "quadratic":
        assert found is not None
        best = theory.best_heavy_ball(found)
        ball = f" The best heavy ball is η = {figure(best[0])}, β = {figure(best[1])}." if best else ""
        return f"{told}Descent needs about κ steps, momentum about √κ.{ball}"
    return f"{told}{_LANDSCAPES[landscape.kind]}"


def _cloud(shown: Shown) -> str:
    """How high the first racer's cloud lies, measured over the second half of its path beside what theory says."""
    line = next((line for line in shown.lines if isinstance(line.rule, GradientDescent)), None)
    if line is None or not shown.bounds:
        return ""
    measured = float(line.path.heights[line.path.steps // 2 :].mean())
    return f" {line.title} is held at a mean height of {figure(measured)}; theory says {figure(float(shown.bounds[0].values[0]))}."


def _curvatures(shown: Shown) -> str:
    found = shown.curvature
    assert found is not None
    where = "" if found.everywhere else " in view"
    if found.smallest > 0:
        return f"L = {figure(found.largest)}, μ = {figure(found.smallest)}, κ = {figure(found.condition)}{where}."
    return f"L = {figure(found.largest)}{where}, no μ above 0."


def verdict(step: float, found: Curvature | None) -> str:
    """What gradient descent does with a step size, in a sentence."""
    judged = theory.verdict(step, found)
    if found is None:
        return _VERDICTS[judged]
    edges = {"one": figure(1 / found.largest), "two": figure(2 / found.largest)}
    return (_VERDICTS if found.everywhere else _IN_VIEW)[judged].format(**edges)


def momentum(best: tuple[float, float] | None, found: Curvature | None, *, ball: bool) -> str:
    """What theory says of momentum on a landscape, in two sentences."""
    if best is None or found is None:
        return "Without a μ above 0 everywhere no β is the best. Around minima β = 0.9 is where people begin."
    step, momentum = (figure(each) for each in best)
    if ball:
        return (
            f"For κ = {figure(found.condition)} the best heavy ball has η = 4/(√L + √μ)² = {step} and β = {momentum}. "
            f"A step then keeps √β = {figure(best[1] ** 0.5)} of the error."
        )
    return (
        f"Nesterov's own numbers for κ = {figure(found.condition)} are η = 1/⁠L = {step} and β = (√κ − 1)/(√κ + 1) = {momentum}. "
        "They hold for every strongly convex function, not for quadratics alone."
    )
