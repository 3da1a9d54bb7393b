"""Two who turn out to be one: what was known of both, each thing counted once, whoever is taken in by whom."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from streamproc.customer import awaited, interests, open_offers, reach, recent_ids, responses, sendings, sightings
from streamproc.customer.cart import bounded, carts_begun, with_act
from streamproc.customer.claims import MAX_CLAIMS
from streamproc.customer.folds.browsing import SESSION_GAP_MS
from streamproc.customer.folds.identity import with_traits
from streamproc.customer.folds.messaging import count_happening, remember, set_consent
from streamproc.customer.folds.ordering import count_movement
from streamproc.customer.journeys import journeys_united, rekeyed
from streamproc.customer.ledger.movements import movements
from streamproc.customer.ledger.table import find, with_record
from streamproc.customer.ledger.telling import joined
from streamproc.customer.messages.happenings import happenings
from streamproc.customer.messages.record import Message
from streamproc.customer.messages.table import find as find_message
from streamproc.customer.purchases import Purchases
from streamproc.customer.recent_ids import MAX_IDS
from streamproc.customer.state import MAX_TOTAL_MICROS, MAX_WAITING, Customer, Fired, Session, Waiting
from streamproc.customer.tags import with_words
from streamproc.customer.windows import EMPTY_BUCKETS, KEEP_DAYS, KEEP_HOURS

_FORGET = "forget"


def united(customer: Customer, moved: Customer, kept: Mapping[str, int]) -> Customer:
    """The customer with all that was known of somebody else.

    Args:
        customer: who goes on.
        moved: whose state moves over.
        kept: how many buckets each declared feature keeps, by its key.
    """
    after = customer.copy()
    after.first_seen_ms = min(customer.first_seen_ms, moved.first_seen_ms)
    after.last_seen_ms = max(customer.last_seen_ms, moved.last_seen_ms)
    _orders(after, moved)
    _carts(after, moved)
    _activity(after, moved, kept)
    if moved.purchases:
        after.purchases = Purchases.of(customer.purchases.history.joined(moved.purchases.history))
    _words(after, moved)
    _decided(after, moved)
    return after


def _orders(after: Customer, moved: Customer) -> None:
    """The sums of both; an order of which both were told counts as one."""
    after.days = after.days.joined(moved.days, KEEP_DAYS)
    after.hours = after.hours.joined(moved.hours, KEEP_HOURS)
    after.orders += moved.orders
    after.refunds += moved.refunds
    after.revenue_micros = min(after.revenue_micros + moved.revenue_micros, MAX_TOTAL_MICROS)
    after.refunded_micros = min(after.refunded_micros + moved.refunded_micros, MAX_TOTAL_MICROS)
    for record in moved.ledger:
        known = find(after.ledger, record.digest)
        one = record if known is None else joined(known, record)
        after.ledger = with_record(after.ledger, one)
        if known is not None:
            for movement in (*movements(known), *movements(record)):
                count_movement(after, movement, -1)
            for movement in movements(one):
                count_movement(after, movement, 1)
    counting = after.ledger.order_times
    firsts = [each.first_order_ms for each in (after, moved) if each.first_order_ms is not None]
    whole = len(counting) == after.orders
    after.first_order_ms = counting[0] if whole and counting else min(firsts) if firsts and after.orders else None
    after.last_order_ms = counting[-1] if counting else None


def _carts(after: Customer, moved: Customer) -> None:
    """One cart: what was done with either is played in the order of its times."""
    acts = after.cart_acts
    for act in moved.cart_acts:
        acts = with_act(acts, act)
    begun = len(carts_begun(after.key, acts))
    known = len(carts_begun(after.key, after.cart_acts)) + len(carts_begun(moved.key, moved.cart_acts))
    after.carts += moved.carts + begun - known
    after.cart_acts = bounded(acts)


def _activity(after: Customer, moved: Customer, kept: Mapping[str, int]) -> None:
    """Sessions, repeats, responses, and what declared features count."""
    after.sessions += moved.sessions
    after.session, is_one = _session(after.session, moved.session)
    after.sessions -= is_one
    families = {*after.recent_ids, *moved.recent_ids}
    after.recent_ids = {
        family: recent_ids.joined(after.recent_ids.get(family, ()), moved.recent_ids.get(family, ()), MAX_IDS[family])
        for family in sorted(families)
    }
    after.responses = responses.joined(after.responses, moved.responses)
    after.interests = interests.united(after.interests, moved.interests)
    after.counts = {
        key: after.counts.get(key, EMPTY_BUCKETS).joined(moved.counts.get(key, EMPTY_BUCKETS), kept[key])
        for key in sorted({*after.counts, *moved.counts})
        if key in kept
    }


def _session(one: Session | None, two: Session | None) -> tuple[Session | None, bool]:
    """The newer session, and whether both are one."""
    if one is None or two is None:
        return one or two, False
    older, newer = sorted((one, two), key=lambda each: (each.last_ms, each.started_ms))
    if newer.started_ms - older.last_ms > SESSION_GAP_MS:
        return newer, False
    started, views = min(one.started_ms, two.started_ms), one.views + two.views
    return Session(started, newer.last_ms, views, newer.campaign or older.campaign), True


def _messages(after: Customer, moved: Customer) -> None:
    """What was told of each message, by whomever it was told; then all of it is judged anew."""
    for message in moved.messages:
        known = find_message(after.messages, message.digest)
        one = message
        if known is not None:
            told = tuple(sorted((Counter(known.told) | Counter(message.told)).elements()))
            one = Message(message.digest, told, known.gone | message.gone)
            for happening in (*happenings(known), *happenings(message)):
                count_happening(after, happening, times=-1)
            for happening in happenings(one):
                count_happening(after, happening, times=1)
        remember(after, one)


def _words(after: Customer, moved: Customer) -> None:
    """What was said of the customer and by the customer: of each thing the newest word."""
    words = {**moved.consents, **moved.consents_else}
    for key, word in words.items():
        if word is not None:
            set_consent(after, key, word)
    _messages(after, moved)
    sources = moved.trait_sources
    told = {name: (at, moved.traits.get(name), sources.get(name, "")) for name, at in moved.trait_times.items()}
    with_traits(after, told)
    after.tags = _merged(min, after.tags, moved.tags)
    with_words(after, moved.tag_words)
    after.reach = reach.joined(after.reach, moved.reach)
    newest = sorted({**moved.claims, **after.claims}.items(), key=lambda item: (item[1].at_ms, item[0]))
    after.claims = dict(newest[-MAX_CLAIMS:])


def _decided(after: Customer, moved: Customer) -> None:
    """What was decided, and is waited for; questions are united by who asks them (`decide/identity/moving.py`)."""
    own, other = f"{after.key}:", f"{moved.key}:"

    def renamed(correlation: str) -> str:
        """A cart that is called after whose it is."""
        return own + correlation[len(other) :] if correlation.startswith(other) else correlation

    for name, fired in moved.fired.items():
        theirs = Fired(fired.at_ms, renamed(fired.correlation))
        after.fired = {**after.fired, name: max(after.fired.get(name, theirs), theirs)}
    after.offered = _merged(max, after.offered, moved.offered)
    after.open_offers = open_offers.joined(after.open_offers, moved.open_offers)
    after.sendings = sendings.united(after.sendings, moved.sendings)
    after.waiting = _waiting(after, [each._replace(correlation=renamed(each.correlation)) for each in moved.waiting])
    after.journeys = journeys_united(after.journeys, rekeyed(moved.journeys, renamed))
    after.journey_texts = {**moved.journey_texts, **after.journey_texts}
    after.awaited = awaited.united(after.awaited, moved.awaited)
    after.sightings = sightings.united(after.sightings, moved.sightings)
    after.refused = {**moved.refused, **after.refused, **_both(after.refused, moved.refused)}
    after.crossed = _merged(min, after.crossed, moved.crossed)
    after.awaited_seen = _merged(max, after.awaited_seen, moved.awaited_seen)
    after.occasions = _merged(min, after.occasions, moved.occasions)
    scores = {**moved.scores, **after.scores}
    after.scores = {
        name: max(score, moved.scores.get(name, score), key=lambda s: s.at_ms) for name, score in scores.items()
    }
    waited = {name: due for name, due in moved.timers.items() if name != _FORGET}
    delays = {name: due for name, due in waited.items() if name.startswith("trigger:")}
    others = {name: due for name, due in waited.items() if name not in delays}
    after.timers = _merged(min, _merged(max, after.timers, delays), others)


def _waiting(after: Customer, moved: Iterable[Waiting]) -> tuple[Waiting, ...]:
    """What waits of both: of one occasion once, those that are decided first if there are too many."""
    found: dict[tuple[str, str], Waiting] = {}
    for each in sorted((*moved, *after.waiting), key=_when_decided):
        found.setdefault((each.trigger, each.correlation), each)
    return tuple(found.values())[:MAX_WAITING]


def _when_decided(waiting: Waiting) -> tuple[object, ...]:
    return (*(waiting.until_ms, waiting.trigger, waiting.correlation, waiting.since_ms, waiting.reason),
            *sorted(waiting.values.items()))  # fmt: skip


def _both(one: Mapping[str, str], two: Mapping[str, str]) -> dict[str, str]:
    """What both say, the same whoever is taken in by whom."""
    return {name: max(one[name], two[name]) for name in one.keys() & two.keys()}


def _merged(which: Callable[[int, int], int], one: dict[str, int], two: dict[str, int]) -> dict[str, int]:
    return {**one, **{name: which(one.get(name, value), value) for name, value in two.items()}}
