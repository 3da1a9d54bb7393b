"""Who is on journeys goes on: they begin when their trigger is sent, go from step to step, and end, each with a record.

What a step wishes to send goes through the policy together with all that triggers wish to send. So a step of the page
`decide/step.py` comes before that (`Walk.go_on`: exits, and who is due) and one after it (`Walk.hear`: what was sent
or refused, and which journeys begin by it). One timer wakes whoever is due first.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from streamproc.customer.journeys import INTERRUPTED, MAX_JOURNEYS, JourneyInstance
from streamproc.customer.sendings import RETRACTED, key_of
from streamproc.decide.identity.retention import is_to_be_forgotten
from streamproc.decide.journeys.journey import Journey, lacks_features
from streamproc.decide.journeys.steps import Here, Went
from streamproc.decide.messages.retraction import can_be_taken_back, take_back
from streamproc.decide.messages.sending import Said, called_off, is_put_off
from streamproc.decide.moment import Moment
from streamproc.decide.plan import Plan
from streamproc.decide.triggers import Candidate
from streamproc.events.decisions import JourneyChange, Retraction, Suppression, Trigger
from streamproc.events.log import ProfileMoved
from streamproc.events.times import rfc3339

JOURNEYS = "journeys"
"""The timer."""

Change = Literal["started", "stepped", "ended", "refused"]


class Walk:
    """The journeys of one customer at one moment.

    Attributes:
        decisions: what is to be told: how they go on, and messages that are called off by their end.
    """

    __slots__ = ("_moment", "_plan", "decisions")

    def __init__(self, moment: Moment, plan: Plan) -> None:
        self._moment = moment
        self._plan = plan
        self.decisions: list[JourneyChange | Suppression | Retraction] = []

    def go_on(self, retracted: Sequence[Retraction]) -> list[Candidate]:
        """Who has to leave leaves, and who is due goes on; the messages that they come to."""
        moment, customer = self._moment, self._moment.customer
        if not customer.journeys:
            for each in moment.before.journeys if moment.before else ():
                self._ended(each, "erased")  # nothing else takes journeys out of a state before this
            return []
        is_due, on = moment.is_due(JOURNEYS) or isinstance(moment.entry.event, ProfileMoved), []
        for number, instance in enumerate(customer.journeys):
            journey = self._plan.journeys.definition(instance, customer.journey_texts)
            if journey is None or number >= MAX_JOURNEYS:
                self._leave(instance, self._why_lost(instance) if journey is None else "too_many", journey)
            elif (reason := self._why_over(instance, journey, retracted)) is not None:
                self._leave(instance, reason, journey)
            elif (after := self._due(journey, instance) if is_due else instance) is not None:
                on.append(after)
        customer.journeys = tuple(on)
        return list(self._wishes()) if is_due else []

    def hear(self, said: Iterable[Said]) -> None:
        """What became of the messages, and the journeys that begin with what was sent."""
        customer = self._moment.customer
        for each in said:
            if each.step is not None:
                customer.journeys = tuple(self._answered(each))
            elif isinstance(each, Trigger):
                for journey in self._plan.journeys.begun_by(each.trigger):
                    self._start(journey, each)
        if customer.journeys or customer.journey_texts:
            self._keep()

    def _keep(self) -> None:
        """Set the timer, and keep the definitions that are needed."""
        customer = self._moment.customer
        self._moment.set_timer(JOURNEYS, min((each.due_ms for each in customer.journeys), default=None))
        used = {each.definition for each in customer.journeys}
        if used != customer.journey_texts.keys():
            texts = customer.journey_texts
            customer.journey_texts = {digest: text for digest, text in texts.items() if digest in used}

    @staticmethod
    def _why_lost(instance: JourneyInstance) -> str:
        """Why there is no definition of it."""
        return "interrupted" if instance.definition == INTERRUPTED else "unreadable"

    def _why_over(self, instance: JourneyInstance, journey: Journey, retracted: Sequence[Retraction]) -> str | None:
        """Why it ends now, wherever it stands; None: it goes on."""
        moment = self._moment
        if instance.journey not in self._plan.journeys.by_name:
            return "removed"
        if lacks_features(journey, moment.functions):
            return "feature_gone"
        if any(self._began(instance, journey, each) for each in retracted):
            return "retracted"
        if self._is_left(instance, journey):
            return "exit"
        if moment.now_ms >= instance.ends_ms:
            return "too_long"
        return "forgotten" if is_to_be_forgotten(moment, self._plan.policy) else None

    def _began(self, instance: JourneyInstance, journey: Journey, retraction: Retraction) -> bool:
        """Whether what is retracted is the trigger that the journey began with."""
        if retraction.trigger != journey.start:
            return False
        key, sendings = key_of(instance.key), self._moment.customer.sendings
        return any(
            each.trigger_id == retraction.trigger_id and (each.key, each.at_ms) == (key, instance.started_ms)
            for each in sendings
        )

    def _is_left(self, instance: JourneyInstance, journey: Journey) -> bool:
        """Whether an event of its exits has come, or a condition holds; an order may come with a profile that moves."""
        moment = self._moment
        if moment.happened in journey.exits and moment.now_ms >= instance.started_ms:
            return True
        if journey.exits_if and journey.is_left(Here(moment, instance).features):
            return True
        if not isinstance(moment.entry.event, ProfileMoved) or "order_placed" not in journey.exits:
            return False
        return (moment.customer.last_order_ms or 0) >= instance.started_ms

    def _leave(self, instance: JourneyInstance, reason: str, journey: Journey | None) -> None:
        """End it, and call off its message: one that waits, or one that an event of before it shows to be wrong."""
        moment = self._moment
        step = None if journey is None else journey.step_names[instance.step]
        if (suppression := called_off(moment, instance.journey, instance.key, step)) is not None:
            self.decisions.append(suppression)
        sending = next((each for each in moment.customer.sendings if each.trigger_id == instance.message), None)
        is_own = sending is not None and sending.trigger == instance.journey and not sending.came & RETRACTED
        if sending is not None and is_own and reason == "exit" and can_be_taken_back(moment, sending):
            self.decisions.append(take_back(moment, sending))
        self._ended(instance, reason)

    def _due(self, journey: Journey, instance: JourneyInstance) -> JourneyInstance | None:
        """Whoever has waited goes on; whoever is at a message stays for it. None: the journey is over."""
        moment = self._moment
        if instance.step in journey.messages:
            is_waiting = is_put_off(moment.customer, instance.journey, instance.key)
            return instance._replace(due_ms=instance.ends_ms if is_waiting else moment.now_ms)
        if instance.due_ms > moment.now_ms:
            return instance
        return self._enter(journey, instance, self._done(journey, instance, Went("waited")))

    def _enter(self, journey: Journey, instance: JourneyInstance, went: Went) -> JourneyInstance | None:
        """Go from step to step until one takes time; None: the journey is over."""
        while (place := journey.following(instance.step, went.to)) is not None:
            instance = instance._replace(step=place)
            answer = journey.step[place].arrive(Here(self._moment, instance))
            if isinstance(answer, int):
                return instance._replace(due_ms=min(answer, instance.ends_ms))
            went = self._done(journey, instance, answer)
        self._ended(instance, went.outcome)
        return None

    def _done(self, journey: Journey, instance: JourneyInstance, went: Went) -> Went:
        if went.result is not None:
            self._change("stepped", instance, went.result, journey.step_names[instance.step])
        return went

    def _wishes(self) -> Iterator[Candidate]:
        """The messages of all who are at one now."""
        for instance, journey in self._at_messages():
            if instance.due_ms <= self._moment.now_ms:
                yield journey.messages[instance.step].candidate(self._moment, instance.key)

    def _at_messages(self) -> Iterator[tuple[JourneyInstance, Journey]]:
        customer = self._moment.customer
        for each in customer.journeys:
            journey = self._plan.journeys.definition(each, customer.journey_texts)
            if journey is not None and each.step in journey.messages:
                yield each, journey

    def _answered(self, said: Said) -> Iterator[JourneyInstance]:
        """All journeys after what was said of one's message: whoever it is goes on, or waits with it."""
        asking = {(each.journey, each.key): journey for each, journey in self._at_messages()}
        for each in self._moment.customer.journeys:
            journey = asking.get((each.journey, each.key))
            if journey is None or (each.journey, each.key) != (said.trigger, said.correlation):
                yield each
            elif isinstance(said, Suppression) and said.deferred:
                yield each._replace(due_ms=each.ends_ms)
            elif (after := self._after(journey, each, said)) is not None:
                yield after

    def _after(self, journey: Journey, instance: JourneyInstance, said: Said) -> JourneyInstance | None:
        if isinstance(said, Trigger):
            sent = instance.sent | 1 << instance.step
            instance = instance._replace(sent=sent, message=said.trigger_id, is_refused=False)
        else:
            instance = instance._replace(is_refused=True)
            customer = self._moment.customer
            customer.refused = {**customer.refused, said.trigger: _why(said)}
        went = Went("sent" if isinstance(said, Trigger) else "refused")
        return self._enter(journey, instance, self._done(journey, instance, went))

    def _start(self, journey: Journey, trigger: Trigger) -> None:
        """Begin a journey, unless the customer is on it for the same reason, or on too many."""
        customer, now = self._moment.customer, self._moment.now_ms
        instance = JourneyInstance(
            journey.name, trigger.correlation, journey.digest, -1, now, now, now + journey.max_ms, trigger.trigger_id
        )
        if any((each.journey, each.key) == (instance.journey, instance.key) for each in customer.journeys):
            self._change("refused", instance, "already_on_it")
        elif len(customer.journeys) >= MAX_JOURNEYS:
            self._change("refused", instance, "too_many")
        else:
            self._change("started", instance)
            after = self._enter(journey, instance, Went(None))
            if after is not None:
                customer.journeys = (*customer.journeys, after)
                customer.journey_texts = {**customer.journey_texts, journey.digest: journey.text}

    def _ended(self, instance: JourneyInstance, reason: str) -> None:
        self._change("ended", instance, reason)

    def _change(
        self, change: Change, instance: JourneyInstance, reason: str | None = None, step: str | None = None
    ) -> None:
        moment, about = self._moment, f"{instance.journey}:{instance.key}"
        self.decisions.append(
            JourneyChange(
                change_id=moment.decision_id(f"journey:{about}:{change}:{step or ''}"),
                journey=instance.journey,
                correlation=instance.key,
                customer_id=moment.subject.customer_id,
                anonymous_id=moment.subject.anonymous_id,
                change=change,
                step=step,
                reason=reason,
                definition=instance.definition,
                started_at=rfc3339(instance.started_ms),
                at=moment.at,
                plan_version=moment.plan_version,
                position=moment.entry.position,
            )
        )


def _why(said: Suppression) -> str:
    return said.reason if said.detail is None else f"{said.reason} ({said.detail})"
