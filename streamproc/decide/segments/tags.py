"""Tags: which ones rules give now, and which ones the customer got or lost just now."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated

from pydantic import Field

from streamproc.config_file import Table, spelled
from streamproc.customer.state import MAX_TAGS, Customer, TagWord
from streamproc.customer.tags import RULE, source_of, told_tags
from streamproc.decide.conditions import Condition
from streamproc.decide.moment import Moment
from streamproc.decide.segments.membership import Membership
from streamproc.events.decisions import CustomerTagged
from streamproc.events.times import rfc3339

TagName = Annotated[
    str,
    spelled(
        r"^[a-z0-9][a-z0-9_.:-]{0,63}$", "up to 64 small letters, digits, _ . : and -, the first a letter or a digit"
    ),
]


class TagRule(Table):
    """A tag of `config/tags.toml`: given as long as all conditions hold; without any, only by events and imports."""

    name: TagName
    description: str = ""
    where: tuple[Condition, ...] = ()


class TagSettings(Table):
    """`config/tags.toml`."""

    tag: Annotated[tuple[TagRule, ...], Field(max_length=MAX_TAGS)] = ()

    @cached_property
    def membership(self) -> Membership:
        """To whom rules give them, put together once."""
        return Membership.of((tag.name, tag.where) for tag in self.tag if tag.where)


NO_TAGS = TagSettings()


def update_tags(moment: Moment, given: Sequence[str]) -> tuple[CustomerTagged, ...]:
    """Give and take tags, those that rules give now being named; what was said of others is folded already."""
    customer = moment.customer
    had = moment.before.tags if moment.before else {}  # the state itself may have been erased just now
    if not (given or customer.tag_words or customer.tags or had):
        return ()
    known = customer.tags or had
    now = {name: known.get(name, _changed_ms(moment, name)) for name in dict.fromkeys((*given, *told_tags(customer)))}
    if now != customer.tags:
        customer.tags = now
    if now.keys() == had.keys():
        return ()
    return tuple(_change(moment, name) for name in (*sorted(now.keys() - had.keys()), *sorted(had.keys() - now.keys())))


def has_other_tags(customer: Customer, given: Sequence[str]) -> bool:
    """Whether a customer to whom rules give these has other tags than were found."""
    return customer.tags.keys() != {*given, *told_tags(customer)}


def _change(moment: Moment, name: str) -> CustomerTagged:
    is_given = name in moment.customer.tags
    return CustomerTagged(
        change_id=moment.decision_id(f"tag:{name}"),
        tag=name,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        change="given" if is_given else "taken",
        source=source_of(moment.customer, name) if is_given else _taken_by(moment, name),
        at=rfc3339(_changed_ms(moment, name)),
        plan_version=moment.plan_version,
        position=moment.entry.position,
    )


def _changed_ms(moment: Moment, name: str) -> int:
    """When a tag is given or taken: as the event says that does so; what a rule finds out is as of now."""
    return moment.now_ms if _told_now(moment, name) else moment.newest_ms


def _taken_by(moment: Moment, name: str) -> str:
    """Who took a tag away: who says so now, or else who had given it."""
    if word := _told_now(moment, name):
        return word.source
    return source_of(moment.before, name) if moment.before else RULE


def _told_now(moment: Moment, name: str) -> TagWord | None:
    """What the entry says of a tag, if it does."""
    before = moment.before.tag_words.get(name) if moment.before else None
    word = moment.customer.tag_words.get(name)
    return None if word == before else word
