"""Products for one customer: what an offer that ranks them suggests, and the baskets from which the ranking learns."""

from streamproc.customer.purchases import Purchases
from streamproc.decide.moment import Moment
from streamproc.decide.offer_rule import OfferRule
from streamproc.decide.training_subject import training_subject
from streamproc.events.decisions import OfferedProduct
from streamproc.events.purchase import ORDER_PLACED, OrderPlaced
from streamproc.events.training import Basket
from streamproc.models.ranking_kind import RankingPrediction, Rankings


def note_basket(moment: Moment, rankings: Rankings) -> tuple[Basket, ...]:
    """An order is kept with the customer's purchases, and is a lesson for each ranking; one told anew is neither."""
    skus = _basket(moment) if rankings else ()
    if not skus:
        return ()
    before = moment.customer.purchases
    moment.customer.purchases = Purchases.of(before.history.with_basket(skus, moment.now_ms))
    return tuple(_lesson(moment, name, each, skus, before) for name, each in rankings.items())


def products_for(moment: Moment, offer: OfferRule) -> tuple[OfferedProduct, ...]:
    """The products that an offer suggests, none of the order that is placed now; nothing before a first release."""
    ranker = moment.bank.ranker(offer.rank)
    if ranker is None:
        return ()
    ranked = ranker.rank(moment.customer.purchases.history, moment.now_ms, _basket(moment))
    return tuple(OfferedProduct(*each) for each in ranker.suggest(ranked, moment.now_ms, offer.products))


def _basket(moment: Moment) -> tuple[str, ...]:
    """The paid products of the order that is placed now."""
    event = moment.entry.event
    if isinstance(event, OrderPlaced) and event.is_paid and moment.happened == ORDER_PLACED:
        return event.paid_skus
    return ()


def _lesson(moment: Moment, name: str, ranking: RankingPrediction, skus: tuple[str, ...], before: Purchases) -> Basket:
    """It is learned when late ones have come: behind all of which it was said already that they have."""
    complete_ms = moment.entry.complete_ms
    due_ms = moment.now_ms + ranking.lateness_ms
    return Basket(
        model=name,
        subject=training_subject(moment, name, moment.now_ms),
        at_ms=moment.now_ms,
        due_ms=due_ms if complete_ms is None else max(due_ms, complete_ms + 1),
        skus=skus,
        before=before.text,
    )
