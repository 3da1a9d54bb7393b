"""What a partition emitted since its last checkpoint, sorted by where it goes."""

from collections.abc import Mapping

from aiokafka import TopicPartition

from streamproc.processor.api import OutputRecord
from streamproc.runtime.worker.transaction import Row


class PendingOutputs:
    """Outputs of one source partition that are not yet in a transaction.

    Args:
        own_partition: where records without a partition of their own go.
        partitions: the partition counts of the topics that may be written, by name without prefix.
        prefix: what names on the cluster begin with.
    """

    def __init__(self, own_partition: int, partitions: Mapping[str, int], prefix: str) -> None:
        self._own_partition = own_partition
        self._partitions = partitions
        self._prefix = prefix
        self._rows: dict[TopicPartition, list[Row]] = {}
        self._by_name: dict[tuple[str, int | None], list[Row]] = {}
        self.count = 0
        self.bytes = 0

    def add(self, record: OutputRecord) -> None:
        """Keep a record for the next checkpoint.

        Raises:
            ValueError: it goes to a topic that the stage does not write, or to a partition that is not there.
        """
        rows = self._by_name.get((record.topic, record.partition))
        if rows is None:
            rows = self._rows_for(record)
        rows.append((record.key, record.value, record.headers))
        self.count += 1
        self.bytes += len(record.key or b"") + len(record.value or b"")

    def take(self) -> dict[TopicPartition, list[Row]]:
        """Everything there is, by its place on the cluster; afterwards there is nothing."""
        taken = self._rows
        self._rows, self._by_name, self.count, self.bytes = {}, {}, 0, 0
        return taken

    def _rows_for(self, record: OutputRecord) -> list[Row]:
        count = self._partitions.get(record.topic)
        if count is None:
            raise ValueError(f"{record.topic} is not an output of this stage")
        number = self._own_partition if record.partition is None else record.partition
        if not 0 <= number < count:
            raise ValueError(f"{record.topic} has {count} partitions, not one with number {number}")
        rows = self._rows.setdefault(TopicPartition(self._prefix + record.topic, number), [])
        self._by_name[record.topic, record.partition] = rows
        return rows
