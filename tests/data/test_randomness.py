from __future__ import annotations

from workbench.data.randomness import generator


def draws(*purpose: object) -> list[int]:
    return generator(*purpose).integers(0, 1 << 30, 4).tolist()  # type: ignore[arg-type]


def test_the_same_purpose_draws_the_same_and_another_draws_other_numbers() -> None:
    assert draws(1, "split", "cat") == draws(1, "split", "cat")
    others = [
        draws(2, "split", "cat"),
        draws(1, "limit", "cat"),
        draws(1, "split", "dog"),
        draws(1, "split", "ca", "t"),
    ]
    assert all(other != draws(1, "split", "cat") for other in others)


def test_the_draws_are_those_of_every_machine() -> None:
    assert draws(1, "split", "cat") == [1073485594, 503026353, 1007134971, 697941941]
