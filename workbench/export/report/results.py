"""Where a run is right and wrong: what its kept weights said of validation and test pictures, as far as that was asked for."""

from __future__ import annotations

import math

import numpy as np

from workbench.export.report import words
from workbench.export.report.gathered import Gathered
from workbench.export.report.markup import Html, joined, section, sentences, table, tag, wide
from workbench.journal.judged import About
from workbench.journal.tested import Tested
from workbench.results.answers import Whole
from workbench.results.confusion import by_class, known_mean, weakest_first
from workbench.results.look import ClassLook, MaskLook
from workbench.spec.said import decimals, percent

#: A matrix of more classes cannot be read on paper: what is taken for what is listed then.
_MOST_SQUARE, _MOST_PAIRS = 20, 20
#: Rows of a table of classes; the weakest are what one looks for.
_MOST_CLASSES = 200
#: Shades of a cell.
_SHADES = 8


def results(told: Gathered) -> Html:
    """Nothing where nothing is known beside the curves."""
    parts = [_judged(told, each) for each in told.looks]
    if told.watched is not None:
        seen, matrix = told.watched, told.watched.matrix
        right = float(matrix.trace() / max(1, matrix.sum()))
        parts.append(
            joined(
                tag("h3", f"Validation, at the end of epoch {seen.epoch}"),
                tag(
                    "p",
                    f"{words.count(matrix.sum())} of {words.plural(seen.of, 'picture')}. Accuracy {percent(right)}.",
                ),
                _classes(seen.classes, matrix),
            )
        )
    elif not any(each.about.part == "validation" for each in told.looks):
        parts.append(_measured(told))
    return section("Results", *parts, sentences(told.lost), _tests(told) if any(parts) or told.tests else "")


def _tests(told: Gathered) -> Html:
    """Whether the test pictures can still say how good the network really is."""
    pictures = told.ready.test if told.ready is not None else 0
    if told.tests:
        looks = "; ".join(f"weights of {_weights(told, each)} on {words.moment(each.time)}" for each in told.tests)
        times = "once" if len(told.tests) == 1 else f"{len(told.tests)} times"
        return tag("p", f"The test pictures were judged {times}: {looks}.", class_="quiet")
    if not pictures:
        return Html()
    return tag(
        "p", f"The {words.plural(pictures, 'test picture')} were never judged with this run's weights.", class_="quiet"
    )


def _weights(told: Gathered, of: About | Tested) -> str:
    """Which of a run's weights: "epoch 4", and of the middle of an epoch "epoch 5, step 180", as the Results tab has them."""
    within = of.step > told.ends.get(of.epoch, of.step)
    return f"epoch {of.epoch + 1}, step {words.count(of.step)}" if within else f"epoch {of.epoch}"


def _judged(told: Gathered, found: ClassLook | MaskLook) -> Html:
    about = found.about
    untouched = ", never used in training" if about.part == "test" else ""
    said = [
        f"{words.plural(len(found.judged), 'picture')}{untouched}, judged with the weights of {_weights(told, about)}."
    ]
    if about.weights_sha256 != told.run.weights_sha256:
        said.append("Those are not the weights that the run keeps.")
    if not about.same_pictures:
        said.append("The pictures are not those that it was trained on.")
    if isinstance(found, MaskLook):
        said.append(f"Mean IoU {percent(found.mean_iou)}, pixel accuracy {percent(found.accuracy)}.")
        body = _overlaps(dict(zip(about.classes, found.iou.tolist(), strict=True)))
    else:
        said.append(
            f"Accuracy {percent(found.accuracy)} ± {decimals(100 * found.margin, 2)}, macro F1 {decimals(known_mean(found.table.f1), 4)}, "
            f"calibration error {percent(found.calibration.error, 1)}."
        )
        body = _classes(about.classes, found.matrix)
    commonest, guessed = found.guess
    said.append(f"Always guessing {about.classes[commonest]} would give {percent(guessed, 1)}.")
    return joined(tag("h3", about.part.capitalize()), tag("p", " ".join(said)), body)


def _measured(told: Gathered) -> Html:
    """Of masks that were not judged: what was measured class by class at the best epoch."""
    values = told.run.best or told.run.last
    found = {name.partition("/")[2]: value for name, value in values.items() if name.startswith("val_iou/")}
    if not found:
        return Html()
    epoch = told.run.best_epoch or told.run.epochs
    return joined(tag("h3", f"Validation, at the end of epoch {epoch}"), _overlaps(found))


def _overlaps(iou: dict[str, float]) -> Html:
    weakest = sorted(iou.items(), key=lambda each: math.inf if math.isnan(each[1]) else each[1])
    return _cut(("Class", "IoU, %"), [(name, words.share(value)) for name, value in weakest])


def _classes(classes: tuple[str, ...], matrix: Whole) -> Html:
    of = by_class(matrix)
    columns = (of.precision, of.recall, of.f1)
    rows = [
        (classes[each], words.count(of.support[each]), *(words.share(float(column[each])) for column in columns))
        for each in weakest_first(of.f1).tolist()
    ]
    shown = _square(classes, matrix) if len(classes) <= _MOST_SQUARE else _pairs(classes, matrix)
    each_class = _cut(("Class", "Pictures", "Precision, %", "Recall, %", "F1, %"), rows)
    weakest = tag("div", tag("p", "Classes, the weakest first", class_="caption"), each_class)
    return tag("div", tag("div", shown), weakest, class_="beside")


def _cut(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Html:
    more = len(rows) - _MOST_CLASSES
    note = tag("p", f"{words.count(more)} of the others are left out.", class_="quiet") if more > 0 else ""
    return joined(table(heads, rows[:_MOST_CLASSES]), note)


def _square(classes: tuple[str, ...], matrix: Whole) -> Html:
    """Rows are what is true, columns what was said; the more of a class's pictures, the darker."""
    short = all(len(name) <= 6 for name in classes)  # noqa: PLR2004 - as wide as a column
    heads = [name if short else str(place) for place, name in enumerate(classes, 1)]
    lines = [tag("tr", tag("th", "true ↓  said →"), *(tag("th", each, class_="n") for each in heads))]
    for place, (name, row) in enumerate(zip(classes, matrix.tolist(), strict=True)):
        label = name if short else f"{place + 1}  {name}"
        cells = (_cell(amount, sum(row), right=place == at) for at, amount in enumerate(row))
        lines.append(tag("tr", tag("th", label), *cells))
    return joined(tag("p", "Confusion matrix", class_="caption"), wide(tag("table", *lines, class_="matrix")))


def _cell(amount: int, of: int, *, right: bool) -> Html:
    if not amount:
        return tag("td", "·", class_="n none")
    # On a square-root scale, as mistakes are few.
    shade = max(1, round(_SHADES * math.sqrt(amount / of)))
    return tag("td", words.count(amount), class_=f"n {'right' if right else 'wrong'} s{shade}")


def _pairs(classes: tuple[str, ...], matrix: Whole) -> Html:
    wrong = matrix - np.diag(matrix.diagonal())
    order = np.argsort(-wrong, axis=None, kind="stable")[:_MOST_PAIRS]
    places = [divmod(int(each), len(classes)) for each in order]
    rows = [
        (classes[true], classes[said], words.count(wrong[true, said])) for true, said in places if wrong[true, said]
    ]
    if not rows:
        return Html()
    caption = f"What is taken for what: the {len(rows)} commonest mistakes among {len(classes)} classes"
    return joined(tag("p", caption, class_="caption"), table(("True", "Said", "Pictures"), rows, words=2))
