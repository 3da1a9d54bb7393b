"""A shop whose customers' taste in offers is known, to see how well a policy learns it.

**Everything in here is made up** and seeded. What the policy sees are events; the step, the learner and its releases
are the product's own. A customer clicks on an offer with a chance that depends on the offer and on what the customer is
like, and only the simulation knows it: so the regret of each choice is known, too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

import orjson

from streamproc.customer.state import Customer
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.step import step
from streamproc.events.adapters.native import parse
from streamproc.events.decisions import Offer
from streamproc.events.log import LogEntry, ModelReleased, TimerDue
from streamproc.events.raw import Event
from streamproc.events.subject import subject_of
from streamproc.events.times import DAY_MS, HOUR_MS, epoch_ms, from_epoch_ms, rfc3339
from streamproc.events.training import Example
from streamproc.learn.learner import new_learner, order_of
from streamproc.models.releases.bank import ModelBank
from streamproc.offline.synthetic.dice import dice_for, happens
from streamproc.offline.synthetic.taste import Truth

KEY = b"a simulation's signing key"
START_MS = 1_735_689_600_000
YEAR_MS = 365 * DAY_MS
CUSTOMERS = 200
VIEWS = 4
"""So many pages somebody sees before an order who looks around."""


@dataclass(frozen=True)
class Choice:
    """One choice of the policy.

    Attributes:
        decision: what it chose, as it is logged.
        reward: what that brought: 1 for a click.
        chances: how likely a click by this customer was on each offer that could be made.
        single: how likely a click on the offer was that is best for all customers taken together.
    """

    decision: Offer
    reward: float
    chances: Mapping[str, float]
    single: float

    @property
    def chance(self) -> float:
        """How likely a click was on what was chosen."""
        return self.chances[self.decision.offer_id]

    @property
    def best(self) -> float:
        """How likely a click was on the offer that this customer likes most."""
        return max(self.chances.values())

    @property
    def regret(self) -> float:
        """What the best offer would have brought more, on average."""
        return self.best - self.chance


def simulate(plan: Plan, truth: Truth, seed: int, choices: int) -> Iterator[Choice]:
    """A year in which a plan chooses so many offers, one after each order.

    What customers are like, when they order and how lucky an offer is depend on the seed alone, so that policies meet
    the same year.
    """
    shop = _Shop(plan)
    dice = dice_for(seed, "year")
    shoppers = [_Shopper.of(seed, number) for number in range(CUSTOMERS)]
    single = _best_for_all(truth, shoppers)
    for number in range(choices):
        shopper, at_ms = dice.choice(shoppers), START_MS + number * YEAR_MS // choices
        shop.reach(at_ms)
        for view in range(VIEWS if shopper.looks_around else 0):
            shop.see(_event(shopper, "page_viewed", f"v{number}-{view}", at_ms - HOUR_MS))
        outcome = shop.see(_order(shopper, number, at_ms))
        for offer in [each for each in outcome.decisions if isinstance(each, Offer)]:
            is_liked = happens(shopper.chance(truth, offer.offer_id), dice_for(seed, "luck", str(number)))
            if is_liked:
                named = {"message_id": f"m{number}", "offer_id": offer.offer_id}
                shop.see(_event(shopper, "clicked", f"c{number}", at_ms + HOUR_MS, **named))
            chances = {name: shopper.chance(truth, name) for name in offer.candidates}
            yield Choice(offer, float(is_liked), chances, shopper.chance(truth, single))


@dataclass(frozen=True)
class _Shopper:
    """A customer: `spending` and `browsing` are -1 or 1."""

    name: str
    spending: int
    browsing: int

    @classmethod
    def of(cls, seed: int, number: int) -> "_Shopper":
        dice = dice_for(seed, "shopper", str(number))
        return cls(f"shopper-{number:04d}", dice.choice((-1, 1)), dice.choice((-1, 1)))

    @property
    def looks_around(self) -> bool:
        return self.browsing > 0

    def chance(self, truth: Truth, offer: str) -> float:
        return truth[offer].chance(self.spending, self.browsing)


def _best_for_all(truth: Truth, shoppers: list[_Shopper]) -> str:
    return max(truth, key=lambda name: (sum(each.chance(truth, name) for each in shoppers), name))


def _event(shopper: _Shopper, kind: str, event_id: str, at_ms: int, **more: object) -> Event:
    said = {"type": kind, "event_id": event_id, "customer_id": shopper.name, "occurred_at": rfc3339(at_ms), **more}
    event = parse(orjson.dumps(said))
    if not isinstance(event, Event):
        raise TypeError(f"{said} is no event: {event}")
    return event


def _order(shopper: _Shopper, number: int, at_ms: int) -> Event:
    pounds = 150 if shopper.spending > 0 else 15
    lines = [{"sku": "thing", "quantity": 1, "unit_price": pounds * 1_000_000}]
    return _event(shopper, "order_placed", f"o{number}", at_ms, order_id=f"o{number}", currency="GBP", lines=lines)


class _Shop:
    """The customers' log, step by step, and a learner whose versions count as soon as they are released."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._bank = ModelBank(KEY, plan.predictions)
        self._learners = {name: (each, new_learner(name, each)) for name, each in plan.predictions.items()}
        self._states: dict[str, Customer] = {}
        self._timers: list[tuple[int, str]] = []
        self._examples: list[tuple[tuple[int, str], int, Example]] = []
        self._offset = 0

    def see(self, event: Event) -> Outcome:
        """One event."""
        return self._step(subject_of(event).key, epoch_ms(event.occurred_at), event)

    def reach(self, now_ms: int) -> None:
        """Event time: who is due wakes, and what is known by then is learned."""
        while self._timers and self._timers[0][0] <= now_ms:
            due_ms, key = heappop(self._timers)
            timers = self._states[key].timers
            timer = min((name for name, at_ms in timers.items() if at_ms == due_ms), default=None)
            if timer is not None:
                self._step(key, due_ms, TimerDue(timer))
        while self._examples and self._examples[0][0][0] <= now_ms:
            self._learn(heappop(self._examples)[2])

    def _step(self, key: str, at_ms: int, event: Event | TimerDue) -> Outcome:
        entry = LogEntry(key, at_ms, f"simulation/0/{self._offset}", self._offset, event)
        self._offset += 1
        outcome = step(self._states.get(key), entry, self._plan, self._bank)
        if outcome.customer is not None:
            self._states[key] = outcome.customer
            if (due_ms := outcome.customer.next_due_ms) is not None:
                heappush(self._timers, (due_ms, key))
        for number, example in enumerate(outcome.examples):
            heappush(self._examples, (order_of(example), self._offset * 100 + number, example))
        return outcome

    def _learn(self, example: Example) -> None:
        prediction, learner = self._learners[example.model]
        card = learner.learn(example, prediction, KEY)
        if card is not None:
            release = ModelReleased(
                model=card.model,
                version=card.version,
                snapshot=card.snapshot,
                signature=card.signature,
                trained_through=from_epoch_ms(learner.trained_through_ms),
                examples=card.examples,
            )
            self._bank = self._bank.with_release(release)
