"""Shops of known truth: persuadables are found where they are, and not claimed where they are not."""

import pytest

from streamproc.models.health.uplift_metrics import STANDARD_ERRORS, UpliftMetrics
from tests.models.uplift_shop import Scored, progressive

pytestmark = pytest.mark.slow  # each learns twenty shops

SEEDS = range(20)


def claims(health: UpliftMetrics) -> tuple[bool, bool]:
    """Whether an effect is found, and whether those who are moved are."""
    found = health.values()
    return not found["effect_low"] <= 0 <= found["effect_high"], found["qini_low"] > 0


def third(cases: list[Scored], which: int) -> float:
    """The true effect on the third with the highest scores, or on another one."""
    scored = [(each.example.score, each.seen.effect) for each in cases if each.example.score is not None]
    ordered = sorted(scored, reverse=True)
    size = len(ordered) // 3
    part = ordered[which * size : (which + 1) * size]
    return sum(effect for _, effect in part) / len(part)


def test_persuadables_are_found_where_a_third_are() -> None:
    surely = given_out = 0
    for seed in SEEDS:
        cases, health = progressive("third", seed, 8_000)
        effect, persuadables = claims(health)
        assert effect
        assert third(cases, 0) > third(cases, 2) + 0.05
        surely += persuadables
        given_out += health.carries
    assert surely >= 18
    assert given_out >= 15


@pytest.mark.parametrize("shop", ["nothing", "same"])
def test_where_nobody_is_moved_more_than_others_no_persuadables_are_claimed(shop: str) -> None:
    found = [progressive(shop, seed)[1] for seed in SEEDS]
    claimed = [claims(each) for each in found]
    assert sum(persuadables for _, persuadables in claimed) <= 1
    assert not any(each.carries for each in found)
    effects = sum(effect for effect, _ in claimed)
    assert effects <= 1 if shop == "nothing" else effects == len(SEEDS)


def test_the_error_of_the_area_is_how_far_it_scatters() -> None:
    areas = [progressive("nothing", seed, 2_000)[1].qini() for seed in SEEDS]
    middle = sum(area for area, _ in areas) / len(areas)
    scatter = (sum((area - middle) ** 2 for area, _ in areas) / (len(areas) - 1)) ** 0.5
    said = sum(error for _, error in areas) / len(areas)
    assert 0.6 < said / scatter < 1.6
    assert abs(middle) < STANDARD_ERRORS * scatter / len(areas) ** 0.5
