"""What offers bring: what happened after one was chosen becomes an example to learn from when its horizon is over.

Nothing is concluded before: after a click an order may come, and late events are waited for as long as answers are.
"""

from streamproc.customer.messages.happenings import happenings
from streamproc.customer.messages.record import Action, message_digest
from streamproc.customer.messages.table import find
from streamproc.customer.open_offers import OpenOffer, with_offer, with_response
from streamproc.customer.sendings import key_of, sending_of
from streamproc.customer.state import Customer
from streamproc.decide.moment import Moment
from streamproc.decide.offer_rule import OfferRule
from streamproc.decide.training_subject import training_subject
from streamproc.decide.triggers.offer import correlation_of
from streamproc.events.email import Clicked, MessageEvent
from streamproc.events.purchase import OrderPlaced
from streamproc.events.training import Example
from streamproc.models.kind import Predictions, RewardPrediction
from streamproc.models.kinds.offer_reward import about
from streamproc.models.vectors import by_name, vector_of
from streamproc.value import value

REWARD = "reward"
"""The timer that tells what the next open offer has brought."""


@value
class Reward:
    """What an offer brought that was chosen a horizon ago; `example` is None if it has other features than are asked.

    `clicked`: a person did.
    """

    offer: OpenOffer
    reward: float
    clicked: bool
    example: Example | None


def open_offer(moment: Moment, offer: OpenOffer, predictions: Predictions) -> None:
    """Wait for what a chosen offer brings."""
    moment.customer.open_offers = with_offer(moment.customer.open_offers, offer)
    _set_timer(moment, predictions)


def note_responses(moment: Moment, rules: tuple[OfferRule, ...], predictions: Predictions) -> None:
    """A click on an offer, or an order of what it offers, is kept with the offers that were open at its time."""
    customer, event = moment.customer, moment.entry.event
    if not customer.open_offers:
        return
    if REWARD not in customer.timers:  # a release that does not know it has taken it
        _set_timer(moment, predictions)
    if isinstance(event, MessageEvent) and event.message_id is not None:
        for at_ms in _clicked_at(moment, event):
            customer.open_offers = with_response(
                customer.open_offers,
                at_ms,
                lambda offer: _names(customer, event, offer) and not is_clicked(customer, offer),
                clicked=message_digest(event.message_id),
            )
    elif isinstance(event, OrderPlaced) and moment.happened == event.type:
        sold = {rule.id for rule in rules if rule.is_in(event)}
        customer.open_offers = with_response(
            customer.open_offers, moment.now_ms, lambda offer: offer.offer_id in sold, ordered=True
        )


def _clicked_at(moment: Moment, event: MessageEvent) -> list[int]:
    """When somebody clicked, if the event is that, or says of which trigger its message was."""
    if isinstance(event, Clicked):
        return [moment.now_ms]
    message = find(moment.customer.messages, message_digest(event.message_id or "")) if event.trigger_id else None
    return [] if message is None else [told.at_ms for told in message.told if told.action == Action.CLICKED]


def _names(customer: Customer, event: MessageEvent, offer: OpenOffer) -> bool:
    """Whether a message is of an offer: it names it, or the trigger that has sent it, or is that one's."""
    if event.offer_id is not None:
        return event.offer_id == offer.offer_id
    sending = sending_of(customer.sendings, event.trigger_id, message_digest(event.message_id or ""))
    return sending is not None and sending.key == key_of(correlation_of(offer.offer_id, offer.chosen_ms))


def rewards_due(moment: Moment, predictions: Predictions) -> tuple[Reward, ...]:
    """What the offers brought whose horizon is over, late events waited for; they are open no longer."""
    if not moment.is_due(REWARD):
        return ()
    customer = moment.customer
    due = [offer for offer in customer.open_offers if _told_ms(offer, predictions) <= moment.now_ms]
    customer.open_offers = tuple(offer for offer in customer.open_offers if offer not in due)
    _set_timer(moment, predictions)
    asking = [(offer, predictions.get(offer.model)) for offer in due]
    return tuple(_rewarded(moment, offer, each) for offer, each in asking if isinstance(each, RewardPrediction))


def is_clicked(customer: Customer, offer: OpenOffer) -> bool:
    """Whether a person clicked on the offer within its horizon, as far as is known now.

    Of a message that is not remembered any more, whoever clicked counts.
    """
    if not offer.clicked:
        return False
    message = find(customer.messages, offer.clicked)
    return message is None or any(
        each.by_person and each.told.action == Action.CLICKED and offer.chosen_ms < each.told.at_ms <= offer.due_ms
        for each in happenings(message)
    )


def _rewarded(moment: Moment, offer: OpenOffer, prediction: RewardPrediction) -> Reward:
    clicked = is_clicked(moment.customer, offer)
    reward = prediction.click * clicked + prediction.order * offer.ordered
    is_known = offer.feature_set == prediction.feature_set
    return Reward(offer, reward, clicked, _example(moment, offer, prediction, reward) if is_known else None)


def _example(moment: Moment, offer: OpenOffer, prediction: RewardPrediction, reward: float) -> Example:
    return Example(
        model=offer.model,
        subject=training_subject(moment, offer.model, offer.chosen_ms, offer.offer_id),
        asked_ms=offer.chosen_ms,
        answered_ms=moment.now_ms,
        due_ms=offer.due_ms + prediction.lateness_ms,
        features=about(offer.offer_id, by_name(prediction.features, vector_of(offer.features))),
        label=reward,
        score=offer.expected,
        model_version=offer.model_version,
        treated=True,
        held_out=offer.is_control,
    )


def _set_timer(moment: Moment, predictions: Predictions) -> None:
    """One timer for all: it runs out for the first, and is set for the next then."""
    due = [_told_ms(offer, predictions) for offer in moment.customer.open_offers]
    moment.set_timer(REWARD, max(min(due), moment.now_ms) if due else None)


def _told_ms(offer: OpenOffer, predictions: Predictions) -> int:
    """When what an offer brought is told."""
    prediction = predictions.get(offer.model)
    return offer.due_ms + (prediction.lateness_ms if prediction else 0)
