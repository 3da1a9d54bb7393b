"""Which partitions a worker has a local copy of when it starts: it would rather have these again than others."""

import time
from collections.abc import Iterable
from pathlib import Path

from streamproc.runtime.worker.layout import Layout


def local_copies(folder: Path, layout: Layout, young_seconds: float) -> dict[str, list[int]]:
    """By source topic (its name on the cluster) the partitions of which there is a copy that can be continued.

    Args:
        folder: that of the stage's stores.
        layout: the stage's topics.
        young_seconds: an older copy is made anew, and so is worth nothing.
    """
    since = time.time() - young_seconds
    found = {
        on_cluster: [n for n in range(layout.partitions[topic.name]) if _written(folder / f"{topic.name}-{n}") > since]
        for on_cluster, topic in layout.sources.items()
    }
    return {topic: numbers for topic, numbers in found.items() if numbers}


def _written(store: Path) -> float:
    """When it was written last; long ago if there is none, or it cannot be looked at."""
    try:
        return max(_times(store), default=0.0)
    except OSError:
        return 0.0


def _times(store: Path) -> Iterable[float]:
    return [file.stat().st_mtime for file in store.iterdir()]
