"""The results of 10,000 validation pictures of 32×32 by ResNet-20 against `model.predict` of the same pictures alone.

Our side does all of it: from stored pictures to probabilities and sums, the file written and synced, read again, and every number and
ranking of the tab from it. Both sides run the same network in batches of 128, with their programs traced before.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from tests.bench.row import Row
from tests.bench.timing import interleaved
from workbench.data.pictures import DataSet, InMemory, Part
from workbench.engine import backends
from workbench.engine.build import build_model
from workbench.engine.checkpoint import Manifest
from workbench.engine.results.judge import Judge, judged_of
from workbench.engine.results.opened import Opened
from workbench.events import DataReady
from workbench.journal import Journal
from workbench.journal.judged import read, write
from workbench.network.plan import plan
from workbench.paths import Workspace
from workbench.results.look import look
from workbench.spec.recipe import parse

TARGET = 1.2
PICTURES, CLASSES, BATCH = 10_000, 10, 128


def measure() -> Row:
    recipe = parse({
        "data": {"kind": "shapes", "image_size": 32}, "model": {"kind": "resnet", "depth": 20}, "training": {"batch_size": BATCH}
    })  # fmt: skip
    backends.prepare(recipe.training)
    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (PICTURES, 32, 32, 3), dtype=np.uint8)
    labels = random.integers(0, CLASSES, PICTURES).astype(np.int32)
    part, none = Part(InMemory(pixels), labels), Part(InMemory(pixels[:0]), labels[:0])
    names = tuple(f"class {number}" for number in range(CLASSES))
    mean, spread = np.full(3, 120, np.float32), np.full(3, 60, np.float32)
    data = DataSet(names, (32, 32, 3), Part(InMemory(pixels[:1]), labels[:1]), part, none, mean, spread, "same")
    ready = DataReady(
        1, PICTURES, 0, names, (32, 32, 3), 1, "same", (), tuple(map(float, mean)), tuple(map(float, spread))
    )
    model = build_model(plan(recipe, (32, 32, 3), CLASSES), recipe)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder)).create()
        with Journal(workspace) as journal:
            run = journal.create_run(recipe)
        opened = Opened(run, recipe, ready, Manifest("", 1, 1, 0, "", "0" * 64), data, model, lambda each: each)
        judge, path = Judge(opened), workspace.home / "results.npz"

        def ours() -> float:
            began = time.perf_counter()
            write(path, judged_of(opened, part, "validation", judge.said(part), 0.0))
            look(read(path))
            return 1 / (time.perf_counter() - began)

        prepared = (pixels.astype(np.float32) - mean) / spread

        def keras_alone() -> float:
            began = time.perf_counter()
            model.predict(prepared, batch_size=BATCH, verbose=0)
            return 1 / (time.perf_counter() - began)

        found = interleaved(ours, keras_alone, pairs=5)
    times = 1 / found.ratio
    return Row(
        "results of 10,000 pictures of 32×32 by ResNet-20, all of them, against predict alone", f"≤ {TARGET:g}× the time",
        f"{1 / found.one:.2f} s", times <= TARGET, f"{1 / found.other:.2f} s", times,
        f"{found.interval()} of predict's time over ours",
    )  # fmt: skip
