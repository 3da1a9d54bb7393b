"""What a consent may be for is a closed list."""

import pytest

from streamproc.collect.clean import Cleaned, clean
from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.decide.policy import PolicySettings
from streamproc.events.adapters.native import parse
from streamproc.events.profile import ConsentChanged
from streamproc.events.raw import FAMILIES
from streamproc.events.rejected import Reason, Rejected
from tests.builders import NOON_MS, raw

TOPIC = RawTopic("shop.profile.v1", frozenset(FAMILIES), purposes=frozenset(("marketing", "transactional", "news")))


def cleaned(purpose: str) -> object:
    message = raw(type="consent_changed", channel="email", granted=False, purpose=purpose)
    return clean(parse(message), NOON_MS, CollectSettings(), TOPIC)


@pytest.mark.parametrize(
    ("purpose", "meant"),
    [("Marketing", "marketing"), (" NEWS ", "news"), ("all", "all"), ("ALL", "all"), ("", "marketing")],
)
def test_a_purpose_is_known_in_any_case_of_letters(purpose: str, meant: str) -> None:
    taken = cleaned(purpose)
    assert isinstance(taken, Cleaned)
    assert isinstance(taken.event, ConsentChanged)
    assert taken.event.purpose == meant


@pytest.mark.parametrize("purpose", ["markting", "Werbung", "marketing:email"])
def test_a_refusal_of_an_unknown_purpose_is_a_dead_letter(purpose: str) -> None:
    letter = cleaned(purpose)
    assert isinstance(letter, Rejected)
    assert letter.reason == Reason.WRONG_VALUE
    assert letter.detail.startswith("purpose: none of marketing, news, transactional, all")


@pytest.mark.parametrize("purposes", [["marketing"], ["marketing", "transactional", "all"]])
def test_the_list_has_what_the_policy_asks_about_and_not_everything_itself(purposes: list[str]) -> None:
    with pytest.raises(ValueError, match=r"must be among them|stands for each"):
        PolicySettings.model_validate({"purposes": purposes})
