"""The script of each shipped preset trains as the engine does: the same losses, and the same weights bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.export.script_proof import Told, both, difference
from workbench.paths import Workspace, shipped_presets
from workbench.spec import presets
from workbench.spec.recipe import Recipe, changed

pytestmark = [pytest.mark.keras, pytest.mark.timeout(3600)]

#: Small enough for `make test`: 15 to 25 seconds each on two cores.
QUICK = ("digits-cnn", "mnist-lenet5", "own-folder-small")
EVERY = tuple(sorted(path.stem for path in shipped_presets().glob("*.toml")))
#: Keras keeps running means in float32, batch by batch; the engine adds up in float64. Seven digits are printed.
MEANS = 2e-6


def shipped(name: str) -> Recipe:
    return changed(presets.load(shipped_presets() / f"{name}.toml").recipe, "training.epochs", 2)


def same(engine: Told, script: Told) -> None:
    assert script.losses == pytest.approx(engine.losses, rel=MEANS)
    assert script.val_losses == pytest.approx(engine.val_losses, rel=MEANS)
    assert script.remeasured == pytest.approx(engine.remeasured, rel=MEANS)


def trained(name: str, workspace: Workspace, folder: Path) -> tuple[Told, Told]:
    return both(shipped(name), workspace, folder)


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_presets_script_trains_as_the_engine_does(workspace: Workspace, tmp_path: Path, name: str) -> None:
    engine, script = trained(name, workspace, tmp_path)
    same(engine, script)
    assert difference(engine, script) == 0


@pytest.mark.proof
@pytest.mark.parametrize("name", EVERY)
def test_a_presets_script_trains_as_the_engine_does(
    workspace: Workspace, tmp_path: Path, name: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("must", "loss and val_loss of two epochs as the engine's, weights the same bit for bit")
    engine, script = trained(name, workspace, tmp_path)
    same(engine, script)
    assert difference(engine, script) == 0
    record_property("measured", "the same")
