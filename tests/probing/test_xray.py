"""What is said of sizes at each layer: verdict, sentence and the words of a card."""

from __future__ import annotations

import dataclasses

import pytest

from workbench.probing.xray import Measured, Row, Verdict, XRay, judge


def rows(
    signals: list[float | None], gradients: list[float | None] | None = None, dead: float = 0.0
) -> tuple[Row, ...]:
    pairs = zip(signals, gradients or [1.0] * len(signals), strict=True)
    return tuple(Row(f"conv{n}", 0.0, 1.0, 0.0, 1.0, s, g, dead) for n, (s, g) in enumerate(pairs, 1))


def told(*lines: tuple[Row, ...]) -> XRay:
    return judge(32, [Measured(f"kind{n}", f"Scheme {n}", each) for n, each in enumerate(lines, 1)])


@pytest.mark.parametrize(
    ("line", "verdict", "sentence", "short"),
    [
        (rows([1.0, 0.5, 0.17]), "healthy", "Signal and gradient stay within 5.9 × through 3 layers.", "Stays within 5.9 ×"),
        (rows([1.0, 0.1, 10.0]), "healthy", "Signal and gradient stay within 10 × through 3 layers.", "Stays within 10 ×"),
        (rows([1.0, 0.2, 0.0217]), "fades", "The signal shrinks 46-fold by layer 3 (Conv 3).", "Signal shrinks 46 ×"),
        (rows([1.0, 20.0, 4600.0]), "explodes", "The signal grows 4\u202f600-fold by layer 3 (Conv 3).", "Signal grows 4\u202f600 ×"),
        (rows([1.0, 1e-6, 0.0]), "dies", "The signal is lost by layer 2 (Conv 2).", "Signal lost by Conv 2"),
        (rows([1.0, None, None]), "explodes", "The signal is no finite number any more by layer 2 (Conv 2).", "Signal overflows by Conv 2"),
        (rows([1.0] * 3, [0.01, 0.2, 1.0]), "fades", "The gradient shrinks 100-fold on its way back, by layer 1 (Conv 1).", "Gradient shrinks 100 ×"),
        (rows([1.0] * 3, [0.0, 0.0, 1.0]), "dies", "The gradient is lost on its way back, by layer 2 (Conv 2).", "Gradient lost by Conv 2"),
        (rows([1.0] * 2, dead=0.95), "dies", "95 % of the units of Conv 1 (layer 1) give 0 for every picture.", "95 % dead in Conv 1"),
    ],
)  # fmt: skip
def test_a_line_of_sizes_gets_its_verdict(line: tuple[Row, ...], verdict: str, sentence: str, short: str) -> None:
    (found,) = told(line).schemes
    assert (found.verdict, found.sentence, found.short) == (Verdict(verdict), sentence, short)


def test_what_starts_at_zero_on_purpose_is_not_judged() -> None:
    line = rows([1.0, 0.0, 0.5], [1.0, 1.0, 0.01])
    aside = tuple(dataclasses.replace(row, counts=row.layer == "conv1") for row in line)
    assert told(line).schemes[0].verdict is Verdict.DIES
    assert told(aside).schemes[0].verdict is Verdict.HEALTHY


def test_what_a_global_mean_takes_from_the_gradient_is_no_fading() -> None:
    line = rows([1.0] * 4, [3.0, 0.05, 0.025, 1.0])
    before = tuple(dataclasses.replace(row, places=64) for row in line[:3])
    assert told(line).schemes[0].verdict is Verdict.FADES
    found = told((*before, line[3])).schemes[0]
    # 3 has gathered it all again, 0.05 × 8 and 0.025 × 8 have not.
    assert (found.verdict, found.short) == (Verdict.HEALTHY, "Stays within 5.0 ×")


def test_one_that_fails_is_told_which_keeps_the_signal() -> None:
    fades, good, better = rows([1.0, 0.01]), rows([1.0, 0.3]), rows([1.0, 0.9])
    assert told(fades, good, better).schemes[0].sentence.endswith("by layer 2 (Conv 2); Scheme 3 keeps it.")
    # The chosen one comes first; when it is good there is no need for another.
    assert told(good, fades, better).schemes[1].sentence.endswith("; Scheme 1 keeps it.")
    assert told(fades, fades).schemes[0].sentence.endswith("by layer 2 (Conv 2).")
