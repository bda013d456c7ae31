"""What is worth a sentence about a data set that was looked through: duplicates, leaks between parts, what is odd.

Works on notes, labels and parts alone; says sentences and which pictures they are about. Whether a finding matters
for a recipe (class balancing, say) is for whoever shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Labels, Rows
from workbench.data.scan.measuring import GOOD, LEFT_OUT, Notes
from workbench.data.source import Share, Shares
from workbench.data.splitting import name_some

Tone = Literal["ok", "note", "warn"]
#: From here on the largest class over the smallest is worth a warning.
IMBALANCE = 3.0
#: A picture is small when it has less than this share of the usual (median) number of pixels: a quarter of each side.
SMALL = 1 / 16
#: A picture is long when one side is at least so many times the other.
LONG = 4.0
#: A picture is of one colour when no channel of its small copy spans more than this.
PLAIN = 2
PART_WORDS = ("training", "validation", "test")


@dataclass(frozen=True)
class Finding:
    """Something that was found, and the pictures it is about (places, alike ones side by side)."""

    kind: str
    tone: Tone
    sentence: str
    #: what it means, and by which rule it was found
    tip: str = ""
    places: Rows = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True)
class Looked:
    """A data set as it was looked through; every array has one entry a picture, in the order of the listing."""

    notes: Notes
    labels: Labels
    #: a Share; −1 where the picture is in no part
    parts: Shares
    classes: tuple[str, ...]
    #: whether pictures have a class (and not their pixels)
    classed: bool
    #: whether each picture is a file
    named: bool
    #: pairs of places that are nearly the same, (k, 2)
    near: Rows
    #: sentences about files that the listing left out
    left_out: tuple[str, ...] = ()


def find_all(looked: Looked) -> list[Finding]:
    """All findings, the ones that matter most first; what is well is said too."""
    exact = _groups_of_same(looked.notes)
    near = _groups_of_pairs(looked.near)
    found = [
        *_across(looked, exact, near), *_two_classes(looked, exact), *_missing_classes(looked), *_imbalance(looked),
        *_unreadable(looked), *_within(looked, exact, near), *_suspicious(looked),
    ]  # fmt: skip
    if looked.left_out:
        count = len(looked.left_out)
        words = "1 thing in the folder is not used" if count == 1 else f"{count:,} things in the folder are not used"
        found.append(Finding("left_out", "note", words, "\n".join(looked.left_out[:20])))
    return sorted(found, key=lambda finding: ("warn", "note", "ok").index(finding.tone))


# --- duplicates ---------------------------------------------------------------------------------------


def _groups_of_same(notes: Notes) -> list[Rows]:
    """Places of pictures whose digests are equal, two or more a group."""
    good = np.flatnonzero(notes["state"] == GOOD)
    digests = np.ascontiguousarray(notes["digest"][good]).view("V32").ravel()
    _, inverse, counts = np.unique(digests, return_inverse=True, return_counts=True)
    many = np.flatnonzero(counts[inverse] > 1)
    order = many[np.argsort(inverse[many], kind="stable")]
    if not len(order):
        return []
    return np.split(good[order], np.flatnonzero(np.diff(inverse[order])) + 1)


def _groups_of_pairs(pairs: Rows) -> list[Rows]:
    """What hangs together by pairs, as groups."""
    above: dict[int, int] = {}

    def top(place: int) -> int:
        while above.setdefault(place, place) != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    for one, other in pairs.tolist():
        above[max(top(one), top(other))] = min(top(one), top(other))
    groups: dict[int, list[int]] = {}
    for place in sorted(above):
        groups.setdefault(top(place), []).append(place)
    return [np.array(group, np.int64) for group in groups.values()]


def _used(groups: Sequence[Rows], looked: Looked) -> list[Rows]:
    kept = [group[looked.parts[group] >= 0] for group in groups]
    return [group for group in kept if len(group) > 1]


def _across(looked: Looked, exact: Sequence[Rows], near: Sequence[Rows]) -> list[Finding]:
    found: list[Finding] = []
    for kind, groups, alike in (("across", exact, "the same"), ("near_across", near, "nearly the same")):
        rule = "near" if kind == "near_across" else "same"
        leaking = [group for group in _used(groups, looked) if len(set(looked.parts[group].tolist())) > 1]
        if not leaking:
            continue
        places = np.concatenate(leaking)
        words = " and ".join(_part_words(looked.parts[places]))
        tip = (
            f"In {_times(len(leaking), 'group')} {alike} picture stands in {words}. What was learned by heart then counts as known, "
            f"and the score looks better than it is. Take the copies away. {_rule(rule, looked)}"
        )
        found.append(
            Finding(
                kind, "warn", f"{_pictures(len(places))} {_are(len(places))} in two splits{_NEARLY[kind]}", tip, places
            )
        )
    if not found and len(_part_words(looked.parts)) > 1:
        found.append(
            Finding("across", "ok", "No picture is in two splits", f"{_rule('same', looked)} {_rule('near', looked)}")
        )
    return found


def _rule(kind: str, looked: Looked) -> str:
    if kind == "near":
        return "Nearly the same: 64-bit difference hashes differ in at most 2 bits, and 16 × 16 grey copies correlate by 0.99 or more."
    what = "their files are, byte by byte" if looked.named else "all their pixels are"
    return f"Pictures are the same when {what} (SHA-256)."


_NEARLY = {"across": "", "near_across": ", nearly the same"}


def _two_classes(looked: Looked, exact: Sequence[Rows]) -> list[Finding]:
    if not looked.classed:
        return []
    torn = [group for group in _used(exact, looked) if len(set(looked.labels[group].tolist())) > 1]
    if not torn:
        return []
    places = np.concatenate(torn)
    names = name_some([looked.classes[number] for number in sorted(set(looked.labels[places].tolist()))])
    count = len(torn)
    words = "1 picture is in two classes" if count == 1 else f"{count:,} pictures are in two classes"
    return [
        Finding(
            "two_classes",
            "warn",
            words,
            f"The same file stands in several of {names}; one of them must be wrong.",
            places,
        )
    ]


def _within(looked: Looked, exact: Sequence[Rows], near: Sequence[Rows]) -> list[Finding]:
    found: list[Finding] = []
    for kind, groups, words in (("same", exact, "there more than once"), ("near", near, "nearly the same as another")):
        inside = [group for group in _used(groups, looked) if len(set(looked.parts[group].tolist())) == 1]
        if inside:
            places = np.concatenate(inside)
            tip = f"In {_times(len(inside), 'group')}, each within one split. They weigh more than others. {_rule(kind, looked)}"
            found.append(Finding(kind, "note", f"{_pictures(len(places))} {_are(len(places))} {words}", tip, places))
    return found


# --- classes --------------------------------------------------------------------------------------------


def _counts(looked: Looked) -> npt.NDArray[np.int64]:
    """Pictures a (part, class)."""
    return np.stack([
        np.bincount(looked.labels[looked.parts == share], minlength=len(looked.classes)) for share in Share
    ])  # fmt: skip


def _missing_classes(looked: Looked) -> list[Finding]:
    if not looked.classed:
        return []
    counts = _counts(looked)
    used = counts.sum(axis=1) > 0
    missing = [
        f"{PART_WORDS[share]} has no {name_some([looked.classes[number] for number in np.flatnonzero(counts[share] == 0)])}"
        for share in np.flatnonzero(used)
        if (counts[share] == 0).any()
    ]
    if missing:
        tip = f"Missing: {'; '.join(missing)}. What is not in a split cannot be learned, or judged, there."
        return [Finding("missing", "warn", "Not every class is in every split", tip)]
    return [Finding("missing", "ok", "Every class is in every split")] if used.sum() > 1 else []


def _imbalance(looked: Looked) -> list[Finding]:
    if not looked.classed:
        return []
    counts = _counts(looked)[Share.TRAINING]
    if not counts.sum() or not counts.min() or counts.max() < IMBALANCE * counts.min():
        return []
    least, most = int(counts.argmin()), int(counts.argmax())
    times = counts[most] / counts[least]
    rare = np.flatnonzero((looked.parts == Share.TRAINING) & (looked.labels == least))
    sentence = f"{looked.classes[least]} has {times:.0f} times fewer pictures than {looked.classes[most]}"
    tip = f"For training: {looked.classes[most]} {counts[most]:,}, {looked.classes[least]} {counts[least]:,}. Said from 3 times up."
    return [Finding("imbalance", "warn", sentence, tip, rare)]


# --- single pictures --------------------------------------------------------------------------------------


def _unreadable(looked: Looked) -> list[Finding]:
    places = np.flatnonzero(np.isin(looked.notes["state"], LEFT_OUT))
    if not len(places):
        return []
    count = len(places)
    words = (
        "1 file could not be read and is left out"
        if count == 1
        else f"{count:,} files could not be read and are left out"
    )
    return [Finding("unreadable", "warn", words, "A run leaves the same files out.", places)]


def suspicious(notes: Notes) -> dict[str, Rows]:
    """Places of odd pictures, by what is odd: of one colour, much smaller than the rest, very long."""
    good = notes["state"] == GOOD
    width, height = notes["width"].astype(np.int64), notes["height"].astype(np.int64)
    pixels, longer, shorter = width * height, np.maximum(width, height), np.minimum(width, height)
    usual = float(np.median(pixels[good])) if good.any() else 0.0
    rules = {
        "of one colour": notes["range"] <= PLAIN,
        "much smaller than the rest": pixels < SMALL * usual,
        "very long": longer >= LONG * np.maximum(shorter, 1),
    }
    return {word: np.flatnonzero(good & rule) for word, rule in rules.items() if (good & rule).any()}


def _suspicious(looked: Looked) -> list[Finding]:
    odd = suspicious(looked.notes)
    if not odd:
        return []
    places = np.concatenate(list(odd.values()))
    places = places[np.sort(np.unique(places, return_index=True)[1])]
    words = ", ".join(f"{len(found):,} {word}" for word, found in odd.items())
    tip = (
        f"{words[:1].upper()}{words[1:]}. Of one colour: no channel spans more than {PLAIN} of 255. Much smaller: less than a sixteenth of "
        f"the usual number of pixels. Very long: one side at least {LONG:g} times the other."
    )
    count = len(places)
    return [Finding("suspicious", "warn", f"{_pictures(count)} {'looks' if count == 1 else 'look'} odd", tip, places)]


def summary(looked: Looked, channels: int, *, exact: bool = False) -> dict[str, Any]:
    """Sizes, kinds of pixels, and mean and spread per channel of the training part, on the scale 0 to 255, of the small copies.

    `exact`: whether these are the pictures that a run would measure.
    """
    good = looked.notes["state"] == GOOD
    notes = looked.notes[good]
    sizes, counts = np.unique(np.column_stack([notes["width"], notes["height"]]), axis=0, return_counts=True)
    modes, of_mode = np.unique(notes["mode"], return_counts=True)
    training = looked.notes[good & (looked.parts == Share.TRAINING)]
    columns = slice(3) if channels == 3 else slice(3, 4)  # noqa: PLR2004 - red, green and blue
    pixels = float((training["wide"].astype(np.int64) * training["high"]).sum())
    mean = training["sums"][:, columns].sum(axis=0) / max(pixels, 1)
    spread = np.sqrt(np.maximum(training["squares"][:, columns].sum(axis=0) / max(pixels, 1) - mean**2, 0))
    order = np.argsort(-counts)
    return {
        "sizes": [[int(wide), int(high), int(counts[place])] for place in order[:8] for wide, high in [sizes[place]]],
        "kinds_of_size": len(sizes),
        "least": sizes.min(axis=0).tolist() if len(sizes) else [],
        "most": sizes.max(axis=0).tolist() if len(sizes) else [],
        "modes": {mode.decode("ascii", "replace"): int(count) for mode, count in zip(modes, of_mode, strict=True)},
        "exact": exact,
        "mean": [round(float(value), 3) for value in mean],
        "spread": [round(float(value), 3) for value in spread],
    }


def _part_words(parts: Shares) -> list[str]:
    return [PART_WORDS[share] for share in Share if (parts == share).any()]


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _times(count: int, word: str) -> str:
    return f"1 {word}" if count == 1 else f"{count:,} {word}s"
