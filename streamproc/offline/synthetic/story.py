"""The synthetic story: what happens around each real order, and what is due between orders."""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from streamproc.events.email import Channel
from streamproc.events.profile import ConsentChanged
from streamproc.events.purchase import OrderPlaced
from streamproc.events.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, from_epoch_ms
from streamproc.offline.synthetic.browsing import (
    arrive,
    articles_of,
    fill_and_leave,
    fill_cart_for,
    look_around,
    some_articles,
    stroll,
    tidy_cart_for,
)
from streamproc.offline.synthetic.dice import SOURCE, dice_for, happens, how_many, synthetic_id
from streamproc.offline.synthetic.mailing import arrival_by_mail, campaign_of, next_issue_ms, send_mail
from streamproc.offline.synthetic.shopper import DEVICE_WEIGHTS, DEVICES, Article, Shopper, Visitor, meet
from streamproc.offline.synthetic.timeline import Timeline
from streamproc.offline.synthetic.visit import Arrival, Visit

NO_ORDER_WITHIN_MS = 12 * HOUR_MS
"""A cart is only left behind if the customer really ordered nothing for this long."""

SAME_CHECK_OUT_MS = 30 * MINUTE_MS
"""Orders of a customer that follow each other faster come from one visit: that before the first of them."""

LOOK_BACK_MS = 2 * DAY_MS
"""Nothing is told that lies further before the order (or the due time) that brings it up."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How much synthetic behaviour there is; the defaults make about 122,000 events around Online Retail's year.

    Attributes:
        sessions_per_order: visits per real order of a customer; 45 % of them lead to the order, 20 % are visits
            without one, 35 % are of somebody unknown.
        mailed_ratio: share of the reachable customers who get the weekly newsletter.
        consent_ratio: share of the customers who allow e-mail at their first order.
    """

    sessions_per_order: float = 1.0
    mailed_ratio: float = 0.11
    consent_ratio: float = 0.85


class _Occasion(NamedTuple):
    """A real order, and whose it is."""

    at_ms: int
    order: OrderPlaced
    shopper: Shopper
    is_first: bool
    dice: Random


