"""Where a customer is on a journey, what comes next and when, and why its messages go out, or do not.

The answers are those of the steps and rules themselves, asked of the customer's state without anything that happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streamproc.customer.journeys import JourneyInstance
from streamproc.customer.state import Customer
from streamproc.decide.conditions_in_words import answer_in_words, in_words
from streamproc.decide.finding import Finding
from streamproc.decide.journeys.journey import Journey
from streamproc.decide.journeys.steps import Here
from streamproc.decide.journeys.steps.message import JourneyMessage
from streamproc.decide.messages.explaining import came_of, policy_of
from streamproc.decide.messages.standing import NO_MODELS, moment_of
from streamproc.decide.moment import Moment
from streamproc.decide.plan import Plan
from streamproc.events.times import rfc3339
from streamproc.models.releases.bank import ModelBank


def journey_explained(  # noqa: PLR0913, PLR0917  who, what, when, by which models
    customer: Customer, journey: Journey, plan: Plan, now_ms: int, bank: ModelBank = NO_MODELS, step: str | None = None
) -> tuple[Finding, ...]:
    """All findings about a journey and a customer at a moment (epoch ms); `step`: the message that is asked about.

    Without one it is the message that comes next. Of a customer who is on it for several reasons each is told.
    """
    moment = moment_of(customer, plan, now_ms, bank)
    found: list[Finding] = []
    ahead: list[_Ahead] = []
    for instance in (each for each in customer.journeys if each.journey == journey.name):
        began_with = plan.journeys.definition(instance, customer.journey_texts)
        if began_with is None:
            found.append(Finding("journey", f"on it about {instance.key}", _LOST, holds=False))
            continue
        ahead.append(_Ahead(began_with, instance, moment))
        found += [*_where(ahead[-1], is_present=began_with.digest == journey.digest), *ahead[-1].findings()]
    if not found:
        found += _not_on_it(journey, customer)
    message = _message(journey, ahead, step)
    policy = () if message is None else policy_of(message, moment, plan)
    return (*found, *policy, *_history(journey, customer))


def _message(journey: Journey, ahead: Sequence["_Ahead"], step: str | None) -> JourneyMessage | None:
    """The message that is asked about; of who is not on the journey its first one."""
    definition = ahead[0].journey if ahead else journey
    if ahead and step is None:
        step = next((each.next_message for each in ahead if each.next_message), "")
    return next((each for each in definition.messages.values() if step in (None, each.step)), None)


_LOST = "its steps cannot be read any more: it ends with the next event"


@dataclass(frozen=True)
class _Ahead:
    """A customer on a journey, and the way from there as everything is now."""

    journey: Journey
    instance: JourneyInstance
    moment: Moment

    @property
    def _here(self) -> Here:
        return Here(self.moment, self.instance)

    @property
    def next_message(self) -> str | None:
        """The step of the message that comes next, if one does before time passes again."""
        if self.instance.step in self.journey.messages:
            return self.journey.step_names[self.instance.step]
        *_, last = [None, *(place for place, _ in self._way())]
        return self.journey.step_names[last] if last is not None and last in self.journey.messages else None

    def findings(self) -> Iterator[Finding]:
        """What comes next, and what would end it before."""
        if self.instance.step not in self.journey.messages:
            over = "" if self.instance.due_ms < self.instance.ends_ms else "; it has lasted too long then, and ends"
            yield Finding(
                "next", f"at {rfc3339(self.instance.due_ms)}", f"{self._name(self.instance.step)} is over{over}"
            )
            for place, said in self._way():
                yield Finding("next", self._name(place), said)
        for event in self.journey.exits:
            yield Finding("next", f"exit: {event}", "ends it at once")
        for condition in self.journey.exits_if:
            holds = condition.check(self._here.features)
            answer = answer_in_words(condition, self._here.features)
            yield Finding("next", f"exit: {in_words(condition)}", answer, holds=not holds)

    def _way(self) -> Iterator[tuple[int | None, str]]:
        """The steps that follow until one takes time, each with what it would say now; None: the end."""
        instance, to, outcome = self.instance, None, "finished"
        while (place := self.journey.following(instance.step, to)) is not None:
            instance = instance._replace(step=place)
            here = Here(self.moment, instance)
            answer = self.journey.step[place].arrive(here)
            if isinstance(answer, int):
                yield place, self.journey.step[place].in_words
                return
            seen = [
                f"{in_words(each)}: {answer_in_words(each, here.features)}"
                for each in self.journey.step[place].conditions
            ]
            yield place, "; ".join([*seen, (answer.result or "passed over").replace("_", " ")])
            to, outcome = answer.to, answer.outcome
        yield None, outcome

    def _name(self, place: int | None) -> str:
        return "the end" if place is None else self.journey.step_names[place]


def _where(ahead: _Ahead, *, is_present: bool) -> Iterator[Finding]:
    journey, instance = ahead.journey, ahead.instance
    since, until = rfc3339(instance.started_ms), rfc3339(instance.ends_ms)
    yield Finding("journey", f"on it about {instance.key}", f"since {since}, until {until} at the latest")
    if not is_present:
        yield Finding("journey", "its steps", "those that it began with; the file has others now")
    for place, (name, step) in enumerate(zip(journey.step_names, journey.step, strict=True)):
        yield Finding("journey", f"{place + 1}. {name}: {step.in_words}", _status(ahead, place))
    yield Finding("journey", "its last message", _last_message(instance, ahead.moment.customer))


def _status(ahead: _Ahead, place: int) -> str:
    instance = ahead.instance
    if place == instance.step:
        waiting = [each for each in ahead.moment.customer.waiting if each.trigger == instance.journey]
        put_off = next((each for each in waiting if each.correlation == instance.key), None)
        if place in ahead.journey.messages and put_off is not None:
            return f"here, put off ({put_off.reason}) until {rfc3339(put_off.until_ms)}"
        return f"here, until {rfc3339(instance.due_ms)}"
    if instance.sent >> place & 1:
        return "its message was sent"
    if place > instance.step:
        return "to come"
    return "behind, not sent" if place in ahead.journey.messages else "behind"


def _last_message(instance: JourneyInstance, customer: Customer) -> str:
    sending = next((each for each in customer.sendings if each.trigger_id == instance.message), None)
    told = "is not remembered any more" if sending is None else f"sent at {rfc3339(sending.at_ms)} {came_of(sending)}"
    if not instance.is_refused:
        return told
    reason = customer.refused.get(instance.journey, "for a reason that is not known")
    return f"the policy refused the one that was to follow: {reason}; before that: {told}"


def _not_on_it(journey: Journey, customer: Customer) -> Iterator[Finding]:
    begins = "nobody begins it any more" if not journey.active else f"it begins when {journey.start} is sent"
    yield Finding("journey", "on it", f"no; {begins}", holds=False)
    for sending in customer.sendings:
        if sending.trigger == journey.start:
            yield Finding("journey", f"{journey.start} at {rfc3339(sending.at_ms)}", came_of(sending))
    for place, (name, step) in enumerate(zip(journey.step_names, journey.step, strict=True)):
        yield Finding("journey", f"{place + 1}. {name}: {step.in_words}", "")


def _history(journey: Journey, customer: Customer) -> Iterator[Finding]:
    if (reason := customer.refused.get(journey.name)) is not None:
        yield Finding("history", "refused last", reason)
    for sending in customer.sendings:
        if sending.trigger == journey.name:
            yield Finding("history", f"sent at {rfc3339(sending.at_ms)}", came_of(sending))


def next_in_words(findings: Sequence[Finding]) -> str:
    """Where the customer is on the journey and what follows, in a sentence."""
    not_on_it = next((each for each in findings if each.about == "journey" and each.holds is False), None)
    if not_on_it is not None:
        return f"{not_on_it.what}: {not_on_it.answer}."
    leaves = next((each for each in findings if each.about == "next" and each.holds is False), None)
    if leaves is not None:
        return f"It ends with the next event or timer: {leaves.what}: {leaves.answer}."
    here = next(each for each in findings if each.about == "journey" and each.answer.startswith("here"))
    refusal = next((each for each in findings if each.about == "policy" and each.holds is False), None)
    held = f" The message would not be sent now: {refusal.what}: {refusal.answer}." if refusal else ""
    ahead = [each for each in findings if each.about == "next" and not each.what.startswith(("at ", "exit: "))]
    then = f" Then comes {ahead[-1].what}: {ahead[-1].answer}." if ahead else ""
    return f"The customer is at {here.what}: {here.answer}.{then}{held}"
