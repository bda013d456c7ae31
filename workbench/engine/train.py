"""Trains one run: read this first.

From top to bottom in the order of the recipe's words: data, model, optimizer, tricks, loop; then the
epochs. What a person asks (pause, stop, stop now, discard, …) is heard between chunks of about 0.1 s.
However it goes, the run gets its ending. A run that is taken up again goes on from a checkpoint as if
nothing had been: whatever a step depends on is a function of its place, or is in the checkpoint.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from workbench import data
from workbench.engine import backends, failures, keeping, pretrained, resuming, snapshot
from workbench.engine.augment import Augmenter
from workbench.engine.build import build_model
from workbench.engine.checkpoint import Checkpoint
from workbench.engine.feeding import Draws, Feed, Indices, Pace, sizes, steps_in
from workbench.engine.guard import count_bad, divergence
from workbench.engine.judging import Judging
from workbench.engine.keeping import Keeping, Parts
from workbench.engine.optimizers import build_optimizer
from workbench.engine.readiness import check_validation, data_ready, model_ready
from workbench.engine.recorder import DiscardAskedError, Recorder, StopNowAskedError
from workbench.engine.standing import Standing
from workbench.engine.steering import Steering
from workbench.engine.tricks.penalty import near_zero
from workbench.engine.tricks.plateau import plateau_of
from workbench.engine.tricks.resampling import epoch_order
from workbench.engine.update import most_bad
from workbench.engine.watching import Watching
from workbench.errors import WorkspaceError
from workbench.events import (
    COLUMNS,
    BestSoFar,
    Ending,
    EpochEnded,
    EpochStarted,
    Floats,
    Phase,
    State,
    StepsSkipped,
    StoppedEarly,
    Warned,
)
from workbench.network.plan import plan as plan_network
from workbench.paths import Workspace
from workbench.rates import rates
from workbench.spec.recipe import Recipe
from workbench.spec.remarks import remarks
from workbench.stopping import Patience, Rule

_LOSS, _, _, _ACCURACY, _PENALTY = range(len(COLUMNS))


def run(workspace: Workspace, recorder: Recorder, recipe: Recipe, start: Checkpoint | None = None) -> Ending:
    """Train a run that this process has taken, to its ending; from a checkpoint when it is taken up again."""
    try:
        recorder.take_ballast()
        recipe = resuming.with_threads(recipe, start)
        backends.prepare(recipe.training)
        ending, reason = _train(workspace, recorder, recipe, start)
    except DiscardAskedError:
        ending, reason = Ending.DISCARDED, "Discarded."
    except Exception as error:  # noqa: BLE001 - the engine's outermost function: every failure becomes a card
        return failures.end(recorder, error, recipe)
    recorder.drop_ballast()
    try:
        recorder.journal.end(recorder.run, ending, reason)
    except WorkspaceError:
        # What was busy or full a moment ago may not be any more; if it is, whoever notices the death writes the ending.
        recorder.journal.end(recorder.run, ending, reason)
    return ending


def _train(workspace: Workspace, recorder: Recorder, recipe: Recipe, start: Checkpoint | None) -> tuple[Ending, str]:
    try:
        training = Training(workspace, recorder, recipe, start)
    except StopNowAskedError as asked:
        return resuming.stopped_before(recorder, recipe, start, asked.ending)
    try:
        training.epochs()
    except StopNowAskedError as asked:
        training.standing.stop(asked.ending, keeps_best=recipe.keeps_best)
    except failures.DivergedError:
        training.finish()  # the weights in memory are the last good ones
        raise
    training.finish()
    return training.standing.ending, training.standing.reason


class Training:
    """One run in the making: everything is built in the order of the recipe."""

    def __init__(
        self, workspace: Workspace, recorder: Recorder, recipe: Recipe, start: Checkpoint | None = None
    ) -> None:
        self._recorder = recorder
        self._recipe = recipe
        self.standing = Standing()
        seed = recipe.training.seed
        backend = backends.choose(recipe.training.backend)

        # data
        recorder.progress(Phase.READING, force=True)
        self._data = data.load(recipe.data, seed, workspace, self._reading)
        check_validation(recipe, self._data)
        samples = len(self._data.training.labels)
        self._size = recipe.update_size(samples)
        self._steps = steps_in(samples, self._size)
        self._augmenter = Augmenter.of(recipe, self._data)
        notes = (*self._data.notes, *map(str, remarks(recipe, samples)))
        recorder.say(data_ready(self._data, self._steps), *map(Warned, notes))

        # model, optimizer
        recorder.progress(Phase.BUILDING, force=True)
        plan = plan_network(recipe, self._augmenter.shape, len(self._data.classes))
        self._parameters = plan.parameters
        model = build_model(plan, recipe)
        self._begun = pretrained.begin(model, plan, recipe, self._data, workspace=workspace, progress=self._reading)
        if self._begun:
            recorder.say(Warned(self._begun.sentence()))
        optimizer = build_optimizer(recipe)

        # tricks: those that edit plan, optimizer or loop have done so; early stopping watches, and tells the best epoch when off
        early, plateau = Patience(Rule.of(recipe.tricks.early_stopping)), plateau_of(recipe)
        self._most_bad = most_bad(recipe)
        self._penalized = recipe.tricks.l2_penalty.on or recipe.tricks.l1_penalty.on

        # loop
        loop = backend.make_loop(model, optimizer, recipe, self._data)
        self._parts = Parts(recipe, self._data, model, optimizer, loop, early, plateau)
        self._tracing, self._stepping = True, False
        self._pace = Pace()
        #: the numbers of the running epoch's steps, as they came
        self._numbers: list[Floats] = []
        #: the rates of its steps and of the next one, by the schedule, the plateau and by hand
        self._planned: Floats = np.zeros(0, np.float32)

        # what people ask of it, what is kept of it, and from where it goes on
        self._keeping = Keeping(recorder, self._parts)
        self._steering = Steering(recorder, self._keeping)
        self._judging = Judging(recorder, self._parts, self._steering)
        self._watching = Watching(recorder, self._parts, self._augmenter)
        if start is not None or resuming.has_recorded(recorder):
            self._take_up(start)

    def _reading(self, phase: Phase, done: int, total: int | None, note: str) -> None:
        self._recorder.progress(phase, done, total, note)

    # --- taking up ----------------------------------------------------------------------------------

    def _take_up(self, start: Checkpoint | None) -> None:
        """Go on from a checkpoint, or from the beginning again; say whether what is computed is what was."""
        recorder, parts = self._recorder, self._parts
        if start is not None:
            facts = start.manifest.facts
            self.standing = Standing.from_tree(facts["standing"])
            if facts["early"]:
                parts.early.go_on_from(facts["early"])
            if parts.plateau and facts["plateau"]:
                parts.plateau.go_on_from(facts["plateau"])
            if resuming.waits_anew(recorder, self.standing.epoch):
                parts.early.count_anew()
            if self.standing.bad >= self._most_bad:  # it had ended for that; go on past the bad steps
                self.standing.bad = 0
                start.state[f"{snapshot.LOOP}bad"][...] = 0
            if self.standing.within_epoch:
                self._numbers = [start.state[keeping.NUMBERS]]
            recorder.clock.leave_out(-float(facts["seconds"]))
            if self._has_thawed(self.standing):
                self._thaw()
            self._keeping.last = start.manifest
            self._steering.said_until = self.standing.step
        self.standing.best = resuming.settle(self._keeping.folder, start)
        if start is not None and resuming.is_fork(start):
            recorder.say(resuming.grow(parts, start))
            return
        recorder.progress(Phase.TRACING, 0, None, epoch=self.standing.epoch + 1, force=True)
        certificate = resuming.Certificate(recorder, parts, self._replay, self._steps)
        said = certificate.compare(start, self._same_loop)
        self._tracing = not said.replayed
        recorder.say(said)

    def _has_thawed(self, standing: Standing) -> bool:
        """Whether the optimizer of that place knew of layers that were frozen at first."""
        return pretrained.thawed(self._recipe, standing.epoch + standing.within_epoch)

    def _same_loop(self, standing: Standing) -> bool:
        """Whether the loop at hand is the one that did a standing's next step."""
        now = self._has_thawed(self.standing)
        return self._has_thawed(standing) == now == pretrained.thawed(self._recipe, standing.epoch + 1)

    def _replay(self, standing: Standing, rate: float) -> Floats:
        feed = Feed(self._data.training, self._size)
        try:
            order, draws = self._drawn(standing.epoch + 1)
            chunk = feed.some(order, draws, standing.step - standing.epoch_begin, 1)
        finally:
            feed.close()
        numbers: Floats = self._parts.loop.train(chunk, np.array([rate], np.float32))[0]
        return numbers

    # --- epochs -----------------------------------------------------------------------------------

    def epochs(self) -> None:
        """Train until the planned epochs are done, early stopping fires, or somebody asks to stop."""
        parts, standing = self._parts, self.standing
        if parts.early.stops and not standing.within_epoch:  # it had been decided when the engine went away
            self._stop_early(standing.epoch, parts.early.waited)
            return
        feed = Feed(self._data.training, self._size)
        try:
            for epoch in range(standing.epoch + 1, self._recipe.training.epochs + 1):
                self._recorder.mention(EpochStarted(epoch))
                if not standing.within_epoch:
                    self._begin_epoch(epoch)
                metrics = self._train_epoch(epoch, feed)
                metrics |= self._validate(epoch)
                if self._close_epoch(epoch, metrics):
                    return
        finally:
            feed.close()
            self._judging.close()

    def _begin_epoch(self, epoch: int) -> None:
        self._numbers = []
        if pretrained.thaws(self._recipe, epoch):
            self._thaw()
            sentence = f"From epoch {epoch} on the frozen layers learn too; the optimizer starts afresh."
            self._recorder.mention(Warned(sentence))
        plateau, step = self._parts.plateau, self.standing.step
        if plateau and (fallen := plateau.begin(epoch, step)):
            by_hand = self._steering.share(step)
            self._recorder.mention(dataclasses.replace(fallen, old=fallen.old * by_hand, new=fallen.new * by_hand))

    def _thaw(self) -> None:
        """Let the frozen layers learn too, with an optimizer and a loop that know of them."""
        if self._begun is None:
            return
        parts = self._parts
        parts.loop.settle()
        pretrained.thaw(parts.model, self._begun.taken)
        parts.optimizer = build_optimizer(self._recipe)
        backend = backends.choose(self._recipe.training.backend)
        del parts.loop  # before the new one places the pictures on the device again
        parts.loop = backend.make_loop(parts.model, parts.optimizer, self._recipe, self._data)
        self._tracing = True
        self._judging.anew()

    def _drawn(self, epoch: int) -> tuple[Indices, Draws | None]:
        """The order of an epoch's pictures and what augmentation draws for each: a function of seed and epoch."""
        labels = self._data.training.labels
        order = epoch_order(self._recipe, epoch, labels)
        if not self._augmenter.on:
            return order, None
        return order, self._augmenter.draws(self._recipe.training.seed, epoch, len(labels), pictures=order)

    def _train_epoch(self, epoch: int, feed: Feed) -> dict[str, float]:
        standing = self.standing
        order, draws = self._drawn(epoch)
        begin = standing.epoch_begin
        share = self._parts.plateau.share if self._parts.plateau else 1.0
        planned = self._planned = share * rates(self._recipe, begin + 1, self._steps + 1, self._steps)
        self._steering.steer(planned, begin)
        if self._tracing:
            self._recorder.progress(Phase.TRACING, 0, None, epoch=epoch, force=True)
        for chunk in feed.chunks(order, draws, self._pace, standing.step - begin):
            began = self._recorder.clock()
            numbers = self._parts.loop.train(chunk, planned[chunk.first_step : chunk.first_step + chunk.steps])
            self._numbers.append(numbers)
            self._took(epoch, numbers, chunk.samples, began)
            if standing.bad >= self._most_bad:
                raise divergence(standing, epoch, numbers[-1])
            self._steering.attend(standing, planned, self._numbers_so_far)
        return self._means()

    def _numbers_so_far(self) -> Floats:
        nothing = np.zeros((0, len(COLUMNS)), np.float32)
        return np.concatenate([nothing, *self._numbers])

    def _means(self) -> dict[str, float]:
        """The epoch's means over its pictures; all at once, so that no cut into chunks shows in the last digit."""
        samples = len(self._data.training.labels)
        weighted = sizes(samples, self._size)[:, None] * self._numbers_so_far().astype(np.float64)
        means = weighted.sum(axis=0) / samples
        found = {"loss": float(means[_LOSS]), "accuracy": float(means[_ACCURACY])}
        if self._penalized:
            found["penalty"] = float(means[_PENALTY])
        return found

    def _took(self, epoch: int, numbers: Floats, images: int, begin: float) -> None:
        """A chunk is done: note it, say it, listen."""
        seconds = self._recorder.clock() - begin
        first, self._stepping = not self._stepping, True
        # A loop's first call traces; its time says nothing about speed.
        traced, self._tracing = self._tracing, False
        self._pace.took(len(numbers), seconds)
        self._recorder.block(self.standing.step + 1, numbers, begin)
        self.standing.step += len(numbers)
        if first:
            self._recorder.say(model_ready(self._recipe, self._parameters, self._parts.loop.device()))
            self._recorder.journal.set_state(self._recorder.run, State.RUNNING, among=[State.PREPARING])
        if not traced:
            self.standing.training_seconds += seconds
            self.standing.trained_images += images
        skipped = count_bad(self.standing, numbers)
        if skipped and self._most_bad > 1:
            self._recorder.mention(StepsSkipped(epoch, self.standing.step, skipped, self.standing.skipped))
        done = self.standing.step - self.standing.epoch_begin
        self._recorder.progress(
            Phase.TRAINING, done, self._steps, epoch=epoch, step=self.standing.step,
            images_per_second=self.standing.speed, force=first,
        )  # fmt: skip

    def _validate(self, epoch: int) -> dict[str, float]:
        def attend() -> None:
            self._steering.attend(self.standing, self._planned, self._numbers_so_far)

        found = self._judging.epoch(epoch, self.standing, attend)
        self._watching.epoch(epoch, found.answers)
        return found.metrics

    def _close_epoch(self, epoch: int, metrics: dict[str, float]) -> bool:
        """Judge a finished epoch and keep it; whether training is over."""
        standing, parts = self.standing, self._parts
        standing.epoch, standing.epoch_begin = epoch, standing.step
        if self._recipe.tricks.l1_penalty.on:
            metrics["near_zero"] = near_zero(snapshot.take(parts.model, parts.optimizer, parts.loop)[0])
        scale = parts.loop.loss_scale()
        if scale is not None:
            metrics["loss_scale"] = scale
        watch = self._recipe.tricks.early_stopping
        verdict = parts.early.update(epoch, metrics["val_loss"]) if "val_loss" in metrics else None
        if parts.plateau:
            parts.plateau.update(epoch, metrics["val_loss"])
        self._recorder.say(
            EpochEnded(
                epoch, standing.step, self._recorder.clock(), metrics, standing.speed,
                verdict.waited if verdict and watch.on else None, watch.patience if watch.on else None,
            )
        )  # fmt: skip
        best = verdict is not None and verdict.best
        if best:
            standing.best_epoch = epoch
            self._recorder.say(BestSoFar(epoch, "val_loss", metrics["val_loss"]))
        self._keeping.save(standing, self._numbers_so_far(), best=best)
        self._recorder.save_wanted = False
        if verdict and verdict.stop:
            self._stop_early(epoch, verdict.waited)
            return True
        if self._recorder.finishing and epoch < self._recipe.training.epochs:
            standing.stop(Ending.STOPPED, keeps_best=self._recipe.keeps_best)
            return True
        return False

    def _stop_early(self, epoch: int, waited: int) -> None:
        best = self.standing.best_epoch or epoch
        epochs = "1 epoch" if waited == 1 else f"{waited} epochs"
        of = " of the smoothed validation loss" if self._recipe.tricks.early_stopping.smoothing else ""
        reason = f"No new best{of} for {epochs}, so training stopped. The weights of epoch {best} are kept."
        self.standing.ending, self.standing.reason = Ending.EARLY_STOPPED, reason
        self._recorder.say(StoppedEarly(epoch, best, reason))

    # --- the end ----------------------------------------------------------------------------------

    def finish(self) -> None:
        """Keep the last weights too, and write down the fingerprints."""
        standing = self.standing
        self._recorder.ending = True
        self._recorder.listen()
        if standing.step == 0:
            return
        last = self._keeping.save_unless_done(standing, self._numbers_so_far())
        kept = standing.best if self._recipe.keeps_best and standing.best else last
        self._recorder.journal.describe_weights(self._recorder.run, kept.weights_sha256, last.weights_sha256)
        if standing.ending is Ending.COMPLETED and not standing.reason:
            standing.reason = f"All {standing.epoch} epochs are done. The weights of epoch {kept.epoch} are kept."
