"""Drift is found soon and by River's own ADWIN too; without drift hardly ever; memory is bounded."""

from random import Random

import pytest
from river.drift import ADWIN

from streamproc.models.health.adwin import Adwin


def rises(values: list[float]) -> list[int]:
    window = Adwin()
    return [number for number, value in enumerate(values) if window.rises(value)]


def changes_by_river(values: list[float]) -> list[int]:
    window, found = ADWIN(), []
    for number, value in enumerate(values):
        window.update(value)
        if window.drift_detected:
            found.append(number)
    return found


def stepped(seed: int, before: float, after: float, at: int = 2_000, length: int = 4_000) -> list[float]:
    dice = Random(seed)
    return [float(dice.random() < (before if number < at else after)) for number in range(length)]


@pytest.mark.parametrize("seed", range(10))
def test_a_rise_is_found_within_as_many_numbers_as_river_needs(seed: int) -> None:
    values = stepped(seed, 0.2, 0.5)
    ours = next(number for number in rises(values) if number >= 2_000)
    theirs = next(number for number in changes_by_river(values) if number >= 2_000)
    assert ours - 2_000 <= 320
    assert abs(ours - theirs) <= 64


@pytest.mark.parametrize("seed", range(5))
def test_a_fall_is_no_rise_and_what_was_before_it_is_forgotten(seed: int) -> None:
    values = stepped(seed, 0.5, 0.2)
    window = Adwin()
    assert sum(window.rises(value) for value in values) == 0
    assert window.width < 2_600
    assert window.total / window.width < 0.25


def test_without_a_change_hardly_ever_anything_is_found() -> None:
    alarms = [len(rises(stepped(seed, 0.3, 0.3, length=5_000))) for seed in range(20)]
    assert sum(alarms) == 0


def test_the_window_is_kept_in_a_few_buckets() -> None:
    window = Adwin()
    for value in stepped(1, 0.3, 0.3, length=20_000):
        window.rises(value)
    assert window.width == 20_000
    assert sum(map(len, window.sums)) <= 5 * 15
    assert sum(len(row) << place for place, row in enumerate(window.sums)) == window.width
    assert window.total == pytest.approx(sum(map(sum, window.sums)))
