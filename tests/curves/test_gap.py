import itertools

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from workbench.curves import gap
from workbench.curves.epochs import Epochs
from workbench.curves.gap import Finding, judge
from workbench.events import EpochEnded


def told(
    training: np.ndarray,
    validation: np.ndarray,
    *,
    remeasured: bool = True,
    accuracy: float = 0.99,
    behind: float = 0.1,
) -> Epochs:
    """Epochs with these losses; accuracies at their end as given."""
    epochs = Epochs()
    name = "remeasured_" if remeasured else ""
    for number, (learned, judged) in enumerate(zip(training.tolist(), validation.tolist(), strict=True), 1):
        metrics = {
            "loss": learned, "accuracy": accuracy, f"{name}loss": learned, f"{name}accuracy": accuracy,
            "val_loss": judged, "val_accuracy": accuracy - behind,
        }  # fmt: skip
        epochs.add(EpochEnded(number, 10 * number, float(number), metrics, 100.0))
    return epochs


AT = np.arange(1, 41)


def noisy(line: np.ndarray, share: float, seed: int) -> np.ndarray:
    return line * np.exp(np.random.default_rng(seed).normal(0, share, len(line)))


def over(seed: int = 0, noise: float = 0.01) -> Epochs:
    """Validation loss turns at epoch 15 while training loss goes on falling."""
    validation = np.where(AT <= 15, 0.3 + np.exp(-AT / 4), 0.3 + np.exp(-15 / 4) + 0.012 * (AT - 15))
    return told(noisy(2.0 * np.exp(-AT / 8), noise, seed), noisy(validation, noise, seed + 100))


def under(seed: int = 0, noise: float = 0.01) -> Epochs:
    """Both stay high: the network cannot do better."""
    line = 1.1 + 0.8 * np.exp(-AT / 3)
    return told(noisy(line, noise, seed), noisy(line + 0.02, noise, seed + 100), accuracy=0.62, behind=0.01)


def good(seed: int = 0, noise: float = 0.01) -> Epochs:
    """Both fall and flatten together."""
    line = 0.08 + np.exp(-AT / 6)
    return told(noisy(line, noise, seed), noisy(1.1 * line + 0.02, noise, seed + 100), behind=0.01)


SEEDS = range(20)


@pytest.mark.parametrize(("seed", "noise"), list(itertools.product(SEEDS, (0.0, 0.01, 0.04))))
def test_three_drawn_stories_are_told_apart_whatever_the_noise(seed: int, noise: float) -> None:
    found = judge(over(seed, noise))
    assert found.finding is Finding.OVERFITS
    assert found.since is not None
    assert abs(found.since - 15) <= (0 if noise == 0 else 3)
    assert judge(under(seed, noise)).finding is Finding.UNDERFITS
    assert judge(good(seed, noise)).finding is Finding.NEITHER


def test_what_is_found_is_said_in_one_sentence_with_its_numbers() -> None:
    sentence = judge(over(noise=0.0)).sentence
    assert sentence.startswith("Overfits since epoch 15: since then training loss fell ")
    assert " % while validation loss rose " in sentence
    assert judge(under(noise=0.0)).sentence == (
        "Underfits: training accuracy 62 % is below 90 % and training loss no longer falls."
    )
    assert judge(good(noise=0.0)).sentence.startswith("Neither overfits nor underfits: validation loss is 0.0")


def test_before_the_fourth_epoch_nothing_is_claimed() -> None:
    for count in range(4):
        epochs = told(np.array([1.0, 0.5, 0.3][:count]), np.array([1.0, 1.5, 2.0][:count]))
        assert judge(epochs).finding is Finding.UNKNOWN
        assert judge(epochs).since is None
    assert judge(told(np.array([1.0, 0.5, 0.3, 0.2]), np.array([1.0, 1.5, 2.0, 2.5]))).finding is Finding.OVERFITS


def test_a_single_bad_epoch_is_no_overfitting_and_a_fall_after_it_takes_the_word_back() -> None:
    validation = 0.3 + np.exp(-AT / 6)
    validation[30] *= 1.5
    for count in range(31, 40):
        assert judge(told(2.0 * np.exp(-AT / 8)[:count], validation[:count])).finding is not Finding.OVERFITS


def test_a_network_that_still_learns_does_not_underfit_yet() -> None:
    line = 2.0 * np.exp(-AT[:12] / 8)
    assert judge(told(line, line + 0.01, accuracy=0.6, behind=0.01)).finding is Finding.NEITHER


def test_training_that_was_not_measured_anew_is_compared_all_the_same_and_said_to_be_so() -> None:
    epochs = told(2.0 * np.exp(-AT / 8), 0.3 + 0.01 * np.abs(AT - 15), remeasured=False)
    found = judge(epochs)
    assert found.finding is Finding.OVERFITS
    assert "not re-measured" in found.sentence
    assert not gap.remeasured(epochs)


def test_the_gap_of_each_epoch_is_validation_minus_remeasured_training() -> None:
    epochs = told(np.array([1.0, 0.5]), np.array([1.25, 1.0]), accuracy=0.9, behind=0.15)
    np.testing.assert_allclose(gap.gaps(epochs, "loss"), [0.25, 0.5])
    np.testing.assert_allclose(gap.gaps(epochs, "accuracy"), [-0.15, -0.15])


@hypothesis.given(
    st.lists(st.tuples(*[st.floats(allow_nan=True, allow_infinity=True, width=32)] * 2), max_size=12), st.booleans()
)
def test_whatever_the_losses_are_there_is_a_sentence(losses: list[tuple[float, float]], remeasured: bool) -> None:
    pairs = np.array(losses, np.float64).reshape(-1, 2)
    found = judge(told(pairs[:, 0], pairs[:, 1], remeasured=remeasured))
    assert found.sentence.endswith(".")
    assert (found.since is not None) == (found.finding is Finding.OVERFITS)
