"""What Keras itself offers against a kill, for comparison: `fit` with BackupAndRestore, and killed at seeded moments.

    python -m tests.kills.plain_keras FOLDER    trains, or goes on training, to the end

The training is as near to the first recipe of the harness as plain Keras gets: digits, the same kind of network, dropout,
rotation, batch norm, averaged weights, reduce on plateau, early stopping that restores the best weights.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EPOCHS = 7


def train(folder: Path) -> None:
    """To the end, from whatever backup is there."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import numpy as np
    import tensorflow as tf
    from sklearn.datasets import load_digits

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(1)
    pictures, labels = load_digits(return_X_y=True)
    pictures = pictures[:600].reshape(-1, 8, 8, 1).astype("float32") / 16
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((8, 8, 1)), layers.RandomRotation(15 / 360), layers.Conv2D(8, 3, padding="same"),
            layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(16, "relu"),
            layers.Dropout(0.3), layers.Dense(10),
        ]
    )  # fmt: skip
    model.compile(
        keras.optimizers.Adam(0.02, use_ema=True, ema_momentum=0.8),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )

    class Notes(keras.callbacks.Callback):  # type: ignore[misc] # Keras is untyped here
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            with (folder / "epochs.jsonl").open("a") as file:
                file.write(json.dumps([epoch, logs]) + "\n")

    model.fit(
        pictures[:420], labels[:420], validation_data=(pictures[420:510], labels[420:510]), epochs=EPOCHS, batch_size=16,
        verbose=0,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5, min_delta=0.1),
            keras.callbacks.EarlyStopping(patience=2, min_delta=0.05, restore_best_weights=True),
            keras.callbacks.BackupAndRestore(str(folder / "backup"), save_freq="epoch"),
            Notes(),
        ],
    )  # fmt: skip
    weights = b"".join(np.ascontiguousarray(each).tobytes() for each in model.get_weights())
    (folder / "weights.bin").write_bytes(weights)


@dataclass(frozen=True)
class Ended:
    """What came of a training: its weights, and of each epoch the last thing that was noted."""

    weights: bytes
    epochs: dict[int, dict[str, float]]


def _start(folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "tests.kills.plain_keras", str(folder)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=variables, start_new_session=True)


def _ended(folder: Path) -> Ended:
    lines = (folder / "epochs.jsonl").read_text().splitlines() if (folder / "epochs.jsonl").exists() else []
    weights = folder / "weights.bin"
    return Ended(weights.read_bytes() if weights.exists() else b"", dict(json.loads(line) for line in lines))


def untouched(folder: Path) -> tuple[Ended, float]:
    """What comes of it when nobody touches it, and how many seconds it takes after its first epoch."""
    process = _start(folder)
    _wait_for_epoch(folder, process)
    began = time.monotonic()
    process.wait()
    return _ended(folder), time.monotonic() - began


def _wait_for_epoch(folder: Path, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None and not (folder / "epochs.jsonl").exists():
        time.sleep(0.01)


def killed(folder: Path, draw: random.Random, seconds: float) -> Ended:
    """The same with one kill at a drawn moment after its first epoch, then started again until it has ended."""
    farthest = seconds
    while not _kill(folder, draw.uniform(0.0, farthest)):
        shutil.rmtree(folder)  # it had come to its end before: not so late
        farthest /= 2
    for _ in range(3):
        if (folder / "weights.bin").exists():
            break
        _start(folder).wait()
    return _ended(folder)


def _kill(folder: Path, seconds: float) -> bool:
    """Train, and kill so many seconds after the first epoch; whether there was something to kill."""
    process = _start(folder)
    _wait_for_epoch(folder, process)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return not (folder / "weights.bin").exists()


if __name__ == "__main__":
    train(Path(sys.argv[1]))
