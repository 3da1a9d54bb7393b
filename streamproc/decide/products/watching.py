"""What customers watch: kept in their own states, and only as long as a rule of `config/triggers.toml` asks for it."""

from streamproc.customer.sightings import NO_SIGHTINGS, noted, sightings_of
from streamproc.decide.moment import Moment
from streamproc.decide.plan import Plan
from streamproc.events.base import RawEvent

WATCHING = "watching"
"""The timer at which the oldest is forgotten."""


def note_sightings(moment: Moment, plan: Plan) -> None:
    """Remember which products an event shows to have been seen or bought, and forget what is too long ago."""
    customer, entry, event = moment.customer, moment.entry, moment.entry.event
    if plan.watch_ms == 0:
        if moment.is_due(WATCHING):
            customer.sightings = NO_SIGHTINGS
        return
    new = tuple(sightings_of(event, entry.at_ms, plan.shop.currency)) if isinstance(event, RawEvent) else ()
    if not new and not customer.sightings.rows:
        return
    customer.sightings = noted(customer.sightings, new, entry.complete_ms, entry.known_ms - plan.watch_ms)
    rows = customer.sightings.rows
    moment.set_timer(WATCHING, rows[0][0] + plan.watch_ms + 1 if rows else None)
