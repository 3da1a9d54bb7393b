"""The cluster of a customer: who is looked at, what a version changes, and that a replay says the same."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from streamproc.customer.features import Features
from streamproc.customer.shop_clusters import ShopClusters
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.decide.segments.decay import DECAY
from streamproc.decide.step import step
from streamproc.events.decisions import SegmentChange
from streamproc.events.log import ModelReleased
from streamproc.events.training import ModelCard
from streamproc.learn.learner import new_learner, order_of
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import sign
from streamproc.models.snapshot_error import SnapshotError
from tests.builders import KEY, NOON, Shop, at_ms, erasure, folded, order, plan, view

COMPARED = ("days_since_last_order", "orders_365d")
TABLE = {"sample_every_days": 7, "clusters": 2, "release_every": 20, "features": list(COMPARED)}
NAMES = [f"c{number}" for number in range(1, 10)]
EACH = [{"name": f"in_{name}", "where": [{"feature": "cluster", "equals": name}]} for name in NAMES]
RULES = plan(segments=EACH, others={"clusters": TABLE})
TWO = ShopClusters("clusters-1", COMPARED, (0.0, 0.0), (1.0, 1.0), {"c1": (4.0, 0.7), "c2": (0.0, 0.7)})


def text(customer: Customer, days: float, clusters: ShopClusters | None = TWO) -> str:
    return Features(CustomerView(customer, at_ms(days=days), None, clusters), RULES.functions).text("cluster")


def as_release(card: ModelCard, key: bytes = KEY) -> ModelReleased:
    return ModelReleased(
        model=card.model, version=card.version, snapshot=card.snapshot, trained_through=NOON, examples=card.examples,
        signature=sign(card.model, card.version, card.snapshot, key),
    )  # fmt: skip


def lived(weeks: int = 12) -> tuple[Shop, dict[int, ModelReleased]]:
    """Six customers who order every week and six who did once, and the versions by where in the log they came."""
    shop, learner = (
        Shop(RULES, ModelBank(KEY, RULES.predictions)),
        new_learner("clusters", RULES.predictions["clusters"]),
    )
    released: dict[int, ModelReleased] = {}
    shop.sees(*(order(customer_id=f"once{number}") for number in range(6)))
    seen = 0
    for week in range(weeks):
        shop.sees(*(order(customer_id=f"often{number}", days=7 * week + 1) for number in range(6)))
        shop.mark(days=7 * week + 7)
        told = [each for outcome in shop.outcomes[seen:] for each in outcome.examples if each.model == "clusters"]
        seen = len(shop.outcomes)
        for example in sorted(told, key=order_of):
            if (card := learner.learn(example, RULES.predictions["clusters"], KEY)) is not None:
                released[seen] = as_release(card)
                shop.bank = shop.bank.with_release(released[seen])
    return shop, released


@pytest.mark.slow
def test_who_is_alike_comes_into_the_same_segment_and_a_replay_says_so_too() -> None:
    shop, released = lived()
    assert len(released) > 3
    found = {key: tuple(customer.segments) for key, customer in shop.customers.items()}
    [once] = {found[f"c/once{number}"] for number in range(6)}
    [often] = {found[f"c/often{number}"] for number in range(6)}
    assert (len(once), len(often), len({*once, *often})) == (1, 1, 2)
    bank, customers = ModelBank(KEY, RULES.predictions), dict[str, Customer | None]()
    for number, (entry, outcome) in enumerate(zip(shop.log, shop.outcomes, strict=True)):
        if number in released:
            bank = bank.with_release(released[number])
        again = step(customers.get(entry.key), entry, RULES, bank)
        assert again == outcome
        customers[entry.key] = again.customer


def test_the_same_life_makes_the_same_versions() -> None:
    first, second = lived(6)[1], lived(6)[1]
    assert [each.snapshot for each in first.values()] == [each.snapshot for each in second.values()]


def test_nothing_is_known_before_a_release_of_who_never_ordered_or_of_a_feature_that_is_gone() -> None:
    customer = folded(order())
    assert (text(customer, 1), text(customer, 300)) == ("c2", "c1")
    assert text(customer, 1, None) == ""
    assert text(folded(view()), 1) == ""
    assert text(customer, 1, replace(TWO, features=("days_since_last_order", "no_more"))) == ""


def test_a_release_counts_from_its_place_in_the_log_on_and_can_be_taken_back() -> None:
    card = next(iter(lived(6)[1].values()))
    bank = ModelBank(KEY, RULES.predictions)
    after = bank.with_release(card)
    assert bank.clusters is None
    assert after.clusters is not None
    assert (after.clusters.version, after.clusters.features) == ("clusters-000000020", COMPARED)
    assert after.without("churn").clusters == after.clusters
    assert after.without("clusters").clusters is None
    with pytest.raises(SnapshotError):
        bank.with_release(
            card.model_copy(update={"signature": sign("clusters", card.version, card.snapshot, b"other")})
        )


def test_a_new_version_is_found_when_somebody_is_looked_at_next() -> None:
    shop = Shop(RULES)
    shop.sees(order())
    shop.bank = replace(shop.bank, clusters=replace(TWO, centres={"c1": (0.0, 0.7)}))
    assert not shop.ada.segments
    shop.mark(days=7)
    assert list(shop.ada.segments) == ["in_c1"]


def test_time_alone_moves_a_customer_as_a_day_begins_and_who_is_quiet_for_a_year_is_left_alone() -> None:
    shop = Shop(plan(segments=EACH[:1], others={"clusters": TABLE | {"sample_every_days": 365}}))
    shop.bank = replace(shop.bank, clusters=TWO)
    shop.sees(order())
    shop.mark(days=2000)
    changes = [
        entry.at_ms
        for entry, outcome in zip(shop.log, shop.outcomes, strict=True)
        if any(isinstance(each, SegmentChange) for each in outcome.decisions)
    ]
    assert changes == [at_ms(days=6.5)]
    assert text(shop.ada, 6.5) == "c1"
    assert text(shop.ada, 5.5) == "c2"
    assert DECAY not in shop.ada.timers
    shop.sees(erasure(days=2001))
    assert not shop.ada.segments


def test_a_cluster_is_compared_as_a_name() -> None:
    with pytest.raises(ValidationError, match="says names"):
        plan(segments=[{"name": "s", "where": [{"feature": "cluster", "above": 1}]}])
