"""The reference job as Faust's documentation has it: an agent, a table with a changelog, one `send` a trigger."""

import logging
import os
import sys
from typing import Any

import faust

from benchmarks.peers.job import PARTITIONS, after, trigger
from benchmarks.peers.meter import Meter, Wanted


def build_app(wanted: Wanted) -> faust.App:
    """The app; it ends the process after the last event and a commit."""
    app = faust.App(
        wanted.run,
        broker=f"kafka://{wanted.servers}",
        datadir=wanted.folder,
        store="memory://",
        web_enabled=False,
        topic_partitions=PARTITIONS,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        worker_redirect_stdouts=False,
    )
    purchases, triggers = app.topic(wanted.source, value_type=None), app.topic(wanted.output)
    states = app.Table(f"{wanted.run}-states", partitions=PARTITIONS)
    meter = Meter(wanted)

    async def process(stream: Any) -> None:
        async for event in stream:
            customer = event["customer_id"]
            state = states[customer] = after(states.get(customer), event, wanted.ballast)
            told = trigger(state, event)
            if told is not None:
                await triggers.send(key=customer, value=told)
            meter.add(1, told is not None)
            if meter.is_done:
                await app.producer.flush()
                await app.consumer.commit()
                meter.report()
                os._exit(0)

    app.agent(purchases)(process)
    return app


def main() -> None:
    """Run until all events are processed."""
    app = build_app(Wanted.read(sys.argv[1]))
    for name in ("", "faust", "mode", "aiokafka"):
        logging.getLogger(name).setLevel(logging.ERROR)
    worker = faust.Worker(app, loglevel="ERROR", quiet=True, override_logging=False, redirect_stdouts=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
