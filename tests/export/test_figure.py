import math
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.errors import WorkspaceError
from workbench.events import BestSoFar, DataReady, Ending, EpochEnded, StepBlock, StoppedEarly
from workbench.export.figure import save_curves
from workbench.journal import Journal, Run
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe


@pytest.fixture
def journal(tmp_path: Path):
    with Journal(Workspace(tmp_path / "home")) as opened:
        yield opened


def trained(journal: Journal, *, nan: bool = False, epochs: int = 6) -> Run:
    run = journal.create_run(Recipe(), "Ruń 1 🙂")
    attempt = journal.begin_attempt(run.id)
    assert attempt == 1
    losses = np.geomspace(2.0, 0.2, epochs * 10).astype(np.float32)
    if nan:
        losses[-5:] = math.nan
    numbers = np.stack([losses, np.full_like(losses, 1e-3), losses, 1 - losses / 3, np.zeros_like(losses)], axis=1)
    said = [DataReady(100, 20, 0, ("a",), (8, 8, 1), 10, "f"), StepBlock(1, numbers, 0.0, 6.0)]
    for epoch in range(1, epochs + 1):
        value = 1.0 / min(epoch, 4) + 0.01 * epoch
        said.append(
            EpochEnded(
                epoch,
                epoch * 10,
                float(epoch),
                {"loss": value, "val_loss": value, "val_accuracy": 0.5},
                10.0,
                max(0, epoch - 4),
                2,
            )
        )
        if epoch == 4:
            said.append(BestSoFar(4, "val_loss", value))
    if epochs:
        said.append(StoppedEarly(epochs, 4, "No new best for 2 epochs."))
    journal.say(run.id, 1, said)
    journal.end(run.id, Ending.EARLY_STOPPED, "No new best for 2 epochs.")
    return run


def test_a_png_is_a_picture_with_the_curves_in_it(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "curves.png"
    save_curves(journal, trained(journal).id, path)
    with Image.open(path) as picture:
        assert picture.width >= 1000
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1_000_000)}
    assert (0, 114, 178) in colours
    assert (213, 94, 0) in colours


def test_an_svg_is_well_formed_and_names_best_and_stop(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "curves.svg"
    save_curves(journal, trained(journal, nan=True).id, path)
    assert ET.parse(path).getroot().tag.endswith("svg")
    assert "Stopped early" in path.read_text()


def test_a_run_without_steps_gives_an_empty_picture(journal: Journal, tmp_path: Path) -> None:
    run = journal.create_run(Recipe())
    save_curves(journal, run.id, tmp_path / "empty.png")
    assert (tmp_path / "empty.png").stat().st_size > 1000


def test_an_ending_that_is_no_picture_is_named_with_what_is_allowed(journal: Journal, tmp_path: Path) -> None:
    run = journal.create_run(Recipe())
    with pytest.raises(WorkspaceError, match=r"must end in .png, .svg or .pdf, got 'curves.doc'"):
        save_curves(journal, run.id, tmp_path / "curves.doc")


def test_a_place_that_cannot_be_written_is_said_and_leaves_nothing(journal: Journal, tmp_path: Path) -> None:
    run = journal.create_run(Recipe())
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError, match="file is a file where a folder is needed"):
        save_curves(journal, run.id, tmp_path / "file" / "curves.png")
