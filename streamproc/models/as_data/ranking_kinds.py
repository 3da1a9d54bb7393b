"""The ranker in `models/ranking/`: a whole one, as it is released, and what learn keeps besides the products."""

from collections.abc import Mapping
from typing import Any

from streamproc.models.as_data.kinds import Kind, declare
from streamproc.models.as_data.ranking_shapes import AMOUNT, LEADERS, REPEATS, WEIGHTS
from streamproc.models.as_data.shapes import Fields, Listed, Name, Real, Row, Shape, Whole, Wholes, refuse
from streamproc.models.ranking.proven import Proven
from streamproc.models.ranking.ranker import Ranker
from streamproc.models.ranking.ranking_metrics import RankingMetrics
from streamproc.models.ranking.ranking_model import RankingModel
from streamproc.models.ranking.shop import Product, Shop

_HEAD: Mapping[str, Shape] = {
    "weights": Fields(WEIGHTS),
    "squares": Fields(WEIGHTS),
    "known": Real(),
    "newcomers": Real(),
    "all_repeats": REPEATS,
    "baskets": Row((AMOUNT,) * 3),
    "leaders": Row((LEADERS,) * 3),
}
_RELEASED = Row((Name(), AMOUNT, AMOUNT, AMOUNT, REPEATS, Wholes()))
"""A product of a release: of its neighbours the place in the list, and how many baskets held both, in turns."""


def _head(ranker: Ranker) -> Mapping[str, Any]:
    shop, weights = ranker.shop, ranker.weights
    return {
        "weights": weights.weights,
        "squares": weights.squares,
        "known": ranker.known.ahead,
        "newcomers": ranker.newcomers.ahead,
        "all_repeats": shop.all_repeats,
        "baskets": [counts.baskets for counts in shop.counts],
        "leaders": [counts.leaders for counts in shop.counts],
    }


def _ranker(held: Mapping[str, Any]) -> Ranker:
    """A ranker that knows no product yet."""
    made = Ranker(Shop(), known=Proven(held["known"]), newcomers=Proven(held["newcomers"]))
    made.weights.weights, made.weights.squares = held["weights"], held["squares"]
    made.shop.all_repeats = held["all_repeats"]
    for counts, baskets, leaders in zip(made.shop.counts, held["baskets"], held["leaders"], strict=True):
        counts.baskets = baskets
        counts.lead_again(leaders)
    return made


def _released(ranker: Ranker) -> Mapping[str, Any]:
    products = [product for sku in ranker.shop.ever.amounts if (product := ranker.shop.product(sku))]
    places = {product.sku: place for place, product in enumerate(products)}
    rows = [
        (*product[:5], [number for sku, held in product.others.items() for number in (places[sku], held)])
        for product in products
    ]
    return {**_head(ranker), "products": rows}


def _of_release(held: Mapping[str, Any]) -> Ranker:
    made, rows = _ranker(held), held["products"]
    skus = [sku for sku, *_ in rows]
    if len(set(skus)) != len(skus):
        refuse("model.products", "of different names")
    for sku, fast, slow, ever, repeats, others in rows:
        if len(others) % 2 or any(place >= len(skus) for place in others[::2]):
            refuse("model.products", "with neighbours among them")
        named = [skus[place] for place in others[::2]]
        made.shop.put_back(Product(sku, fast, slow, ever, repeats, dict(zip(named, others[1::2], strict=True))))
    if any(sku not in counts.amounts for counts in made.shop.counts for sku in counts.leaders):
        refuse("model.leaders", "among the products")
    return made


declare(
    Kind(Ranker, {**_HEAD, "products": Listed(_RELEASED)}, read=_released, make=_of_release),
    Kind(RankingModel, _HEAD, read=lambda model: _head(model.ranker), make=lambda held: RankingModel(_ranker(held))),
    Kind(
        RankingMetrics,
        {"examples": Whole(), "hits": Whole(), "recall": Real(), "simple_hits": Whole(), "simple_recall": Real()},
    ),
)
