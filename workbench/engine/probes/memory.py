"""How much memory this process has taken at most, and how much it could have: in the machine, and on a GPU."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import keras
import psutil

from workbench.engine import shortage


class Peak(NamedTuple):
    """Bytes; those of the device are None on the CPU, or where the backend does not count them."""

    host: int
    device: int | None
    device_total: int | None


class Trying(AbstractContextManager["Trying"]):
    """Within, running out of memory is an outcome (`short`) and no failure; everything else goes on its way."""

    def __init__(self) -> None:
        self.short = False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        self.short = error is not None and shortage.is_shortage(error)
        return self.short


def peak() -> Peak:
    """The most this process has had so far."""
    device, total = _device()
    return Peak(_host(), device, total)


def available() -> int:
    """What this process has of the machine's memory and could still get."""
    return int(psutil.virtual_memory().available + psutil.Process().memory_info().rss)


def _host() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        # Not ru_maxrss: that begins with what the process had that started this one.
        return next(
            1024 * int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:")
        )
    # Windows keeps the peak; elsewhere what there is now stands for it.
    now = psutil.Process().memory_info()
    return int(getattr(now, "peak_wset", now.rss))


def _device() -> tuple[int | None, int | None]:
    return {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[keras.backend.backend()]()


def _tensorflow() -> tuple[int | None, int | None]:
    import tensorflow as tf  # noqa: PLC0415 - only where it is the backend

    if not tf.config.get_visible_devices("GPU"):
        return None, None
    used = int(tf.config.experimental.get_memory_info("GPU:0")["peak"])
    return used, _listed_total()


def _jax() -> tuple[int | None, int | None]:
    import jax  # noqa: PLC0415 - as above

    counted = jax.devices()[0].memory_stats() if jax.devices()[0].platform != "cpu" else None
    return (counted["peak_bytes_in_use"], counted.get("bytes_limit")) if counted else (None, None)


def _torch() -> tuple[int | None, int | None]:
    import torch  # noqa: PLC0415 - as above

    if not torch.cuda.is_available() or not torch.cuda.max_memory_reserved():  # nothing was placed there
        return None, None
    return int(torch.cuda.max_memory_reserved()), int(torch.cuda.mem_get_info()[1])


def _listed_total() -> int | None:
    """The GPU's memory as its driver lists it; TensorFlow does not say."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return None
    first = (os.environ.get("CUDA_VISIBLE_DEVICES") or "0").split(",")[0]
    listed = subprocess.run(  # noqa: S603 - found by its fixed name
        [command, f"--id={first}", "--query-gpu=memory.total", "--format=csv,noheader,nounits"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return int(listed.stdout.strip()) << 20 if listed.stdout.strip().isdecimal() else None
