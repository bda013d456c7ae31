"""On what a run was trained, which weights it has kept, and how it is trained again."""

from __future__ import annotations

from workbench import __version__
from workbench.export.report import words
from workbench.export.report.gathered import Gathered
from workbench.export.report.markup import Html, joined, pairs, section, sentences, tag

_MOST_CLASSES = 30
_MOST_LEFT_OUT = 10


def data(told: Gathered) -> Html:
    """The pictures as they were read; nothing for a run that has not come so far."""
    ready = told.ready
    if ready is None:
        return Html()
    height, width, channels = ready.shape
    names = ", ".join(ready.classes[:_MOST_CLASSES])
    names += f" and {len(ready.classes) - _MOST_CLASSES} more" if len(ready.classes) > _MOST_CLASSES else ""
    return section(
        "Data",
        pairs(
            [
                ("Data set", told.recipe.data.TITLE),
                ("Training, validation, test", " · ".join(words.count(each) for each in (ready.training, ready.validation, ready.test))),
                ("Picture", f"{height} × {width}, {words.plural(channels, 'channel')}"),
                (f"{len(ready.classes)} classes", names),
                ("Steps an epoch", words.count(ready.steps_per_epoch)),
                ("Left out", _left_out(ready.left_out)),
                ("Fingerprint", _code(ready.fingerprint)),
            ]
        ),
    )  # fmt: skip


def _left_out(told: tuple[str, ...]) -> Html:
    """Sentences, of which one may stand for many files: so they are not counted."""
    more = ["And others."] if len(told) > _MOST_LEFT_OUT else []
    return sentences([*told[:_MOST_LEFT_OUT], *more])


def environment(told: Gathered) -> Html:
    """As the engine said it when the network was ready."""
    run, model = told.run, told.model
    weights = [("Weights that are kept, SHA-256", _code(run.weights_sha256 or ""))]
    if run.last_weights_sha256 != run.weights_sha256:
        weights.append(("Weights of the last step", _code(run.last_weights_sha256 or "")))
    rows: list[tuple[object, object]] = []
    if model is not None:
        rows += [("Device", model.device), ("Backend", model.backend), ("Threads", words.count(model.threads))]
        rows += [("Precision", told.recipe.training.precision), ("Seed", str(told.recipe.training.seed))]
        rows += [(f"Version of {name}", version) for name, version in model.versions.items()]
    return section("Environment", pairs([*rows, *weights]))


def again(told: Gathered) -> Html:
    """How to train it again."""
    number = told.run.number
    ways = [
        "Drop this file on the window of Keras Workbench: the form has this recipe then, and Start trains it.",
        joined("Or without a window: ", _code("workbench train report.html"), ", with the name of this file."),
        joined(
            "Where the run itself is: ", _code(f"workbench export {number} --as script --to run.py"),
            " writes it as a program of plain Keras.",
        ),
    ]  # fmt: skip
    same = (
        "With the same pictures, versions, backend, device and number of threads the same weights come out, bit for bit, on a CPU; "
        "on a GPU where the recipe says deterministic."
    )
    return section("Train it again", sentences(ways), tag("p", same, class_="quiet"), class_="together")


def foot() -> Html:
    return tag("footer", f"Written by Keras Workbench {__version__}.")


def _code(text: str) -> Html:
    return tag("code", text) if text else Html()