class Story:
    """Invents behaviour order by order; `timeline` holds what was invented.

    Orders come in time order. `reach` is called before each, and makes what is due until then.
    """

    def __init__(self, seed: int, habits: Habits) -> None:
        self.timeline = Timeline()
        self._seed = seed
        self._habits = habits
        self._shoppers: dict[str, Shopper] = {}
        self._selling: deque[Article] = deque(maxlen=500)
        self._agenda: list[tuple[int, str, Callable[[], None]]] = []

    def reach(self, at_ms: int) -> None:
        """Let everything happen that is due up to a moment."""
        while self._agenda and self._agenda[0][0] <= at_ms:
            _, _, happen = heapq.heappop(self._agenda)
            happen()

    def order_placed(self, at_ms: int, order: OrderPlaced) -> None:
        """Invent what came before this order of a customer, and plan what comes after it."""
        if not self._shoppers:
            self._plan_newsletter(at_ms)
        bought = articles_of(order)
        self._selling.extend(bought)
        customer_id = order.customer_id or ""
        is_first = customer_id not in self._shoppers
        if is_first:
            self._shoppers[customer_id] = meet(self._seed, customer_id, from_epoch_ms(at_ms).hour)
        shopper = self._shoppers[customer_id]
        occasion = _Occasion(at_ms, order, shopper, is_first, dice_for(self._seed, "order", order.event_id))
        if is_first:
            self._ask_for_consent(occasion)
        if self._selling:
            self._visit_before(occasion)
            self._plan_visits_after(occasion)
            self._add_strangers(occasion)
        shopper.ordered_ms = at_ms
        shopper.liked = tuple(bought[:8])
        shopper.in_cart -= {line.sku for line in order.lines}

    def _visit_before(self, occasion: _Occasion) -> None:
        """The last visit before the order fills the cart; visits before that only look."""
        at_ms, order, shopper, is_first, dice = occasion
        visits = how_many(0.45 * self._habits.sessions_per_order, dice)
        if not visits or at_ms - shopper.ordered_ms < SAME_CHECK_OUT_MS:
            return
        for number in range(1, visits):
            looking = Visit(self._id("visit", order.event_id, f"look-{number}"), shopper.visitor, arrive(dice), dice)
            look_around(looking, some_articles(shopper, self._selling, dice), dice)
            self.timeline.add(looking.starting(at_ms - round(dice.uniform(2, 40) * HOUR_MS)))
        name = self._id("visit", order.event_id, "order")
        is_unknown = is_first and happens(0.4, dice)
        visit = Visit(name, self._stranger(name, dice) if is_unknown else shopper.visitor, arrive(dice), dice)
        fill_cart_for(order, visit, self._selling, dice)
        if is_unknown:
            visit.log_in(shopper.customer_id)
        tidy_cart_for(order, shopper, visit)
        if happens(0.75, dice):
            visit.check_out()
        self.timeline.add(visit.ending(at_ms - round(dice.uniform(10, 90) * SECOND_MS)))

    def _plan_visits_after(self, occasion: _Occasion) -> None:
        at_ms, order, shopper, _, dice = occasion
        for number in range(how_many(0.2 * self._habits.sessions_per_order, dice)):
            day_ms = at_ms - at_ms % DAY_MS + (1 + int(dice.expovariate(1 / 12))) * DAY_MS
            starts_ms = day_ms + shopper.browsing_ms + round(dice.uniform(-60, 60) * MINUTE_MS)
            name = self._id("visit", order.event_id, f"after-{number}")
            self._plan_visit(shopper, name, starts_ms, arrive(dice))

    def _plan_visit(self, shopper: Shopper, name: str, starts_ms: int, arrival: Arrival) -> None:
        """A visit is told when it is known whether an order followed it."""

        def happen() -> None:
            dice = dice_for(self._seed, name)
            visit = Visit(name, shopper.visitor, arrival, dice)
            look_around(visit, some_articles(shopper, self._selling, dice), dice)
            if shopper.ordered_ms < starts_ms and happens(0.6, dice):
                fill_and_leave(shopper, visit, self._selling, dice)
            self.timeline.add(visit.starting(starts_ms))

        self._plan(starts_ms + NO_ORDER_WITHIN_MS, name, happen)

    def _add_strangers(self, occasion: _Occasion) -> None:
        at_ms, order, _, _, dice = occasion
        for number in range(how_many(0.35 * self._habits.sessions_per_order, dice)):
            name = self._id("visit", order.event_id, f"stranger-{number}")
            visit = stroll(name, self._stranger(name, dice), self._selling, dice)
            self.timeline.add(visit.starting(at_ms + round(dice.uniform(0, 6) * HOUR_MS)))

    def _stranger(self, visit: str, dice: Random) -> Visitor:
        return Visitor(dice.choices(DEVICES, DEVICE_WEIGHTS)[0], anonymous_id=self._id("visitor", visit))

    def _ask_for_consent(self, occasion: _Occasion) -> None:
        at_ms, _, shopper, _, dice = occasion
        shopper.mailable = happens(self._habits.consent_ratio, dice)
        asked_ms = at_ms - round(dice.uniform(1, 8) * SECOND_MS)
        if shopper.mailable:
            self._consent(shopper, "email", asked_ms, granted=True)
            if happens(0.07, dice):
                day_ms = at_ms - at_ms % DAY_MS + (1 + int(dice.expovariate(1 / 90))) * DAY_MS
                self._plan_withdrawal(shopper, day_ms + round(dice.uniform(21, 24) * HOUR_MS))  # never amid a mailing
        if happens(0.2, dice):
            self._consent(shopper, "push", asked_ms, granted=True)

    def _plan_withdrawal(self, shopper: Shopper, at_ms: int) -> None:
        def happen() -> None:
            shopper.mailable = False
            self._consent(shopper, "email", at_ms, granted=False)

        self._plan(at_ms, shopper.customer_id, happen)

    def _consent(self, shopper: Shopper, channel: Channel, at_ms: int, *, granted: bool) -> None:
        event = ConsentChanged(
            event_id=self._id("consent", shopper.customer_id, channel, str(granted)),
            occurred_at=from_epoch_ms(at_ms),
            customer_id=shopper.customer_id,
            source=SOURCE,
            channel=channel,
            granted=granted,
        )
        self.timeline.add([event])

    def _plan_newsletter(self, after_ms: int) -> None:
        issue_ms = next_issue_ms(after_ms)

        def happen() -> None:
            dice = dice_for(self._seed, campaign_of(issue_ms))
            for shopper in self._shoppers.values():
                if shopper.mailable and happens(self._habits.mailed_ratio, dice):
                    self._mail(shopper, issue_ms)
            self._plan_newsletter(issue_ms)

        self._plan(issue_ms, campaign_of(issue_ms), happen)

    def _mail(self, shopper: Shopper, issue_ms: int) -> None:
        campaign = campaign_of(issue_ms)
        message_id = self._id("message", campaign, shopper.customer_id)
        mail = send_mail(shopper, message_id, issue_ms, dice_for(self._seed, message_id))
        self.timeline.add(mail.events)
        shopper.mailable = not mail.lost
        if mail.clicked_ms is not None:
            visit = self._id("visit", message_id)
            self._plan_visit(shopper, visit, mail.clicked_ms + 2 * SECOND_MS, arrival_by_mail(campaign))

    def _plan(self, due_ms: int, name: str, happen: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (due_ms, name, happen))

    def _id(self, kind: str, *names: str) -> str:
        return synthetic_id(self._seed, kind, *names)
