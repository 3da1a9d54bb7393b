"""One event, one customer, one answer: read this page first.

`step` is a pure function of its arguments: no clock, no randomness, no Kafka. The live worker, a replay and a test
call the same function and get the same answer.
"""

from streamproc.customer.folds import fold, refused_conflict, refused_late, seen_before
from streamproc.customer.recent_ids import Seen
from streamproc.customer.state import Customer
from streamproc.decide.facts import facts_of
from streamproc.decide.identity.moving import taken_in
from streamproc.decide.identity.retention import forget_if_due
from streamproc.decide.identity.who import claim
from streamproc.decide.journeys.walk import Walk
from streamproc.decide.messages.responses import responses
from streamproc.decide.messages.retraction import retractions
from streamproc.decide.messages.sending import say
from streamproc.decide.moment import OFFERED, SEGMENTS, Moment
from streamproc.decide.offers.choice import choose_offer
from streamproc.decide.offers.for_you import note_basket
from streamproc.decide.offers.rewards import note_responses, rewards_due
from streamproc.decide.outcome import Outcome
from streamproc.decide.overdue import overdue_timer
from streamproc.decide.plan import Plan
from streamproc.decide.predictions.occasions import ask_at_occasions
from streamproc.decide.predictions.questions import answer_questions, ask_questions
from streamproc.decide.predictions.sampling import sampled
from streamproc.decide.products.interests import note_interests
from streamproc.decide.products.watching import note_sightings
from streamproc.decide.segments.decay import DECAY, FILL
from streamproc.decide.segments.groups import leave_groups, update_groups
from streamproc.decide.shared import ALONE, Shared
from streamproc.decide.triggers import Candidate
from streamproc.decide.triggers.product import rule_timer
from streamproc.events.base import RawEvent
from streamproc.events.log import LogEntry, ProfileMoved, TimerDue
from streamproc.models.releases.bank import ModelBank

ERASED = "erasure_requested"


def step(state: Customer | None, entry: LogEntry, plan: Plan, bank: ModelBank, shared: Shared = ALONE) -> Outcome:
    """What one entry of the customer log does to one customer."""
    entry = plan.shop.priced(entry)
    if (seen := seen_before(state, entry)) is not Seen.NEW:
        return Outcome(refused(state, entry, seen), seen=seen)
    if (overdue := overdue_timer(state, entry, plan.asked)) is None:
        return apply(state, entry, plan, bank, shared)
    outcome = apply(state, overdue, plan, bank, shared)
    while (overdue := overdue_timer(outcome.customer, entry, plan.asked)) is not None:
        outcome = outcome.then(apply(outcome.customer, overdue, plan, bank, shared))
    return outcome.then(apply(outcome.customer, entry, plan, bank, shared))


def refused(state: Customer | None, entry: LogEntry, seen: Seen) -> Customer | None:
    """The customer when an event is passed over: what was refused is hardly ever worth remembering."""
    if state is not None and seen is Seen.ERASED:
        return refused_late(state, entry)
    if state is not None and seen is Seen.CONFLICTING and isinstance(entry.event, RawEvent):
        return refused_conflict(state, entry.event)
    return state


def apply(state: Customer | None, entry: LogEntry, plan: Plan, bank: ModelBank, shared: Shared = ALONE) -> Outcome:
    """Fold, answer, ask, tag, segment, offer, ask triggers, journeys, policy, tell, claim, forget: in this order."""
    customer = folded(state, entry, plan)
    if customer.is_guest:
        plan = plan.for_guests
    moment = Moment(state, customer, entry, bank, plan.version, plan.functions, shared)
    timer = take_timer(moment)
    note_sightings(moment, plan)
    note_interests(moment, plan.profile.interests)

    examples = answer_questions(moment, plan.asked, plan.offers.policy, plan.policy.holdout)
    scores = ask_questions(moment, plan.asked, plan.policy)
    rewards = rewards_due(moment, plan.predictions)
    samples = sampled(moment, plan.sampled)
    note_responses(moment, plan.offers.offer, plan.predictions)
    moment.changes = update_groups(moment, plan.groups)
    baskets = note_basket(moment, plan.rankings)
    moment.offer = choose_offer(moment, plan.offers, plan.policy, plan.predictions)
    retracted = retractions(moment, plan)
    walk = Walk(moment, plan)
    wished = [*walk.go_on(retracted), *wishes(moment, plan, timer)]
    scores += ask_at_occasions(moment, wished, plan)
    messages = say(moment, wished, plan)
    walk.hear(messages)

    kept = forget_if_due(moment, plan.policy)
    changes = moment.changes if kept is not None else leave_groups(moment)
    offered = [moment.offer] if moment.offer else []
    decisions = (*scores, *changes, *retracted, *messages, *walk.decisions, *offered)
    facts = facts_of(moment, decisions, examples, rewards)
    if customer.sendings.rows:
        facts += responses(moment, plan.policy.order_window_ms)
    examples += (*[each.example for each in rewards if each.example], *samples)
    claims = tuple(claim(state, customer, entry))
    return Outcome(kept, decisions, examples, facts, forwards=claims, baskets=baskets)


def folded(state: Customer | None, entry: LogEntry, plan: Plan) -> Customer:
    """The customer after the entry: an event, a timer, or a profile that has moved here."""
    if isinstance(entry.event, ProfileMoved):
        return taken_in(state, entry, entry.event, plan)
    return fold(state, entry, plan.declared, plan.shop.zone)


def wishes(moment: Moment, plan: Plan, timer: str | None) -> list[Candidate]:
    """What the triggers want to send that what happened can concern; a changed configuration is no occasion."""
    if timer == FILL:
        for rule in plan.triggers.trigger:
            rule.begin(moment)
    if timer == FILL or moment.happened == ERASED:
        return []
    rules = () if timer == DECAY else plan.rules_for(moment.happened, timer and rule_timer(timer))
    if moment.changes:
        rules += plan.rules_for(SEGMENTS, None)
    if moment.offer is not None:
        rules += plan.rules_for(OFFERED, None)
    return [wish for rule in rules if (wish := rule.consider(moment)) is not None]


def take_timer(moment: Moment) -> str | None:
    """The timer that ran out, if the entry is one; it is taken out of the state."""
    event = moment.entry.event
    if not isinstance(event, TimerDue):
        return None
    moment.set_timer(event.name, None)
    return event.name
