"""The topics that stages read and write, by their names in `topics/`."""

from streamproc.events.base import Contract
from streamproc.events.raw import FAMILY_OF

LOG_TOPIC = "shop.customer-events.v1"
FACTS_TOPIC = "streamproc.facts.v1"
TRAINING_TOPIC = "streamproc.training.v1"
MODELS_TOPIC = "streamproc.models.v1"
PARTIALS_TOPIC = "streamproc.kpi-partials.v1"
DECIDE_STATE_TOPIC = "streamproc.decide-state.v1"
LEARN_STATE_TOPIC = "streamproc.learn-state.v1"
MEASURE_STATE_TOPIC = "streamproc.measure-state.v1"
KPI_STATE_TOPIC = "streamproc.kpi-state.v1"
KPIS_TOPIC = "marketing.kpis.v1"
OFFERS_TOPIC = "marketing.offers.v1"
SCORES_TOPIC = "marketing.scores.v1"
SEGMENTS_TOPIC = "marketing.segments.v1"
SUPPRESSIONS_TOPIC = "marketing.suppressions.v1"


def raw_topic(event: type[Contract]) -> str:
    """The raw topic that streamproc itself sends an event of this class to."""
    return f"shop.{FAMILY_OF[event]}.v1"


def trigger_topic(name: str) -> str:
    """The topic of a trigger."""
    return f"marketing.triggers.{name.replace('_', '-')}.v1"


def dead_letter_topic(topic: str) -> str:
    """Where the dead letters of a raw topic go."""
    return f"{topic}.dlq"
