"""Reads event files as TensorBoard does, by its own reader."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import NamedTuple

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

# Its reader would load TensorFlow to read a file; with a module of this name it does without.
sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))


class Point(NamedTuple):
    time: float
    step: int
    #: as hex, so that NaN equals NaN and nothing is rounded
    value: str

    @property
    def number(self) -> float:
        return float.fromhex(self.value)


def scalars(folder: Path) -> dict[str, list[Point]]:
    """Every curve, by "line/tag": what TensorBoard has kept of it."""
    found = {}
    for line in sorted(each for each in folder.iterdir() if each.is_dir()):
        read = _read(line)
        for tag in read.Tags()["scalars"]:
            found[f"{line.name}/{tag}"] = [
                Point(each.wall_time, each.step, each.value.hex()) for each in read.Scalars(tag)
            ]
    return found


def texts(folder: Path) -> dict[str, list[tuple[int, str]]]:
    """What is to be read, by its tag: (step, words) of all that TensorBoard has kept."""
    read = _read(folder)
    tags = [tag for tag in read.Tags()["tensors"] if not tag.startswith("_")]
    return {tag: [(e.step, e.tensor_proto.string_val[0].decode()) for e in read.Tensors(tag)] for tag in tags}


def settings(folder: Path) -> dict[str, object]:
    """The table of hyperparameters' row."""
    from tensorboard.plugins.hparams import plugin_data_pb2

    content = _read(folder).SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    row = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
    return {name: getattr(value, value.WhichOneof("kind")) for name, value in row.items()}


def _read(folder: Path) -> EventAccumulator:
    read = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    read.Reload()
    return read
