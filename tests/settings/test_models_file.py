"""What models are asked about is there, kept and allowed, and what names a model names one that fits."""

import re
from pathlib import Path

import pytest

from streamproc.models.kinds import KINDS as PREDICTIONS
from tests.settings.spoiling import complaints, loaded, replaced


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("offer_rewards", "did you mean 'offer_reward'? There are: offer_reward"),
        ("churn", "there are: offer_reward"),
    ],
)
def test_a_policy_of_offers_names_a_model_that_learns_of_offers(folder: Path, said: str, complaint: str) -> None:
    replaced(folder, "offers.toml", 'model = "offer_reward"', f'model = "{said}"')
    message = f"models.toml has no prediction {said!r} of the kind offer_reward; {complaint}"
    assert ("offers.toml", "policy.model", message) in complaints(folder)


def test_an_offer_ranks_products_by_a_model_that_does(folder: Path) -> None:
    replaced(folder, "offers.toml", 'id = "loyalty_gift"', 'id = "loyalty_gift"\nrank = "churn"')
    message = "models.toml has no prediction 'churn' of the kind for_you; there are: none"
    assert ("offers.toml", "offer.loyalty_gift.rank", message) in complaints(folder)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("products = 3", 'products says how many are ranked: say by what, as in rank = "for_you"'),
        ('rank = "for_you"\nskus = ["tea"]', "what rank suggests is any product: leave skus and category out"),
    ],
)
def test_an_offer_of_ranked_products_says_so_and_names_none(folder: Path, said: str, complaint: str) -> None:
    replaced(folder, "offers.toml", 'id = "loyalty_gift"', f'id = "loyalty_gift"\n{said}')
    assert complaint in [message for _, _, message in complaints(folder)]


def test_rewards_are_told_before_a_visitor_is_forgotten(folder: Path) -> None:
    replaced(folder, "models.toml", "horizon_days = 14", "horizon_days = 90")
    message = (
        "what an offer brings is known after 91 days, but a visitor is forgotten after 90 (policy.toml: visitor_days)"
    )
    assert ("models.toml", "offer_reward.horizon_days", message) in complaints(folder)


def test_a_feature_that_is_not_kept_is_told_with_what_to_change(folder: Path) -> None:
    replaced(folder, "segments.toml", 'feature = "gap_ratio", above = 2', 'feature = "device", equals = "phone"')
    place, message = "segment.at_risk.where.1.feature", 'device needs "device" in profile.toml, interests.keep'
    assert ("segments.toml", place, message) in complaints(folder)
    replaced(folder, "profile.toml", "keep = []", 'keep = ["device"]')
    assert loaded(folder).plan.profile.interests.keep == ("device",)


def test_the_predictions_that_are_ready_to_use_are_right(folder: Path) -> None:
    path = folder / "models.toml"
    path.write_text(re.sub(r"^#(?=\[|\w+ =)", "", path.read_text(), flags=re.MULTILINE))
    found = loaded(folder).plan.predictions
    assert len(found) == 12
    assert {each.kind for each in found.values()} == set(PREDICTIONS)


UPLIFT = """
[persuadable]
kind = "uplift"
trigger = "abandoned_cart"
event = "order_placed"
features = ["log_orders"]
"""


@pytest.mark.parametrize(
    ("was", "said", "place", "complaint"),
    [
        ("abandoned_cart", "abandoned_card", "persuadable.trigger", "no trigger 'abandoned_card' in triggers.toml"),
        ('"log_orders"', '"opened_7d"', "persuadable.features", "which move these: leave out opened_7d"),
        ('"log_orders"', '"engagement"', "persuadable.features", "which move these: leave out engagement"),
        ('"log_orders"', '"trait.city"', "persuadable.features", "uplift is learned of numbers: leave out trait.city"),
    ],
)
def test_uplift_is_of_a_trigger_that_is_there_and_of_what_no_message_moves(
    folder: Path, was: str, said: str, place: str, complaint: str
) -> None:
    opened = 'name = "opened_7d"\ndescription = "Opened."\nevent = "opened"\nwindow = "7d"'
    (folder / "features.toml").write_text(f"[[feature]]\n{opened}\n")
    path = folder / "models.toml"
    path.write_text(path.read_text() + UPLIFT.replace(was, said))
    assert any(at == place and complaint in message for _, at, message in complaints(folder))


def test_what_is_sent_whatever_the_holdout_says_has_no_uplift_to_learn(folder: Path) -> None:
    replaced(folder, "triggers.toml", 'name = "abandoned_cart"', 'name = "abandoned_cart"\ncap_class = "transactional"')
    (folder / "models.toml").write_text((folder / "models.toml").read_text() + UPLIFT)
    assert any("nobody is held out from it" in message for _, _, message in complaints(folder))
