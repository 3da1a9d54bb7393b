"""The stages on the secured Kafka, each with a user of its own that has the stage's name."""

import asyncio
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from pydantic import SecretStr

from streamproc.cli import main
from streamproc.cli.context import CHECKOUT
from streamproc.cli.workers import worker_settings
from streamproc.metrics import Metrics
from streamproc.runtime.client.rights import Right
from streamproc.runtime.stages import make_stage
from streamproc.runtime.telemetry.observer import Silent
from streamproc.runtime.topics import admin as topics
from streamproc.runtime.worker.layout import needed_rights
from streamproc.settings.app import KafkaSettings
from streamproc.settings.configuration import Configuration
from streamproc.settings.load import load
from tests.runtime.worker_process import PrintingProcess
from tests.secure.acls import permit
from tests.secure.secure_kafka import PASSWORD, SecureKafka


class SecureShop:
    """Its topics are there; `config` is the folder of its settings."""

    def __init__(self, kafka: SecureKafka, folder: Path, config: Path = CHECKOUT / "config") -> None:
        self.kafka = kafka
        self.folder = folder
        self.config = config
        asyncio.run(self._apply_topics())

    @cached_property
    def configuration(self) -> Configuration:
        return load(self.config, CHECKOUT / "topics")

    async def _apply_topics(self) -> None:
        await topics.apply(self.kafka.admin, await topics.plan(self.kafka.admin, self.configuration.catalogue))

    def rights(self, stage: str) -> tuple[Right, ...]:
        settings = worker_settings(self.configuration, Silent())
        return needed_rights(make_stage(stage, self.configuration, Metrics()), settings)

    def client(self, user: str) -> dict[str, Any]:
        return KafkaSettings(
            bootstrap=self.kafka.addresses["SASL_SSL"],
            security="SASL_SSL",
            ca_file=self.kafka.pki["ca.pem"],
            sasl_username=user,
            sasl_password=SecretStr(PASSWORD),
        ).client

    def permit(self, stage: str, but: Sequence[Right] = ()) -> None:
        """Give a stage's user the least rights and no others, but these."""
        asyncio.run(permit(self.kafka.admin, self.client(stage), self.rights(stage), but))

    def environ(self, user: str, **kafka: str) -> dict[str, str]:
        return {
            **self.kafka.settings(user, **kafka),
            "STREAMPROC_RUNTIME__DATA_DIR": str(self.folder / user),
            "STREAMPROC_RUNTIME__SESSION_SECONDS": "6",
            "STREAMPROC_METRICS__FIRST_PORT": "0",
            "STREAMPROC_COLLECT__WATERMARK__IDLE": "hold",
            "STREAMPROC_SIGNING__KEY": "everybody's-own-key",
            "COLUMNS": "300",
        }

    def worker(self, stage: str, **kafka: str) -> PrintingProcess:
        command = [sys.executable, "-m", "streamproc", *self._folders, "worker", stage]
        return PrintingProcess(self.folder / stage, command, self.environ(stage, **kafka))

    def command(self, user: str, *arguments: str, **kafka: str) -> Result:
        return CliRunner(env=self.environ(user, **kafka)).invoke(main, [*self._folders, *arguments])

    @property
    def _folders(self) -> list[str]:
        return ["--config", str(self.config), "--topics", str(CHECKOUT / "topics")]
