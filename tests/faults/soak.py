"""`make soak MINUTES=30`: half of what this machine can do, a fault each minute, everything measured and checked."""

import argparse
import asyncio
import logging
import shutil
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from streamproc.broker.config import KAFKA_SESSION_MS
from tests.faults import cluster
from tests.faults.faults import FAULTS, MOVING_THE_CLOCK, ON_THREE_BROKERS, WITH_MANY_WORKERS, Scene
from tests.faults.processes import helpers
from tests.faults.run import READY_SECONDS, settle, system
from tests.faults.sampling import Sampler, Samples
from tests.faults.scenario import Scenario
from tests.faults.sending import send_shop_events
from tests.faults.soak_page import page
from tests.faults.switches import Switches
from tests.faults.traffic import Traffic
from tests.faults.verdict import Verdict, check
from tests.kafka_broker import kafka_for_tests

LEFT_OUT = {"disk-full", *MOVING_THE_CLOCK, *ON_THREE_BROKERS, *WITH_MANY_WORKERS}
"""A full disk, a jumping clock, three brokers and many workers need a set-up of their own."""

EVERY_SECONDS = 60.0
PROBE_EVENTS = 8_000
CUSTOMERS = 2_000
DAYS_PER_MINUTE = 4.0


def main() -> int:
    """Soak; writes the page, and exits with 1 if something was lost, wrong or repeated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, help="events per second; else half of what a first burst shows")
    parser.add_argument("--folder", type=Path, default=Path("build/soak"))
    wanted = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    shutil.rmtree(wanted.folder, ignore_errors=True)
    scenario = Scenario(wanted.seed, [], switches=Switches(pause_guard=True))
    broker = kafka_for_tests(kept=wanted.folder.resolve() / "kafka", session_ms=KAFKA_SESSION_MS)
    with broker as kafka, helpers() as pool, system(kafka, wanted.folder.resolve(), scenario) as scene:
        scene.fleet.until(scene.fleet.is_whole, READY_SECONDS, "all partitions at work")
        rate = wanted.rate or probe(scene, pool) / 2
        print(f"{rate:.0f} events/s for {wanted.minutes:g} minutes, a fault each minute", flush=True)
        sampler = Sampler(scene.fleet, kafka)
        seconds = 60 * wanted.minutes
        days = DAYS_PER_MINUTE * wanted.minutes
        traffic = Traffic(wanted.seed, int(rate * seconds), seconds, days, CUSTOMERS, after_days=60)
        do_faults(scene, sampler, pool.submit(send_shop_events, scene.setting, traffic))
        settle(scene)
        samples = sampler.stop()
        ends = scene.fleet.stop()
        folders = [worker.data_dir for worker in scene.fleet.workers]
        verdict = pool.submit(check, scene.setting, folders, wanted.folder.resolve()).result()
        return tell(wanted.folder, samples, verdict, {"events per second": f"{rate:.0f}", "ends": set(ends.values())})


def probe(scene: Scene, pool: ProcessPoolExecutor) -> float:
    """How many events per second go through all four stages when they come as fast as they can."""
    started = time.monotonic()
    traffic = Traffic(0, PROBE_EVENTS, 1.0, days=25, customers=CUSTOMERS)
    pool.submit(send_shop_events, scene.setting, traffic).result()
    scene.fleet.until(lambda: asyncio.run(cluster.is_drained(scene.setting, ["decide", "measure"])), 300, "the probe")
    return PROBE_EVENTS / (time.monotonic() - started)


def do_faults(scene: Scene, sampler: Sampler, sending: Future[Any]) -> None:
    """One a minute, by the seed, until everything is sent."""
    dice = Random(scene.dice.random())
    names = [name for name in FAULTS if name not in LEFT_OUT]
    while not sending.done():
        before, started = len(scene.done), time.monotonic()
        FAULTS[dice.choice(names)](scene)
        sampler.note(", ".join(scene.done[before:]))
        print(f"{sampler.minutes:6.1f} min  {sampler.samples.faults[-1][1]}", flush=True)
        while not sending.done() and time.monotonic() - started < EVERY_SECONDS:
            time.sleep(0.5)
    sending.result()


def tell(folder: Path, samples: Samples, verdict: Verdict, more: Mapping[str, object]) -> int:
    """Write the page and say the outcome."""
    wrong = verdict.number("wrong") + verdict.number("late")
    outcome = f"lost {verdict.number('lost')}, wrong {wrong}, repeated {verdict.number('repeated')}"
    summary = {**more, **verdict.counts, "outcome": outcome}
    path = folder / "soak.html"
    path.write_text(page("Soak: half load, a fault each minute", summary, samples))
    print(f"{outcome}; {verdict.counts}; the page is {path}", flush=True)
    return 1 if verdict.differences else 0


if __name__ == "__main__":
    sys.exit(main())
