"""A released copy of a ranker: how large it can be, and what is refused in its place."""

from collections.abc import Callable
from math import isfinite
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.purchases import NOTHING
from streamproc.events.log import ModelReleased
from streamproc.models.kinds.for_you import MAX_NEIGHBOURS, MAX_PRODUCTS, ForYou
from streamproc.models.ranking.decayed import Amount
from streamproc.models.ranking.ranker import TOP, Ranker
from streamproc.models.ranking.ranking_model import RankingModel
from streamproc.models.ranking.shop import Product, Repeats
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, sign, unpack
from streamproc.models.snapshot_error import SnapshotError
from tests.builders import KEY, NOON
from tests.models.foreign_data import json_values, mutated
from tests.models.ranking.baskets import some_baskets, taught
from tests.trying import tried

NAME = "for_you"
RANKING = ForYou(products=20, neighbours=5)
MODEL = RankingModel(taught(some_baskets()).ranker)
GOOD = orjson.loads(pack(RANKING.released(MODEL)))
NOW_MS = some_baskets()[-1].at_ms
BANK = ModelBank(KEY, {NAME: RANKING})
HISTORY = NOTHING.with_basket(("p01", "p02"), 0).with_basket(("p01", "x"), NOW_MS)


def signed(data: object) -> ModelReleased:
    snapshot = orjson.dumps(data).decode()
    signature = sign(NAME, "for_you-1", snapshot, KEY)
    return ModelReleased(
        model=NAME, version="for_you-1", snapshot=snapshot, signature=signature, trained_through=NOON, examples=300
    )


def changed(change: Callable[[Any], object]) -> ModelReleased:
    data = orjson.loads(orjson.dumps(GOOD))
    change(data["model"])
    return signed(data)


def test_a_copy_has_the_products_that_sell_most_their_nearest_neighbours_and_the_leaders() -> None:
    shop, copy = MODEL.ranker.shop, RANKING.released(MODEL).shop
    leaders = {sku for counts in shop.counts for sku in counts.leaders}
    most = sorted(shop.slow.amounts, key=lambda sku: (-shop.slow.level(sku), sku))[:20]
    assert copy.ever.amounts.keys() == {*most, *leaders}
    assert all(len(others) <= 5 for others in copy.together.values())
    assert all(copy.together[sku].items() <= shop.together[sku].items() for sku in copy.together)


def test_a_copy_does_not_change_when_the_model_learns_on() -> None:
    model = RankingModel(taught(some_baskets(50)).ranker)
    before = pack(copy := RANKING.released(model))
    for basket in some_baskets(100)[50:]:
        model.learn(NOTHING, basket.skus, basket.at_ms)
    assert pack(copy) == before


def test_a_copy_comes_back_as_it_was() -> None:
    copy = RANKING.released(MODEL)
    again = RANKING.ranker(unpack(pack(copy), RANKING))
    assert pack(again) == pack(copy)
    for history in (NOTHING, HISTORY):
        ranked = [each.suggest(each.rank(history, NOW_MS), NOW_MS) for each in (again, copy)]
        assert ranked[0] == ranked[1]
        assert len(ranked[0]) == TOP


@pytest.mark.slow
def test_the_largest_copy_has_room_in_a_record_of_the_log() -> None:
    ranker, amount = Ranker(), Amount(1 / 3, 2**51)
    names = [f"{number:06d}" + "\U0001f600" * 58 for number in range(MAX_PRODUCTS + 100)]
    for number, sku in enumerate(names):
        others = {names[number - back]: 2**53 for back in range(1, MAX_NEIGHBOURS + 1)}
        ranker.shop.put_back(Product(sku, amount, amount, amount, Repeats(1 / 3, 1 / 3), others))
    assert len(pack(ranker.frozen(MAX_PRODUCTS, MAX_NEIGHBOURS)).encode()) < 3 << 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda model: model.update({"is": "Pipeline"}), "must be a table of"),
        (lambda model: model.update({"is": "RankingModel"}), "must be one of the kinds"),
        (lambda model: model.pop("products"), "must be a table of"),
        (lambda model: model["weights"].pop("own"), "model.weights must be a table of first, new, own"),
        (lambda model: model["weights"]["own"].pop(), "model.weights.own must be a list of 11 entries"),
        (lambda model: model["weights"]["own"].__setitem__(0, "nan"), "numbers that are not finite"),
        (lambda model: model["products"][0].pop(), r"model.products\[0\] must be a list of 6 entries"),
        (lambda model: model["products"][0][1].__setitem__(0, -1.0), "must be a float of at least 0"),
        (lambda model: model["products"][0][1].__setitem__(0, "inf"), "numbers that are not finite"),
        (lambda model: model["products"].append(model["products"][0]), "model.products must be of different names"),
        (lambda model: model["products"][0][5].extend([9_999, 1]), "with neighbours among them"),
        (lambda model: model["products"][0][5].append(1), "with neighbours among them"),
        (lambda model: model["products"][0].__setitem__(5, [-1, 1]), "a list of whole numbers from 0 up"),
        (lambda model: model["products"].clear(), "among the products"),
        (lambda model: model["products"].extend([model["products"][0]] * 10_000), "a list of 0 to 10000 entries"),
        (lambda model: model["all_repeats"].__setitem__(0, 0.0), "nothing is ever bought again"),
        (lambda model: model.update(known="inf"), "numbers that are not finite"),
    ],
)
def test_a_rightly_signed_release_of_another_shape_is_refused(change: Callable[[Any], object], message: str) -> None:
    with pytest.raises(SnapshotError, match=message):
        BANK.with_release(changed(change))


def taken_or_refused(data: object) -> None:
    """It suggests different products, or it is a `SnapshotError` and the last good one goes on."""
    try:
        ranker = BANK.with_release(signed(data)).ranker(NAME)
    except SnapshotError:
        return
    assert ranker is not None
    for history in (NOTHING, HISTORY):
        for now_ms in (0, NOW_MS, 2**45):
            ranked = ranker.rank(history, now_ms)
            suggested = ranker.suggest(ranked, now_ms)
            assert len({each.sku for each in suggested}) == len(suggested) <= TOP
            assert all(map(isfinite, ranked.scores))


@tried(200)
@given(mutated(GOOD))
def test_a_mutated_copy_suggests_products_or_is_refused(data: object) -> None:
    taken_or_refused(data)


@tried(200)
@given(st.one_of(json_values(), json_values().map(lambda inner: {"version": 1, "model": inner})))
def test_whatever_is_signed_is_taken_or_refused(data: object) -> None:
    taken_or_refused(data)
