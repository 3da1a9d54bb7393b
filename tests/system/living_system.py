"""The four stages as real processes on the test's Kafka, with topics and state of their own."""

import asyncio
import os
import signal
import sys
import threading
import uuid
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import orjson

from streamproc.offline.dumps.record import DumpedRecord
from streamproc.runtime.client.reading import follow, read_to_end
from streamproc.runtime.client.send import Destination, Pacing, send
from streamproc.runtime.supervise.supervisor import Child, Supervisor
from streamproc.runtime.topics import admin as topics
from streamproc.settings.configuration import Configuration
from streamproc.settings.load import load
from streamproc.settings.stages import STAGES
from tests.system.forked_supervisor import ForkedSupervisor

CHECKOUT = Path(__file__).parent.parent.parent


class LivingSystem:
    """Start it with `async with`; it ends with everything that it started."""

    from_nothing = False
    """Whether each worker is a program of its own, as `up` starts it, or forked, which is up at once."""

    def __init__(self, bootstrap: str, folder: Path, config: Path = CHECKOUT / "config", **environ: str) -> None:
        self._config = config
        self.prefix = f"t{uuid.uuid4().hex[:8]}."
        self._folder = folder
        self._environ = {
            "STREAMPROC_KAFKA__BOOTSTRAP": bootstrap,
            "STREAMPROC_KAFKA__PREFIX": self.prefix,
            "STREAMPROC_RUNTIME__DATA_DIR": str(folder),
            "STREAMPROC_RUNTIME__SESSION_SECONDS": "6",
            "STREAMPROC_COLLECT__WATERMARK__IDLE": "hold",
            "STREAMPROC_METRICS__FIRST_PORT": "0",
            **environ,
        }
        self.lines: list[str] = []
        folders = ["--config", str(config), "--topics", str(CHECKOUT / "topics")]
        self.command = [sys.executable, "-m", "streamproc", *folders]
        begun_by, words = (Supervisor, self.command) if self.from_nothing else (ForkedSupervisor, folders)
        self._supervisor = begun_by(
            {stage: [*words, "worker", stage] for stage in STAGES},
            lambda stage, line: self.lines.append(f"{stage}: {line}"),
            self._environ,
        )
        self._watcher = threading.Thread(target=self._supervisor.watch, daemon=True)
        self.configuration = self._configuration(bootstrap)
        self.client: dict[str, Any] = dict(self.configuration.client)

    def _configuration(self, bootstrap: str) -> Configuration:
        loaded = load(self._config, CHECKOUT / "topics")
        kafka = loaded.app.kafka.model_copy(update={"bootstrap": bootstrap, "prefix": self.prefix})
        app = loaded.app.model_copy(update={"kafka": kafka})
        from streamproc.settings.topics import load_topics

        names = loaded.plan.senders
        prefixed = load_topics(CHECKOUT / "topics", triggers=names, prefix=self.prefix)
        return Configuration(app, loaded.plan, loaded.kpis, prefixed)

    async def __aenter__(self) -> Self:
        await topics.apply(self.client, await topics.plan(self.client, self.configuration.catalogue))
        self._supervisor.start()
        self._watcher.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._supervisor.stop)

    def child(self, stage: str) -> Child:
        """The process of a stage."""
        return next(child for child in self._supervisor.children if child.stage == stage)

    def kill(self, stage: str) -> None:
        """kill -9; the supervisor starts it again."""
        process = self.child(stage).process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait()

    async def run(self, *arguments: str) -> str:
        """A command of streamproc, with this system's settings; what it printed."""
        process = await asyncio.create_subprocess_exec(
            *self.command, *arguments, env=os.environ | self._environ, stdout=PIPE, stderr=STDOUT
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        return output.decode()

    async def send(self, records: Iterable[DumpedRecord], close_after: timedelta = timedelta(0)) -> None:
        """Send raw events in time order, and tell every source how far time is."""
        destination = Destination(self.client, self.configuration.app.collect.topics, self.prefix)
        await send(records, destination, Pacing(close_after=close_after), lambda *_: None)

    async def read(self, topic: str) -> list[dict[str, Any]]:
        """What stands in a topic now, committed."""
        return [orjson.loads(r.value) async for r in read_to_end(self.client, self.prefix + topic) if r.value]

    async def until(
        self, topic: str, condition: Callable[[list[dict[str, Any]]], bool], seconds: float = 120
    ) -> list[dict[str, Any]]:
        """Wait until what has come out of a topic fulfils a condition."""
        seen: list[dict[str, Any]] = []

        async def watch() -> list[dict[str, Any]]:
            async for record in follow(self.client, [self.prefix + topic], from_start=True):
                if record.value:
                    seen.append(orjson.loads(record.value))
                    if condition(seen):
                        return seen
            raise AssertionError("unreachable")

        try:
            return await asyncio.wait_for(watch(), seconds)
        except TimeoutError:
            tail = "\n".join(self.lines[-30:])
            raise AssertionError(f"{topic} did not fulfil the condition: {len(seen)} records\n{tail}") from None


class StartedFromNothing(LivingSystem):
    """Its workers are the programs that `up` would start."""

    from_nothing = True
