"""Every name of a topic that the code knows: those that stages read and write, by their names in `topics/`."""

from streamproc.events.base import Contract
from streamproc.events.raw import FAMILIES, FAMILY_OF

LOG_TOPIC = "shop.customer-events.v1"
FACTS_TOPIC = "streamproc.facts.v1"
TRAINING_TOPIC = "streamproc.training.v1"
MODELS_TOPIC = "streamproc.models.v1"
MODEL_AUDIT_TOPIC = "streamproc.model-audit.v1"
PARTIALS_TOPIC = "streamproc.kpi-partials.v1"
DECIDE_STATE_TOPIC = "streamproc.decide-state.v1"
LEARN_STATE_TOPIC = "streamproc.learn-state.v1"
MEASURE_STATE_TOPIC = "streamproc.measure-state.v1"
KPI_STATE_TOPIC = "streamproc.kpi-state.v1"
KPIS_TOPIC = "marketing.kpis.v1"
OFFERS_TOPIC = "marketing.offers.v1"
SCORES_TOPIC = "marketing.scores.v1"
FORECASTS_TOPIC = "marketing.forecasts.v1"
SEGMENTS_TOPIC = "marketing.segments.v1"
TAGS_TOPIC = "marketing.tags.v1"
JOURNEYS_TOPIC = "marketing.journeys.v1"
SUPPRESSIONS_TOPIC = "marketing.suppressions.v1"

TRIGGER_PLACE = "{trigger}"
"""Stands in the name of a topic for the name of a trigger, if each of them has its own."""

TRIGGERS_TEMPLATE = f"marketing.triggers.{TRIGGER_PLACE}.v1"

_TOPIC_OF = {family: f"shop.{family}.v1" for family in FAMILIES}

RAW_TOPICS = tuple(_TOPIC_OF.values())
"""The raw topics that streamproc itself sends to: one for each family of events, in the families' order."""


def raw_topic(event: type[Contract]) -> str:
    """The raw topic that streamproc itself sends an event of this class to."""
    return _TOPIC_OF[FAMILY_OF[event]]


def trigger_topic(name: str, template: str = TRIGGERS_TEMPLATE) -> str:
    """The topic of a trigger.

    >>> trigger_topic("abandoned_cart")
    'marketing.triggers.abandoned-cart.v1'
    """
    return template.replace(TRIGGER_PLACE, name.replace("_", "-"))


_DEAD_LETTERS = ".dlq"


def dead_letter_topic(topic: str) -> str:
    """Where the dead letters of a raw topic go."""
    return f"{topic}{_DEAD_LETTERS}"


def is_dead_letters(topic: str) -> bool:
    """Whether a topic is one of dead letters."""
    return topic.endswith(_DEAD_LETTERS)
