"""The reference job on Quix Streams: RocksDB and a changelog, as it comes. Runs in an environment of its own."""

import sys
from typing import Any

from quixstreams import Application, State

from benchmarks.peers.job import after, trigger
from benchmarks.peers.meter import Meter, Wanted


def main() -> None:
    """Run until all events are processed and committed."""
    wanted = Wanted.read(sys.argv[1])
    meter = Meter(wanted)
    app = Application(
        broker_address=wanted.servers,
        consumer_group=wanted.run,
        auto_offset_reset="earliest",
        state_dir=wanted.folder,
        commit_interval=wanted.checkpoint_seconds,
        processing_guarantee=wanted.guarantee,
        loglevel="ERROR",
        topic_create_timeout=60,
    )
    source = app.topic(wanted.source, key_deserializer="str", value_deserializer="json")
    output = app.topic(wanted.output, key_serializer="str", value_serializer="json")

    def job(event: dict[str, Any], states: State) -> dict[str, Any] | None:
        state = after(states.get("state"), event, wanted.ballast)
        states.set("state", state)
        told = trigger(state, event)
        meter.add(1, told is not None)
        if meter.is_done:
            app.stop()
        return told

    stream = app.dataframe(source).apply(job, stateful=True).filter(lambda told: told is not None)
    stream.to_topic(output)
    app.run()
    meter.report()


if __name__ == "__main__":
    main()
