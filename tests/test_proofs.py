"""The proofs in full, with the real engine; `make test` holds a sample of each, `make proof` runs them and writes the table.

what is shown here in full                                  its sample in `make test`
the default preset learns on every backend, five seeds      one seed (engine/test_process)
each shipped preset without a download repeats bit for bit  one recipe (engine/test_train)
twelve epochs in random chunks are plain `fit`              three epochs (engine/test_loops)
stop now in every phase keeps what is on disk               two phases (engine/test_train)
a kill while saving never costs the best epoch              the fake engine's death (launch)
four times the pictures, a tenth more memory                the feed alone (engine/test_feeding)
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.events import Command, Ending, Phase, State
from workbench.journal import Journal, Run
from workbench.launch.start import ensure_keeper
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.recipe import Recipe, changed

pytestmark = pytest.mark.proof

Say = Callable[[str, object], None]


def preset(name: str, **settings: object) -> Recipe:
    made = presets.load(presets.shipped_presets() / f"{name}.toml").recipe
    for path, value in settings.items():
        made = changed(made, path.replace("__", "."), value)  # type: ignore[arg-type] # a test's own values
    return made


def engine(workspace: Workspace, run: Run) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    command = [sys.executable, "-m", "workbench.engine", "--home", str(workspace.home), "--run", run.id]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def trained(workspace: Workspace, journal: Journal, recipe: Recipe) -> Run:
    run = journal.create_run(recipe)
    assert engine(workspace, run).wait() == 0
    return journal.run(run.id)


def wait(condition: Callable[[], object], seconds: float = 120) -> None:
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        pause.wait(0.005)


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_the_default_preset_reaches_97_percent_with_five_seeds(
    workspace: Workspace, journal: Journal, record_property: Say, backend: str
) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed here")
    best = [
        trained(workspace, journal, preset("digits-cnn", training__backend=backend, training__seed=seed)).best
        for seed in range(1, 6)
    ]
    shares = [each["val_accuracy"] for each in best]
    record_property("must", "≥ 97 % of the validation pictures right, seed 1; median of five seeds too")
    record_property("measured", ", ".join(f"{share:.1%}" for share in shares))
    assert shares[0] >= 0.97
    assert statistics.median(shares) >= 0.97


@pytest.mark.parametrize("name", ["digits-cnn", "digits-resnet", "shapes-cnn"])
def test_a_shipped_preset_gives_the_same_weights_twice(
    workspace: Workspace, journal: Journal, record_property: Say, name: str
) -> None:
    hashes = {trained(workspace, journal, preset(name, training__epochs=2)).weights_sha256 for _ in range(2)}
    record_property("must", "one fingerprint")
    record_property("measured", " and ".join(str(each)[:12] for each in hashes))
    assert len(hashes) == 1
    assert None not in hashes


def test_twelve_epochs_in_random_chunks_are_plain_fit_bit_for_bit(record_property: Say) -> None:
    # In a process of its own: it needs TensorFlow set up as an engine does.
    done = subprocess.run(
        [sys.executable, "-c", _CHUNKS], capture_output=True, text=True, check=False,
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    record_property("must", "largest difference of any weight 0")
    record_property("measured", f"{found['difference']} after {found['steps']} steps")
    assert found == {"difference": 0.0, "steps": 12 * 5}


_CHUNKS = """
import json, random
import keras, numpy as np
from tests.engine.test_loops import BATCH, SAMPLES, Bench, data_set, everything_random
from workbench.engine import backends
from workbench.engine.build import build_model
from workbench.engine.feeding import training_order
from workbench.engine.optimizers import build_optimizer
from workbench.network.plan import plan
from workbench.spec.training import Training

