"""Journeys as `config/journeys.toml` defines them, and as a customer's state keeps what one began with."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Annotated, Self

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, SerializeAsAny, ValidationError, model_validator

from streamproc.config_file import Days, RuleName, Table
from streamproc.customer.features import Feature
from streamproc.customer.journeys import JourneyInstance
from streamproc.customer.state import Customer, Waiting
from streamproc.decide.checks import Check, any_of
from streamproc.decide.conditions import Condition
from streamproc.decide.journeys.came import MESSAGE_FEATURES
from streamproc.decide.journeys.steps import END, JourneyStep
from streamproc.decide.journeys.steps.message import JourneyMessage, MessageStep
from streamproc.decide.triggers.base import known_event
from streamproc.did_you_mean import suggest
from streamproc.events.times import DAY_MS

MAX_STEPS = 16
MAX_DEFINITION_BYTES = 2048
"""A definition is in the state of each customer who is on the journey."""


class Journey(Table):
    """What happens to customers who were sent the trigger `start`, step by step, until they leave by an exit.

    An event of `exits`, or a condition of `exits_if` that holds, ends it at once, wherever it stands. It lasts
    `max_days` at most. With `active = false` nobody begins it, and who is on it goes on.
    """

    name: RuleName
    description: str = ""
    start: RuleName
    active: bool = True
    exits: tuple[Annotated[str, AfterValidator(known_event)], ...] = ()
    exits_if: tuple[Condition, ...] = ()
    max_days: Annotated[Days, Field(gt=0, le=90)] = 30
    step: Annotated[
        tuple[Annotated[SerializeAsAny[JourneyStep], BeforeValidator(JourneyStep.read)], ...],
        Field(min_length=1, max_length=MAX_STEPS),
    ]

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        names = self.step_names
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two steps are called {min(twice)}; name each otherwise")
        if END in names:
            raise ValueError(f"no step can be called {END}: that is where a jump to the end goes")
        for name, step in zip(names, self.step, strict=True):
            for jump in step.jumps:
                if jump not in names:
                    raise ValueError(f"{name} goes on with {jump!r}, which is no step; {suggest(jump, [*names, END])}")
        if (number := self._in_a_circle()) is not None:
            raise ValueError(
                f"from {names[number]} it comes back to {names[number]} without a wait: it would never end"
            )
        if (size := len(self.text.encode())) > MAX_DEFINITION_BYTES:
            message = f"its definition takes {size} bytes in each customer's state who is on it"
            raise ValueError(f"{message}, and may take {MAX_DEFINITION_BYTES}: make it shorter")
        return self

    @cached_property
    def step_names(self) -> tuple[str, ...]:
        """The steps' names; one that has none is called by its number, `step_1`."""
        return tuple(step.name or f"step_{number}" for number, step in enumerate(self.step, 1))

    def following(self, place: int, to: str | None) -> int | None:
        """The step after one; None: there is none."""
        if to == END:
            return None
        if to is not None:
            return self.step_names.index(to)
        return place + 1 if place + 1 < len(self.step) else None

    def _in_a_circle(self) -> int | None:
        """A step that can be come back to in no time."""
        for start in range(len(self.step)):
            reached, coming = set[int](), list(self._next(start))
            while coming:
                place = coming.pop()
                if place == start:
                    return start
                if place not in reached:
                    reached.add(place)
                    coming.extend(self._next(place))
        return None

    def _next(self, place: int) -> Iterator[int]:
        """The steps that can follow one in no time."""
        step = self.step[place]
        if step.takes_time:
            return
        yield from (self.step_names.index(name) for name in step.jumps)
        if step.goes_on and place + 1 < len(self.step):
            yield place + 1

    @property
    def max_ms(self) -> int:
        """How long it lasts at most, in milliseconds."""
        return max(1, round(self.max_days * DAY_MS))

    @cached_property
    def is_left(self) -> Check:
        """Whether a condition of `exits_if` holds."""
        return any_of([condition.check for condition in self.exits_if])

    @cached_property
    def messages(self) -> Mapping[int, JourneyMessage]:
        """The messages, by the places of their steps."""
        return {
            place: JourneyMessage.of(self.name, name, step)
            for place, (name, step) in enumerate(zip(self.step_names, self.step, strict=True))
            if isinstance(step, MessageStep)
        }

    @cached_property
    def text(self) -> str:
        """The definition as a state keeps it."""
        told = self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"description", "active"})
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()

    @cached_property
    def digest(self) -> str:
        """By which a definition is known."""
        return blake2b(self.text.encode(), digest_size=6).hexdigest()

    @cached_property
    def asks_for(self) -> frozenset[str]:
        """The features that its conditions name."""
        return frozenset(_features(self.conditions)) - MESSAGE_FEATURES.keys()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of its exits and steps."""
        return (*self.exits_if, *(condition for step in self.step for condition in step.conditions))


def _features(conditions: Iterable[Condition]) -> Iterator[str]:
    for condition in conditions:
        if condition.feature is not None:
            yield condition.feature
        yield from _features(condition.parts)


@lru_cache(maxsize=256)
def journey_of(text: str) -> Journey | None:
    """The journey of a definition as a state keeps it; None: this release cannot read it."""
    try:
        return Journey.model_validate(orjson.loads(text))
    except ValidationError:
        return None


class JourneySettings(Table):
    """`config/journeys.toml`."""

    journey: tuple[Journey, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Journey]:
        """The journeys by their names."""
        return {journey.name: journey for journey in self.journey}

    @cached_property
    def _by_start(self) -> dict[str, tuple[Journey, ...]]:
        starts = dict.fromkeys(journey.start for journey in self.journey)
        return {start: tuple(each for each in self.journey if each.start == start and each.active) for start in starts}

    def begun_by(self, trigger: str) -> tuple[Journey, ...]:
        """The journeys that begin when a trigger is sent."""
        return self._by_start.get(trigger, ())

    def definition(self, instance: JourneyInstance, texts: Mapping[str, str]) -> Journey | None:
        """What an instance began with, from the state's `texts`; None: it is not there, or cannot be read."""
        present = self.by_name.get(instance.journey)
        if present is not None and present.digest == instance.definition:
            return present
        text = texts.get(instance.definition)
        return None if text is None else journey_of(text)

    def message_of(self, customer: Customer, waiting: Waiting) -> JourneyMessage | None:
        """The message that waits, if the customer's journey is at it."""
        of_it = (waiting.trigger, waiting.correlation)
        instance = next((each for each in customer.journeys if (each.journey, each.key) == of_it), None)
        journey = None if instance is None else self.definition(instance, customer.journey_texts)
        return None if instance is None or journey is None else journey.messages.get(instance.step)


NO_JOURNEYS = JourneySettings()


def lacks_features(journey: Journey, functions: Mapping[str, Feature]) -> bool:
    """Whether a condition names a feature that is not there any more."""
    return not journey.asks_for <= functions.keys()
