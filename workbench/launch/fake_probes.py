"""Invented answers of probes, in the shape of real ones: the fake engine's end of launch/probe.py.

Nothing is computed here. The stories `failed`, `died` and `hung` go as they do in a run; all others end with an answer.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from workbench.launch import fake_results, fake_tried
from workbench.launch.fake_story import OUT_OF_MEMORY, Story
from workbench.network.plan import plan
from workbench.paths import Workspace
from workbench.probing.overfit import Overfit
from workbench.probing.preflight import Fit, Preflight
from workbench.probing.rate_search import RateSearch
from workbench.probing.xray import Measured, Row, XRay, judge
from workbench.spec import presets
from workbench.spec.recipe import Recipe

#: Seconds a probe lasts at speed 1, and at the slow story.
SECONDS, SLOW_SECONDS = 0.5, 20.0
PARTS = 20

#: kind, title and what a layer multiplies the signal by
_SCHEMES = (
    ("kaiming_normal", "Kaiming normal", 1.05),
    ("xavier_uniform", "Xavier uniform", 0.7),
    ("lecun_normal", "LeCun normal", 0.72),
    ("doubling", "Doubling", 2.0),
    ("zeros", "Zeros", 0.0),
)
EPOCHS = 12
EVERYTHING = 100


def answer_for(question: dict[str, Any], workspace: Workspace) -> dict[str, Any]:
    """An invented answer to a question, in the shape that the engine's own probe gives (workbench/probing)."""
    asked = question["question"]
    if asked in ABOUT_RUNS:
        return ABOUT_RUNS[asked](question, workspace)
    return ABOUT_RECIPES[asked](question, presets.loads(question["recipe"]).recipe)


