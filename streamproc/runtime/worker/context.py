"""What all partitions of a worker share."""

from dataclasses import dataclass, field

from streamproc.runtime.state.store import RocksMemory
from streamproc.runtime.worker.guard import PauseGuard
from streamproc.runtime.worker.layout import Layout
from streamproc.runtime.worker.turns import Turns
from streamproc.runtime.worker_settings import Limits, WorkerSettings


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """A stage's name and plan, its topics in this cluster, and what there is one of in a worker."""

    stage: str
    settings: WorkerSettings
    layout: Layout
    guard: PauseGuard
    rocks: RocksMemory
    plan: str = ""
    turns: Turns = field(default_factory=Turns)

    @property
    def limits(self) -> Limits:
        """What one source partition of the stage may hold, should all of them be this worker's."""
        partitions = [self.layout.partitions[topic.name] for topic in self.layout.sources.values()]
        return self.settings.limits.share(max(1, sum(partitions)))
