"""The embedded Kafka: a real Apache Kafka of one node, for the demo, for tests and for `up --embedded`."""

import atexit
from dataclasses import replace
from pathlib import Path
from typing import Self

from streamproc.broker.config import DEFAULT_HEAP_MB, BrokerSettings, default_data_dir
from streamproc.broker.directory import BrokerDirectory
from streamproc.broker.error import BrokerError
from streamproc.broker.jars import Progress
from streamproc.broker.log import why_dead
from streamproc.broker.start import StartedBroker, start_broker

__all__ = ["DEFAULT_HEAP_MB", "BrokerError", "BrokerSettings", "EmbeddedKafka", "default_data_dir", "start_detached"]


def ignore_progress(_: str) -> None:
    """Tell nobody."""


class EmbeddedKafka:
    """A broker that this process owns: it ends with the process, however that ends.

    Args:
        settings: where it keeps its records, and its ports.
        on_progress: is told what takes a while, in a line each.
    """

    def __init__(self, settings: BrokerSettings, on_progress: Progress = ignore_progress) -> None:
        self._settings = settings
        self._on_progress = on_progress
        self._broker: StartedBroker | None = None

    def start(self) -> str:
        """Start it and return its address once it answers; one that is up already is left alone.

        Raises:
            BrokerError: it cannot be started.
        """
        if self._broker is None or not self._broker.process.is_alive:
            self._broker = start_broker(self._settings, self._on_progress, guarded=True)
            atexit.register(self.stop)
        return self.bootstrap

    def stop(self) -> None:
        """Stop it in order; if it does not within 15 s, kill it. Nothing happens if it is not up."""
        atexit.unregister(self.stop)
        if self._broker is not None:
            self._broker.process.stop()

    def kill(self) -> None:
        """Kill it as a crash would."""
        self._started.process.kill()

    def restart(self) -> str:
        """Stop it if it is up, and start it again on the same ports if they are still free."""
        self.stop()
        return self.start()

    def revive(self) -> str:
        """Start it again on the very same ports: clients know no others.

        Raises:
            BrokerError: it cannot be started, or somebody else has one of its ports.
        """
        ports = self._started.ports
        same = replace(self._settings, port=ports.clients, controller_port=ports.controller)
        self._broker = start_broker(same, self._on_progress, guarded=True)
        return self.bootstrap

    def check(self) -> None:
        """Raise if it has died by itself since it was started, with the reason."""
        if not self._started.process.is_alive:
            raise BrokerError(f"the broker has died: {why_dead(BrokerDirectory(self._settings.data_dir))}")

    @property
    def data_dir(self) -> Path:
        """Where it keeps its records."""
        return self._settings.data_dir

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return self._started.ports.bootstrap

    @property
    def pid(self) -> int:
        """The process id of the broker."""
        return self._started.process.pid

    @property
    def _started(self) -> StartedBroker:
        if self._broker is None:
            raise BrokerError(f"the broker in {self._settings.data_dir} was not started: call start() first")
        return self._broker

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_detached(settings: BrokerSettings, on_progress: Progress = ignore_progress) -> str:
    """Start a broker that outlives this process, and return its address; `stop_broker` ends it.

    Raises:
        BrokerError: it cannot be started.
    """
    broker = start_broker(settings, on_progress, guarded=False)
    broker.process.leave()
    return broker.ports.bootstrap
