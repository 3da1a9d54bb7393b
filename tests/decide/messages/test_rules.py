"""A rule of the policy is one file and its place in one list; the first that refuses is the reason."""

from collections.abc import Iterator

import pytest

from streamproc.decide import rules
from streamproc.decide.rules import ORDER, RULES, Channels, Refusal, Wish, in_order, rule
from tests.builders import Shop, consent, on_order, order, plan, refused_by, sent_by


@pytest.fixture
def no_sms(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A rule that is defined here and nowhere else."""

    place = ORDER.index("undeliverable") + 1
    monkeypatch.setattr(rules, "ORDER", (*ORDER[:place], "no_sms", *ORDER[place:]))

    @rule("no_sms")
    def no_sms(wish: Wish, channels: Channels) -> Channels | Refusal:
        return tuple(each for each in channels if each != "sms") or Refusal("no_sms", "nobody_likes_it", "sms")

    yield
    del RULES["no_sms"]


@pytest.mark.usefixtures("no_sms")
def test_a_new_rule_is_asked_at_its_place_and_leaves_what_channels_it_will() -> None:
    shop = Shop(plan(on_order(channels=["sms", "email"], cool_down_hours=24)))
    [first] = shop.sees(order())
    assert [getattr(decision, "channel", None) for decision in first.decisions] == ["email"]
    only_sms = Shop(plan(on_order(channels=["sms"])))
    assert refused_by(only_sms.sees(order())) == [("thanks", "nobody_likes_it")]
    without_consent = Shop(plan(on_order(channels=["sms"])))
    without_consent.sees(consent(granted=False, channel="sms"))
    assert refused_by(without_consent.sees(order(minutes=1))) == [("thanks", "no_consent")]


@pytest.mark.usefixtures("no_sms")
def test_two_rules_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="rule of the policy 'no_sms' is defined twice"):
        rule("no_sms")(lambda _, channels: channels)


@pytest.mark.usefixtures("no_sms")
def test_so_is_a_rule_that_nobody_has_said_the_place_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ORDER", ORDER)
    with pytest.raises(LookupError, match="when is the rule no_sms asked"):
        in_order()


def test_consent_is_asked_before_the_cool_down() -> None:
    assert list(ORDER)[:3] == ["stale", "consent", "undeliverable"]
    assert ORDER.index("undeliverable") < ORDER.index("cool_down") < ORDER.index("quiet_hours")
    shop = Shop(plan(on_order(cool_down_hours=24)))
    assert sent_by(shop.sees(order())) == ["thanks"]
    shop.sees(consent(granted=False, minutes=1))
    assert refused_by(shop.sees(order(minutes=2))) == [("thanks", "no_consent")]
