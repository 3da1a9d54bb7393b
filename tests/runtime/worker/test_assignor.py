"""Each partition of a stage's topics gets an owner, whatever the leader's client knows."""

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from hypothesis import given
from hypothesis import strategies as st

from streamproc.runtime.worker.assignor import WholeTopicsAssignor


@given(st.dictionaries(st.sampled_from("abc"), st.integers(1, 9), min_size=1), st.integers(1, 5))
def test_a_leader_without_metadata_gives_each_partition_to_one_member(counts: dict[str, int], members: int) -> None:
    asked = {f"m{number}": ConsumerProtocolMemberMetadata(0, sorted(counts), b"") for number in range(members)}
    given_away = WholeTopicsAssignor(counts).assign(ClusterMetadata(), asked)
    owned = [tuple(partition) for assignment in given_away.values() for partition in assignment.partitions()]
    assert sorted(owned) == [(topic, number) for topic, count in sorted(counts.items()) for number in range(count)]
