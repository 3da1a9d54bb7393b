"""Calming Python's collector of cyclic garbage.

Against a fifth of the CPU: by default it looks at the newest objects after every 700 allocations and, as the cache of
states grows, again and again at all of them, though states hold no cycles and are freed by their reference counts. What
does make cycles (tasks, exceptions) is little, and is still found.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (100_000, 20, 100)
"""New containers before a collection; young collections before one of the middle-aged; and those before a full one."""


def calm_collector() -> None:
    """Leave out what was there at the start, and look rarely at the rest; for the whole process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


@contextmanager
def calmed_collector() -> Iterator[None]:
    """The same within a block."""
    before = gc.get_threshold()
    calm_collector()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
