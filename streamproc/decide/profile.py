"""All that is known of a customer at a moment, as plain data: for a page, and for programs."""

from typing import Any

from streamproc.customer.clv import expected
from streamproc.customer.features import LABELS, Features
from streamproc.customer.features.contact import contact_at
from streamproc.customer.journeys import JourneyInstance
from streamproc.customer.local_time import zone_of
from streamproc.customer.messages.record import CHANNELS, Action
from streamproc.customer.rfm import rfm_scores
from streamproc.customer.sendings import RETRACTED, SENDING_PURPOSES, Sending
from streamproc.customer.state import Customer
from streamproc.customer.tags import source_of
from streamproc.customer.view import CustomerView
from streamproc.decide.clock.timers_in_words import timer_in_words
from streamproc.decide.plan import Plan
from streamproc.events.money import MICROS
from streamproc.events.subject import Subject
from streamproc.events.times import rfc3339
from streamproc.models.releases.bank import ModelBank
from streamproc.models.vectors import by_name, vector_of

Part = dict[str, Any]


def profile_of(customer: Customer, plan: Plan, bank: ModelBank, now_ms: int) -> dict[str, Any]:
    """The parts of the profile, each by its name, in the order of the page."""
    features = Features(CustomerView(customer, now_ms, bank.figures, bank.clusters), plan.functions)
    return {
        "key": customer.key,
        "at": rfc3339(now_ms),
        "who": _who(customer),
        "value": _value(features, plan),
        "rhythm": _rhythm(features, plan),
        "likes": {name: features.text(name) or None for name in ("favourite_category", "device")},
        "consents": [
            {"for": name, "granted": said.granted, "since": rfc3339(said.at_ms)}
            for name, said in customer.consents.items()
        ],
        "tags": [
            {"name": name, "source": source_of(customer, name), "since": rfc3339(at)}
            for name, at in customer.tags.items()
        ],
        "segments": [{"name": name, "since": rfc3339(at)} for name, at in customer.segments.items()],
        "scores": [_score(customer, name, plan, bank) for name in customer.scores],
        "timers": [
            {"due": rfc3339(due), "what": timer_in_words(name), "name": name}
            for name, due in sorted(customer.timers.items(), key=lambda each: (each[1], each[0]))
        ],
        **_messages(customer),
        "journeys": [_journey(each, customer, plan) for each in customer.journeys],
        "features": {name: _said(features, name) for name in sorted(_names(plan))},
    }


def _names(plan: Plan) -> set[str]:
    return {name for name in plan.functions if ":" not in name and "@" not in name}


def _said(features: Features, name: str) -> float | str:
    return features.text(name) if name in LABELS else features[name]


def _who(customer: Customer) -> Part:
    subject = Subject.of_key(customer.key)
    return {
        "kind": subject.kind.name.lower(),
        "id": subject.id,
        "first_seen": rfc3339(customer.first_seen_ms),
        "last_seen": rfc3339(customer.last_seen_ms),
        "traits": [
            {
                "name": name,
                "value": value,
                "since": _at(customer.trait_times.get(name)),
                "source": customer.trait_sources.get(name),
            }
            for name, value in customer.traits.items()
        ],
        "known_as": [
            {"key": key, "since": rfc3339(claim.at_ms)} for key, claim in customer.claims.items() if claim.holds
        ],
    }


def _value(features: Features, plan: Plan) -> Part:
    """What the customer has brought and is expected to bring, with what that was reckoned by."""
    view, settings = features.view, plan.profile.clv
    scores, worth = rfm_scores(view), expected(view, settings, plan.orders_forecast)
    customer = view.customer
    return {
        "orders": customer.orders,
        "revenue": customer.revenue_micros / MICROS,
        "given_back": customer.refunded_micros / MICROS,
        "times_given_back": customer.refunds,
        "last_order": _at(customer.last_order_ms),
        "rfm": None
        if scores is None or view.figures is None
        else {"group": features.text("rfm_group"), **scores._asdict(), "version": view.figures.version},
        "clv_historic": features["clv_historic"],
        "clv": None if worth is None else {**worth._asdict(), "parameters": settings.model_dump(mode="json")},
    }


def _rhythm(features: Features, plan: Plan) -> Part:
    customer, contact = features.view.customer, contact_at(features.view, plan.policy.contact)
    cart = customer.cart
    return {
        "sessions": customer.sessions,
        "gap_mean_weeks": features["gap_mean_weeks"],
        "gap_ratio": features["gap_ratio"],
        "engagement": features["engagement"],
        "best_hour": contact.hour,
        "time_zone": zone_of(customer, customer.zone),
        "best_channel": None if contact.channel is None else CHANNELS[contact.channel],
        "responses": contact.responses,
        "cart": dict(cart.lines) if cart else {},
    }


def _score(customer: Customer, name: str, plan: Plan, bank: ModelBank) -> Part:
    """What was said last; its reasons, if the version still counts and the question is still known."""
    said, prediction = customer.scores[name], plan.asked.get(name)
    asked = [each for each in customer.questions if each.model == name and each.asked_ms == said.at_ms]
    reasons: tuple[str, ...] = ()
    if prediction is not None and asked and bank.version(name) == said.model_version:
        features = vector_of(asked[0].features)
        if asked[0].feature_set == prediction.feature_set:
            scored = bank.score(name, by_name(prediction.asked_with, features))
            reasons = scored.reasons if scored else ()
    return {
        "model": name,
        "value": said.value,
        "unit": prediction.unit if prediction else None,
        "band": prediction.band(said.value) if prediction else None,
        "at": rfc3339(said.at_ms),
        "version": said.model_version,
        "reasons": list(reasons),
    }


def _messages(customer: Customer) -> Part:
    return {
        "messages": [_sending(each) for each in reversed(tuple(customer.sendings))],
        "waiting": [
            {"trigger": each.trigger, "until": rfc3339(each.until_ms), "since": rfc3339(each.since_ms),
             "reason": each.reason}
            for each in customer.waiting
        ],
        "fired": [{"trigger": name, "at": rfc3339(fired.at_ms)} for name, fired in customer.fired.items()],
        "refused": dict(customer.refused),
        "offers": [{"offer": name, "at": rfc3339(at)} for name, at in customer.offered.items()],
    }  # fmt: skip


def _journey(each: JourneyInstance, customer: Customer, plan: Plan) -> Part:
    journey = plan.journeys.definition(each, customer.journey_texts)
    return {
        "journey": each.journey,
        "about": each.key,
        "step": None if journey is None else journey.step_names[each.step],
        "since": rfc3339(each.started_ms),
        "next": rfc3339(each.due_ms),
    }


def _sending(each: Sending) -> Part:
    came = [action.name.lower() for action in Action if each.came & 1 << action]
    return {
        "trigger": each.trigger,
        "at": rfc3339(each.at_ms),
        "channel": CHANNELS[each.channel],
        "purpose": SENDING_PURPOSES[each.purpose],
        "came": came + (["retracted"] if each.came & RETRACTED else []),
    }


def _at(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339(at_ms)
