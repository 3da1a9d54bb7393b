"""All declared features together: who counts which event, and under which names they can be asked for.

What is counted is kept under the digest of its definition. So the order of the blocks and their names do not matter, a
changed definition begins at nothing, and what no block declares any more is dropped at the customer's next event.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property

from streamproc.customer.declared.feature import DeclaredFeature
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.features.turning import Turn
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import EMPTY_BUCKETS
from streamproc.events.base import RawEvent
from streamproc.events.raw import EVENT_TYPES

DEFINED_AS = "@"
"""Between a declared feature's name and the digest of its definition; no feature in code has it in its name."""


@dataclass(frozen=True)
class DeclaredFeatures:
    """The features that the configuration declares.

    Attributes:
        by_name: each feature.
        by_event: what counts each class of event; what two blocks count alike is counted once.
    """

    by_name: Mapping[str, DeclaredFeature] = field(default_factory=dict)
    by_event: Mapping[type, tuple[DeclaredFeature, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: FeatureSettings) -> "DeclaredFeatures":
        """Compile all blocks."""
        by_name = {block.name: DeclaredFeature.of(block) for block in settings.feature}
        by_event: dict[type, dict[str, DeclaredFeature]] = defaultdict(dict)
        for block in settings.feature:
            declared = by_name[block.name]
            for event in block.event:
                by_event[EVENT_TYPES[event]][declared.key] = declared
        return cls(by_name, {event: tuple(counting.values()) for event, counting in by_event.items()})

    @cached_property
    def keys(self) -> frozenset[str]:
        """The digests of all definitions: what is kept in a state."""
        return frozenset(declared.key for declared in self.by_name.values())

    @cached_property
    def kept(self) -> Mapping[str, int]:
        """How many days or hours each definition keeps, by its digest."""
        return {declared.key: declared.kept for declared in self.by_name.values()}

    @cached_property
    def model_names(self) -> Mapping[str, str]:
        """Under which name models know each feature: with its digest, so that a changed one is another one to them."""
        return {name: f"{name}{DEFINED_AS}{declared.key}" for name, declared in self.by_name.items()}

    @cached_property
    def functions(self) -> Mapping[str, Callable[[CustomerView], float]]:
        """The features as functions, under their own names and those that models have for them."""
        by_name = self.by_name
        return {name: by_name[own].value for own, known in self.model_names.items() for name in (own, known)}

    @cached_property
    def turns(self) -> Mapping[str, Turn]:
        """What time does to each feature, under the same names."""
        return {name: self.by_name[own].turn for own, known in self.model_names.items() for name in (own, known)}

    def beyond(self, keys: AbstractSet[str]) -> frozenset[str]:
        """The names of those whose definition is not among these."""
        return frozenset(name for name, declared in self.by_name.items() if declared.key not in keys)

    def count(self, customer: Customer, event: RawEvent, at_ms: int, *, is_news: bool = True) -> None:
        """Add an event, if it is not told once more, to what it counts for; drop what is not declared any more."""
        counts = customer.counts
        kept = counts
        if not counts.keys() <= self.keys:
            kept = {key: buckets for key, buckets in counts.items() if key in self.keys}
        added = {
            declared.key: declared.counted(kept.get(declared.key, EMPTY_BUCKETS), amount, at_ms)
            for declared in (self.by_event.get(type(event), ()) if is_news else ())
            if (amount := declared.amount(event, at_ms))
        }
        if added or kept is not counts:
            customer.counts = {**kept, **added}


NONE_DECLARED = DeclaredFeatures()


def is_declared(known: str) -> bool:
    """Whether a name that a model has for a feature is that of a declared one."""
    return DEFINED_AS in known
