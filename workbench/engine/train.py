"""Trains one run: read this first.

From top to bottom in the order of the recipe's words: data, model, optimizer, tricks, loop; then the
epochs. What a person asks (stop, stop now, discard) is heard between chunks of about 0.1 s. However
it goes, the run gets its ending.
"""

from __future__ import annotations

import importlib.metadata

import numpy as np

from workbench import data
from workbench.data.pictures import DataSet
from workbench.engine import backends, checkpoint, failures, pretrained
from workbench.engine.augment import Augmenter
from workbench.engine.backends import Loop
from workbench.engine.build import build_model
from workbench.engine.feeding import Feed, Pace, sizes, steps_in
from workbench.engine.metrics import Sums, epoch_metrics
from workbench.engine.optimizers import build_optimizer
from workbench.engine.recorder import DiscardAskedError, Recorder, StopNowAskedError
from workbench.engine.standing import Standing
from workbench.engine.tricks.early_stopping import EarlyStopping
from workbench.engine.tricks.penalty import NEAR_ZERO
from workbench.engine.tricks.plateau import plateau_of
from workbench.engine.tricks.resampling import epoch_order
from workbench.engine.update import most_bad
from workbench.errors import Problem, RecipeError
from workbench.events import (
    COLUMNS,
    BestSoFar,
    CheckpointSaved,
    DataReady,
    Ending,
    EpochEnded,
    EpochStarted,
    Floats,
    ModelReady,
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

_LOSS, _RATE, _NORM, _ACCURACY, _PENALTY = range(len(COLUMNS))


def run(workspace: Workspace, recorder: Recorder, recipe: Recipe) -> Ending:
    """Train a run that this process has taken, to its ending."""
    try:
        recorder.take_ballast()
        backends.prepare(recipe.training)
        ending, reason = _train(workspace, recorder, recipe)
    except DiscardAskedError:
        ending, reason = Ending.DISCARDED, "Discarded."
    except Exception as error:  # noqa: BLE001 - the engine's outermost function: every failure becomes a card
        return failures.end(recorder, error)
    recorder.drop_ballast()
    recorder.journal.end(recorder.run, ending, reason)
    return ending


def _train(workspace: Workspace, recorder: Recorder, recipe: Recipe) -> tuple[Ending, str]:
    try:
        training = Training(workspace, recorder, recipe)
    except StopNowAskedError:
        return Ending.STOPPED, "Stopped after 0 epochs. No weights were trained yet."
    try:
        training.epochs()
    except StopNowAskedError:
        training.standing.ending, training.standing.reason = (
            Ending.STOPPED,
            training.standing.stopped_reason(keeps_best=recipe.keeps_best),
        )
    except failures.DivergedError:
        training.finish()  # the weights in memory are the last good ones
        raise
    training.finish()
    return training.standing.ending, training.standing.reason


class Training:
    """One run in the making: everything is built in the order of the recipe."""

    def __init__(self, workspace: Workspace, recorder: Recorder, recipe: Recipe) -> None:
        self._recorder = recorder
        self._recipe = recipe
        self.standing = Standing()
        seed = recipe.training.seed
        backend = backends.choose(recipe.training.backend)

        # data
        recorder.progress(Phase.READING, force=True)
        self._data = data.load(recipe.data, seed, workspace, self._reading)
        self._check_validation()
        samples = len(self._data.training.labels)
        self._size = recipe.update_size(samples)
        self._steps = steps_in(samples, self._size)
        self._augmenter = Augmenter.of(recipe, self._data)
        notes = (*self._data.notes, *map(str, remarks(recipe, samples)))
        recorder.say(_data_ready(self._data, self._steps), *map(Warned, notes))

        # model, optimizer
        recorder.progress(Phase.BUILDING, force=True)
        plan = plan_network(recipe, self._augmenter.shape, len(self._data.classes))
        self._model = build_model(plan, recipe)
        self._begun = pretrained.begin(
            self._model, plan, recipe, self._data, workspace=workspace, progress=self._reading
        )
        if self._begun:
            recorder.say(Warned(self._begun.sentence()))
        self._optimizer = build_optimizer(recipe)

        # tricks: those that edit plan, optimizer or loop have done so; early stopping watches, and tells the best epoch when off
        self._early = EarlyStopping(recipe.tricks.early_stopping)
        self._plateau = plateau_of(recipe)

        self._most_bad = most_bad(recipe)
        self._penalized = recipe.tricks.l2_penalty.on or recipe.tricks.l1_penalty.on

        # loop
        self._loop: Loop = backend.make_loop(self._model, self._optimizer, recipe, self._data)
        self._tracing = True
        self._pace = Pace()
        self._parameters = plan.parameters

    def _reading(self, phase: Phase, done: int, total: int | None, note: str) -> None:
        self._recorder.progress(phase, done, total, note)

    def _check_validation(self) -> None:
        if len(self._data.validation.labels):
            return
        recipe, lack = self._recipe, "needs validation pictures, and this data set has none."
        problems = []
        if recipe.tricks.early_stopping.on:
            problems.append(Problem("tricks.early_stopping", lack))
        if recipe.schedule.kind == "plateau":
            problems.append(Problem("schedule.kind", f"reduce on plateau {lack}"))
        if recipe.training.keep == "best":
            why = "best is chosen by validation loss, and there are no validation pictures; keep the last epoch."
            problems.append(Problem("training.keep", why))
        if problems:
            raise RecipeError(problems)

    # --- epochs -----------------------------------------------------------------------------------

    def epochs(self) -> None:
        """Train until the planned epochs are done, early stopping fires, or somebody asks to stop."""
        feed = Feed(self._data.training, self._size)
        judging = Feed(self._data.validation, self._recipe.training.batch_size)
        try:
            for epoch in range(1, self._recipe.training.epochs + 1):
                self._recorder.mention(EpochStarted(epoch))
                self._thaw_if_due(epoch)
                if self._plateau and (fallen := self._plateau.begin(epoch, self.standing.step)):
                    self._recorder.mention(fallen)
                metrics = self._train_epoch(epoch, feed)
                with self._loop.judged():
                    metrics |= self._validate(epoch, judging)
                    if self._close_epoch(epoch, metrics):
                        return
        finally:
            feed.close()
            judging.close()

    def _thaw_if_due(self, epoch: int) -> None:
        """From the epoch on in which frozen layers learn too, an optimizer and a loop that know of them."""
        if self._begun is None or not pretrained.thaws(self._recipe, epoch):
            return
        self._loop.settle()
        pretrained.thaw(self._model, self._begun.taken)
        self._optimizer = build_optimizer(self._recipe)
        backend = backends.choose(self._recipe.training.backend)
        del self._loop  # before the new one places the pictures on the device again
        self._loop = backend.make_loop(self._model, self._optimizer, self._recipe, self._data)
        self._tracing = True
        self._recorder.mention(
            Warned(f"From epoch {epoch} on the frozen layers learn too; the optimizer starts afresh.")
        )

    def _train_epoch(self, epoch: int, feed: Feed) -> dict[str, float]:
        seed = self._recipe.training.seed
        samples = len(self._data.training.labels)
        order = epoch_order(self._recipe, epoch, self._data.training.labels)
        draws = self._augmenter.draws(seed, epoch, samples, pictures=order) if self._augmenter.on else None
        before = self.standing.step
        share = self._plateau.share if self._plateau else 1.0
        planned = share * rates(self._recipe, before + 1, self._steps, self._steps)
        columns = (_LOSS, _ACCURACY, _PENALTY)
        sums = np.zeros(len(columns))
        if self._tracing:
            self._recorder.progress(Phase.TRACING, 0, None, epoch=epoch, force=True)
        for chunk in feed.chunks(order, draws, self._pace):
            begin = self._recorder.clock()
            numbers = self._loop.train(chunk, planned[chunk.first_step : chunk.first_step + chunk.steps])
            weights = sizes(chunk, self._size)[: len(numbers)]
            sums += [weights @ numbers[:, column] for column in columns]
            self._took(epoch, numbers, chunk.samples, begin)
            if self._diverged():
                raise self._divergence(epoch, numbers[-1])
        loss, accuracy, penalty = (float(each) / samples for each in sums)
        found = {"loss": loss, "accuracy": accuracy}
        if self._penalized:
            found["penalty"] = penalty
        return found

    def _took(self, epoch: int, numbers: Floats, images: int, begin: float) -> None:
        """A chunk is done: note it, say it, listen."""
        seconds = self._recorder.clock() - begin
        first = self.standing.step == 0
        # A loop's first call traces; its time says nothing about speed.
        traced, self._tracing = self._tracing, False
        self._pace.took(len(numbers), seconds)
        self._recorder.block(self.standing.step + 1, numbers, begin)
        self.standing.step += len(numbers)
        if first:
            self._recorder.say(self._model_ready())
            self._recorder.journal.set_state(self._recorder.run, State.RUNNING, among=[State.PREPARING])
        if not traced:
            self.standing.training_seconds += seconds
            self.standing.trained_images += images
        self._count_bad(epoch, numbers)
        done = self.standing.step - (epoch - 1) * self._steps
        self._recorder.progress(
            Phase.TRAINING, done, self._steps, epoch=epoch, step=self.standing.step,
            images_per_second=self.standing.speed, force=first,
        )  # fmt: skip

    def _count_bad(self, epoch: int, numbers: Floats) -> None:
        """Follow the steps in a row that were not finite, across chunks and epochs."""
        good = np.flatnonzero(np.isfinite(numbers[:, _LOSS] + numbers[:, _NORM] + numbers[:, _PENALTY]))
        skipped = len(numbers) - len(good)
        self.standing.skipped += skipped
        if skipped and self._most_bad > 1:
            self._recorder.mention(StepsSkipped(epoch, self.standing.step, skipped, self.standing.skipped))
        if len(good):
            self.standing.norm = float(numbers[good[-1], _NORM])
            self.standing.bad = len(numbers) - int(good[-1]) - 1
        else:
            self.standing.bad += len(numbers)

    def _diverged(self) -> bool:
        return self.standing.bad >= self._most_bad

    def _divergence(self, epoch: int, last: Floats) -> failures.DivergedError:
        count = self.standing.bad
        return failures.DivergedError(
            self.standing.step - count + 1, epoch, float(last[_RATE]), loss=float(last[_LOSS]),
            norm_before=self.standing.norm, bad_steps=count,
        )  # fmt: skip

    def _validate(self, epoch: int, feed: Feed) -> dict[str, float]:
        samples = len(self._data.validation.labels)
        if not samples:
            return {}
        sums = Sums.zero(len(self._data.classes)).vector()
        done = 0
        pace = Pace()
        for chunk in feed.chunks(np.arange(samples, dtype=np.int32), None, pace):
            begin = self._recorder.clock()
            sums = sums + self._loop.evaluate(chunk)
            done += chunk.samples
            pace.took(chunk.steps, self._recorder.clock() - begin)
            self._recorder.progress(
                Phase.VALIDATING,
                done,
                samples,
                epoch=epoch,
                step=self.standing.step,
                images_per_second=self.standing.speed,
            )
        return epoch_metrics(Sums.from_vector(sums), self._data.classes, masks=self._data.task == "masks")

    def _close_epoch(self, epoch: int, metrics: dict[str, float]) -> bool:
        """Judge a finished epoch, keep it if it is the best; whether training is over."""
        standing = self.standing
        standing.epoch = epoch
        if self._recipe.tricks.l1_penalty.on:
            metrics["near_zero"] = self._near_zero()
        scale = self._loop.loss_scale()
        if scale is not None:
            metrics["loss_scale"] = scale
        watch = self._recipe.tricks.early_stopping
        verdict = self._early.update(epoch, metrics["val_loss"]) if "val_loss" in metrics else None
        if self._plateau:
            self._plateau.update(epoch, metrics["val_loss"])
        self._recorder.say(
            EpochEnded(
                epoch, standing.step, self._recorder.clock(), metrics, self.standing.speed,
                verdict.waited if verdict and watch.on else None, watch.patience if watch.on else None,
            )
        )  # fmt: skip
        if verdict and verdict.best:
            standing.best_epoch = epoch
            self._recorder.say(BestSoFar(epoch, "val_loss", metrics["val_loss"]))
            if self._recipe.keeps_best:
                standing.kept = self._save("best")
        if not self._recipe.keeps_best:
            standing.kept = self._save("last")
        if verdict and verdict.stop:
            self._stop_early(epoch, verdict.waited)
            return True
        if self._recorder.finishing and epoch < self._recipe.training.epochs:
            standing.ending, standing.reason = (
                Ending.STOPPED,
                standing.stopped_reason(keeps_best=self._recipe.keeps_best),
            )
            return True
        return False

    def _near_zero(self) -> float:
        """The share of kernels' weights that an L1 penalty has brought near 0."""
        self._loop.settle()
        weights = checkpoint.weights_of(self._model).items()
        kernels = [np.abs(array) for name, array in weights if name.rsplit("/", 1)[-1] == "kernel"]
        near = sum(int((kernel < NEAR_ZERO).sum()) for kernel in kernels)
        return near / max(1, sum(int(kernel.size) for kernel in kernels))

    def _stop_early(self, epoch: int, waited: int) -> None:
        best = self.standing.best_epoch or epoch
        epochs = "1 epoch" if waited == 1 else f"{waited} epochs"
        reason = f"No new best for {epochs}, so training stopped. The weights of epoch {best} are kept."
        self.standing.ending, self.standing.reason = Ending.EARLY_STOPPED, reason
        self._recorder.say(StoppedEarly(epoch, best, reason))

    # --- keeping ----------------------------------------------------------------------------------

    def _save(self, keep: str) -> checkpoint.Manifest:
        # Nothing is heard in between: what was said to be the best is also what is kept.
        self._recorder.commit(
            Phase.SAVING, epoch=self.standing.epoch, step=self.standing.step, images_per_second=self.standing.speed
        )
        self._loop.settle()
        folder = self._recorder.folder / "checkpoints"
        weights = checkpoint.weights_of(self._model)
        saved = checkpoint.save(folder, keep, self.standing.epoch, self.standing.step, weights)
        self._recorder.say(CheckpointSaved(saved.epoch, saved.step, keep, saved.size))
        return saved

    def finish(self) -> None:
        """Keep the last weights too, and write down the fingerprints."""
        self._recorder.ending = True
        self._recorder.listen()
        if self.standing.step == 0:
            return
        with self._loop.judged():
            last = self._save("last")
        kept = self.standing.kept if self._recipe.keeps_best and self.standing.kept else last
        self._recorder.journal.describe_weights(self._recorder.run, kept.weights_sha256, last.weights_sha256)
        if self.standing.ending is Ending.COMPLETED and not self.standing.reason:
            epochs = self.standing.epoch
            self.standing.reason = f"All {epochs} epochs are done. The weights of epoch {kept.epoch} are kept."

    def _model_ready(self) -> ModelReady:
        training = self._recipe.training
        names = ("keras", training.backend, "numpy")
        versions = {name: importlib.metadata.version(name) for name in names}
        threads = backends.thread_count(training)
        return ModelReady(self._parameters, training.backend, self._loop.device(), threads, versions)


def _data_ready(loaded: DataSet, steps: int) -> DataReady:
    return DataReady(
        training=len(loaded.training.labels),
        validation=len(loaded.validation.labels),
        test=len(loaded.test.labels),
        classes=loaded.classes,
        shape=loaded.shape,
        steps_per_epoch=steps,
        fingerprint=loaded.fingerprint,
        left_out=loaded.left_out,
        mean=tuple(map(float, loaded.mean)),
        spread=tuple(map(float, loaded.spread)),
    )
