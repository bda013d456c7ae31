"""`make learn`: what the shipped presets really learn, and how long they take. About an hour and a half on two cores.

    python -m tests.bench.learning                 all parts
    python -m tests.bench.learning digits masks    some

    digits     the default preset with five seeds
    masks      FCN-32s, 16s and 8s and the U-Net on drawn shapes
    pictures   the preset for small pictures on a folder of photographs, its test pictures looked at once
    tricks     the same in a quarter of the epochs, with each trick turned the other way

The last two read the folder in the environment's PICTURES, which has `train` and `test` with one folder a class; without it
they are left out. The tables go to out/learning.md.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.learned import PICTURES, Learned, learn, preset
from tests.bench.row import Row, table
from workbench.errors import RecipeError
from workbench.spec.recipe import Recipe, changed, spec_classes

#: Seconds in which pictures and masks must be learnt.
WITHIN = 300


def digits() -> Iterator[Row]:
    shares = [learn(preset("digits-cnn", training__seed=seed)).kept["val_accuracy"] for seed in range(1, 6)]
    mean = statistics.mean(shares)
    yield Row(
        "digits-cnn, five seeds, validation accuracy", "mean ≥ 99 %, none < 98 %",
        f"{mean:.2%} ({', '.join(f'{share:.1%}' for share in shares)})", mean >= 0.99 and min(shares) >= 0.98,
    )  # fmt: skip


def masks() -> Iterator[Row]:
    found = {}
    for name, settings, least in (
        ("shapes-fcn-8s", {"model__skips": "32s"}, None),
        ("shapes-fcn-8s", {"model__skips": "16s"}, None),
        ("shapes-fcn-8s", {}, 0.85),
        ("shapes-unet", {}, 0.92),
    ):
        done = learn(preset(name, **settings))
        share = done.kept["val_mean_iou"]
        title = f"{name.removesuffix('8s')}{settings['model__skips']}" if settings else name
        found[title] = share
        ok = least is None or (share >= least and done.seconds <= WITHIN)
        must = f"≥ {least} within {WITHIN} s" if least else "less with fewer skips"
        yield Row(f"{title}, mean IoU of the validation pictures", must, f"{share:.3f} in {done.seconds:.0f} s", ok)
    steps = [found[f"shapes-fcn-{skips}"] for skips in ("32s", "16s", "8s")]
    yield Row(
        "the skips of an FCN", "32s < 16s < 8s", " < ".join(f"{each:.3f}" for each in steps), steps == sorted(steps)
    )


def pictures() -> Iterator[Row]:
    done = learn(photographs())
    assert done.test_accuracy is not None
    ok = done.test_accuracy >= 0.70 and done.seconds <= WITHIN
    measured = f"{done.test_accuracy:.1%} in {done.seconds:.0f} s"
    yield Row("own-folder-small, test accuracy", f"≥ 70 % within {WITHIN} s", measured, ok, note=_told(done))


def photographs() -> Recipe:
    return preset("own-folder-small", data__path=os.environ[PICTURES])


def tricks() -> Iterator[Row]:
    """Each trick turned the other way than the preset has it, in a quarter of its epochs."""
    whole = photographs()
    base = changed(whole, "training.epochs", max(1, whole.training.epochs // 4))
    seeds = [learn(changed(base, "training.seed", seed)) for seed in (1, 2, 3)]
    shares = [_test(done) for done in seeds]
    yield Row(
        f"as the preset has it, {base.training.epochs} epochs, three seeds", "", _percents(shares), ok=True,
        note=f"test accuracy; {_told(seeds[0])}; the other rows have the first seed only",
    )  # fmt: skip
    for title, recipe in turned(base):
        done = learn(recipe)
        yield Row(
            title, "", f"{_test(done):.1%}, validation loss {done.kept['val_loss']:.3f}, {done.seconds:.0f} s", ok=True,
            against=f"{shares[0]:.1%}", ratio=None, note="",
        )  # fmt: skip


#: Changes that a picture may undergo, each tried for itself.
CHANGES: dict[str, bool | int | float] = {
    "flip": False, "shift": 0, "flip_vertical": 0.5, "rotation": 15.0, "zoom": 0.2, "brightness": 0.2, "contrast": 0.3,
    "noise": 10.0, "erasing": 0.5,
}  # fmt: skip


def turned(base: Recipe) -> Iterator[tuple[str, Recipe]]:
    """Recipes that differ from `base` in one trick, with what differs."""
    for name, spec in spec_classes("tricks").items():
        on = getattr(base.tricks, name).on
        try:
            yield f"{spec.TITLE.lower()} {'off' if on else 'on'}", changed(base, f"tricks.{name}.on", not on)
        except RecipeError:
            continue  # it does not apply to this network
    for value in ("none", "layer", "group"):
        yield (
            f"normalization {value} in place of {base.model.normalization}",
            changed(base, "model.normalization", value),
        )
    for name, value in CHANGES.items():
        title = f"augmentation: {name.replace('_', ' ')} {value:g}" if value else f"augmentation without {name}"
        yield title, changed(base, f"tricks.augmentation.{name}", value)


def _test(done: Learned) -> float:
    assert done.test_accuracy is not None
    return done.test_accuracy


def _told(done: Learned) -> str:
    return f"{done.epochs} epochs, {done.seconds:.0f} s, validation accuracy {done.kept['val_accuracy']:.1%}"


def _percents(shares: list[float]) -> str:
    return ", ".join(f"{share:.1%}" for share in shares)


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "digits": digits, "masks": masks, "pictures": pictures, "tricks": tricks,
}  # fmt: skip
NEED_PICTURES = {"pictures", "tricks"}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"There is no part {', '.join(unknown)}. Parts: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in names or PARTS:
        if name in NEED_PICTURES and not os.environ.get(PICTURES):
            print(f"{name}: left out; set {PICTURES} to a folder with train and test, one folder a class in each.")
            continue
        for row in PARTS[name]():
            rows.append(row)
            print(f"{row.what}: {row.measured}", flush=True)
    text = f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {sys.platform}\n\n{table(rows)}\n"
    Path("out").mkdir(exist_ok=True)
    Path("out/learning.md").write_text(text, encoding="utf-8")
    print(f"\n{text}")
    return 0 if rows and all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
