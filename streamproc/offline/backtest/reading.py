"""The outputs of a replay, as the messages that they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from streamproc.offline.replay.output import SUFFIX, read_outputs


def messages(folder: Path, topic: str) -> Iterator[dict[str, Any]]:
    """The messages that a replay wrote to a topic, in its order; none if it wrote none."""
    for emitted in read_outputs(folder / f"{topic}{SUFFIX}", topic):
        yield orjson.loads(emitted.value or b"{}")
