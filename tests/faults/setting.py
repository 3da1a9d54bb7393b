"""Where a fault run takes place: its own topics and configuration, small enough that every part of the system works."""

import shutil
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from streamproc.collect.settings import CollectSettings
from streamproc.events.topics import DECIDE_STATE_TOPIC as DECIDE_STATE
from streamproc.events.topics import (
    FACTS_TOPIC,
    KPI_STATE_TOPIC,
    LOG_TOPIC,
    MEASURE_STATE_TOPIC,
    PARTIALS_TOPIC,
    TRAINING_TOPIC,
    dead_letter_topic,
)
from streamproc.events.topics import LEARN_STATE_TOPIC as LEARN_STATE
from streamproc.settings.configuration import Configuration
from streamproc.settings.load import load
from streamproc.settings.topics import Replication, load_topics
from tests.system.living_system import CHECKOUT

SIGNING_KEY = "the key of a fault run"
SESSION_SECONDS = 6.0
LOG_PARTITIONS = 8
CHANGELOGS = {
    LOG_TOPIC: DECIDE_STATE,
    TRAINING_TOPIC: LEARN_STATE,
    FACTS_TOPIC: MEASURE_STATE_TOPIC,
    PARTIALS_TOPIC: KPI_STATE_TOPIC,
}
"""The changelog of each source that has states."""

READERS = {LOG_TOPIC: "decide", TRAINING_TOPIC: "learn", FACTS_TOPIC: "measure", PARTIALS_TOPIC: "measure"}


@dataclass(frozen=True)
class Setting:
    """A folder with configuration and topic files, a cluster, and a prefix in it. Can be sent to other processes."""

    folder: Path
    bootstrap: str
    prefix: str
    idle: str = "hold"
    clock_runs_ahead: bool = False
    replicas: int = 1
    named: bool = False
    log_partitions: int = LOG_PARTITIONS
    environ_more: dict[str, str] = field(default_factory=dict)

    def write(self) -> None:
        """Copy the product's files: more partitions, and a model release after fewer examples."""
        shutil.copytree(CHECKOUT / "config", self.folder / "config")
        shutil.copytree(CHECKOUT / "topics", self.folder / "topics")
        _replace(self.folder / "topics" / f"{LOG_TOPIC}.toml", "partitions = 4", f"partitions = {self.log_partitions}")
        _replace(self.folder / "topics" / "shop.clickstream.v1.toml", "partitions = 4", "partitions = 3")
        _replace(self.folder / "config" / "models.toml", "release_every = 500", "release_every = 60")
        defaults = self.folder / "topics" / "defaults.toml"
        _replace(
            defaults, '"min.cleanable.dirty.ratio" = 0.2', '"min.cleanable.dirty.ratio" = 0.01\n"segment.ms" = 3000'
        )
        if (
            self.idle == "wall_clock"
        ):  # a record says when Kafka took it: the verdict compares that with the clock's marks
            for raw in CollectSettings().topics:
                _append(self.folder / "topics" / f"{raw}.toml", '"message.timestamp.type" = "LogAppendTime"')
        for whole in ("marketing.kpis.v1", "streamproc.models.v1"):  # what was said is compared as a whole
            _append(
                self.folder / "topics" / f"{whole}.toml", '"min.cleanable.dirty.ratio" = 1\n"segment.ms" = 1000000000'
            )

    @property
    def arguments(self) -> list[str]:
        """What `streamproc` is told of the folders."""
        return ["--config", str(self.folder / "config"), "--topics", str(self.folder / "topics")]

    def environ(self, data_dir: Path) -> dict[str, str]:
        """What a worker with this data folder is told."""
        return {
            "STREAMPROC_KAFKA__BOOTSTRAP": self.bootstrap,
            "STREAMPROC_KAFKA__PREFIX": self.prefix,
            "STREAMPROC_KAFKA__REPLICATION_FACTOR": str(self.replicas),
            "STREAMPROC_KAFKA__MIN_INSYNC_REPLICAS": str(self._replication.min_insync),
            "STREAMPROC_RUNTIME__DATA_DIR": str(data_dir),
            **({"STREAMPROC_RUNTIME__MEMBER_ID": data_dir.parent.name} if self.named else {}),
            "STREAMPROC_RUNTIME__SESSION_SECONDS": str(SESSION_SECONDS),
            "STREAMPROC_COLLECT__WATERMARK__IDLE": self.idle,
            "STREAMPROC_METRICS__FIRST_PORT": "0",
            "STREAMPROC_RUNTIME__MIN_FREE_DISK_MB": "0",  # a disk of these runs is small, and full on purpose
            "STREAMPROC_SIGNING__KEY": SIGNING_KEY,
            "PYTHONUNBUFFERED": "1",
            **self.environ_more,
        }

    @cached_property
    def configuration(self) -> Configuration:
        """As the workers see it."""
        loaded = load(self.folder / "config", self.folder / "topics")
        kafka = loaded.app.kafka.model_copy(update={"bootstrap": self.bootstrap, "prefix": self.prefix})
        app = loaded.app.model_copy(update={"kafka": kafka})
        names = loaded.plan.senders
        catalogue = load_topics(
            self.folder / "topics", triggers=names, prefix=self.prefix, replication=self._replication
        )
        return replace(loaded, app=app, catalogue=catalogue)

    @property
    def _replication(self) -> Replication:
        return Replication(self.replicas, (self.replicas + 1) // 2)

    @property
    def client(self) -> dict[str, Any]:
        """aiokafka's connection arguments."""
        return {"bootstrap_servers": self.bootstrap}

    @cached_property
    def raw_topics(self) -> tuple[str, ...]:
        """The topics that collect reads."""
        return self.configuration.app.collect.topics

    @cached_property
    def sources(self) -> dict[str, str]:
        """The stage that reads a topic."""
        return dict.fromkeys(self.raw_topics, "collect") | READERS

    @cached_property
    def partitions(self) -> dict[str, int]:
        """The partition counts of all topics."""
        return {topic.name: topic.partitions for topic in self.configuration.catalogue}

    @cached_property
    def outputs(self) -> list[str]:
        """All topics but the raw ones and the changelogs."""
        changelogs = set(CHANGELOGS.values())
        return [name for name in self.partitions if name not in self.raw_topics and name not in changelogs]

    @property
    def dead_letters(self) -> dict[str, str]:
        """The dead-letter topic of each raw one."""
        return {topic: dead_letter_topic(topic) for topic in self.raw_topics}

    def group(self, stage: str) -> str:
        """The consumer group of a stage."""
        return f"{self.prefix}streamproc-{stage}"

    def owned_by(self, stage: str) -> int:
        """How many source partitions a stage has."""
        return sum(self.partitions[topic] for topic, reader in self.sources.items() if reader == stage)


def _replace(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    if before not in text:
        raise ValueError(f"{path} has no {before!r} any more: correct tests/faults/setting.py")
    path.write_text(text.replace(before, after, 1))


def _append(path: Path, settings: str) -> None:
    text = path.read_text()
    path.write_text(f"{text}\n{settings}\n" if "[configs]" in text else f"{text}\n[configs]\n{settings}\n")
