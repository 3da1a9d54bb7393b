"""`config/features.toml`: what it declares can be used everywhere, and a mistake is told with its place and remedy."""

import shutil
from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.settings.configuration import Configuration
from streamproc.settings.load import load

ROOT = Path(__file__).parents[2]

NIGHTS = """
[[feature]]
name = "night_orders"
description = "Purchases in the last 14 nights."
event = "order_placed"
where = { is_paid = true }
window = "14d"
hours = [22, 6]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the committed configuration that a test may change."""
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def loaded(folder: Path) -> Configuration:
    return load(folder, ROOT / "topics")


def complaints(folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder)
    return [(Path(problem.file).name, problem.place, problem.message) for problem in caught.value.problems]


def declare(folder: Path, *blocks: str) -> None:
    (folder / "features.toml").write_text("\n".join(blocks))


def replaced(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def use_everywhere(folder: Path) -> None:
    replaced(folder, "triggers.toml", '\nwhere = [{ feature = "orders_total"', '\nwhere = [{ feature = "night_orders"')
    replaced(folder, "triggers.toml", 'score = "churn"\nabove', 'feature = "night_orders"\nabove')
    replaced(folder, "offers.toml", '"orders_365d"', '"night_orders"')
    replaced(folder, "segments.toml", '"orders_365d"', '"night_orders"')
    replaced(folder, "models.toml", '"log_orders"', '"night_orders"')


def test_a_declared_feature_can_be_used_wherever_one_in_the_code_can(folder: Path) -> None:
    declare(folder, NIGHTS)
    use_everywhere(folder)
    plan = loaded(folder).plan
    assert plan.functions.keys() >= {"night_orders", *plan.models["churn"].features}
    assert plan.models["churn"].features[1] == plan.declared.model_names["night_orders"]


def test_one_that_is_not_declared_is_told_wherever_it_is_used(folder: Path) -> None:
    declare(folder, NIGHTS.replace("night_orders", "nights_orders"))
    use_everywhere(folder)
    told = complaints(folder)
    assert {(file, place) for file, place, _ in told} == {
        ("triggers.toml", "trigger.churn_risk.feature"),
        ("triggers.toml", "trigger.churn_risk.where.0.feature"),
        ("offers.toml", "offer.loyalty_gift.where.0.feature"),
        ("segments.toml", "segment.loyal.where.0.feature"),
        ("models.toml", "churn.features.1"),
    }
    assert all("no feature 'night_orders'; did you mean 'nights_orders'?" in message for _, _, message in told)


def test_a_mistake_in_a_block_does_not_make_its_feature_unknown(folder: Path) -> None:
    declare(folder, NIGHTS.replace('"14d"', '"14"'))
    use_everywhere(folder)
    assert [(file, place) for file, place, _ in complaints(folder)] == [
        ("features.toml", "feature.night_orders.window")
    ]


def test_without_the_file_or_with_nothing_in_it_the_plan_is_the_same(folder: Path) -> None:
    version = loaded(folder).plan.version
    declare(folder)
    assert loaded(folder).plan.version == version
    (folder / "features.toml").unlink()
    assert loaded(folder).plan.version == version


def test_a_block_makes_another_plan_and_so_does_each_change_of_it(folder: Path) -> None:
    versions = {loaded(folder).plan.version}
    for block in (NIGHTS, NIGHTS.replace("14d", "15d"), NIGHTS.replace("22", "21"), NIGHTS.replace("nights", "days")):
        declare(folder, block)
        versions.add(loaded(folder).plan.version)
    assert len(versions) == 5


MISTAKES = {
    "no such event": (
        '"order_placed"',
        '"order_plced"',
        "event",
        "no event 'order_plced'; did you mean 'order_placed'?",
    ),
    "an event twice": ('"order_placed"', '["order_placed", "order_placed"]', "event", "an event is named twice"),
    "no event": ('"order_placed"', "[]", "event", "needs 1 or more entries, has 0"),
    "no such field": ("is_paid", "is_payed", "where", "order_placed has no 'is_payed'; did you mean 'is_paid'?"),
    "no such value": ("= true", '= "yes"', "where", "is_paid of order_placed is true or false, never 'yes'"),
    "no value": ("= true", "= []", "where", "say the value it must have"),
    "a fraction": ("= true", "= 0.5", "where", "say the value it must have"),
    "a sum of what there is not": ("\nwindow", '\nsum = "totl"\nwindow', "sum", "has no number 'totl'; "),
    "a sum of texts": ("\nwindow", '\nsum = "coupon"\nwindow', "sum", "has no number 'coupon'; there are: amount"),
    "money and pieces": (
        '"order_placed"\nwhere = { is_paid = true }',
        '["order_refunded", "cart_added"]\nsum = "amount"',
        "sum",
        "cart_added has no number 'amount'; there are: quantity, unit_price",
    ),
    "no unit": ('"14d"', '"14"', "window", "'14' cannot be: allowed are so many days or hours, as 14d or 36h"),
    "weeks": ('"14d"', '"2w"', "window", "'2w' cannot be: allowed are so many days or hours, as 14d or 36h"),
    "a bare number": ('"14d"', "14", "window", "must be a text, in quotes"),
    "too many days": ('"14d"', '"367d"', "window", "367d is too long: at most 366d (days) or 168h (hours) are kept"),
    "too many hours": ('"14d"', '"169h"', "window", "169h is too long: at most 366d (days) or 168h (hours) are kept"),
    "no such hour": ("[22, 6]", "[22, 25]", "hours", "must be two whole hours of the day, from 0 to 24"),
    "one hour": ("[22, 6]", "[22]", "hours", "must be two whole hours of the day, from 0 to 24"),
    "hours in quotes": ("[22, 6]", '["22", "6"]', "hours", "must be two whole hours of the day, from 0 to 24"),
    "the whole day": ("[22, 6]", "[0, 24]", "hours", "that is the whole day: leave `hours` out"),
    "an unknown key": ("hours", "hour", "hour", "there is no key `hour`; did you mean `hours`?"),
    "no description": ('description = "Purchases in the last 14 nights."', "", "description", "is missing"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_file_block_key_and_remedy(folder: Path, mistake: str) -> None:
    old, new, key, words = MISTAKES[mistake]
    declare(folder, NIGHTS.replace(old, new))
    [(file, place, message)] = complaints(folder)
    assert file == "features.toml"
    assert f"{place}.".startswith(f"feature.night_orders.{key}.")
    assert words in message


def test_a_name_that_the_code_has_is_told(folder: Path) -> None:
    declare(folder, NIGHTS.replace("night_orders", "orders_28d"))
    assert complaints(folder) == [
        (
            "features.toml",
            "feature.orders_28d.name",
            "there is a feature 'orders_28d' in the code: take another name",
        )
    ]


def test_a_name_that_cannot_be_is_told(folder: Path) -> None:
    declare(folder, NIGHTS.replace("night_orders", "Night@Orders"))
    [(_, _, message)] = complaints(folder)
    assert message.startswith("'Night@Orders' cannot be: allowed are up to 64 small letters, digits and _")


def test_a_name_that_two_blocks_have_is_told(folder: Path) -> None:
    declare(folder, NIGHTS, NIGHTS)
    assert complaints(folder) == [("features.toml", "feature.night_orders.name", "2 blocks have this name")]


def test_too_many_features_are_told(folder: Path) -> None:
    declare(folder, *(NIGHTS.replace("night_orders", f"nights_{n}").replace("14d", "1d") for n in range(65)))
    assert complaints(folder) == [
        ("features.toml", "feature", "65 features are too many: at most 64 are counted; drop some")
    ]


def test_windows_that_are_too_long_together_are_told_with_the_longest(folder: Path) -> None:
    long = (NIGHTS.replace("night_orders", f"year_{n}").replace("14d", f"{360 + n}d") for n in range(6))
    declare(folder, NIGHTS, *long)
    [(file, place, message)] = complaints(folder)
    assert (file, place) == ("features.toml", "feature")
    assert "together they keep 2238 days and hours of each customer, and at most 2000 fit" in message
    assert message.endswith("(the longest: year_5, year_4, year_3)")
