"""The faults: each is done to a running system, and undone, while events come in."""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from streamproc.settings.stages import STAGES
from tests.faults import cluster
from tests.faults.brokers import Brokers
from tests.faults.fleet import Fleet
from tests.faults.second_worker import SecondWorker
from tests.faults.setting import SESSION_SECONDS, Setting
from tests.faults.standing_still import told_of_standstills
from tests.faults.switches import write_clock

REFUSING = ("streamproc.facts.v1", "marketing.segments.v1", "shop.customer-events.v1", "streamproc.kpi-partials.v1")
MARKERS_ONLY = "120"
"""Bytes: no record fits, a transaction's marker does. Below that, Kafka itself can end no transaction any more."""

TAKE_OVER_SECONDS = 40.0
BACK_AT_WORK_SECONDS = 20.0


@dataclass
class Scene:
    """What faults can be done to, and what was done."""

    setting: Setting
    fleet: Fleet
    brokers: Brokers
    dice: Random
    clock: Path
    full_disk: Path | None = None
    done: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        """Remember what was done, for the report and for the evidence."""
        self.done.append(what)

    def at_work(self) -> None:
        """Wait until everybody works, so that a fault hits work and not a start; if they do not come, it goes on."""
        deadline = time.monotonic() + BACK_AT_WORK_SECONDS
        while not self.fleet.is_whole() and time.monotonic() < deadline:
            time.sleep(0.2)

    def pause(self, least: float, most: float) -> None:
        """Between two faults; the seed says how long."""
        time.sleep(self.dice.uniform(least, most))


Fault = Callable[[Scene], None]


def kill_each_stage(scene: Scene) -> None:
    """kill -9 of a worker of each stage; collect goes last, or the others would have no work to be hit at."""
    for stage in [*scene.dice.sample(STAGES[1:], len(STAGES) - 1), STAGES[0]]:
        scene.fleet.any_of(stage, scene.dice).signal(signal.SIGKILL)
        scene.note(f"kill {stage}")
        scene.pause(0.1, 0.5)


def terminate_each_stage(scene: Scene) -> None:
    """SIGTERM, and it is started again."""
    for stage in scene.dice.sample(STAGES, len(STAGES)):
        scene.fleet.any_of(stage, scene.dice).signal(signal.SIGTERM)
        scene.note(f"term {stage}")
        scene.pause(0.1, 1.0)


def join_and_leave(scene: Scene) -> None:
    """A third worker comes, takes over its share, and goes; three times."""
    stage = scene.dice.choice(STAGES)
    for _ in range(3):
        third = scene.fleet.join(stage)
        deadline = time.monotonic() + TAKE_OVER_SECONDS
        while not (third.has_begun if stage == "learn" else third.ready) and time.monotonic() < deadline:
            time.sleep(0.1)
        scene.pause(0.2, 1.5)
        code = scene.fleet.leave(third)
        scene.note(f"join and leave {stage} [{code}]")
        assert code == 0, f"a worker that was asked to leave ended with {code}: {third.last_words}"


def stop_shortly(scene: Scene) -> None:
    """SIGSTOP for 2 s: within the session, the partitions stay."""
    _sleep_and_wake(scene, scene.dice.choice(STAGES), 2.0)


def stop_past_session(scene: Scene) -> None:
    """SIGSTOP past the session: others take over, then the zombie wakes."""
    _sleep_and_wake(scene, scene.dice.choice(("decide", "measure", "collect")), SESSION_SECONDS + 3.0)


def _sleep_and_wake(scene: Scene, stage: str, seconds: float) -> None:
    worker = scene.fleet.any_of(stage, scene.dice)
    worker.signal(signal.SIGSTOP)
    time.sleep(seconds)
    worker.signal(signal.SIGCONT)
    scene.note(f"stop {stage} {seconds:.0f} s")


