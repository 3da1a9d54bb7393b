"""No number of a configuration file is without end: one that no arithmetic bears would end a worker at each event."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from streamproc.customer.declared.settings import FeatureSettings
from streamproc.decide.offers.choice import OfferSettings
from streamproc.decide.plan import TriggerSettings
from streamproc.decide.policy import PolicySettings
from streamproc.decide.segments.segment import SegmentSettings
from streamproc.decide.triggers import KINDS
from streamproc.measure.kinds import KINDS as KPI_KINDS
from streamproc.models.config import ModelSettings
from streamproc.settings.app import AppSettings
from streamproc.settings.topic_file import TopicFile

FILES: tuple[type[BaseModel], ...] = (
    AppSettings, TriggerSettings, *KINDS.values(), OfferSettings, SegmentSettings, PolicySettings, ModelSettings,
    *KPI_KINDS.values(), FeatureSettings, TopicFile,
)  # fmt: skip


def tables(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A table and all tables in it."""
    seen: dict[type[BaseModel], None] = {}
    waiting = [model]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen[here] = None
            waiting += [part for field in here.model_fields.values() for part in models_in(field.annotation)]
    return iter(seen)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def numbers(annotation: Any, rules: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The rules of each number that an annotation allows."""
    if annotation in (int, float):
        yield rules
    elif hasattr(annotation, "__metadata__"):
        own = [
            rule
            for each in annotation.__metadata__
            for rule in (each.metadata if isinstance(each, FieldInfo) else [each])
        ]
        yield from numbers(annotation.__origin__, (*rules, *own))
    else:
        for part in get_args(annotation):
            yield from numbers(part, rules)


@pytest.mark.parametrize("table", sorted({each for file in FILES for each in tables(file)}, key=str))
def test_every_number_has_a_lower_and_an_upper_bound(table: type[BaseModel]) -> None:
    for name, field in table.model_fields.items():
        for rules in numbers(field.annotation, tuple(field.metadata)):
            kinds = {type(rule) for rule in rules}
            assert kinds & {Ge, Gt}, f"{table.__name__}.{name} has no lower bound"
            assert kinds & {Le, Lt}, f"{table.__name__}.{name} has no upper bound"
    assert table.model_config.get("allow_inf_nan") is False
