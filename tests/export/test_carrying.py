"""Every kind of file that a run is given out as carries its recipe, and it comes back the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from workbench.curves.run_curves import RunCurves
from workbench.export.figure import KINDS, figure_bytes, save_figure
from workbench.export.wish import Other, Wish
from workbench.spec import carried, presets
from workbench.spec.recipe import Recipe, parse

from .conftest import a_run

RECIPE = parse({"data": {"kind": "folder", "path": "/home/ü/<b> & ]]> (x)\\"}, "training": {"epochs": 7}})


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_carries_the_recipe_of_its_run(curves: RunCurves, tmp_path: Path, kind: str) -> None:
    run = replace(a_run(), recipe_toml=presets.dump(RECIPE, "Run 17"))
    save_figure(run, curves, tmp_path / f"a{kind}")
    save_figure(run, curves, tmp_path / f"b{kind}")

    assert carried.preset_in(tmp_path / f"a{kind}").recipe == RECIPE
    assert carried.preset_in(tmp_path / f"a{kind}").title == "Run 17"
    assert (tmp_path / f"a{kind}").read_bytes() == (tmp_path / f"b{kind}").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_where_runs_are_compared_it_is_the_first_ones(curves: RunCurves, tmp_path: Path, kind: str) -> None:
    first = Other("Run 17", "", 0, curves)
    run = replace(a_run(), recipe_toml=presets.dump(RECIPE))
    save_figure(
        run, curves, tmp_path / f"a{kind}", replace(Wish(), first=first, others=(replace(first, name="Run 3"),))
    )
    assert carried.preset_in(tmp_path / f"a{kind}").recipe == RECIPE


def test_a_figure_is_still_a_picture_and_a_preview_carries_nothing(curves: RunCurves, tmp_path: Path) -> None:
    run = replace(a_run(), recipe_toml=presets.dump(Recipe()))
    save_figure(run, curves, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.text["workbench.recipe"] == run.recipe_toml
        picture.load()
    (tmp_path / "b.png").write_bytes(figure_bytes(run, curves, ".png", Wish()))
    assert carried.read(tmp_path / "b.png") is None
