"""The fake engine: has the face of the real one, trains nothing, and tells a given story.

    python -m workbench.launch.fake --home DIR --run ID --story early_stopped --speed 2

It takes a run, holds its lock, takes commands between chunks and writes events, step blocks and the
ending just as `python -m workbench.engine` does, so that everything around an engine is tested in
seconds, deaths and hangs included. `WORKBENCH_ENGINE=workbench.launch.fake` puts it in the real one's
place; `WORKBENCH_FAKE_STORY` and `WORKBENCH_FAKE_SPEED` choose what it tells and how fast.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import faulthandler
import hashlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import IO

from workbench import events
from workbench.events import Command, Ending, Event, Live, Phase, State, StepBlock
from workbench.journal import Journal, watched
from workbench.journal.alive import hold
from workbench.journal.rows import Watched
from workbench.journal.store import log_path
from workbench.launch import fake_answers, fake_lab, fake_probes, fake_watched
from workbench.launch.fake_story import NOT_A_NUMBER, OUT_OF_MEMORY, Numbers, Story, Told
from workbench.launch.notice import stopped_words
from workbench.paths import Workspace, write_atomic
from workbench.spec import ways
from workbench.stopping import Patience, Rule

#: Seconds an epoch lasts at speed 1: a run of 20 epochs takes about 2 s.
EPOCH_SECONDS = 0.09
SLOW_EPOCH_SECONDS = 1.0
PREPARATION = (Phase.STARTING, Phase.READING, Phase.BUILDING, Phase.TRACING)
PREPARATION_SECONDS = 0.2
LONGEST_CHUNK = 0.1
PAUSE_SECONDS = 0.02
#: What the pretended model has.
PARAMETERS = 26_122
#: The exit code of an engine whose run failed.
FAILED = 3


class Halted(Exception):  # noqa: N818 - not a fault: the way out of the loop
    """The run is over before its last epoch."""

    def __init__(self, ending: Ending, reason: str, *said: Event) -> None:
        super().__init__(reason)
        self.ending = ending
        self.reason = reason
        self.said = said


class FakeRun:
    """One run, told from its first to its last word."""

    def __init__(self, journal: Journal, run: str, attempt: int, numbers: Numbers, speed: float) -> None:
        self._journal = journal
        self._run = run
        self._attempt = attempt
        self._numbers = numbers
        self._story = numbers.story
        seconds = SLOW_EPOCH_SECONDS if self._story is Story.SLOW else EPOCH_SECONDS
        self._epoch_seconds = seconds / speed
        self._speed = speed
        self._begin = time.monotonic()
        self._stopping = False
        self._pausing = False
        #: whether it was said which pictures are watched
        self._watching = False
        self._epoch, self._step = position(journal.workspace, run)
        self._early = self._counted_before()
        # What goes wrong in a story goes wrong after some epochs, so that there is something to lose.
        self._turn = max(1, min(3, numbers.epochs - 1))

    def tell(self) -> Ending:
        said: tuple[Event, ...] = ()
        try:
            self._prepare()
            for epoch in range(self._epoch + 1, self._numbers.epochs + 1):
                self._train(epoch)
            reason = f"All {self._numbers.epochs} epochs were trained."
            ending = Ending.COMPLETED
        except Halted as halted:
            ending, reason, said = halted.ending, halted.reason, halted.said
        if ending is not Ending.DISCARDED and self._epoch:
            self._journal.describe_weights(self._run, self._weights(self._kept()), self._weights(self._epoch))
        self._journal.end(self._run, ending, reason, *said)
        return ending

    def _counted_before(self) -> Patience:
        """The rule of early stopping, with the epochs that an earlier attempt has told."""
        early = Patience(Rule.of(self._numbers.recipe.tricks.early_stopping))
        said = [each.event for each in self._journal.events(self._run)]
        losses = {each.epoch: each.metrics.get("val_loss") for each in said if isinstance(each, events.EpochEnded)}
        ends = [each for each in said if isinstance(each, events.AttemptEnded)]
        starts = [each for each in said if isinstance(each, events.AttemptStarted)]
        # There it had ended for that, and somebody asked for more.
        longer = {each.epochs for each in ends if each.ending is Ending.EARLY_STOPPED} & {each.epoch for each in starts}
        for epoch in range(1, self._epoch + 1):
            loss = losses.get(epoch)  # of a fork's parent nothing is known, as the engine has it
            if loss is not None:
                early.update(epoch, loss)
            if epoch in longer:
                early.count_anew()
        return early

    def _prepare(self) -> None:
        for phase in PREPARATION:
            self._say(live=self._live(phase))
            self._wait(PREPARATION_SECONDS / len(PREPARATION) / self._speed)
            if phase is Phase.READING:
                self._say(self._numbers.data_ready())
            if phase is Phase.BUILDING:
                backend = self._numbers.recipe.training.backend
                if self._epoch:
                    self._say(events.Resumed(self._epoch, self._step, exact=True, replayed=1))
                self._say(events.ModelReady(PARAMETERS, backend, "CPU", os.cpu_count() or 1, {"fake engine": "1"}))

    def _train(self, epoch: int) -> None:
        numbers = self._numbers
        begun = time.monotonic()
        self._say(events.EpochStarted(epoch), live=self._live(Phase.TRAINING, 0, epoch))
        chunks = max(1, min(numbers.steps_per_epoch, max(4, round(self._epoch_seconds / LONGEST_CHUNK))))
        bounds = [numbers.steps_per_epoch * index // chunks for index in range(chunks + 1)]
        for index in range(chunks):
            since = self._seconds()
            # What goes wrong goes wrong once: a run that is taken up again comes to its end.
            if epoch > self._turn and index == chunks // 2 and self._attempt == 1:
                self._go_wrong(bounds[index + 1] - bounds[index])
            self._wait(self._epoch_seconds / chunks)
            steps = bounds[index + 1] - bounds[index]
            block = numbers.block(self._step + 1, steps, since, self._seconds())
            self._step += steps
            self._say(block, live=self._live(Phase.TRAINING, bounds[index + 1], epoch))
            self._journal.set_state(self._run, State.RUNNING, among=(State.PREPARING,))
        self._end_epoch(epoch, numbers.training / max(1e-6, time.monotonic() - begun))

    def _end_epoch(self, epoch: int, speed: float) -> None:
        told = self._numbers.epoch(epoch)
        metrics = {"loss": told.loss, "accuracy": told.accuracy}
        if self._numbers.validation:
            metrics |= {"val_loss": told.val_loss, "val_accuracy": told.val_accuracy, **told.beside}
        metrics |= told.remeasured
        patience = self._numbers.patience
        verdict = self._early.update(epoch, told.val_loss) if self._numbers.validation else None
        waited = verdict.waited if verdict and patience else None
        self._epoch = epoch
        self._watch(epoch, told)
        said: list[Event] = [events.EpochEnded(epoch, self._step, self._seconds(), metrics, speed, waited, patience)]
        if verdict and verdict.best:
            said.append(events.BestSoFar(epoch, "val_loss", told.val_loss))
            said.append(self._save("best"))
        said.append(self._save("last"))
        watched = fake_watched.signal(self._numbers.recipe, self._numbers.data_ready(), epoch)
        self._say(*watched, *said, live=self._live(Phase.SAVING, self._numbers.steps_per_epoch, epoch))
        best = self._early.best_epoch
        if verdict and verdict.stop and best is not None:
            reason = f"Validation loss has not improved for {verdict.waited} epochs; the best was epoch {best}."
            raise Halted(Ending.EARLY_STOPPED, reason, events.StoppedEarly(epoch, best, reason))
        if self._stopping:
            raise Halted(Ending.STOPPED, stopped_words(epoch, self._kept()))

    def _watch(self, epoch: int, told: Told) -> None:
        """What is looked at beside the curves."""
        if self._numbers.validation and watched.is_watched(epoch, self._numbers.epochs):
            first = [] if self._watching else [fake_answers.samples(self._numbers)]
            self._watching = True
            self._say(*first, fake_answers.answers(self._numbers, epoch, told))

    def _go_wrong(self, steps: int) -> None:
        """What the story has in store at this point."""
        match self._story:
            case Story.FAILED:
                card = dataclasses.replace(OUT_OF_MEMORY, ways=ways.smaller(self._numbers.recipe))
                raise Halted(Ending.FAILED, card.title, events.Failed(card))
            case Story.NAN:
                now = self._seconds()
                self._say(self._numbers.block(self._step + 1, steps, now, now, broken=True))
                self._step += steps
                card = dataclasses.replace(NOT_A_NUMBER, ways=ways.calmer(self._numbers.recipe, first_epoch=False))
                raise Halted(Ending.FAILED, card.title, events.Failed(card))
            case Story.DIED:
                sys.stdout.write("Fatal: the fake engine dies here, as the story says.\n")
                sys.stdout.flush()
                os._exit(11)
            case Story.HUNG:
                threading.Event().wait()
            case Story.COMPLETED | Story.EARLY_STOPPED | Story.SLOW:
                pass

    def _wait(self, seconds: float) -> None:
        time.sleep(min(seconds, LONGEST_CHUNK))
        self._listen()
        if self._pausing and self._journal.set_state(self._run, State.PAUSED, among=(State.RUNNING,)):
            self._pause()

    def _pause(self) -> None:
        self._say(events.Paused(self._epoch + 1, self._step))
        begun = time.monotonic()
        while self._pausing:
            time.sleep(PAUSE_SECONDS)
            self._listen()
        self._begin += time.monotonic() - begun
        self._say(events.Continued(self._epoch + 1, self._step, time.monotonic() - begun))
        self._journal.set_state(self._run, State.RUNNING, among=(State.PAUSED,))

    def _listen(self) -> None:
        for asked in self._journal.asked(self._run, untaken=True):
            self._journal.take(asked)
            match asked.command:
                case Command.STOP:
                    self._stopping, self._pausing = True, False
                    self._journal.set_state(
                        self._run, State.STOPPING, among=(State.PREPARING, State.RUNNING, State.PAUSED)
                    )
                case Command.STOP_NOW:
                    raise Halted(Ending.STOPPED, stopped_words(self._epoch, self._kept() or None))
                case Command.DISCARD:
                    raise Halted(Ending.DISCARDED, "Discarded, as asked.")
                case Command.PAUSE:
                    self._pausing = not self._stopping
                case Command.CONTINUE:
                    self._pausing = False
                case Command.SAVE:
                    self._say(self._save("last"))
                case Command.SET_RATE:
                    now, wanted = self._numbers.recipe.optimizer.learning_rate, asked.value or 0.0
                    self._say(events.RateChanged(self._epoch + 1, self._step, now, wanted, "set by hand", wanted / now))

    def _kept(self) -> int:
        best = self._early.best_epoch if self._numbers.recipe.keeps_best else None
        return best or self._epoch

    def _weights(self, epoch: int) -> str:
        text = f"{self._numbers.recipe.model_dump_json()} epoch {epoch}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _save(self, keep: str) -> events.CheckpointSaved:
        folder = self._journal.workspace.run_folder(self._run) / "checkpoints"
        place = folder / f"{self._epoch:06d}-{self._step:09d}"
        # A safetensors file without arrays: a header, behind its length.
        header = json.dumps({"__metadata__": {"fake": f"epoch {self._epoch}"}}).encode()
        content = len(header).to_bytes(8, "little") + header
        write_atomic(place / "weights.safetensors", content)
        digest = hashlib.sha256(content).hexdigest()
        write_atomic(place / "state.safetensors", content)
        manifest = {
            "file": f"{place.name}/weights.safetensors", "epoch": self._epoch, "step": self._step, "size": len(content),
            "file_sha256": digest, "weights_sha256": self._weights(self._epoch), "state_sha256": digest, "format": 2,
            "ends_epoch": True, "best": "", "facts": {"standing": {}, "plateau": None},
        }  # fmt: skip
        described = json.dumps(manifest).encode()
        write_atomic(place / "manifest.json", described)
        if keep == "best":
            write_atomic(folder / "best.json", described)
        return events.CheckpointSaved(self._epoch, self._step, keep, len(content))

    def _seconds(self) -> float:
        return time.monotonic() - self._begin

    def _live(self, phase: Phase, done: int = 0, epoch: int = 0) -> Live:
        total = self._numbers.steps_per_epoch if epoch else None
        speed = self._step * self._numbers.recipe.training.batch_size / max(1e-6, self._seconds())
        return Live(phase, done, total, "", epoch, self._step, speed, self._seconds(), time.time())

    def _say(self, *said: Event | StepBlock | Watched, live: Live | None = None) -> None:
        self._journal.say(self._run, self._attempt, said, live)


def position(workspace: Workspace, run: str) -> tuple[int, int]:
    """The epoch and step from which a run goes on."""
    places = sorted(path.parent.name for path in workspace.run_folder(run).glob("checkpoints/[0-9]*/manifest.json"))
    epoch, step = places[-1].split("-") if places else (0, 0)
    return int(epoch), int(step)


def take(workspace: Workspace, journal: Journal, run: str, *, reserved: bool = False) -> tuple[IO[bytes], int] | None:
    """Become a queued run: its lock and the attempt's number; None if another was quicker."""
    alive = hold(workspace.run_folder(run) / "alive")
    if alive is None:
        return None
    attempt = journal.begin_attempt(run, *position(workspace, run), reserved=reserved)
    if attempt is None:
        alive.close()
        return None
    return alive, attempt


