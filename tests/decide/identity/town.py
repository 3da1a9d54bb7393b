"""Several partitions of the customer log in memory, each decided on at its own pace: what is passed on goes round."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import orjson

from streamproc.customer.alias import Alias
from streamproc.customer.state import Customer
from streamproc.decide import stage as decide
from streamproc.decide.plan import Plan
from streamproc.decide.states import State, decode_state, is_own
from streamproc.events.address import AddressHash
from streamproc.events.log import CONTROL_KEY, TIMEKEEPER, Origin, WatermarkRecord, encode_record
from streamproc.events.profile import Linked, Merged
from streamproc.events.raw import Event
from streamproc.events.subject import keys_of
from streamproc.events.times import epoch_ms
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC, TRAINING_TOPIC
from streamproc.offline.replay.partition import Place, ReplayedPartition
from streamproc.processor.api import InputRecord, OutputRecord
from streamproc.processor.partitioner import partition_of
from tests.builders import KEY, envelope

PARTITIONS = 3
ADDRESSES = AddressHash.of(KEY)
RAW = "shop.any.v1"


def hidden(event: Event) -> Event:
    """The event as collect writes it: its address as a hash."""
    return event.model_copy(update={"email": ADDRESSES.id_of(event.email)}) if event.email else event


class Town:
    """The log, its partitions' deciders, and all that they have written."""

    def __init__(self, plan: Plan, raw_topics: Sequence[str] = (RAW,)) -> None:
        source = decide.stage(plan, KEY, raw_topics).sources[0]
        counts = {LOG_TOPIC: PARTITIONS, FACTS_TOPIC: PARTITIONS, TRAINING_TOPIC: 1}
        self._deciders = [ReplayedPartition(source, Place(LOG_TOPIC, p, "log"), counts) for p in range(PARTITIONS)]
        self._queues: list[deque[InputRecord]] = [deque() for _ in range(PARTITIONS)]
        self._ends = [0] * PARTITIONS
        self._told = 0
        self.written: list[OutputRecord] = []
        self.of_time = 0
        self.passed_on: list[tuple[str, str]] = []

    def tell(self, *events: Event) -> "Town":
        """collect writes events into the log, one after the other."""
        for event in map(hidden, events):
            self._told += 1
            for index, key in enumerate(map(str.encode, keys_of(event))):
                at_ms = epoch_ms(event.occurred_at)
                value = encode_record(event, at_ms, at_ms, Origin(RAW, 0, self._told, "raw", index))
                self._append(partition_of(key, PARTITIONS), key, value)
        return self

    def mark(self, at_ms: int) -> "Town":
        """collect's event time has come to here."""
        mark = WatermarkRecord(through={RAW: {0: at_ms}}, partitions={RAW: 1})
        self._append(TIMEKEEPER, CONTROL_KEY, encode_record(mark, at_ms, at_ms))
        return self

    def work(self, partition: int) -> bool:
        """A partition decides on its next record; False: there is none."""
        if not self._queues[partition]:
            return False
        for emitted in self._deciders[partition].process([self._queues[partition].popleft()]):
            if emitted.topic == LOG_TOPIC:
                assert emitted.partition is not None
                if emitted.key != CONTROL_KEY:
                    kind = orjson.loads(emitted.value or b"")["event"]["type"]
                    self.passed_on.append(((emitted.key or b"").decode(), kind))
                self._append(emitted.partition, emitted.key, emitted.value)
            else:
                self.written.append(emitted)
        return True

    def rest(self, most: int = 100_000) -> "Town":
        """All partitions decide until there is nothing left."""
        for _ in range(most):
            if sum(self.work(partition) for partition in range(PARTITIONS)) == 0:
                return self
        raise AssertionError("it goes round for ever")

    def _append(self, partition: int, key: bytes | None, value: bytes | None) -> None:
        self.of_time += key == CONTROL_KEY
        self._queues[partition].append(InputRecord(LOG_TOPIC, partition, self._ends[partition], 0, key, value))
        self._ends[partition] += 1

    def states(self) -> dict[str, State]:
        """What is known under each key."""
        return {
            key.decode(): decode_state(value)
            for decider in self._deciders
            for key, value in decider.states().items()
            if not is_own(key)
        }

    def customers(self) -> dict[str, Customer]:
        """Those who are known."""
        return {key: state for key, state in self.states().items() if isinstance(state, Customer)}

    def aliases(self) -> dict[str, Alias]:
        """The keys that stand for others, or wait."""
        return {key: state for key, state in self.states().items() if isinstance(state, Alias)}

    def of(self, topic: str) -> list[Any]:
        """What was written to a topic."""
        return [orjson.loads(each.value or b"") for each in self.written if each.topic == topic]

    def figures(self, names: Iterable[str]) -> Counter[Any]:
        """What the facts of these names add up to, by day."""
        sums: Counter[Any] = Counter()
        for fact in self.of(FACTS_TOPIC):
            if fact.get("fact") in names:
                values = {name: fact["values"].get(name) for name in ("net_amount", "guest")}
                day = fact["at_ms"] // 86_400_000
                sums[fact["fact"], day, *sorted(values.items())] += -1 if fact.get("taken_back") else 1
        return Counter({each: times for each, times in sums.items() if times})


def linked(anonymous_id: str, customer_id: str = "ada", **values: Any) -> Linked:
    return Linked(**envelope({"customer_id": customer_id, "anonymous_id": anonymous_id} | values))


def merged(into: str, other: str, **values: Any) -> Merged:
    return Merged(merged_customer_id=other, **envelope({"customer_id": into} | values))


def told_in_disorder(town: Town, events: list[Event], dice: Random) -> Town:
    """In any order of arrival, while the partitions decide at any pace."""
    waiting = list(events)
    dice.shuffle(waiting)
    while waiting:
        if dice.random() < 0.5:
            town.tell(waiting.pop())
        else:
            town.work(dice.randrange(PARTITIONS))
    return town.rest()
