"""The commands against a real Kafka: what they print, what they ask, how they exit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from streamproc.cli.topics import topics_group
from streamproc.settings.topics import TopicCatalogue, load_topics

pytestmark = pytest.mark.kafka

FOLDER = Path(__file__).parents[2] / "topics"
LOG, CLICKS = "shop.customer-events.v1", "shop.clickstream.v1"


@dataclass(frozen=True)
class Settings:
    client: Mapping[str, Any]
    catalogue: TopicCatalogue


@pytest.fixture
def settings(kafka: Any) -> Settings:
    catalogue = load_topics(FOLDER, prefix=f"t{uuid4().hex[:8]}.")
    few = replace(catalogue, topics={name: catalogue[name] for name in (LOG, CLICKS)})
    return Settings({"bootstrap_servers": kafka.bootstrap}, few)


def run(settings: Settings, *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(topics_group, arguments, obj=settings, input=answer)


def with_partitions(settings: Settings, name: str, partitions: int) -> Settings:
    topics = {**settings.catalogue.topics, name: replace(settings.catalogue[name], partitions=partitions)}
    return replace(settings, catalogue=replace(settings.catalogue, topics=topics))


def test_plan_shows_what_is_missing_and_exits_with_one(settings: Settings) -> None:
    result = run(settings, "plan")
    assert result.exit_code == 1
    assert "2 to create, 0 to extend, 0 to change, 0 refused, 0 as they should be." in result.output


def test_apply_does_what_plan_showed_and_then_plan_exits_with_zero(settings: Settings) -> None:
    assert run(settings, "apply", "--yes").exit_code == 0
    result = run(settings, "plan")
    assert (result.exit_code, result.output) == (
        0,
        "0 to create, 0 to extend, 0 to change, 0 refused, 2 as they should be.\n",
    )


def test_apply_asks_first_and_does_nothing_without_a_yes(settings: Settings) -> None:
    assert run(settings, "apply", answer="n\n").exit_code == 1
    assert "2 to create" in run(settings, "plan").output
    assert run(settings, "apply", answer="y\n").exit_code == 0


def test_apply_with_nothing_to_do_does_not_ask(settings: Settings) -> None:
    run(settings, "apply", "--yes")
    assert run(settings, "apply").exit_code == 0


def test_a_keyed_topic_with_other_partitions_is_refused_by_plan_and_apply(settings: Settings) -> None:
    run(settings, "apply", "--yes")
    other = with_partitions(settings, LOG, 8)
    planned, applied = run(other, "plan"), run(other, "apply", "--yes")
    assert (planned.exit_code, applied.exit_code) == (2, 2)
    assert "1 refused" in planned.output
    assert "nothing was done" in applied.output


def test_list_shows_which_topics_the_cluster_has(settings: Settings) -> None:
    run(settings, "apply", "--yes")
    more = replace(settings, catalogue=replace(load_topics(FOLDER), prefix=settings.catalogue.prefix))
    result = run(more, "list")
    assert result.exit_code == 0
    assert "missing" in result.output