def _fed(question: dict[str, Any]) -> dict[str, Any]:
    """A batch of four grey pictures, and one as it is changed; in the shape of engine/probes/fed."""
    import numpy as np  # noqa: PLC0415 - for this answer only

    draws, epoch = int(question["draws"]), int(question["epoch"])
    pictures = np.arange((4 + draws) * 64, dtype=np.uint16).astype(np.uint8).reshape(-1, 8, 8, 1)
    for name, some in (("batch", pictures[:4]), ("changed", pictures[4:]), ("original", pictures[0])):
        np.save(os.path.join(question["to"], f"{name}.npy"), some, allow_pickle=False)  # noqa: PTH118 - plain text
    return {
        "rows": [3, 1, 2, 0], "labels": [0, 1, 0, 1], "partner": None, "share": None, "masks": False, "row": question.get("row", 3),
        "epochs": list(range(epoch, epoch + draws)), "changes": [["Flip"], []] * (draws // 2), "on": True,
        "mean": [0.0], "spread": [255.0], "classes": ["zero", "one"],
    }  # fmt: skip


def _export(question: dict[str, Any]) -> dict[str, Any]:
    """As if a model had been written; in the shape of engine/probes/exported."""
    to = question["to"]
    script = os.path.join(to, "example.py") if question["as"] == "savedmodel" else f"{to}.example.py"  # noqa: PTH118 - plain text
    agreed = {"pictures": 269, "same": 0.996, "right": 0.978, "engine_right": 0.981}
    quantised = bool(question.get("quantised"))
    return {
        "files": [to, script], "epoch": 6, "difference": None if quantised else 2e-7, "agreement": agreed if quantised else None,
    }  # fmt: skip


def _xray(recipe: Recipe) -> XRay:
    layers = [layer.name for layer in plan(recipe, (8, 8, 1), 10).layers]
    begin = recipe.initializer
    schemes = sorted(_SCHEMES, key=lambda scheme: scheme[0] != begin.kind)
    measured = [Measured(kind, title, tuple(_rows(layers, factor))) for kind, title, factor in schemes]
    if begin.start != "nothing":
        measured[0] = dataclasses.replace(measured[0], title="Trained weights")
    return judge(32, measured)


def _rows(layers: Sequence[str], factor: float) -> Iterator[Row]:
    for number, layer in enumerate(layers, 1):
        signal, gradient = factor**number, factor ** (len(layers) - number)
        dead = (0.02 if factor else 1.0) if "activation" in layer else None
        yield Row(layer, 0.1 * signal, signal, 0.0, 1e-3 * gradient, signal, gradient, dead)


def _rate() -> RateSearch:
    rates = tuple(10 ** (-6 + 7 * number / EVERYTHING) for number in range(EVERYTHING))
    smoothed = tuple(2.3 / (1 + (rate / 0.003) ** 1.5) + (rate / 0.3) ** 2 for rate in rates)
    losses = tuple(loss * (1 + 0.06 * math.sin(7.0 * number)) for number, loss in enumerate(smoothed))
    lowest = rates[smoothed.index(min(smoothed))]
    return RateSearch(
        rates,
        losses,
        smoothed,
        3e-3,
        lowest,
        diverged=True,
        sentence="There the loss falls fastest; 10 times that rate makes it rise.",
    )


def _preflight(recipe: Recipe) -> Preflight:
    batch, epochs = recipe.training.batch_size, recipe.training.epochs
    return Preflight(
        device="CPU", batch_size=batch, host_bytes=900_000_000, host_total=8_000_000_000, device_bytes=None, device_total=None,
        first_step_seconds=1.4, step_seconds=0.012, steps_per_epoch=45, epochs=epochs, total_seconds=1.4 + 0.6 * epochs,
        checkpoint_bytes=310_000, disk_bytes=930_000, disk_free=50_000_000_000, largest_batch=1437, fit=Fit.FITS,
        sentence="Fits: about 900 MB of 8.0 GB of memory.",
    )  # fmt: skip


def _overfit() -> Overfit:
    accuracies = tuple(1 - 0.9 * math.exp(-epoch / 2) if epoch < EPOCHS else 1.0 for epoch in range(1, EPOCHS + 1))
    losses = tuple(2.3 * math.exp(-epoch / 2) for epoch in range(1, EPOCHS + 1))
    words = f"All 100 pictures were learned by heart in {EPOCHS} epochs: network, loss and data fit together."
    return Overfit(100, 0.99, accuracies, losses, reached=True, sentence=words, left_off=("Dropout",))


def _partial(answer: dict[str, Any], name: str, part: int) -> dict[str, Any] | None:
    """What an answer's twentieth part would have been told of on the way; None where a probe tells nothing."""
    if name == "try":
        return answer["told"][part] if part < len(answer["told"]) else None
    columns = {"rate": ("rates", "losses"), "overfit": ("accuracies", "losses")}.get(name)
    if columns is None:
        return {"scheme": answer["schemes"][part]} if name == "xray" and part < len(answer["schemes"]) else None
    count = len(answer[columns[0]])
    return {column: list(answer[column][part * count // PARTS : (part + 1) * count // PARTS]) for column in columns}


def tell(story: Story, speed: float, workspace: Workspace) -> int:
    """Read a question, tell how it goes and the answer; the exit code."""
    question = json.loads(sys.stdin.readline())
    answer = answer_for(question, workspace)
    seconds = (SLOW_SECONDS if story is Story.SLOW else SECONDS) / speed
    for part in range(PARTS):
        _say({"progress": {"done": part, "of": PARTS, "words": "Pretending"}})
        found = _partial(answer, question["question"], part)
        if found:
            _say({"partial": found})
        if part == PARTS // 2:
            if story is Story.DIED:
                os.abort()
            if story is Story.FAILED:
                _say({"problem": f"{OUT_OF_MEMORY.title}. {OUT_OF_MEMORY.what_happened}"})
                return 3
        while story is Story.HUNG and part == PARTS // 2:
            time.sleep(1.0)
        time.sleep(seconds / PARTS)
    _say({"answer": answer})
    return 0


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


#: What is asked of a run's kept weights, and of a recipe that is no run yet.
ABOUT_RUNS: dict[str, Callable[[dict[str, Any], Workspace], dict[str, Any]]] = {
    "results": lambda question, workspace: fake_results.judge(workspace, question),
    "inside": lambda question, _workspace: fake_results.look_inside(question),
    "try": lambda question, workspace: fake_tried.answer(workspace, question),
    "export": lambda question, _workspace: _export(question),
    "slice": lambda question, _workspace: fake_results.measure(question),
}
ABOUT_RECIPES: dict[str, Callable[[dict[str, Any], Recipe], dict[str, Any]]] = {
    "xray": lambda _question, recipe: _xray(recipe).tree(),
    "rate": lambda _question, _recipe: _rate().tree(),
    "preflight": lambda _question, recipe: _preflight(recipe).tree(),
    "fed": lambda question, _recipe: _fed(question),
    "overfit": lambda _question, _recipe: _overfit().tree(),
}
