"""The learning rate of every step, known before the run starts: each schedule as its formula, found by the spec."""

from __future__ import annotations

from workbench.export.script.draft import Draft, spec_text
from workbench.export.script.tricks import plateau
from workbench.spec import schedule as specs
from workbench.spec.schedule import ScheduleSpec

_STEPS = "step = np.arange(1, EPOCHS * STEPS + 1, dtype=np.float64)"
_WARMUP = "begin = max(WARMUP * STEPS, 1.0)  # the schedule proper begins where warm-up ends"
#: From 0 at its first step to 1 at the run's last; and epochs since warm-up.
_PROGRESS = "progress = np.clip((step - {begin}) / max(EPOCHS * STEPS - {begin}, 1.0), 0.0, 1.0)  # from 0 to 1 at the last step"
_EPOCHS = "epochs = np.maximum(step - 1.0{warmup}, 0.0) / STEPS  # since it began"
_FALL = """
def fall(progress, final):
    return final + (1.0 - final) * 0.5 * (1.0 + np.cos(np.pi * progress))
"""
_RESTARTS = """
cycles = epochs / FIRST_CYCLE + 1e-9
if CYCLE_GROWTH == 1:
    shares = fall(np.mod(cycles, 1.0), FINAL_SHARE)
else:
    # Cycle n begins after 1 + q + … + q^(n−1) = (qⁿ − 1) / (q − 1) first cycles, and is qⁿ of them long.
    number = np.floor(np.log1p(cycles * (CYCLE_GROWTH - 1.0)) / np.log(CYCLE_GROWTH) + 1e-9)
    begun = (CYCLE_GROWTH**number - 1.0) / (CYCLE_GROWTH - 1.0)
    shares = fall(np.clip((cycles - begun) / CYCLE_GROWTH**number, 0.0, 1.0), FINAL_SHARE)
"""
_ONE_CYCLE = """
rising = fall(1.0 - progress / RISE, STARTING_SHARE)
falling = fall((progress - RISE) / (1.0 - RISE), FINAL_SHARE)
shares = np.where(progress < RISE, rising, falling)
"""
_CALLBACK = """
class RateOfEachStep(keras.callbacks.Callback):
    def __init__(self, rates):
        super().__init__()
        self.rates = rates

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = self.rates[batch{updates}]
"""

#: The shares of the full rate at each step, and the constants in them: name → setting.
SHARES: dict[type[ScheduleSpec], tuple[str, dict[str, str]]] = {
    specs.Constant: ("shares = np.ones_like(step)", {}),
    specs.Plateau: ("shares = np.ones_like(step)", {}),
    specs.Step: ("shares = FACTOR ** np.floor(epochs / EVERY + 1e-9)", {"FACTOR": "factor", "EVERY": "every"}),
    specs.Exponential: ("shares = FACTOR**epochs", {"FACTOR": "factor"}),
    specs.Polynomial: (
        "shares = FINAL_SHARE + (1.0 - FINAL_SHARE) * (1.0 - progress) ** POWER",
        {"FINAL_SHARE": "final", "POWER": "power"},
    ),
    specs.Cosine: ("shares = fall(progress, FINAL_SHARE)", {"FINAL_SHARE": "final"}),
    specs.CosineRestarts: (
        _RESTARTS, {"FINAL_SHARE": "final", "FIRST_CYCLE": "first", "CYCLE_GROWTH": "longer"},
    ),
    specs.OneCycle: (
        _ONE_CYCLE, {"FINAL_SHARE": "final", "RISE": "rise", "STARTING_SHARE": "start"},
    ),
}  # fmt: skip


def changes(draft: Draft) -> bool:
    """Whether the rate is not the same throughout."""
    schedule = draft.recipe.schedule
    return not isinstance(schedule, specs.Constant) or schedule.warmup > 0


def write(draft: Draft) -> None:
    """Append the schedule."""
    spec = draft.recipe.schedule
    if not changes(draft):
        draft.cell(spec_text(spec), "# Nothing to do: the optimizer keeps its rate.")
        return
    shares, settings = SHARES[type(spec)]
    for name, setting in settings.items():
        draft.constant(f"schedule.{setting}", name)
    warms = spec.warmup > 0
    if warms:
        draft.constant("schedule.warmup")
    lines = [_STEPS, *([_WARMUP] if warms else [])]
    if "progress" in shares:
        lines.append(_PROGRESS.format(begin="begin" if warms else "1.0"))
    if "epochs" in shares:
        lines.append(_EPOCHS.format(warmup=" - WARMUP * STEPS" if warms else ""))
    lines.append(shares.strip("\n"))
    if warms:
        lines.append("shares = shares * np.minimum(step / begin, 1.0)  # warm-up: a straight line")
    lines.append("rates = (LEARNING_RATE * shares).astype(np.float32)")
    if "fall(" in shares:
        draft.cell("Half a cosine from 1, at progress 0, to `final`, at progress 1.", _FALL)
    draft.cell(spec_text(spec), "\n".join(lines))
    updates = " // BATCHES_AN_UPDATE" if draft.recipe.tricks.gradient_accumulation.on else ""
    draft.cell(
        "Before each step its rate is set: handed over are those of one epoch.", _CALLBACK.format(updates=updates)
    )
    if isinstance(spec, specs.Plateau):
        plateau.write(draft)