def tell(journal: Journal, run: str, taken: tuple[IO[bytes], int], story: Story, speed: float) -> int:
    """Tell a run that was taken; the exit code of the process."""
    alive, attempt = taken
    with alive:
        ending = FakeRun(journal, run, attempt, Numbers(journal.run(run).recipe, story), speed).tell()
    return FAILED if ending is Ending.FAILED else 0


def wait_warm(workspace: Workspace, backend: str, story: Story, speed: float) -> int:
    """The warm engine's side of its protocol: JSON lines in and out, then one run."""
    lock = hold(workspace.home / "warm.lock")
    if lock is None:
        _answer({"ready": False, "reason": "another window has it"})
        return 0
    with lock:
        _answer({"ready": True, "backend": backend, "process": os.getpid(), "seconds": 0.0})
        run = _answer_questions(workspace)
    if run is None:
        return 0
    with Journal(workspace) as journal:
        return tell(journal, run[0], run[1], story, speed)


def _answer_questions(workspace: Workspace) -> tuple[str, tuple[IO[bytes], int]] | None:
    """Answers until a run is taken (that run), or the window goes away (None)."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "run" not in asked:
            _answer({"id": asked["id"], "answer": {"parameters": PARAMETERS, "layers": [], "device": "CPU"}})
            continue
        with Journal(workspace) as journal:
            taken = take(workspace, journal, asked["run"], reserved=True)
        _answer({"id": asked["id"], "taken": taken is not None})
        if taken is not None:
            with log_path(workspace, asked["run"]).open("ab") as log:
                os.dup2(log.fileno(), sys.stdout.fileno())
            return asked["run"], taken
    return None


def _answer(message: dict[str, object]) -> None:
    # A window that has gone hears nothing; what was taken is trained all the same.
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="workbench.launch.fake", description="An engine that only tells stories.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--run", default="")
    parser.add_argument("--warm", action="store_true")
    parser.add_argument("--probe", action="store_true")
    parser.add_argument("--lab", action="store_true")
    parser.add_argument("--backend", default="tensorflow")
    parser.add_argument("--story", type=Story, default=Story(os.environ.get("WORKBENCH_FAKE_STORY", "completed")))
    parser.add_argument("--speed", type=float, default=float(os.environ.get("WORKBENCH_FAKE_SPEED", "1")))
    chosen = parser.parse_args(arguments)
    # A terminal's Ctrl-C goes to whoever started the run; the engine is told through the journal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGUSR1, all_threads=True)
    workspace = Workspace(chosen.home.absolute())
    if chosen.warm:
        return wait_warm(workspace, chosen.backend, chosen.story, chosen.speed)
    if chosen.probe:
        return fake_probes.tell(chosen.story, chosen.speed, workspace)
    if chosen.lab:
        return fake_lab.tell()
    sys.stdout.write(f"fake engine: {chosen.story} at speed {chosen.speed:g}\n")
    sys.stdout.flush()
    with Journal(workspace) as journal:
        taken = take(workspace, journal, chosen.run)
        return tell(journal, chosen.run, taken, chosen.story, chosen.speed) if taken else 0


if __name__ == "__main__":
    sys.exit(main())
