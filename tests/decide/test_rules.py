"""A rule of the policy is one file that says when it is asked; the first that refuses is the reason."""

from collections.abc import Iterator

import pytest

from streamproc.decide.rules import RULES, Channels, Refusal, Wish, rule
from tests.builders import Shop, consent, on_order, order, plan, refused_by, sent_by


@pytest.fixture
def no_sms() -> Iterator[None]:
    """A rule that is defined here and nowhere else."""

    @rule("no_sms", rank=20)
    def no_sms(wish: Wish, channels: Channels) -> Channels | Refusal:
        return tuple(each for each in channels if each != "sms") or Refusal("no_sms", "nobody_likes_it", "sms")

    yield
    del RULES["no_sms"]


@pytest.mark.usefixtures("no_sms")
def test_a_new_rule_is_asked_at_its_rank_and_leaves_what_channels_it_will() -> None:
    shop = Shop(plan(on_order(channels=["sms", "email"], cool_down_hours=24)))
    [first] = shop.sees(order())
    assert [getattr(decision, "channel", None) for decision in first.decisions] == ["email"]
    only_sms = Shop(plan(on_order(channels=["sms"])))
    assert refused_by(only_sms.sees(order())) == [("thanks", "nobody_likes_it")]
    without_consent = Shop(plan(on_order(channels=["sms"])))
    without_consent.sees(consent(granted=False, channel="sms"))
    assert refused_by(without_consent.sees(order(minutes=1))) == [("thanks", "no_consent")]


@pytest.mark.usefixtures("no_sms")
def test_two_rules_of_one_rank_or_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="the rules no_sms and other have the same rank"):
        rule("other", rank=20)(lambda _, channels: channels)
    with pytest.raises(ValueError, match="rule of the policy 'no_sms' is defined twice"):
        rule("no_sms", rank=21)(lambda _, channels: channels)


def test_consent_is_asked_before_the_cool_down() -> None:
    ranked = sorted(RULES, key=lambda name: RULES[name].rank)
    assert ranked.index("stale") < ranked.index("consent") < ranked.index("undeliverable") < ranked.index("cool_down")
    shop = Shop(plan(on_order(cool_down_hours=24)))
    assert sent_by(shop.sees(order())) == ["thanks"]
    shop.sees(consent(granted=False, minutes=1))
    assert refused_by(shop.sees(order(minutes=2))) == [("thanks", "no_consent")]
