"""One fault run: a system under load, faults by a seed, and the verdict."""

import asyncio
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from uuid import uuid4

from streamproc.settings.stages import STAGES
from tests.faults import cluster
from tests.faults.brokers import Brokers, brokers_for
from tests.faults.dumped import dump_all
from tests.faults.faults import FAULTS, MOVING_THE_CLOCK, Scene
from tests.faults.fleet import Fleet, StuckError
from tests.faults.processes import helpers
from tests.faults.report import Report
from tests.faults.scenario import Scenario
from tests.faults.sending import send_shop_events
from tests.faults.setting import Setting
from tests.faults.small_disk import mount_small_disk, unmount
from tests.faults.switches import write_clock
from tests.faults.verdict import check, judge, write_evidence
from tests.kafka_broker import Kafka

READY_SECONDS = 180.0
DRAIN_SECONDS = 120.0
BEGIN_SECONDS = 60.0
EVIDENCE_SECONDS = 60.0
SMALL_DISK_MB = 24


@contextmanager
def system(kafka: Kafka, folder: Path, scenario: Scenario) -> Iterator[Scene]:
    """The four stages at work on topics of their own; everything is taken away at the end."""
    clock = folder / "clock"
    folder.mkdir(parents=True, exist_ok=True)
    write_clock(clock, 0.0)
    with brokers_for(kafka, three=scenario.needs_cluster) as brokers:
        setting = Setting(
            folder,
            brokers.kafka.bootstrap,
            f"f{uuid4().hex[:8]}.",
            scenario.idle,
            clock_runs_ahead="clock" in scenario.faults,
            replicas=brokers.replicas,
            named=scenario.named,
            log_partitions=scenario.log_partitions,
        )
        setting.write()
        asyncio.run(cluster.make_topics(setting))
        with workers(setting, scenario, brokers, clock) as scene:
            yield scene


@contextmanager
def workers(setting: Setting, scenario: Scenario, brokers: Brokers, clock: Path) -> Iterator[Scene]:
    """The workers of the four stages, and a small disk if one is to be filled."""
    switches = replace(
        scenario.switches,
        clock=None if MOVING_THE_CLOCK.isdisjoint(scenario.faults) else clock,
        namespace=None if brokers.network is None else brokers.network.name,
    )
    folder = setting.folder
    disk = mount_small_disk(folder / "decide-0" / "data", SMALL_DISK_MB) if "disk-full" in scenario.faults else None
    fleet = Fleet(setting, switches, scenario.per_stage)
    try:
        yield Scene(setting, fleet, brokers, Random(scenario.seed), clock, disk)
    except BaseException:
        fleet.mend()
        fleet.stop()
        keep_evidence(setting)
        raise
    finally:
        fleet.mend()
        fleet.kill()
        if disk is not None:
            kept = folder / "decide-0" / "data-kept"
            with suppress(OSError):
                shutil.copytree(disk, kept)
            unmount(disk)
        with suppress(Exception):
            asyncio.run(cluster.remove_topics(setting))


def keep_evidence(setting: Setting) -> None:
    """What stands in the topics when a run breaks off, and what is wrong with it so far."""
    with suppress(Exception):
        dump = asyncio.run(asyncio.wait_for(dump_all(setting), EVIDENCE_SECONDS))
        write_evidence(setting.folder, dump, judge(dump, setting, is_done=False))


def run(kafka: Kafka, folder: Path, scenario: Scenario) -> Report:
    """Do what a scenario says, and check everything."""
    report = Report(scenario)
    watch = Stopwatch(report.seconds)
    with helpers() as pool, system(kafka, folder, scenario) as scene:
        scene.fleet.until(scene.fleet.is_whole, READY_SECONDS, "all partitions at work")
        watch.lap("start")
        sending = pool.submit(send_shop_events, scene.setting, scenario.traffic)
        scene.pause(1.0, 3.0)
        _do_faults(scene, scenario)
        report.done = scene.done
        scene.fleet.mend()
        watch.lap("faults")
        scene.fleet.until(sending.done, 180, "the end of sending")
        sending.result()
        watch.lap("sending")
        settle(scene)
        scene.fleet.until(scene.fleet.is_talking, BEGIN_SECONDS, "a word of each worker that was started")
        watch.lap("drain")
        ends = scene.fleet.stop()
        report.ended = scene.fleet.ended
        assert set(ends.values()) == {0}, f"workers that were asked to stop ended with {ends}"
        watch.lap("stop")
        folders = [worker.data_dir for worker in scene.fleet.workers]
        report.verdict = pool.submit(check, scene.setting, folders, folder).result()
        watch.lap("check")
    return report


def settle(scene: Scene) -> None:
    """Wait until everything is processed. By the clock, marks never end: then collect stops first."""
    stages = list(STAGES)
    _drain(scene, ["collect"], "the end of the raw topics")
    if scene.setting.idle == "wall_clock":
        scene.fleet.until(scene.fleet.is_whole, READY_SECONDS, "all partitions at work after the faults")
        scene.fleet.stop(scene.fleet.of("collect"))
    _drain(scene, stages, "the end of all topics")


def _drain(scene: Scene, stages: Sequence[str], what: str) -> None:
    """Wait as long as the stages come further: how fast depends on the machine, standing still is an error."""
    reached = -1
    while True:
        try:
            scene.fleet.until(lambda: _drained(scene, stages), DRAIN_SECONDS, what)
        except StuckError:
            if (now := asyncio.run(cluster.committed_in_all(scene.setting))) <= reached:
                raise
            reached = now
        else:
            return


def _drained(scene: Scene, stages: Sequence[str]) -> bool:
    return asyncio.run(cluster.is_drained(scene.setting, stages))


def _do_faults(scene: Scene, scenario: Scenario) -> None:
    for _ in range(scenario.rounds):
        for name in scenario.faults:
            scene.at_work()
            scene.pause(0.5, 1.5)
            FAULTS[name](scene)


class Stopwatch:
    """How long each part of a run took."""

    def __init__(self, laps: dict[str, float]) -> None:
        self._laps = laps
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        """A part has ended."""
        now = time.monotonic()
        self._laps[name], self._last = round(now - self._last, 1), now
