"""What all commands share: which folders, and the configuration read from them once."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import streamproc
from streamproc.cli.running import run
from streamproc.runtime.client.authorisation import admit
from streamproc.runtime.client.rights import Operation, topic_rights
from streamproc.settings.configuration import Configuration
from streamproc.settings.load import load
from streamproc.settings.topics import TopicCatalogue

CHECKOUT = Path(streamproc.__file__).parent.parent
"""Where `config/`, `topics/` and `data/` are when streamproc runs from its checkout."""


def default_folder(name: str) -> Path:
    """The folder of that name here, else in the checkout."""
    here = Path(name)
    return here if here.is_dir() else CHECKOUT / name


@dataclass(frozen=True)
class Context:
    """The folders of this call; the configuration is read when a command first needs it."""

    config_dir: Path
    topics_dir: Path

    @cached_property
    def configuration(self) -> Configuration:
        """The whole configuration."""
        return load(self.config_dir, self.topics_dir)

    @property
    def client(self) -> dict[str, Any]:
        """Aiokafka's connection arguments."""
        return self.configuration.app.kafka.client

    def admit(self, operation: Operation, topics: Iterable[str]) -> None:
        """Return if Kafka lets us in, and lets us do this with these topics (names without prefix).

        Raises:
            RefusedError: it does not.
            aiokafka.errors.KafkaError: it cannot be reached.
        """
        rights = topic_rights(operation, map(self.catalogue.on_cluster, topics))
        run(admit(self.client, rights))

    @property
    def catalogue(self) -> TopicCatalogue:
        """The topics."""
        return self.configuration.catalogue

    @property
    def arguments(self) -> list[str]:
        """How a child process is told the same folders."""
        return ["--config", str(self.config_dir), "--topics", str(self.topics_dir)]
