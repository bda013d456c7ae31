"""Does between two chunks what people ask of a run: pause, keep it now, another learning rate."""

from __future__ import annotations

from collections.abc import Callable

from workbench.engine.keeping import Keeping
from workbench.engine.recorder import Recorder
from workbench.engine.standing import Standing
from workbench.events import Floats, RateChanged, Warned
from workbench.journal import taking_up


class Steering:
    """Of one attempt. Rates that were set by hand in earlier attempts hold at the same steps again."""

    def __init__(self, recorder: Recorder, keeping: Keeping) -> None:
        self._recorder = recorder
        self._keeping = keeping
        again = recorder.attempt > 1
        self._by_hand = taking_up.rates_set_by_hand(recorder.journal, recorder.run) if again else []
        #: those up to here are on the curve already
        self.said_until = 0

    def steer(self, planned: Floats, begin: int) -> None:
        """Change the planned rates of an epoch, which begins after `begin` steps, as was asked by hand before.

        `planned` has one rate more than the epoch has steps: that of the next.
        """
        for change in self._by_hand:
            planned[max(0, change.step - begin) :] *= change.share or 1.0
            if max(begin, self.said_until + 1) <= change.step < begin + len(planned) - 1:
                self._recorder.mention(change)

    def share(self, step: int) -> float:
        """What is left of the planned rate after `step` steps by what was set by hand."""
        left = 1.0
        for change in self._by_hand:
            left *= change.share or 1.0 if change.step <= step else 1.0
        return left

    @property
    def wanted(self) -> bool:
        """Whether something was asked for since the last time."""
        recorder = self._recorder
        return recorder.pausing or recorder.save_wanted or recorder.rate_wanted is not None

    def attend(self, standing: Standing, planned: Floats, numbers: Callable[[], Floats]) -> None:
        """Do what was asked since the last chunk. `planned` is as in `steer`, and changed in place."""
        recorder = self._recorder
        if recorder.pausing:
            self._keeping.save_unless_done(standing, numbers())
            recorder.pause(standing.epoch + 1, standing.step)
        if recorder.rate_wanted is not None:
            wanted, recorder.rate_wanted = recorder.rate_wanted, None
            self._set_rate(wanted, standing, planned)
        if recorder.save_wanted or self._keeping.due:
            self._keeping.save_unless_done(standing, numbers())
            recorder.save_wanted = False

    def _set_rate(self, wanted: float, standing: Standing, planned: Floats) -> None:
        at = standing.step - standing.epoch_begin
        now = float(planned[at])
        if now <= 0:
            sentence = "The learning rate was not changed: by its schedule it is 0 just now. Try again a little later."
            self._recorder.say(Warned(sentence))
            return
        share = wanted / now
        change = RateChanged(standing.epoch + 1, standing.step, now, wanted, "set by hand", share)
        self._by_hand.append(change)
        planned[at:] *= share
        self._recorder.say(change)
