"""A training as a run would begin it, for probes: the same data, model, optimizer and loop, and nothing that is kept.

Knows neither journal nor recorder: its steps leave no trace once the process is over.
"""

from __future__ import annotations

from collections.abc import Generator

from workbench import data
from workbench.data.pictures import DataSet
from workbench.engine import backends, pretrained
from workbench.engine.augment import Augmenter
from workbench.engine.build import build_model
from workbench.engine.feeding import Chunk, Draws, Feed, Indices, steps_in
from workbench.engine.guard import count_bad
from workbench.engine.optimizers import build_optimizer
from workbench.engine.probes.asked import Asked
from workbench.engine.standing import Standing
from workbench.engine.tricks.resampling import epoch_order
from workbench.engine.update import most_bad
from workbench.events import Floats
from workbench.network.plan import plan as plan_network
from workbench.spec.recipe import Recipe


class Rehearsal:
    """Everything that a run builds before its first step, in the order of the recipe. Raises WorkbenchError."""

    def __init__(self, asked: Asked, recipe: Recipe, loaded: DataSet | None = None) -> None:
        self.recipe = recipe
        self.data = loaded or data.load(recipe.data, recipe.training.seed, asked.workspace, asked.reading)
        samples = len(self.data.training.labels)
        self.size = recipe.update_size(samples)
        #: steps that make an epoch
        self.steps = steps_in(samples, self.size)
        self._augmenter = Augmenter.of(recipe, self.data)
        asked.progress(0, 0, "Building the network")
        self.plan = plan_network(recipe, self._augmenter.shape, len(self.data.classes))
        self.model = build_model(self.plan, recipe)
        pretrained.begin(
            self.model, self.plan, recipe, self.data, workspace=asked.workspace, progress=asked.reading
        )  # fmt: skip
        self.optimizer = build_optimizer(recipe)
        self.loop = backends.choose(recipe.training.backend).make_loop(self.model, self.optimizer, recipe, self.data)
        self._standing = Standing()

    def chunks(self, steps: int) -> Generator[Chunk, None, None]:
        """The run's first steps without end, epoch after epoch, at most so many in a chunk."""
        feed = Feed(self.data.training, self.size)
        try:
            epoch = 0
            while True:
                epoch += 1
                yield from feed.chunks(*self._drawn(epoch), lambda: steps)
        finally:
            feed.close()

    def train(self, chunk: Chunk, rates: Floats) -> Floats:
        """Make a chunk's steps, each at its rate; their rows of COLUMNS. The bad ones are counted, as a run does."""
        numbers = self.loop.train(chunk, rates)
        count_bad(self._standing, numbers)
        return numbers

    @property
    def bad(self) -> int:
        """Steps in a row, up to now, that were not finite and so were skipped."""
        return self._standing.bad

    @property
    def diverged(self) -> bool:
        """Whether a run would have ended here: a step that is skipped, as some are with float16, does not end it."""
        return self.bad >= most_bad(self.recipe)

    def _drawn(self, epoch: int) -> tuple[Indices, Draws | None]:
        labels = self.data.training.labels
        order = epoch_order(self.recipe, epoch, labels)
        if not self._augmenter.on:
            return order, None
        return order, self._augmenter.draws(self.recipe.training.seed, epoch, len(labels), pictures=order)
