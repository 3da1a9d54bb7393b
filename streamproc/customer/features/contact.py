"""When and where a customer answers: in conditions numbers, -1 as long as too little is known; in models categories."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from streamproc.customer.contact import DEFAULT_CONTACT, Contact, ContactSettings, contact_of
from streamproc.customer.features.registry import category, feature
from streamproc.customer.features.turning import Limits, Value, Watch, turns
from streamproc.customer.local_time import zone_of
from streamproc.customer.messages.record import CHANNELS
from streamproc.customer.responses import beginning_of, period_of
from streamproc.customer.view import CustomerView

UNKNOWN = -1.0


class _Known(NamedTuple):
    settings: ContactSettings
    contact: Contact


def contact_at(view: CustomerView, settings: ContactSettings) -> Contact:
    """When and where the customer answers, by their own clock."""
    known = view.contact
    if isinstance(known, _Known) and known.settings is settings:
        return known.contact
    customer = view.customer
    zone = zone_of(customer, customer.zone) if customer.responses else customer.zone
    found = contact_of(customer.responses, view.now_ms, zone, settings)
    view.contact = _Known(settings, found)
    return found


def contact_features(settings: ContactSettings) -> Mapping[str, Callable[[CustomerView], float]]:
    """The features of this file as a shop has set them."""
    return {"best_hour": partial(_hour, settings), "best_channel": partial(_channel, settings)}


def _fading_while_known(value: Value, _limits: Limits) -> Watch:
    """What is known counts less every four weeks, until it is too little; by time alone nothing else becomes best."""
    return lambda view, _place: None if value(view) == UNKNOWN else beginning_of(period_of(view.now_ms) + 1)


def _hour_in_text(value: float) -> str:
    return "" if value == UNKNOWN else str(int(value))


def _channel_in_text(value: float) -> str:
    return "" if value == UNKNOWN else CHANNELS[int(value)]


def _hour(settings: ContactSettings, view: CustomerView) -> float:
    hour = contact_at(view, settings).hour
    return UNKNOWN if hour is None else float(hour)


def _channel(settings: ContactSettings, view: CustomerView) -> float:
    channel = contact_at(view, settings).channel
    return UNKNOWN if channel is None else float(channel)


@category(_hour_in_text)
@feature
@turns(_fading_while_known)
def best_hour(view: CustomerView) -> float:
    """Around this hour of their day (0 to 23) the customer opens and clicks most; -1: not known."""
    return _hour(DEFAULT_CONTACT, view)


@category(_channel_in_text)
@feature
@turns(_fading_while_known)
def best_channel(view: CustomerView) -> float:
    """On this channel the customer opens and clicks most: 0 email, 1 sms, 2 push, 3 web; -1: not known."""
    return _channel(DEFAULT_CONTACT, view)
