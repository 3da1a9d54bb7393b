"""What a file in `topics/` may say."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from streamproc.config_file import Table, spelled
from streamproc.did_you_mean import suggest
from streamproc.events.adapters import ADAPTERS, NATIVE
from streamproc.events.raw import FAMILIES
from streamproc.events.topics import TRIGGER_PLACE

Name = Annotated[
    str,
    spelled(
        rf"^[a-z0-9-]+(\.([a-z0-9-]+|{re.escape(TRIGGER_PLACE)}))+\.v[1-9][0-9]*$",
        "<domain>.<dataset>.v<number>: small letters, digits and dashes between dots",
    ),
]
"""`<domain>.<dataset>.v<major>`: small letters, digits and dashes between dots."""

Sentence = Annotated[str, StringConstraints(min_length=1)]


def _as_kafka_writes(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError('a setting is text, a number, true or false; a name with dots stands in quotes: "retention.ms"')


Configs = dict[str, Annotated[str, BeforeValidator(_as_kafka_writes)]]
"""Kafka's settings by name."""


def _known_family(name: str) -> str:
    if name not in FAMILIES:
        raise ValueError(f"no family of events {name!r}; {suggest(name, sorted(FAMILIES))}")
    return name


def _known_adapter(name: str) -> str:
    ADAPTERS.find(name)
    return name


Family = Annotated[str, AfterValidator(_known_family)]
"""A family of raw events: `events/raw.py` has them."""

SET_ELSEWHERE = {
    "cleanup.policy": "say it with `cleanup`",
    "min.insync.replicas": "it is a setting of the cluster, not of a topic",
}


class TopicTable(Table):
    """A table of a topic file: nothing is converted silently."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True)


class TopicFile(TopicTable):
    """One topic, or (`each`) one topic per trigger.

    Attributes:
        key: in words, what the record key is and so what has one order.
        partitions: how many, unless `partitions_of` names the topic whose number it shares.
        keyed: a key's place matters, so the number of partitions never changes.
        cleanup: `compact` keeps the newest record of every key, `delete` drops the oldest by size.
        dead_letters: whether `<name>.dlq` takes the messages that can never be processed.
        families: which families of events a raw topic may carry; others are dead letters (`wrong_topic`).
        adapter: how the messages of a raw topic are read (`events/adapters/`); a record's header may name another one.
        message: (`schema` in the file) what is in a topic that is not raw; without it, the bytes are private.
        example: which file of `topics/examples/` shows a typical record.
    """

    name: Name
    each: Literal["trigger"] | None = None
    purpose: Sentence
    key: Sentence
    partitions: Annotated[int, Field(ge=1, le=10_000)] | None = None
    partitions_of: Name | None = None
    keyed: bool
    cleanup: Literal["delete", "compact"]
    dead_letters: bool = False
    families: list[Family] = Field(default_factory=list)
    adapter: Annotated[str, AfterValidator(_known_adapter)] = NATIVE
    message: Annotated[Sentence | None, Field(alias="schema")] = None
    example: Sentence | None = None
    producers: Annotated[list[Sentence], Field(min_length=1)]
    consumers: Annotated[list[Sentence], Field(min_length=1)]
    configs: Configs = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_raw_or_not(self) -> Self:
        if self.families and self.message:
            raise ValueError("give either `families` (a raw topic) or `schema`")
        if self.families and not self.dead_letters:
            raise ValueError("a topic with `families` needs somewhere for what it may not carry: `dead_letters = true`")
        if not self.families and "adapter" in self.model_fields_set:
            raise ValueError("only a raw topic is read by an `adapter`: give its `families`, too")
        return self

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.partitions is None) == (self.partitions_of is None):
            raise ValueError("give either `partitions` or `partitions_of`")
        if (TRIGGER_PLACE in self.name) != (self.each == "trigger"):
            raise ValueError(f'`each = "trigger"` goes with {TRIGGER_PLACE} in the name')
        if self.dead_letters and self.each:
            raise ValueError("only what others write has dead letters")
        if self.cleanup == "compact" and not self.keyed:
            raise ValueError("a compacted topic needs keys: set `keyed = true`")
        if bool(self.families or self.message) != (self.example is not None):
            raise ValueError("`schema` (of a raw topic: `families`) and `example` go together")
        for config, remedy in SET_ELSEWHERE.items():
            if config in self.configs:
                raise ValueError(f"configs.{config}: {remedy}")
        return self


class TopicDefaults(TopicTable):
    """`topics/defaults.toml`: Kafka's settings of every topic, by its cleanup; a topic's own come on top."""

    every: Configs
    delete: Configs
    compact: Configs
    dead_letters: Configs
