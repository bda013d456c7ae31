"""What libraries say when memory runs out, read by part."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from workbench.engine import failures, shortage
from workbench.engine.failures import Scene
from workbench.engine.shortage import Shortage
from workbench.events import Ending, Failed
from workbench.journal import Journal
from workbench.launch.start import environment
from workbench.network.plan import plan
from workbench.paths import Workspace
from workbench.spec.recipe import parse


class ResourceExhaustedError(Exception):
    """As TensorFlow names it."""


class XlaRuntimeError(RuntimeError):
    """As JAX names it."""


RECIPE = parse({"model": {"kind": "cnn", "stages": 2, "width": 64}, "training": {"batch_size": 1024}})
PLAN = plan(RECIPE, (28, 28, 1), 10)

ON_GPU = ResourceExhaustedError(
    "Graph execution error:\n\nDetected at node functional_1/stage2_conv1/convolution defined at (most recent call last):\n"
    "OOM when allocating tensor with shape[1024,128,14,14] and type float on "
    "/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc\n\t [[{{node functional_1/stage2_conv1/convolution}}]]"
)
SHAPE_ALONE = ResourceExhaustedError(
    "OOM when allocating tensor with shape[1024,64,28,28] and type half on "
    "/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc [Op:Conv2D]"
)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ON_GPU, Shortage(4 * 1024 * 128 * 196, (1024, 128, 14, 14), gpu=True)),
        (SHAPE_ALONE, Shortage(2 * 1024 * 64 * 784, (1024, 64, 28, 28), gpu=True)),
        (
            XlaRuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 bytes."),
            Shortage(17_179_869_184, None),
        ),
        (
            XlaRuntimeError("INTERNAL: Error dispatching computation: Out of memory allocating 36116624424 bytes."),
            Shortage(36_116_624_424, None),
        ),
        (
            RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 11.00 GiB."),
            Shortage(20 * 2**20, None, gpu=True),
        ),
        (
            RuntimeError(
                "[enforce fail at alloc_cpu.cpp:114] . DefaultCPUAllocator: can't allocate memory: you tried to allocate "
                "4000000000000 bytes. Error code 12"
            ),
            Shortage(4_000_000_000_000, None),
        ),
        (MemoryError(), Shortage()),
    ],
)
def test_what_was_asked_for_is_read_from_the_words_of_each_library(error: Exception, told: Shortage) -> None:
    assert shortage.is_shortage(error)
    found = shortage.read(error)
    assert (found.size, found.shape, found.gpu) == (told.size, told.shape, told.gpu)


def test_what_numpy_says_of_an_array_that_is_too_large_is_read() -> None:
    with pytest.raises(MemoryError) as raised:
        np.empty((2**40, 4096), np.float32)
    found = shortage.read(raised.value)
    assert found.shape == (2**40, 4096)
    assert found.size == pytest.approx(4 * 2**40 * 4096, rel=0.01)


def test_the_layer_is_named_by_its_operation_else_by_its_shape_in_any_order_of_sides() -> None:
    names = {layer.name: layer.shape for layer in PLAN.layers}
    assert "stage2_conv1" in names, names
    assert shortage.layer_of(shortage.read(ON_GPU), PLAN) == "stage2_conv1"
    again = Shortage(1, None, node=("while", "network_1", "stage2_conv1_1", "convolution"))
    assert shortage.layer_of(again, PLAN) == "stage2_conv1"
    assert shortage.layer_of(shortage.read(SHAPE_ALONE), PLAN) == ""
    assert names[shortage.layer_like(shortage.read(SHAPE_ALONE), PLAN)] == (28, 28, 64)
    assert shortage.layer_like(Shortage(1, (7, 7)), PLAN) == ""
    assert shortage.layer_like(Shortage(), PLAN) == ""


def test_other_failures_are_no_shortage() -> None:
    for error in (ValueError("shape mismatch"), RuntimeError("device lost"), ZeroDivisionError()):
        assert not shortage.is_shortage(error)


def test_the_card_names_size_layer_and_batch_and_offers_three_ways() -> None:
    card = failures.card(ON_GPU, Scene(RECIPE, PLAN))
    assert card.title == "Not enough GPU memory"
    assert "103 MB for the layer stage2_conv1 at a batch of 1,024 pictures" in card.what_happened
    assert any("1,024 × 128 × 14 × 14" in line for line in card.evidence)
    assert [way.changes[0][0] for way in card.ways] == [
        "training.batch_size", "training.precision", "training.batch_size",
    ]  # fmt: skip
    assert any("OOM when allocating" in line for line in card.evidence), "not the line above it"
    assert "Traceback" not in " ".join([card.title, card.what_happened, *card.evidence])


def test_colours_of_a_terminal_are_not_shown() -> None:
    error = RuntimeError("\x1b[1mDefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes.\x1b[0m")
    assert shortage.first_words(error) == "DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."


@pytest.mark.keras
@pytest.mark.skipif(sys.platform != "linux", reason="a process can be held to so much memory on Linux only")
def test_a_real_engine_that_finds_no_memory_names_the_layer_and_what_it_asked_for(workspace: Workspace) -> None:
    import resource

    wide = {"kind": "cnn", "stages": 3, "width": 64, "normalization": "batch"}
    data = {"kind": "shapes", "image_size": 64, "count": 4000}
    recipe = parse({"data": data, "model": wide, "training": {"batch_size": 3000, "epochs": 1}})
    with Journal(workspace) as journal:
        run = journal.create_run(recipe).id
        done = subprocess.run(
            [sys.executable, "-m", "workbench.engine", "--home", str(workspace.home), "--run", run],
            env=environment("tensorflow", run) | {"CUDA_VISIBLE_DEVICES": "-1"}, capture_output=True, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (9 * 2**30, 9 * 2**30)),
        )  # fmt: skip
        (card,) = (said.event.card for said in journal.events(run) if isinstance(said.event, Failed))
        assert done.returncode == 3
        assert journal.run(run).ending is Ending.FAILED
    assert card.title == "Not enough memory"
    assert "GB for the layer stage" in card.what_happened
    assert "at a batch of 3,000 pictures" in card.what_happened
    assert len(card.ways) == 3


def test_without_a_recipe_the_card_still_says_what_is_known() -> None:
    card = failures.card(MemoryError())
    assert (card.title, card.ways) == ("Not enough memory", ())
    assert card.what_to_try
