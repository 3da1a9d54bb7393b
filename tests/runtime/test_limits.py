from streamproc.runtime.worker_settings import Limits


def test_what_a_worker_holds_does_not_grow_with_its_partitions() -> None:
    whole = Limits()
    for partitions in (1, 4, 16):
        each = whole.share(partitions)
        assert partitions * each.cached_bytes <= whole.cached_bytes
        assert partitions * each.pending_bytes <= whole.pending_bytes
        assert partitions * each.queued_bytes <= whole.queued_bytes


def test_a_partition_may_always_hold_one_run() -> None:
    each = Limits().share(1_000)
    assert each.queued_records >= each.batch_records
    assert each.pending_bytes >= each.batch_bytes
