"""A word about everything is one about each purpose, in whatever order words arrive."""

from itertools import permutations

import pytest

from streamproc.events.profile import ConsentChanged
from tests.builders import consent, folded

WORDS = (
    consent(minutes=0, purpose="marketing"),
    consent(minutes=1, purpose="all", granted=False),
    consent(minutes=2, purpose="transactional"),
    consent(minutes=0, purpose="news"),
)


def allowed(*words: ConsentChanged) -> dict[str, bool]:
    return {key: said.granted for key, said in folded(*words).consents.items()}


@pytest.mark.parametrize("order", list(permutations(WORDS)))
def test_the_newest_word_counts_for_each_purpose(order: tuple[ConsentChanged, ...]) -> None:
    assert allowed(*order) == {
        "all:email": False,
        "marketing:email": False,
        "news:email": False,
        "transactional:email": True,
    }


def test_everything_is_of_one_channel() -> None:
    words = allowed(consent(minutes=0, channel="sms"), consent(minutes=1, purpose="all", granted=False))
    assert words["marketing:sms"]
