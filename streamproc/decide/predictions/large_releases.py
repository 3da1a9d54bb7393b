"""Large releases are kept under keys of their own: they seldom change, the partition's state with each mark."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from streamproc.decide.clock.event_time import PartitionState, is_large
from streamproc.events.log import CONTROL_KEY, ModelReleased

VERSION = 0xD1
"""Apart from those of customers (from 1 on), of the partition's event time (from 0x81 on) and of `reached`."""

RELEASE_KEY = CONTROL_KEY + b"release/"


def changes(before: PartitionState, after: PartitionState) -> Iterator[tuple[bytes, ModelReleased | None]]:
    """What is kept apart otherwise than before, by its key; None: nothing is there any more."""
    if after.releases is before.releases and after.governed is before.governed:
        return
    was, now = ({key: each for key, each in _releases(state) if is_large(each)} for state in (before, after))
    for key in sorted(was | now):
        if was.get(key) != now.get(key):
            yield key, now.get(key)


def whole(state: PartitionState, kept: Callable[[bytes], object]) -> PartitionState:
    """A partition's state with the snapshots that are kept apart."""
    found = {key: release for key, _ in _releases(state) if isinstance(release := kept(key), ModelReleased)}
    releases = {model: found.get(_key(model, "counts"), release) for model, release in state.releases.items()}
    governed = {
        model: replace(known, waiting=found.get(_key(model, "waits"), known.waiting))
        for model, known in state.governed.items()
    }
    return replace(state, releases=releases, governed=governed) if found else state


def encode_release(release: ModelReleased) -> bytes:
    """The canonical bytes: a version byte, then JSON."""
    return bytes([VERSION]) + release.model_dump_json().encode()


def decode_release(raw: bytes) -> ModelReleased:
    """The release of its bytes."""
    return ModelReleased.model_validate_json(raw[1:])


def _releases(state: PartitionState) -> Iterator[tuple[bytes, ModelReleased]]:
    for model, release in state.releases.items():
        yield _key(model, "counts"), release
    for model, known in state.governed.items():
        if known.waiting is not None:
            yield _key(model, "waits"), known.waiting


def _key(model: str, which: str) -> bytes:
    return RELEASE_KEY + f"{model}/{which}".encode()