def zombie_and_compaction(scene: Scene) -> None:
    """A worker of decide sleeps, another takes over, the changelog is compacted, the zombie wakes."""
    worker = scene.fleet.any_of("decide", scene.dice)
    before = asyncio.run(cluster.gaps_in_changelog(scene.setting))
    worker.signal(signal.SIGSTOP)
    time.sleep(SESSION_SECONDS + 2.0)
    deadline = time.monotonic() + TAKE_OVER_SECONDS
    while (after := asyncio.run(cluster.gaps_in_changelog(scene.setting))) <= before and time.monotonic() < deadline:
        time.sleep(0.5)
    worker.signal(signal.SIGCONT)
    scene.note(f"zombie of decide and compaction [{after - before} changelog records gone meanwhile]")
    assert after > before, "the changelog was not compacted while the worker slept"


def kill_broker(scene: Scene) -> None:
    """kill -9 of the broker; it comes back."""
    scene.brokers.kafka.kill()
    scene.pause(0.0, 2.0)
    scene.brokers.kafka.restart()
    scene.note("kill broker")


def freeze_broker(scene: Scene) -> None:
    """The broker stands still for 1 to 20 s."""
    seconds = scene.dice.choice([1.0, 3.0, 8.0, 14.0, 20.0])
    pid = scene.brokers.kafka.pid
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)
    scene.note(f"freeze broker {seconds:.0f} s")


def wipe_a_disk(scene: Scene) -> None:
    """kill -9, and the machine's disk is lost."""
    worker = scene.fleet.any_of(scene.dice.choice(("decide", "measure", "learn")), scene.dice)
    worker.kill()
    worker.wipe()
    scene.note(f"wipe {worker.stage}")


def refuse_records(scene: Scene) -> None:
    """A topic takes no record for a while: nothing may be committed without it."""
    topic = scene.dice.choice(REFUSING)
    normal = scene.setting.configuration.catalogue[topic].configs["max.message.bytes"]
    asyncio.run(cluster.configure(scene.setting, topic, {"max.message.bytes": MARKERS_ONLY}))
    scene.pause(2.0, 4.0)
    asyncio.run(cluster.configure(scene.setting, topic, {"max.message.bytes": normal}))
    scene.fleet.mend()
    scene.note(f"refuse {topic}")


def fill_a_disk(scene: Scene) -> None:
    """The disk of one worker of decide is full for a while."""
    assert scene.full_disk is not None, "no small file system was mounted"
    ballast = scene.full_disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 16))
        except OSError:
            pass
    left = shutil.disk_usage(scene.full_disk).free
    scene.pause(3.0, 5.0)
    ballast.unlink()
    scene.fleet.mend()
    scene.note(f"disk full [{left} bytes left]")


def jump_the_clock(scene: Scene) -> None:
    """The wall clock jumps forward, also further than Kafka takes (1 h), back, and is right again."""
    for minutes in scene.dice.sample([-90.0, -10.0, 20.0, 50.0, 180.0], 3):
        write_clock(scene.clock, 60 * minutes)
        scene.note(f"clock {minutes:+.0f} min")
        scene.pause(1.5, 3.0)
    write_clock(scene.clock, 0.0)


def pause_the_machine(scene: Scene) -> None:
    """Everything stands still for longer than a session, as a machine that is moved; then its clock is behind."""
    seconds = SESSION_SECONDS + 3.0
    everybody = [*(worker.pid for worker in scene.fleet.workers if worker.lives), *scene.brokers.pids]
    _signal_all(everybody, signal.SIGSTOP)
    time.sleep(seconds)
    write_clock(scene.clock, -seconds)
    _signal_all(everybody, signal.SIGCONT)
    scene.pause(2.0, 4.0)
    write_clock(scene.clock, 0.0)
    scene.note(f"pause machine {seconds:.0f} s")


