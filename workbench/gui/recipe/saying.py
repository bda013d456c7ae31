"""How the form says things: values, help and section summaries, all from the declarations; no widgets."""

from __future__ import annotations

from collections.abc import Callable

from workbench.errors import Problem
from workbench.gui import words
from workbench.gui.recipe.edits import Edits
from workbench.gui.widgets.help import Help
from workbench.spec import said
from workbench.spec.base import Setting, Spec, Value
from workbench.spec.recipe import spec_classes

DOT = " · "


def value_text(declared: Setting, value: Value) -> str:
    """A value as its field shows it: 8 epochs, 1e-3, on, Batch norm."""
    return said.value_text(declared, value, point=words.point())


def setting_help(declared: Setting) -> Help:
    """The help of one setting: what it does, then when to use it or what more and less of it do."""
    advice = [
        ("Use it" if declared.kind == "switch" else "Use", declared.use),
        ("Leave it off" if declared.kind == "switch" else "Otherwise", declared.leave),
        ("Higher", declared.higher),
        ("Lower", declared.lower),
    ]
    return Help(declared.label, declared.meaning, tuple((heading, text) for heading, text in advice if text))


def spec_help(spec: type[Spec], *, switch: bool = True) -> Help:
    """The help of a trick, or of an alternative of a station."""
    advice = [("Use it", spec.USE), ("Leave it off" if switch else "Leave it", spec.LEAVE)]
    return Help(spec.TITLE, spec.MEANING, tuple((heading, text) for heading, text in advice if text))


def sentence(problem: Problem) -> str:
    """A problem under its own row, where the path need not be named."""
    return problem.sentence[:1].upper() + problem.sentence[1:]


# --- the line at the right of a closed section ----------------------------------------------------------


def _title(edits: Edits, station: str) -> str:
    return spec_classes(station)[str(edits.word(station))].TITLE


def _data(edits: Edits) -> str:
    table = edits.tables["data"]
    side = table.get("image_size")
    size = f"{DOT}{side} × {side}" if isinstance(side, int) else ""
    path = table.get("path")
    folder = path.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] if isinstance(path, str) else ""
    return f"{folder or _title(edits, 'data')}{size}"


def _optimizer(edits: Edits) -> str:
    rate = edits.tables["optimizer"]["learning_rate"]
    shown = words.number(rate, scientific=True) if isinstance(rate, (int, float)) else "?"
    return f"{_title(edits, 'optimizer')}{DOT}{shown}"


def _schedule(edits: Edits) -> str:
    warmup = edits.tables["schedule"]["warmup"]
    rest = f"{DOT}warm-up {words.number(warmup)}" if isinstance(warmup, (int, float)) and warmup else ""
    return f"{_title(edits, 'schedule')}{rest}"


def _training(edits: Edits) -> str:
    table = edits.tables["training"]
    epochs = table["epochs"]
    noun = words.unit(epochs, "epochs") if isinstance(epochs, (int, float)) else "epochs"
    return f"{epochs} {noun}{DOT}batch {table['batch_size']}"


def _tricks(edits: Edits) -> str:
    tricks = edits.tables["tricks"].values()
    return f"{sum(bool(trick['on']) for trick in tricks)} of {len(tricks)} on"


_SUMMARIES: dict[str, Callable[[Edits], str]] = {
    "data": _data, "optimizer": _optimizer, "schedule": _schedule, "training": _training, "tricks": _tricks,
}  # fmt: skip


def summary(edits: Edits, station: str) -> str:
    """The values that say most about a section, in one line."""
    known = _SUMMARIES.get(station)
    return known(edits) if known else _title(edits, station)
