"""A group's partitions are shared out fairly, and stay where they are as far as that goes."""

from collections import Counter
from collections.abc import Iterable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from streamproc.runtime.worker.sticky import Member, Partition, share_out

Shares = Mapping[str, set[Partition]]

TOPICS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 12), min_size=1)
CHANGES = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=8)
NAMES = "mnopq"


def partitions_of(counts: Mapping[str, int]) -> list[Partition]:
    return [(topic, number) for topic, count in counts.items() for number in range(count)]


def members(counts: Mapping[str, int], shares: Shares, names: Iterable[str], generation: int = 1) -> dict[str, Member]:
    return {name: Member(frozenset(counts), frozenset(shares.get(name, ())), generation) for name in names}


def moved(before: Shares, after: Shares) -> int:
    """How many partitions have another owner."""
    owners = {partition: name for name, share in after.items() for partition in share}
    return sum(owners[partition] != name for name, share in before.items() for partition in share)


def assert_fair(counts: Mapping[str, int], shares: Shares) -> None:
    given_away = [partition for share in shares.values() for partition in share]
    assert sorted(given_away) == sorted(partitions_of(counts))
    for topic in counts:
        of_topic = [Counter(each for each, _ in share)[topic] for share in shares.values()]
        assert max(of_topic) - min(of_topic) <= 1
    of_all = [len(share) for share in shares.values()]
    assert max(of_all) - min(of_all) <= 1


@given(TOPICS, st.integers(1, 9), CHANGES)
def test_a_join_or_a_leave_moves_at_most_twice_as_many_as_must(
    counts: dict[str, int], first: int, changes: list[tuple[bool, int]]
) -> None:
    names = [f"m{number:02}" for number in range(first)]
    shares = share_out(partitions_of(counts), members(counts, {}, names))
    for generation, (joins, which) in enumerate(changes):
        if joins:
            names = [*names, f"m{which:02}-{generation}"]
            must = sum(counts.values()) // len(names)
        elif len(names) > 1:
            gone = names[which % len(names)]
            names = [name for name in names if name != gone]
            must = len(shares[gone])
        else:
            continue
        after = share_out(partitions_of(counts), members(counts, shares, names, generation))
        assert_fair(counts, after)
        assert moved(shares, after) <= 2 * must
        assert share_out(partitions_of(counts), members(counts, after, names, generation)) == after
        shares = after


SAID = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(st.frozensets(st.tuples(st.sampled_from("abcdz"), st.integers(-1, 15))), st.integers(-1, 9)),
    min_size=1,
)


@given(TOPICS, SAID)
def test_whatever_members_say_that_they_have_all_is_shared_out_fairly(
    counts: dict[str, int], said: dict[str, tuple[frozenset[Partition], int]]
) -> None:
    """Stale, overlapping, of topics and partitions that there are not."""
    group = {name: Member(frozenset(counts), held, generation) for name, (held, generation) in said.items()}
    shares = share_out(partitions_of(counts), group)
    assert_fair(counts, shares)
    turned = dict(reversed(group.items()))
    assert share_out(list(reversed(partitions_of(counts))), turned) == shares


@given(TOPICS, st.dictionaries(st.sampled_from(NAMES), st.frozensets(st.sampled_from("abcd")), min_size=1))
def test_members_that_read_different_topics_get_only_these(
    counts: dict[str, int], reading: dict[str, frozenset[str]]
) -> None:
    shares = share_out(partitions_of(counts), {name: Member(topics) for name, topics in reading.items()})
    for name, share in shares.items():
        assert {topic for topic, _ in share} <= reading[name]
    read = {topic for topics in reading.values() for topic in topics}
    expected = sorted(partition for partition in partitions_of(counts) if partition[0] in read)
    assert sorted(partition for share in shares.values() for partition in share) == expected


def test_who_comes_back_is_given_what_it_has_copies_of() -> None:
    everything = partitions_of({"a": 8})
    copies = frozenset(("a", number) for number in (0, 2, 5, 7))
    alone, back = Member(frozenset("a"), frozenset(everything), 4), Member(frozenset("a"), copies)
    assert share_out(everything, {"m": alone, "n": back})["n"] == copies
    assert share_out(everything, {"m": Member(frozenset("a")), "n": back})["n"] == copies


def test_of_two_who_hold_the_same_the_newer_one_keeps_it() -> None:
    both = frozenset(partitions_of({"a": 2}))
    stale, newer = Member(frozenset("a"), both, 3), Member(frozenset("a"), frozenset({("a", 1)}), 4)
    assert share_out(both, {"m": stale, "n": newer}) == {"m": {("a", 0)}, "n": {("a", 1)}}
