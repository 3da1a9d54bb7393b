"""Offers that were chosen for a customer and whose reward is not known yet, as they are kept in a state."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

MAX_OPEN_OFFERS = 8
"""Of more, the oldest are given up: nothing is learned of them."""


class OpenOffer(NamedTuple):
    """What will the offer bring until `due_ms`? Features and what was expected are of the moment of the choice.

    Attributes:
        model: which prediction asks.
        offer_id: which offer it is.
        chosen_ms, due_ms: when it was chosen, and until when what comes counts as its reward (epoch ms).
        features: as questions keep them (`models/labels.py`); `feature_set`: which they are.
        expected: what the model expected of it, None if no version had been released; `model_version`: which said so.
        is_control: it was chosen without the model, to compare with.
        clicked: the digest of the message of it that was clicked last, 0: none; by whom is judged when it is told.
        ordered: whether what it offers was ordered.
    """

    model: str
    offer_id: str
    chosen_ms: int
    due_ms: int
    features: str
    feature_set: str
    expected: float | None
    model_version: str | None
    is_control: bool = False
    clicked: int = 0
    ordered: bool = False


OpenOffers = tuple[OpenOffer, ...]


def with_offer(offers: OpenOffers, offer: OpenOffer) -> OpenOffers:
    """One more open offer, in the order of the times."""
    return _bounded((*offers, offer))


def joined(one: OpenOffers, two: OpenOffers) -> OpenOffers:
    """What two who are one wait for: an offer that both know is one, with what came of it for either."""
    known: dict[tuple[str, str, int], OpenOffer] = {}
    for offer in (*one, *two):
        key = (offer.model, offer.offer_id, offer.chosen_ms)
        other = known.get(key, offer)
        known[key] = min(offer, other, key=_whose_word)._replace(
            clicked=max(offer.clicked, other.clicked), ordered=offer.ordered or other.ordered
        )
    return _bounded(known.values())


def with_response(
    offers: OpenOffers,
    at_ms: int,
    concerns: Callable[[OpenOffer], bool],
    *,
    clicked: int = 0,
    ordered: bool = False,
) -> OpenOffers:
    """The offers when somebody clicked or ordered: those that were open then, and that it concerns, know it."""
    return tuple(
        offer._replace(clicked=clicked or offer.clicked, ordered=offer.ordered or ordered)
        if offer.chosen_ms < at_ms <= offer.due_ms and concerns(offer)
        else offer
        for offer in offers
    )


def _whose_word(offer: OpenOffer) -> tuple[Any, ...]:
    """An order of offers that are the same: what was expected may be unknown of one of them."""
    return (*offer[:6], offer.expected is None, offer.expected or 0.0, offer.model_version or "", offer.is_control)


def _bounded(offers: Iterable[OpenOffer]) -> OpenOffers:
    return tuple(sorted(offers, key=lambda offer: (offer.chosen_ms, offer.model, offer.offer_id))[-MAX_OPEN_OFFERS:])
