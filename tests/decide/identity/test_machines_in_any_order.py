"""Whatever arrives in which order: the same messages, consents, counts and figures."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.state import Customer
from streamproc.customer.windows import EMPTY_BUCKET, Buckets
from streamproc.decide.outcome import Outcome
from streamproc.events.email import Bounced, Complained, Sent
from streamproc.events.raw import Event
from tests.builders import Shop, clicked, consent, delivered, envelope, facts_of, opened, plan, unsubscribed, view
from tests.trying import tried

seconds = st.sampled_from([0, 0.5, 1, 1.5, 2, 2.5, 3, 3600, 86400, 86401])
ids = st.sampled_from(["m1", "m1", "m1", "m2"])
marks = st.sampled_from([False, False, False, True])
told = st.one_of(
    st.builds(lambda name, at: Sent(message_id=name, **envelope({"seconds": at})), ids, seconds),
    st.builds(lambda name, at: delivered(name, seconds=at), ids, seconds),
    st.builds(
        lambda name, at, kind: Bounced(message_id=name, kind=kind, **envelope({"seconds": at})),
        ids, seconds, st.sampled_from(["hard", "soft", "block"]),
    ),
    st.builds(lambda name, at, mark: opened(name, seconds=at, is_machine=mark), ids, seconds, marks),
    st.builds(lambda name, at, link: clicked(name, seconds=at, url=link), ids, seconds, st.sampled_from("abc")),
    st.builds(
        lambda name, at, mark, click: unsubscribed(name, seconds=at, is_machine=mark, one_click=click),
        ids, seconds, marks, marks,
    ),
    st.builds(
        lambda at, granted, purpose: consent(seconds=at, granted=granted, purpose=purpose),
        seconds, st.booleans(), st.sampled_from(["marketing", "all"]),
    ),
    st.builds(lambda name, at: Complained(message_id=name, **envelope({"seconds": at})), ids, seconds),
    st.builds(lambda at: view(seconds=at), seconds),
)  # fmt: skip


def figures(outcomes: Iterable[Outcome]) -> Counter[Any]:
    """What the facts add up to: how often each was told of each moment, and visits of each day."""
    sums: Counter[Any] = Counter()
    for fact in facts_of(list(outcomes)):
        at = fact.at_ms // 86_400_000 if fact.fact == "visit" else fact.at_ms
        sums[fact.fact, at, *sorted(fact.values.items())] += -1 if fact.taken_back else 1
    return Counter({each: times for each, times in sums.items() if times})


def counts(buckets: Buckets) -> dict[int, tuple[int, ...]]:
    return {number: bucket for number in buckets if (bucket := buckets.get(number)) not in (None, EMPTY_BUCKET)}


def known(customer: Customer) -> tuple[Any, ...]:
    return (
        {message.digest: message for message in customer.messages},
        customer.consents,
        customer.consents_else,
        customer.reach,
        counts(customer.days),
        counts(customer.hours),
    )


@tried(200)
@given(st.lists(told, min_size=1, max_size=12, unique_by=lambda each: each.event_id), st.data())
def test_any_order_of_arrival_gives_the_same_messages_consents_counts_and_figures(
    happened: list[Event], data: st.DataObject
) -> None:
    one, other = Shop(plan()), Shop(plan())
    first, again = one.sees(*happened), other.sees(*data.draw(st.permutations([*happened, *happened])))
    assert known(one.ada) == known(other.ada)
    assert figures(first) == figures(again)
    assert all(times > 0 for times in figures(first).values())


def test_what_turns_out_to_be_a_machine_s_is_taken_back_from_the_figures() -> None:
    shop = Shop(plan())
    shop.sees(opened(seconds=0.5))
    (late,) = shop.sees(delivered())
    said = [
        (fact.fact, fact.values.get("action"), fact.values.get("human"), fact.taken_back) for fact in facts_of([late])
    ]
    assert said == [
        ("message", "opened", True, True),
        ("message", "delivered", True, False),
        ("message", "opened", False, False),
        ("visit", None, None, True),
    ]
