"""A customer's own clock."""

from datetime import UTC, datetime

import pytest

from streamproc.customer.local_time import local_hour, zone_of
from streamproc.customer.state import Customer
from streamproc.events.times import epoch_ms

SHOP = "Europe/Berlin"


def zone_said(said: str | float | bool | None) -> str:
    return zone_of(Customer("c/ann", 0, 0, traits={"time_zone": said}), SHOP)


@pytest.mark.parametrize("said", ["America/New_York", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "UTC"])
def test_the_zone_that_a_profile_names_counts(said: str) -> None:
    assert zone_said(said) == said


@pytest.mark.parametrize(
    "said",
    [None, 3, True, "", "Berlin", "Europe/Atlantis", "Europe/", "europe/berlin", "localtime", "posix/Europe/Rome",
     "Etc/../UTC", "/etc/localtime", "Europe/Rome\n", "Ä/Ö", "A/" + "x" * 5000],
)  # fmt: skip
def test_what_is_no_zone_leaves_the_shop_s(said: str | float | bool | None) -> None:
    assert zone_said(said) == SHOP


def test_who_has_said_nothing_lives_by_the_shop_s_clock() -> None:
    assert zone_of(Customer("c/ann", 0, 0), SHOP) == SHOP


@pytest.mark.parametrize(
    ("utc", "hour"),
    [
        (datetime(2024, 3, 31, 0, 59, tzinfo=UTC), 1),  # clocks go forward from 2 to 3 at 1 UTC
        (datetime(2024, 3, 31, 1, 0, tzinfo=UTC), 3),
        (datetime(2024, 10, 27, 0, 30, tzinfo=UTC), 2),  # and back from 3 to 2 at 1 UTC: there are two hours of 2
        (datetime(2024, 10, 27, 1, 30, tzinfo=UTC), 2),
        (datetime(2024, 10, 27, 2, 0, tzinfo=UTC), 3),
    ],
)
def test_the_hour_follows_daylight_saving_time(utc: datetime, hour: int) -> None:
    assert local_hour(epoch_ms(utc), "Europe/Berlin") == hour
