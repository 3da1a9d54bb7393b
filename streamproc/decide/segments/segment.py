"""Segments: who is in, and who entered or left just now."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated

from pydantic import Field

from streamproc.config_file import RuleName, Table
from streamproc.customer.state import Customer
from streamproc.decide.conditions import Condition
from streamproc.decide.moment import Moment
from streamproc.decide.segments.membership import Membership
from streamproc.events.decisions import SegmentChange
from streamproc.events.times import rfc3339


class Segment(Table):
    """A segment of `config/segments.toml`: all conditions hold."""

    name: RuleName
    description: str = ""
    where: Annotated[tuple[Condition, ...], Field(min_length=1)]


class SegmentSettings(Table):
    """`config/segments.toml`."""

    segment: tuple[Segment, ...] = ()

    @cached_property
    def membership(self) -> Membership:
        """Who belongs to them, put together once."""
        return Membership.of((segment.name, segment.where) for segment in self.segment)


def is_in_others(customer: Customer, names: Sequence[str]) -> bool:
    """Whether a customer who belongs to these is in others."""
    return customer.segments.keys() != set(names)


def update_segments(moment: Moment, names: Sequence[str]) -> tuple[SegmentChange, ...]:
    """Enter and leave segments, those who belong to them now being named, in the order of the file.

    The customer is looked at with each event, and when time changes one (`decay.py`).
    """
    members = moment.before.segments if moment.before else {}  # the state itself may have been erased just now
    at_ms = moment.newest_ms
    now = {name: members.get(name, at_ms) for name in names}
    if now != moment.customer.segments:
        moment.customer.segments = now
    if now.keys() == members.keys():
        return ()
    entered, left = sorted(now.keys() - members.keys()), sorted(members.keys() - now.keys())
    return tuple(
        SegmentChange(
            change_id=moment.decision_id(f"segment:{name}"),
            segment=name,
            customer_id=moment.subject.customer_id,
            anonymous_id=moment.subject.anonymous_id,
            change="entered" if name in now else "left",
            at=rfc3339(at_ms),
            plan_version=moment.plan_version,
            position=moment.entry.position,
        )
        for name in (*entered, *left)
    )
