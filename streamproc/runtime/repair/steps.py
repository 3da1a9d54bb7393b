"""What a repair would do to each partition, as values: shown to a person first, done afterwards."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any

from streamproc.runtime.repair.situation import Situation


class ImpossibleError(Exception):
    """What was asked for would make it worse; says why, and what to do instead."""


class States(Enum):
    """What becomes of the states of a partition."""

    KEPT = auto()
    DETACHED = auto()
    DROPPED = auto()
    REWRITTEN = auto()


Rewrite = Callable[[Mapping[bytes, bytes]], Iterable[tuple[bytes, Any]]]
"""All encoded states of a partition to those that take their place; what is not named stays."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one partition: where the stage goes on, what becomes of its states, and what that means."""

    situation: Situation
    to: int
    states: States
    meaning: str
    rewrite: Rewrite | None = None


def move(situations: Iterable[Situation], where: str) -> list[Step]:
    """Go on elsewhere in the log: at `earliest`, `latest`, where the `state` stands, or at an offset.

    The earliest that states can go on with is where they stand, as long as the log has it.

    Raises:
        ImpossibleError: that place is not in the log, or the states hold already what comes after it.
    """
    return [_moved(situation, _target(situation, where)) for situation in situations]


def accept_topic(situations: Iterable[Situation]) -> list[Step]:
    """Keep the states of a topic that was deleted and made anew, and go on at its first record.

    Raises:
        ImpossibleError: the topic is the one that the states were made from, or there are no states.
    """
    steps = []
    for situation in situations:
        mark, topic = situation.mark, situation.topic
        if not situation.keeps_state:
            raise ImpossibleError(
                f"{_name(situation)}: the stage keeps no states of it; Kafka forgot its offset already"
            )
        if mark is not None and mark.topic_id != topic.topic_id:
            meaning = (
                f"{len(situation.keys)} states stay; what {topic.on_cluster} had after offset {mark.offset} "
                f"when it was deleted is lost"
            )
            steps.append(Step(situation, situation.offsets.begin, States.DETACHED, meaning))
    if not steps:
        raise ImpossibleError("nothing to accept: all states were made from this very topic")
    return steps


def drop_state(situations: Iterable[Situation], now_ms: int) -> list[Step]:
    """Delete the states, and make them anew from what the log still has; asked for at `now_ms`.

    Raises:
        ImpossibleError: there are none.
    """
    steps = []
    for situation in situations:
        if not situation.keeps_state:
            raise ImpossibleError(f"{_name(situation)}: the stage keeps no states of it; use `move`")
        begin, end, source = situation.offsets.begin, situation.offsets.end, situation.topic.source
        known = f"what is older than offset {begin} is not counted any more, and " if begin else ""
        again = f"{len(situation.keys)} states are deleted; {known}{end - begin} records are processed again"
        if source.dropped is None:
            again += " (decisions are written a second time, under the same ids; KPIs and learning stay as they are)"
            steps.append(Step(situation, begin, States.DROPPED, again))
        else:
            again += " (nothing is published until those of all partitions are)"
            rewrite = partial(source.dropped, until=end, now_ms=now_ms)
            steps.append(Step(situation, begin, States.DROPPED, again, rewrite))
    return steps


def read_again(situation: Situation, rewrite: Rewrite, meaning: str) -> Step:
    """States go on as what `rewrite` makes of them, with the first record that the log still has."""
    return Step(situation, situation.offsets.begin, States.REWRITTEN, meaning, rewrite)


def _target(situation: Situation, where: str) -> int:
    offsets, mark = situation.offsets, situation.mark
    if where == "state" and mark is None:
        raise ImpossibleError(f"{_name(situation)}: there are no states that say where they stand")
    earliest = offsets.begin if mark is None else max(offsets.begin, mark.offset)
    named = {"earliest": earliest, "latest": offsets.end} | ({"state": mark.offset} if mark else {})
    target = named[where] if where in named else int(where)
    if not offsets.begin <= target <= offsets.end:
        raise ImpossibleError(f"{_name(situation)}: {target} is not in the log, {offsets.begin} to {offsets.end}")
    return target


def _moved(situation: Situation, target: int) -> Step:
    mark, offsets = situation.mark, situation.offsets
    if mark is not None and mark.topic_id != situation.topic.topic_id:
        raise ImpossibleError(f"{_name(situation)}: its states are of a topic that was deleted; use `accept-topic`")
    if mark is not None and target < mark.offset:
        raise ImpossibleError(
            f"{_name(situation)}: its states hold everything up to offset {mark.offset}, it would count twice; "
            f"use `--to state`, or `drop-state`"
        )
    at = mark.offset if mark is not None else offsets.committed
    return Step(situation, target, States.KEPT, _distance(at, target, situation))


def _distance(at: int | None, target: int, situation: Situation) -> str:
    if at is None:
        at = situation.offsets.begin
    if target > at:
        there = f", of which {max(0, target - max(at, situation.offsets.begin))} are still there"
        return f"{target - at} records are never processed{there}"
    if target < at:
        return f"{at - target} records are processed again, and their results are written a second time"
    return "nothing is lost and nothing is repeated"


def _name(situation: Situation) -> str:
    return f"{situation.topic.on_cluster}-{situation.partition}"
