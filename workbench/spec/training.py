"""The training station: how long, in which portions, on what."""

from __future__ import annotations

from typing import Literal

from workbench.spec.base import Spec, setting


class Training(Spec):
    """How long, in which portions, on what."""

    TITLE = "Training"
    MEANING = "How long to train, in which portions, and on which device."

    epochs: int = setting(
        20, "Epochs", "How often every training picture is seen; early stopping may end sooner.", unit="epochs", ge=1,
        le=100_000, scale="log", higher="More time to learn, and to overfit.", lower="A quicker look.",
    )  # fmt: skip
    batch_size: int = setting(
        32, "Batch size", "Pictures whose mean gradient makes one step.", unit="pictures", ge=1, le=1_048_576, scale="log",
        higher="Steadier steps, better use of a GPU, more memory.", lower="More and noisier steps an epoch.",
    )  # fmt: skip
    seed: int = setting(
        1, "Seed", "Fixes split, order, starting weights and every random draw: same seed, same run.", ge=0,
        le=2_147_483_647, higher="Any number is as good as another.", lower="Change it to see how much is luck.",
    )  # fmt: skip
    keep: Literal["best", "last"] = setting(
        "best", "Keep", "Which weights the run keeps.",
        choices={"best": "Best epoch", "last": "Last epoch"},
        use="The best epoch by validation loss.", leave="The last one, when validation is not to influence anything.",
    )  # fmt: skip
    keep_every: int = setting(
        0, "Keep every", "The end of each so many epochs is kept for good, beside the best and the last two; 0 keeps none.",
        unit="epochs", ge=0, le=100_000, higher="Fewer files.", lower="More places to go back to, and more disk.",
    )  # fmt: skip
    remeasure: int = setting(
        0, "Re-measure training", "So many training pictures are judged at each epoch's end as validation pictures are (no dropout, no "
        "augmentation, averaged weights), so that their loss compares with validation loss; 0 is off.",
        unit="pictures", ge=0, le=1_000_000, higher="A steadier number; each epoch takes longer.",
        lower="Costs less and scatters more.",
    )  # fmt: skip
    xray: bool = setting(
        False, "X-ray each epoch", "Measures signal, gradients and dead units of every layer at each epoch's end, on 32 training "
        "pictures and a copy of the network; training stays the same to the last digit.",
        use="To see where a network stops learning.", leave="Otherwise: it takes about as long as a few steps an epoch.",
    )  # fmt: skip
    tensorboard: bool = setting(
        False, "TensorBoard files", "Writes TensorBoard files while it trains, in a process of its own, into the run's folder; "
        "training stays the same to the last digit.",
        use="To watch a run in TensorBoard while it trains.",
        leave="Otherwise: the files can be written afterwards as well.",
    )  # fmt: skip
    save_minutes: float = setting(
        10.0, "Save at least every", "A checkpoint is written after each epoch, and within long ones after so many minutes.",
        unit="minutes", gt=0, le=1440, higher="Less time spent on writing.", lower="Less is lost when the power fails.",
    )  # fmt: skip
    backend: Literal["tensorflow", "jax", "torch"] = setting(
        "tensorflow", "Backend", "The library that does the arithmetic under Keras.",
        choices={"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"},
        use="TensorFlow: installed with the workbench.", leave="The others when they are installed and faster on your device.",
    )  # fmt: skip
    device: Literal["auto", "cpu", "gpu"] = setting(
        "auto", "Device", "Where the arithmetic is done.",
        choices={"auto": "Automatic", "cpu": "CPU", "gpu": "GPU"},
        use="Automatic takes a GPU that the backend can use, else the CPU.", leave="CPU to compare, or to keep the GPU free.",
    )  # fmt: skip
    precision: Literal["float32", "bfloat16", "float16"] = setting(
        "float32", "Precision",
        "The number format of the layers' arithmetic. Weights, softmax and loss stay in float32 either way.",
        choices={"float32": "float32", "bfloat16": "Mixed bfloat16", "float16": "Mixed float16"},
        use="bfloat16 on a GPU from 2020 on: faster, half the memory. float16 on older ones; its loss is scaled so that "
        "small gradients survive, and steps that overflow are skipped.",
        leave="float32 on the CPU, where half formats are slower, and to compare curves to the last digit.",
    )  # fmt: skip
    deterministic: bool = setting(
        False, "Deterministic", "Makes runs on a GPU repeatable bit for bit; on the CPU they always are.",
        use="To compare two settings exactly.", leave="Otherwise: it is slower.",
    )  # fmt: skip
    threads: int | None = setting(
        None, "CPU threads", "Threads for arithmetic on the CPU; empty means one for each core.", unit="threads", ge=1, le=1024,
        higher="Faster up to the number of cores.", lower="Leaves room for other programs; gives other last digits.",
    )  # fmt: skip

    def batch_of(self, samples: int | None) -> int:
        """How many pictures a batch has at most, of `samples` training pictures in all; None: they are not known."""
        return self.batch_size if samples is None else min(self.batch_size, max(1, samples))
