"""The keyed states of one partition: changed ones in memory, clean ones in a bounded cache, all in the local store.

Against half a checkpoint: `cut` freezes what changed, and records go on being processed; the frozen states stay
readable in memory until the store has them.
"""

from collections.abc import Iterator
from typing import Any, Generic, NoReturn, TypeVar

from streamproc.processor.api import Codec
from streamproc.runtime.state.store import RESERVED, Change, StateStore
from streamproc.runtime.worker_settings import Limits

S = TypeVar("S")

_FIRST_GUESS_BYTES = 512


class KeyedStates(Generic[S]):
    """The states of one partition; `States` for the processor, `cut` and `stored` for the checkpoint.

    The cache has two generations: what is used moves to the young one; when that is full it becomes the old one, and
    the old one is forgotten. What was not used for a generation is gone, at no cost per access.
    """

    def __init__(self, store: StateStore, codec: Codec[S], limits: Limits) -> None:
        self._store = store
        self._codec = codec
        self._limits = limits
        self._dirty: dict[bytes, S | None] = {}
        self._young: dict[bytes, S | None] = {}
        self._old: dict[bytes, S | None] = {}
        self._young_bytes = 0
        self._cutting = False
        self._mean_bytes = _FIRST_GUESS_BYTES

    @property
    def changed(self) -> int:
        """How many states changed since the last cut."""
        return len(self._dirty)

    @property
    def changed_bytes(self) -> int:
        """About how big they are encoded, going by the last cut."""
        return len(self._dirty) * self._mean_bytes

    def get(self, key: bytes) -> S | None:
        """The state of a key, or None."""
        if key in self._dirty:
            return self._dirty[key]
        if key in self._young:
            return self._young[key]
        return self._from_old_or_store(key)

    def put(self, key: bytes, state: S | None) -> None:
        """Replace the state of a key; None removes it."""
        if type(key) is not bytes:
            raise TypeError(f"a state's key is bytes, not {key!r}")
        self._dirty[key] = state

    def raw_items(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys with their encoded states as of the last checkpoint."""
        return self._store.items()

    def cut(self) -> list[Change]:
        """Freeze and encode what changed; until `stored`, nothing of it may be forgotten."""
        encode = self._codec.encode
        changes = [(key, None if state is None else encode(state)) for key, state in self._dirty.items()]
        if any(key.startswith(RESERVED) for key in self._dirty):
            raise ValueError("keys that begin with a zero byte are the runtime's own")
        self._cutting = True
        self._young.update(self._dirty)
        self._dirty = {}
        if changes:
            size = sum(len(value) for _, value in changes if value is not None)
            self._young_bytes += size
            self._mean_bytes = 1 + size // len(changes)
        return changes

    def stored(self) -> None:
        """The store has what was cut."""
        self._cutting = False
        self._age()

    def _from_old_or_store(self, key: bytes) -> S | None:
        if key in self._old:
            state = self._old[key]
            self._young[key] = state
            self._young_bytes += self._mean_bytes
        else:
            raw = self._store.get(key)
            if raw is None:
                return None
            state = self._codec.decode(raw)
            self._young[key] = state
            self._young_bytes += len(raw)
        self._age()
        return state

    def _age(self) -> None:
        full = len(self._young) > self._limits.cached_states or self._young_bytes > self._limits.cached_bytes
        if full and not self._cutting:
            self._old, self._young, self._young_bytes = self._young, {}, 0


class NoStates:
    """The states of a source that has no changelog."""

    def get(self, key: bytes) -> None:  # noqa: ARG002
        """There are none."""
        return

    def put(self, key: bytes, state: Any) -> NoReturn:  # noqa: ARG002
        """A state without a changelog would be lost."""
        raise TypeError("this source has no changelog: it cannot keep states")

    def raw_items(self) -> Iterator[tuple[bytes, bytes]]:
        """There are none."""
        return iter(())
