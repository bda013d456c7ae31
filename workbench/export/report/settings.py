"""The recipe of a report: station by station, what differs from the defaults marked; and as a whole, to be read back from the page."""

from __future__ import annotations

from workbench.export.report.gathered import Gathered
from workbench.export.report.markup import Html, joined, section, tag
from workbench.spec.base import Setting, Value
from workbench.spec.carried import pages
from workbench.spec.recipe import STATION_TITLES, Recipe, chooser_of, spec_classes, value
from workbench.spec.said import meant, setting_at, value_text
from workbench.spec.tricks import Tricks


def settings(told: Gathered) -> Html:
    """Every setting that means something in the recipe."""
    stations = (
        _station(told.recipe, station, title) for station, title in STATION_TITLES.items() if station != "tricks"
    )
    whole = tag("details", tag("summary", "The whole recipe, as a preset file"), _whole(told))
    note = "A dot marks what is not as it is by default."
    return section(
        "Recipe", tag("p", note, class_="quiet"), tag("div", *stations, _tricks(told.recipe), class_="stations"), whole
    )


def _whole(told: Gathered) -> Html:
    """Other programs find it here, and so does the workbench."""
    return Html(pages.in_element("pre", told.run.recipe_toml))


def _station(recipe: Recipe, station: str, title: str) -> Html:
    rows = [_row(recipe, path, now) for path, now in meant(recipe).items() if path.partition(".")[0] == station]
    return _card(title, rows)


def _tricks(recipe: Recipe) -> Html:
    """Those that are on with their settings, the others by their names."""
    classes = spec_classes("tricks")
    on = [name for name in Tricks.model_fields if value(recipe, f"tricks.{name}")]
    rows: list[Html] = []
    for name in on:
        rows.append(
            _line(
                classes[name].TITLE,
                "on",
                changed=not Tricks.model_fields[name].get_default(call_default_factory=True).on,
            )
        )
        rows += [
            _row(recipe, path, now, inner=True)
            for path, now in meant(recipe).items()
            if path.startswith(f"tricks.{name}.") and path != f"tricks.{name}.on"
        ]
    off = [classes[name].TITLE for name in Tricks.model_fields if name not in on]
    return joined(_card(STATION_TITLES["tricks"], rows, note=f"Off: {', '.join(off)}." if off else ""))


def _row(recipe: Recipe, path: str, now: Value, *, inner: bool = False) -> Html:
    declared = setting_at(recipe, path)
    default = _default(declared)
    shown = value_text(declared, now)
    changed = now != default
    was = "" if not changed or declared.kind in {"folder", "file", "text"} else value_text(declared, default)
    return _line(declared.label, shown, changed=changed, was=was, inner=inner)


def _default(declared: Setting) -> Value:
    """A chooser declares its own word: what is chosen by default is what a fresh recipe has."""
    station, _, name = declared.path.partition(".")
    return value(Recipe(), declared.path) if name == chooser_of(station) else declared.default


def _line(label: str, shown: str, *, changed: bool, was: str = "", inner: bool = False) -> Html:
    dot = joined(" ", tag("span", "●", class_="dot", title="not the default")) if changed else ""
    default = tag("small", f" (default {was})") if was else ""
    return joined(tag("dt", label, dot, class_="inner" if inner else ""), tag("dd", shown, default))


def _card(title: str, rows: list[Html], *, note: str = "") -> Html:
    return tag(
        "div", tag("h3", title), tag("dl", *rows) if rows else "", tag("p", note, class_="quiet") if note else "",
        class_="station",
    )  # fmt: skip
