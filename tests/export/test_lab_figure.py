"""The figure of the descent lab: what is in it is what it was given, and it carries the lab's settings."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.gui.lab.walked import preset, walked
from workbench.descent.surfaces import Slice, Surface
from workbench.errors import ExportError, WorkspaceError
from workbench.export.figure import KINDS
from workbench.export.lab import __main__ as process
from workbench.export.lab import contours as drawn_contours
from workbench.export.lab import drawing, figure
from workbench.export.lab.drawing import Drawing, Look, Theory, Track, sized
from workbench.gui.lab import relief
from workbench.gui.lab.export_desk import ground_of
from workbench.paths import Workspace
from workbench.spec import carried, lab_presets, presets
from workbench.spec.lab import KINDS as LANDSCAPES
from workbench.spec.lab import Lab, Landscape

WISH = sized(width_cm=16.0, height_cm=8.0, dpi=100.0, points=8.0, family="sans")
SLICE = Slice(np.add.outer(np.linspace(-1, 1, 9) ** 2, np.linspace(-1, 1, 9) ** 2) + 0.3, 0.5)


def made(lab: Lab | None = None, **changes: object) -> Drawing:
    lab = lab or preset("long-valley")
    shown = walked(lab)
    tracks = tuple(
        Track(line.title, Look("#1E9965", (7, 3), "square"), line.path.places, line.path.heights)
        for line in shown.lines
    )
    theory = tuple(Theory(bound.name, bound.values) for bound in shown.bounds)
    steps = lab.landscape.steps
    return replace(
        Drawing(lab, tracks, theory, ground_of(dark=False), "heights", shown.surface.view, (-8.0, 2.0), steps),
        **changes,
    )


@pytest.mark.parametrize("name", ["long-valley", "himmelblau", "saddle-noise"])
def test_paths_curves_and_theory_in_the_figure_are_the_races(name: str) -> None:
    given = made(preset(name))
    with figure.drawn(given, WISH) as drawn:
        landscape, course = drawn.axes
        paths = {line.get_label(): line.get_xydata() for line in landscape.lines}
        curves = {line.get_label(): line.get_xydata() for line in course.lines}
    assert given.tracks
    for track in given.tracks:
        near = np.abs(track.places).max(axis=1) < 100
        np.testing.assert_array_equal(paths[track.title][near], track.places[near])
        known = np.isfinite(track.values) & (track.values > 0)
        np.testing.assert_array_equal(curves[track.title][known, 1], track.values[known])
        np.testing.assert_array_equal(curves[track.title][:, 0], np.arange(given.steps + 1))
    for line in given.theory:
        np.testing.assert_array_equal(curves[line.name][:, 1], line.values)


def test_paths_end_at_the_step_that_is_shown_and_a_line_stands_there() -> None:
    given = made(step=7)
    with figure.drawn(given, WISH) as drawn:
        landscape, course = drawn.axes
        lengths = {line.get_label(): len(line.get_xdata()) for line in landscape.lines}
        standing = [line for line in course.lines if list(line.get_xdata()) == [7, 7]]
    assert {lengths[track.title] for track in given.tracks} == {8}
    assert len(standing) == 1
    with figure.drawn(made(), WISH) as drawn:
        assert not [line for line in drawn.axes[1].lines if len(line.get_xdata()) == 2]


@pytest.mark.parametrize("kind", KINDS)
def test_the_figure_carries_the_labs_settings_and_is_the_same_file_each_time(tmp_path: Path, kind: str) -> None:
    given = made(preset("step-size"))
    figure.save(given, tmp_path / f"a{kind}", WISH)
    figure.save(given, tmp_path / f"b{kind}", WISH)
    text = carried.read_lab(tmp_path / f"a{kind}")
    assert text is not None
    assert lab_presets.loads(text).lab == given.lab
    assert carried.read(tmp_path / f"a{kind}") is None, "it is no recipe"
    assert (tmp_path / f"a{kind}").read_bytes() == (tmp_path / f"b{kind}").read_bytes()


def test_a_picture_has_the_pixels_and_both_grounds_their_colours(tmp_path: Path) -> None:
    for dark, corner in ((False, (255, 255, 255)), (True, (0x18, 0x1B, 0x20))):
        path = tmp_path / f"{dark}.png"
        figure.save(made(ground=ground_of(dark=dark)), path, WISH)
        with Image.open(path) as picture:
            assert picture.size == WISH.pixels
            assert picture.convert("RGB").getpixel((2, 2)) == corner


def test_a_drawing_is_well_formed_and_names_every_line(tmp_path: Path) -> None:
    given = made()
    figure.save(given, tmp_path / "a.svg", WISH)
    assert ET.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    for name in [*(track.title for track in given.tracks), *(line.name for line in given.theory), "Quadratic valley"]:
        assert name in text


@pytest.mark.parametrize("kind", list(LANDSCAPES))
def test_every_landscape_is_drawn(kind: str) -> None:
    part = SLICE if kind == "slice" else None
    surface = Surface(Landscape(kind=kind), part)
    x, y = surface.usual_start
    lab = Lab(landscape=Landscape(kind=kind, start_x=x, start_y=y))
    given = Drawing(lab, (), (), ground_of(dark=True), "slopes", surface.view, (-2.0, 2.0), 100, part)
    assert figure.figure_bytes(given, ".png", replace(WISH, dpi=50.0)).startswith(b"\x89PNG")


def test_a_path_that_leaves_the_world_of_numbers_does_not_stop_the_figure() -> None:
    places = np.array([[-3.9, -1.6], [1e30, 1e200], [np.inf, np.nan]])
    lab = preset("long-valley")
    lab = lab.model_copy(update={"landscape": lab.landscape.model_copy(update={"steps": 2})})
    track = Track("Gone", Look("#CD382C"), places, np.array([1.0, np.inf, np.inf]))
    given = made(lab, tracks=(track,), theory=(), step=2)
    assert figure.figure_bytes(given, ".png", WISH)


def test_contours_rise_as_those_of_the_window() -> None:
    assert drawn_contours.BANDS == relief.BANDS
    assert drawn_contours.SPAN == relief._SPAN
    surface = Surface(preset("himmelblau").landscape)
    found = drawn_contours.contours(surface, surface.view)
    levels = relief._levels(surface, surface.view, len(found.x), len(found.y))
    # Where the highest band ends is by the places that were looked at, which are others there: a contour may be a part of a band off.
    bands = np.digitize(found.heights, found.edges[1:-1])
    seen = np.clip(np.floor(levels), 0, relief.BANDS)
    assert np.quantile(np.abs(bands - seen), 0.999) <= 1
    assert len(np.unique(bands)) == len(np.unique(seen))


def test_what_goes_to_the_process_comes_out_the_same(tmp_path: Path) -> None:
    given = made(step=5)
    drawing.save(tmp_path, given, WISH)
    found, wish = drawing.load(tmp_path)
    assert wish == WISH
    assert (found.lab, found.ground, found.what, found.view, found.powers, found.step) == (
        given.lab, given.ground, given.what, given.view, given.powers, given.step,
    )  # fmt: skip
    assert [(each.title, each.look) for each in found.tracks] == [(each.title, each.look) for each in given.tracks]
    for one, other in zip(found.tracks, given.tracks, strict=True):
        np.testing.assert_array_equal(one.places, other.places)
        np.testing.assert_array_equal(one.values, other.values)
    assert [each.name for each in found.theory] == [each.name for each in given.theory]
    drawing.save(tmp_path, replace(given, part=SLICE), WISH)
    part = drawing.load(tmp_path)[0].part
    assert part is not None
    np.testing.assert_array_equal(part.losses, SLICE.losses)
    assert part.reach == SLICE.reach


def test_the_process_writes_the_file_or_says_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "drawing"
    folder.mkdir()
    drawing.save(folder, made(), WISH)
    asked = ["--home", str(tmp_path), "--drawing", str(folder), "--to"]
    assert process.main([*asked, str(tmp_path / "lab.svg")]) == 0
    assert (tmp_path / "lab.svg").is_file()
    assert process.main([*asked, str(tmp_path / "lab.doc")]) == process.SAID
    assert "must end in .png, .svg or .pdf, got 'lab.doc'" in capsys.readouterr().err
    (folder / "numbers.npz").unlink()
    assert process.main([*asked, str(tmp_path / "b.png")]) == process.SAID
    assert "cannot be read" in capsys.readouterr().err


def test_other_endings_and_too_little_room_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"must end in .png, .svg or .pdf, got 'lab.jpg'"):
        figure.save(made(), tmp_path / "lab.jpg", WISH)
    with pytest.raises(ExportError, match="height"):
        figure.figure_bytes(made(), ".png", sized(width_cm=16.0, height_cm=3.0, dpi=100.0, points=30.0, family="sans"))


def test_narrow_figures_have_the_curves_below() -> None:
    wish = sized(width_cm=8.5, height_cm=13.0, dpi=100.0, points=8.0, family="serif")
    with figure.drawn(made(), wish) as drawn:
        upper, lower = (each.get_position() for each in drawn.axes)
    assert lower.y1 < upper.y0


def test_a_preset_of_the_lab_is_no_recipe_and_says_so(tmp_path: Path) -> None:
    path = lab_presets.shipped_lab() / "long-valley.toml"
    assert lab_presets.is_lab_file(path)
    with pytest.raises(Exception, match="preset of the descent lab, which trains nothing"):
        presets.load(path)
    with pytest.raises(Exception, match="preset of the descent lab, which trains nothing"):
        presets.find(str(path), Workspace(tmp_path))
    assert not lab_presets.is_lab_file(path.parent.parent / "digits-cnn.toml")
    assert not lab_presets.is_lab_file(tmp_path / "none.toml")
    assert not lab_presets.is_lab_file(tmp_path)
