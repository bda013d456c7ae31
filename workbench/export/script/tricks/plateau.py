"""Reduce on plateau: the share of the rate that is left, decided after each epoch."""

from __future__ import annotations

from workbench.export.script.draft import Draft

_CODE = '''
class Plateau:
    """What is left of the learning rate: after each epoch without a new best, warm-up aside, the wait goes on."""

    def __init__(self):
        self.share, self.best, self.waited, self.cooling = 1.0, math.inf, 0, 0

    def update(self, epoch, val_loss):
        if self.cooling:
            self.cooling -= 1
        if math.isfinite(val_loss) and val_loss < self.best - PLATEAU_MIN_DELTA:
            self.best, self.waited = val_loss, 0
        elif not self.cooling and epoch > math.ceil({warmup}):
            self.waited += 1
            if self.waited >= PLATEAU_PATIENCE and self.share > LOWEST_RATE / LEARNING_RATE:
                self.share = max(self.share * PLATEAU_FACTOR, LOWEST_RATE / LEARNING_RATE)
                self.waited, self.cooling = 0, PLATEAU_COOLDOWN


plateau = Plateau()
'''


def write(draft: Draft) -> None:
    """Append what watches validation loss."""
    draft.needs("import math")
    for name in ("factor", "patience", "min_delta", "cooldown"):
        draft.constant(f"schedule.{name}", f"PLATEAU_{name.upper()}")
    draft.constant("schedule.lowest", "LOWEST_RATE")
    warmup = "WARMUP" if draft.recipe.schedule.warmup > 0 else "0"
    draft.cell("It watches validation loss.", _CODE.format(warmup=warmup))
