"""The loop on PyTorch: a Python loop of steps; numbers stay on the device until the chunk is done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, cast

import keras
import numpy as np
import torch

from workbench.data.pictures import DataSet, Part
from workbench.engine.augment import Augmenter
from workbench.engine.backends import Judgement, PartName, Sums, refuse_missing_gpu, resident
from workbench.engine.feeding import Chunk
from workbench.engine.judged import judged
from workbench.engine.objective import make_objective
from workbench.engine.seeds import seed_for
from workbench.engine.tricks import loss_scale
from workbench.engine.update import Update
from workbench.events import COLUMNS, Floats
from workbench.spec.recipe import Recipe
from workbench.spec.training import Training

Tensor = Any


def start(training: Training, threads: int) -> None:
    """Set threads, device and determinism before the first tensor."""
    torch.set_num_threads(threads)
    refuse_missing_gpu(training, gpu_names())
    if training.deterministic:
        torch.use_deterministic_algorithms(mode=True)
    if training.device == "cpu":
        # For the rest of the process: Keras knows no other way to choose after it was imported.
        keras.device("cpu").__enter__()


def gpu_names() -> list[str]:
    """The GPUs PyTorch can use in this process."""
    if torch.backends.mps.is_available():
        return ["Apple GPU"]
    if not torch.cuda.is_available():
        return []
    return [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]


class TorchLoop:
    """Trains and evaluates chunks step by step; the Keras variables are the state."""

    def __init__(self, model: Any, optimizer: Any, recipe: Recipe, data: DataSet, *, record: bool) -> None:
        self._model = model
        self._optimizer = optimizer
        self._batch = recipe.training.batch_size
        self._size = recipe.update_size(len(data.training.labels))
        self._augmenter = Augmenter.of(recipe, data)
        self._objective = make_objective(recipe, data)
        self._update = Update(recipe, model.trainable_variables, record=record)
        self._noise_seed = seed_for(recipe.training.seed, "noise")
        self._steps = 0
        self._record = record
        optimizer.build(model.trainable_variables)
        self._where = model.trainable_variables[0].value.device
        self._mean, self._spread = self._tensor(data.mean), self._tensor(data.spread)
        self._moving = [
            v for v in model.non_trainable_variables if keras.backend.standardize_dtype(v.dtype) == "float32"
        ]
        self._guarded = [*model.trainable_variables, *self._moving, *optimizer.variables]
        self._bad, self._calm = (torch.zeros((), dtype=torch.int32, device=self._where) for _ in range(2))
        self._updates = torch.zeros((), device=self._where)
        self._scale = torch.tensor(loss_scale.START, device=self._where)
        self._placed: dict[PartName, tuple[Tensor, Tensor] | None] = {
            "training": self._place(data.training),
            "validation": self._place(data.validation),
        }

    def _tensor(self, array: Any) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._where)

    def _place(self, part: Part) -> tuple[Tensor, Tensor] | None:
        pixels = resident(part)
        return None if pixels is None else (self._tensor(pixels), self._tensor(part.labels))

    def _arrays(self, chunk: Chunk, placed: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor]:
        if chunk.pixels is not None and chunk.labels is not None:
            return self._tensor(chunk.pixels), self._tensor(chunk.labels)
        assert placed is not None
        return placed

    # --- training ---------------------------------------------------------------------------------

    def train(self, chunk: Chunk, rates: Floats) -> Floats:
        pixels, labels = self._arrays(chunk, self._placed["training"])
        indices = self._tensor(chunk.indices).long()
        draws = None if chunk.draws is None else self._tensor(chunk.draws)
        rows = []
        for step in range(chunk.steps):
            here = slice(step * self._size, min((step + 1) * self._size, chunk.samples))
            rows.append(self._step((pixels, labels), indices, draws, here, float(rates[step])))
        numbers = torch.stack(rows).cpu().numpy()
        # The guard freezes the state after too many bad steps: what follows in the chunk was not done.
        late = np.flatnonzero(numbers[:, COLUMNS.index("learning_rate")] < 0)
        return cast("Floats", numbers[: int(late[0])] if len(late) else numbers)

    def _step(
        self, placed: tuple[Tensor, Tensor], indices: Tensor, draws: Tensor | None, here: slice, rate: float
    ) -> Tensor:
        before = [variable.value.detach().clone() for variable in self._guarded]
        self._model.zero_grad()
        # Gradients add up by themselves: an update that is larger than a batch goes through its pictures batch by batch.
        loss, right = torch.zeros((), device=self._where), torch.zeros((), device=self._where)
        for begin in range(here.start, here.stop, self._batch):
            part = slice(begin, min(begin + self._batch, here.stop))
            share = (part.stop - part.start) / (here.stop - here.start)
            more, hits = self._backward(placed, indices[part], None if draws is None else draws[part], share)
            loss, right = loss + share * more, right + share * hits
        with torch.no_grad():
            weights = [variable.value for variable in self._model.trainable_variables]
            penalty = self._update.penalty(weights).to(self._where)
            found = [weight.grad / self._scale if self._update.scales else weight.grad for weight in weights]
            gradients = self._update.penalized(found, weights)
            norm = self._update.norm(gradients).to(self._where)
            running = self._bad < self._update.most_bad
            good = torch.isfinite(loss + penalty + norm) & running
            self._optimizer.learning_rate = rate
            gradients = self._update.changed(gradients, norm, self._updates, self._normal)
            self._optimizer.apply(gradients, self._model.trainable_variables)
            self._steps += 1
            # Asking the device whether the step was good would wait for it: choose there instead.
            for variable, old in zip(self._guarded, before, strict=True):
                variable.value.copy_(torch.where(good, variable.value, old))
            self._bad = torch.where(good, 0, self._bad + 1)
            self._updates = torch.where(good, self._updates + 1, self._updates)
            if self._update.scales:
                self._scale, self._calm = loss_scale.after(good, self._scale, self._calm)
            shown = torch.where(running, rate, -1.0)  # a rate that no step can have marks what came after the end
            return torch.stack([loss, shown.to(loss.dtype), norm, right, penalty])

    def _backward(
        self, placed: tuple[Tensor, Tensor], chosen: Tensor, draws: Tensor | None, share: float
    ) -> tuple[Tensor, Tensor]:
        """Mean loss and share of right answers of some samples; `share` of their gradient joins the weights' own."""
        pixels, labels = placed
        pictures, truth, mixed = self._augmenter.batch(pixels[chosen], labels[chosen], draws)
        logits = self._model(self._prepared(pictures), training=True)
        loss = self._objective.mean(truth, logits, mixed)
        aim = loss if share == 1 else share * loss
        (aim * self._scale if self._update.scales else aim).backward()
        shown = self._objective.shown(truth, mixed)
        right = self._objective.accuracy(shown, logits) if self._record else torch.zeros_like(loss)
        return loss.detach(), right.detach()

    def _normal(self, like: Tensor, number: int) -> Tensor:
        source = torch.Generator(self._where)
        # Skipped steps count here: to know on the host which those were would wait for the device.
        source.manual_seed((self._noise_seed ^ number) << 31 | self._steps)
        return torch.randn(like.shape, generator=source, device=self._where)

    def _prepared(self, pictures: Tensor) -> Tensor:
        return (pictures.float() - self._mean) / self._spread

    # --- judging ----------------------------------------------------------------------------------

    def evaluate(self, chunk: Chunk, sums: Sums, part: PartName = "validation") -> Judgement:
        pixels, labels = self._arrays(chunk, self._placed[part])
        indices = self._tensor(chunk.indices).long()
        total, answers = sums.copy(), []
        with torch.no_grad():
            for begin in range(0, chunk.samples, self._batch):
                chosen = indices[begin : begin + self._batch]
                pictures, truth = self._augmenter.centre(pixels[chosen]), self._augmenter.centre(labels[chosen])
                logits = self._model(self._prepared(pictures), training=False)
                total += self._objective.sums(truth.long(), logits).cpu().numpy()
                answers.append(self._objective.answers(truth.long(), logits).cpu().numpy())
        return Judgement(total, np.concatenate(answers))

    def judged(self) -> AbstractContextManager[None]:
        return judged(self._model, self._optimizer)

    def loss_scale(self) -> float | None:
        return float(self._scale) if self._update.scales else None

    def counters(self) -> dict[str, Any]:
        counted = {"bad": self._bad, "calm": self._calm, "scale": self._scale, "updates": self._updates}
        kept = {name: tensor.cpu().numpy() for name, tensor in counted.items()}
        return kept | {"steps": np.array(self._steps, np.int64)}

    def go_on_from(self, counters: Mapping[str, Any]) -> None:
        self._bad, self._calm, self._scale, self._updates = (
            torch.from_numpy(np.array(counters[name])).to(self._where) for name in ("bad", "calm", "scale", "updates")
        )
        self._steps = int(counters["steps"])

    def settle(self) -> None:
        """The Keras variables are the state: nothing to do."""

    def device(self) -> str:
        match self._where.type:
            case "cuda":
                return str(torch.cuda.get_device_name(self._where))
            case "mps":
                return "Apple GPU"
            case _:
                return "CPU"


def make_loop(model: Any, optimizer: Any, recipe: Recipe, data: DataSet, *, record: bool = True) -> TorchLoop:
    """The loop around a model; see `backends.Backend`."""
    return TorchLoop(model, optimizer, recipe, data, record=record)