def _signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def change_leaders(scene: Scene) -> None:
    """kill -9 of the broker that leads, twice: the others must, and it comes back."""
    three = scene.brokers.cluster
    assert three is not None, "one broker has nobody to lead instead"
    for topic in scene.dice.sample(sorted(scene.setting.sources), 2):
        lost = three.leader(scene.setting.prefix + topic)
        three.kill(lost)
        deadline = time.monotonic() + TAKE_OVER_SECONDS
        while three.leader(scene.setting.prefix + topic) in (-1, lost):
            assert time.monotonic() < deadline, f"nobody leads {topic}"
            time.sleep(0.2)
        three.start(lost)
        scene.note(f"change leader [{topic}]")
        scene.pause(0.5, 2.0)


def cut_the_network(scene: Scene) -> None:
    """A worker of each stage does not reach one broker, or none, for longer than its session; nothing tells it so."""
    network = scene.brokers.network
    if network is None:
        scene.note("cut network [left out: no namespace could be made]")
        return
    chosen = scene.dice.choice([network.brokers, *([address] for address in network.brokers)])
    network.cut(chosen)
    time.sleep(SESSION_SECONDS + 3.0)
    network.heal()
    scene.note(f"cut network to {len(chosen)} of {len(network.brokers)} brokers")


def start_on_taken_folders(scene: Scene) -> None:
    """A second worker of each stage on the folder of a living one, which in one stage sleeps meanwhile."""
    scene.fleet.until(scene.fleet.is_whole, 3 * TAKE_OVER_SECONDS, "all partitions at work, so that folders are taken")
    firsts = [scene.fleet.any_of(stage, scene.dice) for stage in STAGES]
    sleeper = scene.dice.choice(firsts)
    sleeper.signal(signal.SIGSTOP)
    seconds = [SecondWorker(first, scene.setting, awake=first is not sleeper) for first in firsts]
    try:
        for second in seconds:
            second.must_have_ended()
    finally:
        for second in seconds:
            second.second.kill()
    sleeper.signal(signal.SIGCONT)
    scene.note(f"second worker on each folder, {sleeper.stage} asleep")


def join_many_and_leave(scene: Scene) -> None:
    """Many workers of decide have the log; one more comes and gets its share, then one of the first goes."""
    fleet = scene.fleet
    fleet.until(fleet.is_whole, 3 * TAKE_OVER_SECONDS, "all partitions at work, so that one more gets a share of them")
    first, since = fleet.any_of("decide", scene.dice), time.monotonic()
    ninth = fleet.join("decide")
    fleet.until(lambda: ninth.ready > 0 and fleet.is_whole(), 3 * TAKE_OVER_SECONDS, "a share for one more")
    scene.note(f"one more decide [{told_of_standstills(scene.setting, 'decide', since)}]")
    since, code = time.monotonic(), fleet.leave(first)
    fleet.until(fleet.is_whole, 3 * TAKE_OVER_SECONDS, "new owners for what one of many had")
    scene.note(f"one decide less [{told_of_standstills(scene.setting, 'decide', since)}]")
    assert code == 0, f"a worker that was asked to leave ended with {code}: {first.last_words}"


FAULTS: dict[str, Fault] = {
    "kill": kill_each_stage,
    "stop-past-session": stop_past_session,
    "broker-kill": kill_broker,
    "join-leave": join_and_leave,
    "zombie-compaction": zombie_and_compaction,
    "broker-freeze": freeze_broker,
    "term": terminate_each_stage,
    "wipe": wipe_a_disk,
    "refuse": refuse_records,
    "stop": stop_shortly,
    "disk-full": fill_a_disk,
    "clock": jump_the_clock,
    "paused-machine": pause_the_machine,
    "leader-change": change_leaders,
    "network-cut": cut_the_network,
    "two-on-one-folder": start_on_taken_folders,
    "ninth-worker": join_many_and_leave,
}
"""By the name that the report has."""

ON_THREE_BROKERS = {"leader-change", "network-cut"}
"""Faults that need three brokers."""

WITH_MANY_WORKERS = {"ninth-worker"}
"""Faults that need many workers of decide, and more partitions of the log than these."""

MOVING_THE_CLOCK = {"clock", "paused-machine"}
"""Faults that need workers whose wall clock can be set."""
