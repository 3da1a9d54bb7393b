"""What must not be gone on with: the worker refuses with its own exit code, and nothing is lost or doubled."""

import asyncio
from pathlib import Path

import pytest

from streamproc.events.topics import LOG_TOPIC
from streamproc.runtime.exits import Exit
from tests.faults import cluster
from tests.faults.dumped import dump_all
from tests.faults.faults import Scene
from tests.faults.processes import helpers
from tests.faults.run import READY_SECONDS, settle, system
from tests.faults.scenario import Scenario
from tests.faults.sending import send_shop_events
from tests.faults.switches import Switches
from tests.faults.verdict import check
from tests.kafka_broker import Kafka
from tests.runtime.worker_process import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

QUIET = Scenario(1, [], switches=Switches())


def after_some_events(scene: Scene) -> None:
    """All partitions at work, and everything that was sent is processed."""
    scene.fleet.until(scene.fleet.is_whole, READY_SECONDS, "all partitions at work")
    with helpers() as pool:
        pool.submit(send_shop_events, scene.setting, QUIET.traffic).result()
    settle(scene)


def refuses(scene: Scene, stage: str, code: Exit) -> bool:
    """Whether the stage was given up, all its workers having ended with this code last."""
    return all(worker.given_up and worker.codes[-1] == code for worker in scene.fleet.of(stage))


def until_refused(scene: Scene, stage: str, code: Exit) -> None:
    """Wait for the refusal; stages that read the same topics may refuse, too."""
    until(lambda: refuses(scene, stage, code))


def test_a_recreated_customer_log_is_refused_and_nothing_more_is_decided(kafka: Kafka, tmp_path: Path) -> None:
    with system(kafka, tmp_path, QUIET) as scene:
        after_some_events(scene)
        before = asyncio.run(dump_all(scene.setting))
        asyncio.run(cluster.make_anew(scene.setting, LOG_TOPIC))
        until_refused(scene, "decide", Exit.RECREATED)
        after = asyncio.run(dump_all(scene.setting))
        decided = [name for name in scene.setting.outputs if name != LOG_TOPIC]
        assert {name: after.of(name) for name in decided} == {name: before.of(name) for name in decided}


def test_added_partitions_are_refused_and_nothing_is_lost_or_doubled(kafka: Kafka, tmp_path: Path) -> None:
    with system(kafka, tmp_path, QUIET) as scene, helpers() as pool:
        scene.fleet.until(scene.fleet.is_whole, READY_SECONDS, "all partitions at work")
        sending = pool.submit(send_shop_events, scene.setting, QUIET.traffic)
        scene.pause(1.0, 2.0)
        asyncio.run(cluster.add_partitions(scene.setting, LOG_TOPIC, 9))
        until_refused(scene, "decide", Exit.TOPICS)
        sending.result()
        scene.fleet.kill()
        asyncio.run(cluster.end_transactions(scene.setting))
        folders = [worker.data_dir for worker in scene.fleet.workers]
        verdict = pool.submit(check, scene.setting, folders, tmp_path, is_done=False).result()
        assert verdict.differences == []
        assert verdict.counts["events"]
