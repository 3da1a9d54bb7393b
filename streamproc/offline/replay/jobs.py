"""The partitions of the customer log, spread over processes: whatever their number, the outputs are the same."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Protocol, Self

from streamproc.events.topics import LOG_TOPIC
from streamproc.garbage import calm_collector
from streamproc.offline.replay.group import ShardGroup, ShardJob, ShardResult
from streamproc.offline.replay.setup import ReplayError
from streamproc.processor.api import InputRecord, OutputRecord
from streamproc.stop_signals import kept_from_children

_ENDS_WITHIN_SECONDS = 10.0


class WorkerPool(Protocol):
    """Who replays the partitions; `ShardGroup` itself is one that works alone."""

    def feed(self, run: Sequence[InputRecord], topic_id: str) -> None:
        """Replay consecutive records of one partition."""
        ...

    def take_answered(self) -> list[tuple[int, list[OutputRecord]]]:
        """What each partition wrote for learn since the last time."""
        ...

    def take_forwards(self) -> list[tuple[int, list[OutputRecord]]]:
        """What each partition passed on to other keys since the last time."""
        ...

    def finish(self) -> list[ShardResult]:
        """Write the states, close the files, and say what became of each partition."""
        ...


class Processes:
    """A crew of several processes; use it in a `with` block, at the end of which none is left."""

    def __init__(self, work: ShardJob, jobs: int) -> None:
        context = get_context("spawn")
        resource_tracker.ensure_running()  # else the first child starts it, and it unblocks the signals on the way
        self._connections: list[Connection] = []
        self._children = []
        for number in range(jobs):
            mine, theirs = context.Pipe()
            share = replace(work, partitions=work.partitions[number::jobs])
            child = context.Process(target=_work, args=(theirs, share), daemon=True)
            with kept_from_children():
                child.start()
            theirs.close()
            self._connections.append(mine)
            self._children.append(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections:
            connection.close()
        for child in self._children:
            child.join(_ENDS_WITHIN_SECONDS)
            if child.is_alive():
                child.kill()
                child.join()

    def feed(self, run: Sequence[InputRecord], topic_id: str) -> None:
        """Give a run to the process that has its partition."""
        partition = run[0].partition
        rows = [(read.offset, read.timestamp, read.key, read.value) for read in run]
        self._tell(self._connections[partition % len(self._connections)], ("feed", partition, topic_id, rows))

    def take_answered(self) -> list[tuple[int, list[OutputRecord]]]:
        """Wait for all processes, and take what they have for learn."""
        return self._ask("take_answered")

    def take_forwards(self) -> list[tuple[int, list[OutputRecord]]]:
        """Wait for all processes, and take what they pass on."""
        return self._ask("take_forwards")

    def finish(self) -> list[ShardResult]:
        """Let all processes finish."""
        return sorted(self._ask("finish"), key=lambda result: result.partition)

    def _ask(self, what: str) -> list[Any]:
        for connection in self._connections:
            self._tell(connection, (what,))
        return [each for connection in self._connections for each in self._answer(connection)]

    def _tell(self, connection: Connection, message: tuple[Any, ...]) -> None:
        try:
            connection.send(message)
        except OSError:
            self._answer(connection)  # it says why it has ended

    def _answer(self, connection: Connection) -> list[Any]:
        try:
            answer = connection.recv()
        except (EOFError, OSError) as error:
            raise ReplayError(
                "a process of the replay has ended: what it said is above; if nothing, memory ran out: use fewer --jobs"
            ) from error
        if isinstance(answer, ReplayError | OSError):
            raise answer
        found: list[Any] = answer
        return found


def _work(connection: Connection, work: ShardJob) -> None:
    """What a process does until it is told to finish, or nobody is there any more."""
    calm_collector()
    try:
        with closing(ShardGroup(work)) as group:
            _obey(connection, group)
    except (EOFError, ConnectionError):
        return
    except (ReplayError, OSError) as error:
        connection.send(error)


def _obey(connection: Connection, group: ShardGroup) -> None:
    while True:
        match connection.recv():
            case ("feed", partition, topic_id, rows):
                group.feed(list(_reads(partition, rows)), topic_id)
            case ("take_answered",):
                connection.send(group.take_answered())
            case ("take_forwards",):
                connection.send(group.take_forwards())
            case ("finish",):
                connection.send(group.finish())
                return


def _reads(partition: int, rows: Iterable[tuple[int, int, bytes | None, bytes | None]]) -> Iterable[InputRecord]:
    for offset, timestamp, key, value in rows:
        yield InputRecord(LOG_TOPIC, partition, offset, timestamp, key, value)
