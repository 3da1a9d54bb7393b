"""A group of counting workers under load, and the check that everything counted once afterwards."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.runtime.counted import assert_counted_once, recovered_afresh
from tests.runtime.log_reading import committed_offsets, create_topics, send_events
from tests.runtime.worker_process import WorkerProcess, until

PARTITIONS = 4
EVENTS = 8000


class Group:
    """Workers, each started again when it ends, as a supervisor does."""

    def __init__(
        self, servers: str, folder: Path, *, workers: int = 2, partitions: int = PARTITIONS, **more: Any
    ) -> None:
        self.prefix = f"f{uuid4().hex[:8]}."
        self.wanted = {"servers": servers, "prefix": self.prefix, "sources": ["events"], **more}
        self.ended: list[int] = []
        self._servers = servers
        self.partitions = partitions
        self._folder = folder
        names = (f"{self.prefix}events", f"{self.prefix}events.state", f"{self.prefix}events.tens")
        asyncio.run(create_topics(self._servers, dict.fromkeys(names, partitions)))
        self.workers = [WorkerProcess(folder / str(number), self.wanted) for number in range(workers)]
        until(self.is_whole, *self.workers)

    def is_whole(self) -> bool:
        return sum(worker.ready for worker in self.workers) == self.partitions and all(w.ready for w in self.workers)

    def revive(self) -> None:
        for number, worker in enumerate(self.workers):
            if (code := worker.process.poll()) is not None:
                self.ended.append(code)
                self.workers[number] = WorkerProcess(worker.data_dir.parent, self.wanted)

    def restart(self, number: int, folder: Path) -> None:
        self.workers[number] = WorkerProcess(folder, self.wanted)

    def has_committed(self, count: int) -> bool:
        self.revive()
        offsets = asyncio.run(committed_offsets(self._servers, f"{self.prefix}streamproc-counting"))
        return sum(offsets.values()) >= count

    @contextmanager
    def sending(self) -> Iterator[threading.Thread]:
        """Send events in the background; afterwards everything must be right."""

        def send() -> None:
            events = send_events(self._servers, f"{self.prefix}events", self.partitions, range(EVENTS), pause=0.05)
            asyncio.run(events)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield thread
            thread.join()
            until(lambda: self.has_committed(EVENTS), *self.workers)
            for worker in self.workers:
                worker.terminate()
        finally:
            for worker in self.workers:
                if worker.process.poll() is None:
                    worker.kill()
        expected = assert_counted_once(self._servers, self.prefix, "events")
        assert recovered_afresh(self._folder / "afresh", self.wanted, self.partitions) == expected.states
