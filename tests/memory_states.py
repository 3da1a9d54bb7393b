"""Keyed states in memory, for processors under test: encoded at a checkpoint, lost without one."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from streamproc.processor.api import Codec

S = TypeVar("S")


class MemoryStates(Generic[S]):
    """`States` over a dict of bytes that stands for the changelog; `checkpoint` writes what changed into it."""

    def __init__(self, codec: Codec[S], stored: dict[bytes, bytes] | None = None) -> None:
        self._codec = codec
        self.stored = {} if stored is None else stored
        self._changed: dict[bytes, S | None] = {}

    def get(self, key: bytes) -> S | None:
        if key in self._changed:
            return self._changed[key]
        raw = self.stored.get(key)
        return None if raw is None else self._codec.decode(raw)

    def put(self, key: bytes, state: S | None) -> None:
        self._changed[key] = state

    def raw_items(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(tuple(self.stored.items()))

    def checkpoint(self) -> None:
        for key, state in self._changed.items():
            if state is None:
                self.stored.pop(key, None)
            else:
                self.stored[key] = self._codec.encode(state)
        self._changed.clear()
