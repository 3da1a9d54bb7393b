"""What the blocks of `config/kpis.toml` get wrong together, or against what facts say: each mistake with its place."""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from streamproc.measure.kinds import KpiBlock, KpiFile
from streamproc.measure.kinds.base import Wrong

NEEDED_TO_PUBLISH = ("layer", "direction", "owner")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, in which block (`index`) and where in it."""

    index: int
    place: tuple[int | str, ...]
    message: str


def find_mistakes(blocks: Mapping[int, KpiBlock], unread: AbstractSet[str] = frozenset()) -> list[Mistake]:
    """All mistakes of the blocks that could be read; `unread` are the names of the others."""
    file = KpiFile({block.name: block for block in blocks.values()}, unread)
    return [
        Mistake(index, place, message)
        for index, block in blocks.items()
        for place, message in (*_wrong_publishing(block, file), *block.mistakes(file))
    ] + list(_doubles(blocks))


def _doubles(blocks: Mapping[int, KpiBlock]) -> Iterator[Mistake]:
    times = Counter(block.name for block in blocks.values())
    for index, block in blocks.items():
        if times[block.name] > 1:
            yield Mistake(index, ("name",), f"{times[block.name]} KPIs are called {block.name}")


def _wrong_publishing(block: KpiBlock, file: KpiFile) -> Wrong:
    if block.publish:
        for key in NEEDED_TO_PUBLISH:
            if getattr(block, key) is None:
                yield (key,), "is needed, or `publish = false`"
    elif block.parts:
        yield ("publish",), f"a {block.kind} is no part of another, so nobody would see it"
    elif block.name not in file.parts and not file.unread:
        yield ("publish",), "neither published nor part of a ratio"
