"""The same id with other content: the first counts, each other content is a dead letter of its raw topic, once."""

from random import Random
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.email import Sent
from streamproc.events.profile import Identified
from streamproc.events.topics import dead_letter_topic
from tests.builders import at_ms, clicked, envelope, identified, plan, view
from tests.decide.identity.town import RAW, Town, linked, told_in_disorder
from tests.trying import tried

CITIES = st.sampled_from(["Leeds", "York", "Hull"])


def letters(town: Town) -> list[tuple[Any, dict[str, str]]]:
    """What stands in the dead letters, and their headers."""
    found = [each for each in town.written if each.topic == dead_letter_topic(RAW)]
    return [(orjson.loads(each.value or b""), {name: said.decode() for name, said in each.headers}) for each in found]


def lives_in(city: str, **values: Any) -> Identified:
    return identified({"city": city}, **values)


def test_it_says_why_and_where_the_message_stands() -> None:
    town = Town(plan()).tell(lives_in("Leeds", event_id="e1"), lives_in("York", event_id="e1", minutes=1)).rest()
    [(event, headers)] = letters(town)
    assert (event["event_id"], event["traits"]) == ("e1", {"city": "York"})
    assert headers == {
        "dlq-reason": "conflicting_repeat",
        "dlq-detail": "an event of this type and id, with other content, was applied before",
        "dlq-type": "identified",
        "dlq-topic": RAW,
        "dlq-partition": "0",
        "dlq-offset": "2",
        "dlq-stage": "decide",
        "dlq-received-at": str(at_ms(minutes=1)),
    }
    assert town.customers()["c/ada"].traits == {"city": "Leeds"}


def test_a_retry_of_it_is_a_repeat() -> None:
    again = lives_in("York", event_id="e1", minutes=1)
    town = Town(plan()).tell(lives_in("Leeds", event_id="e1"), again, again, lives_in("Leeds", event_id="e1")).rest()
    assert len(letters(town)) == 1


def test_what_came_under_another_key_has_the_place_of_its_message() -> None:
    guest: dict[str, Any] = {"customer_id": None, "anonymous_id": "v1"}
    town = Town(plan()).tell(linked("v1"), view(event_id="e1", **guest)).rest()
    town.tell(view(event_id="e1", minutes=5, **guest)).rest()
    [(event, headers)] = letters(town)
    assert event["anonymous_id"] == "v1"
    assert (headers["dlq-topic"], headers["dlq-offset"]) == (RAW, "3")


def test_what_waited_has_the_place_of_its_message_and_what_comes_by_two_ways_is_told_once() -> None:
    both: dict[str, Any] = {"customer_id": None, "email": "ada@example.org", "event_id": "e1"}
    town = Town(plan()).tell(clicked("m1", minutes=1, **both), clicked("m1", minutes=2, **both)).rest()
    assert letters(town) == []
    town.tell(identified(email="ada@example.org"), Sent(message_id="m1", **envelope({}))).rest()
    [(_, headers)] = letters(town)
    assert headers["dlq-offset"] in {"1", "2"}


def test_a_topic_that_is_not_read_any_more_has_no_dead_letters() -> None:
    town = Town(plan(), raw_topics=())
    town.tell(lives_in("Leeds", event_id="e1"), lives_in("York", event_id="e1")).rest()
    assert letters(town) == []


@tried(100)
@given(st.lists(st.tuples(st.sampled_from("ab"), CITIES), max_size=12), st.integers())
def test_in_any_order_one_content_of_each_id_counts_and_each_other_is_told_once(
    said: list[tuple[str, str]], seed: int
) -> None:
    town = told_in_disorder(Town(plan()), [lives_in(city, event_id=name) for name, city in said], Random(seed))
    told = [(event["event_id"], event["traits"]["city"]) for event, _ in letters(town)]
    assert len(told) == len(set(told)) == len(set(said)) - len({name for name, _ in said})