backends.prepare(Training())
wanted, data = everything_random(), data_set()
draw = random.Random(5)
bench = Bench(wanted, data)
numbers = bench.epochs(12, [draw.randint(1, 4) for _ in range(50)])
model = build_model(plan(wanted, data.shape, 3), wanted)
model.compile(build_optimizer(wanted), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
x = (data.training.pictures.array().astype(np.float32) - data.mean) / data.spread
for epoch in range(1, 13):
    order = training_order(1, epoch, SAMPLES)
    model.fit(x[order], data.training.labels[order], batch_size=BATCH, shuffle=False, epochs=epoch,
              initial_epoch=epoch - 1, verbose=0)
pairs = zip(bench.weights(), model.get_weights(), strict=True)
print(json.dumps({"difference": max(float(np.abs(a - b).max()) for a, b in pairs), "steps": len(numbers)}))
"""

PHASES = [
    Phase.STARTING, Phase.READING, Phase.TRACING, Phase.TRAINING, Phase.VALIDATING, Phase.REMEASURING, Phase.SAVING,
]  # fmt: skip


@pytest.mark.parametrize("phase", PHASES)
def test_stop_now_in_every_phase_ends_and_what_is_kept_is_on_disk(
    workspace: Workspace, journal: Journal, record_property: Say, phase: Phase
) -> None:
    run = journal.create_run(preset("digits-resnet", training__epochs=500))
    ensure_keeper(workspace)

    def there() -> bool:
        live = journal.live(run.id)
        if phase is Phase.STARTING:
            return journal.run(run.id).state is State.PREPARING
        past = live is not None and (phase not in {Phase.READING, Phase.TRACING}) and live.epoch > 1
        return live is not None and live.phase is phase and (past or phase in {Phase.READING, Phase.TRACING})

    wait(there)
    asked = time.monotonic()
    journal.ask(run.id, Command.STOP_NOW)
    wait(lambda: journal.run(run.id).state is State.ENDED)
    took = time.monotonic() - asked
    ended = journal.run(run.id)
    record_property("must", "ended `stopped`, the fingerprint is the file's")
    record_property("measured", f"{took:.2f} s, {ended.epochs} epochs")
    assert ended.ending is Ending.STOPPED
    if ended.weights_sha256 is None:
        assert ended.epochs == 0
        assert "0 epochs" in ended.reason
    else:
        folder = workspace.run_folder(run.id) / "checkpoints"
        kept = [json.loads(path.read_text())["weights_sha256"] for path in folder.rglob("*.json")]
        assert ended.weights_sha256 in kept


def test_a_kill_while_saving_never_costs_the_best_epoch(tmp_path: Path, record_property: Say) -> None:
    # The saving itself, over and over, in a process that is killed at a random moment: what is found is whole.
    draw, whole = random.Random(1), 0
    for kill in range(12):
        folder = tmp_path / str(kill)
        process = subprocess.Popen([sys.executable, "-c", _SAVES, str(folder)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()  # the first checkpoint is there
        threading.Event().wait(draw.uniform(0.0, 0.3))
        process.kill()
        process.wait()
        process.stdout.close()
        from workbench.engine import checkpoint

        arrays = checkpoint.load(folder, "best")
        described = checkpoint.manifest(folder, "best")
        assert described is not None
        assert checkpoint.fingerprint(arrays) == described.weights_sha256
        assert float(np.ravel(arrays["kernel"])[0]) == described.epoch
        whole += 1
    record_property("must", "12 of 12 readable and whole")
    record_property("measured", f"{whole} of 12")
    assert whole == 12


_SAVES = """
import itertools, pathlib, sys
import numpy as np
from workbench.engine import checkpoint
for epoch in itertools.count(1):
    arrays = {"kernel": np.full((700, 700), epoch, np.float32)}
    checkpoint.save(pathlib.Path(sys.argv[1]), epoch, epoch, arrays, best=checkpoint.place_name(epoch, epoch))
    if epoch == 1:
        print("saved", flush=True)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_four_times_the_pictures_need_at_most_a_tenth_more_memory_when_they_are_streamed(
    tmp_path: Path, workspace: Workspace, journal: Journal, record_property: Say
) -> None:
    from PIL import Image

    peaks = []
    for count in (1000, 4000):
        folder = tmp_path / str(count)
        for label, number in itertools.product("ab", range(count // 2)):
            (folder / label).mkdir(parents=True, exist_ok=True)
            Image.effect_noise((96, 96), 40 + 100 * (label == "b")).save(folder / label / f"{number}.png")
        recipe = preset("own-folder", data__path=str(folder), data__image_size=96, training__epochs=1)
        run = journal.create_run(changed(recipe, "tricks.early_stopping.on", False))
        environment = {**os.environ, "WORKBENCH_RESIDENT_BYTES": "0"}
        environment.pop("KERAS_BACKEND", None)
        command = [sys.executable, "-m", "workbench.engine", "--home", str(workspace.home), "--run", run.id]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        peaks.append(usage.ru_maxrss / 1024)
    record_property("must", "≤ 1.10×")
    record_property("measured", f"{peaks[0]:.0f} MB, then {peaks[1]:.0f} MB: {peaks[1] / peaks[0]:.3f}×")
    assert peaks[1] <= 1.1 * peaks[0]
