"""What a customer bought: as much of it as suggestions of products need, and the same in whatever order it was told.

A state keeps it as a text that is read when somebody looks: most events are no baskets, and no offers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import orjson

MAX_PRODUCTS = 50
"""Of more, those bought the fewest times are forgotten; of equals those bought longest ago, then greater names."""
RECENT = 25
"""So many products, bought last, say what could go with them."""
PATTERN = 8
"""In which of so many of the last baskets a product was is known."""

_ALL = (1 << PATTERN) - 1
Times = tuple[int, ...]


class Bought(NamedTuple):
    """What is known of one product that a customer bought.

    Attributes:
        times: how many baskets held it.
        first_ms, last_ms: the times of the first and the last of them (epoch ms).
        pattern: which of the customer's last baskets held it; bit 0 is the newest.
    """

    times: int
    first_ms: int
    last_ms: int
    pattern: int

    def joined(self, other: "Bought") -> "Bought":
        """What is known of it if it was bought twice."""
        return Bought(
            self.times + other.times,
            min(self.first_ms, other.first_ms),
            max(self.last_ms, other.last_ms),
            self.pattern | other.pattern,
        )


@dataclass(frozen=True, slots=True)
class History:
    """A customer's baskets, each of different products.

    Attributes:
        baskets: how many.
        first_ms, first_lines: when the first was (epoch ms), and how many products it held.
        lines, different: how many products all of them held, and how many different ones.
        last: the times of the last `PATTERN`, the newest first; two of one moment have one place.
        products: what was bought, the newest last.
    """

    baskets: int = 0
    first_ms: int = 0
    first_lines: int = 0
    lines: int = 0
    different: int = 0
    last: Times = ()
    products: dict[str, Bought] = field(default_factory=dict)

    @property
    def last_ms(self) -> int:
        """The time of the newest basket (epoch ms)."""
        return self.last[0] if self.last else 0

    @property
    def recent(self) -> list[str]:
        """The `RECENT` products that were bought last, the newest first."""
        return list(islice(reversed(self.products), RECENT))

    @property
    def novelty(self) -> float:
        """Which share of what came after the first basket was new then; half as long as nothing is known."""
        return (max(0, self.different - self.first_lines) + 1) / (self.lines - self.first_lines + 2)

    def with_basket(self, skus: Sequence[str], at_ms: int) -> "History":
        """With one more basket; one that comes late has its place in time."""
        basket = _bounded({sku: Bought(1, at_ms, at_ms, 1) for sku in skus})
        return self.joined(History(1, at_ms, len(skus), len(skus), len(skus), (at_ms,), basket))

    def joined(self, other: "History") -> "History":
        """The baskets of two who are one; whose are whose makes no difference."""
        if not (self.baskets and other.baskets):
            return self if self.baskets else other
        last = tuple(sorted({*self.last, *other.last}, reverse=True)[:PATTERN])
        mine, theirs = _placed(self, last), _placed(other, last)
        common = mine.keys() & theirs.keys()
        products = mine | theirs | {sku: mine[sku].joined(theirs[sku]) for sku in common}
        first_ms = min(self.first_ms, other.first_ms)
        return History(
            self.baskets + other.baskets,
            first_ms,
            max(each.first_lines for each in (self, other) if each.first_ms == first_ms),
            self.lines + other.lines,
            self.different + other.different - len(common),
            last,
            _bounded(products),
        )


NOTHING = History()


def _placed(history: History, last: Times) -> dict[str, Bought]:
    """The products, their patterns by the places of other last baskets."""
    if history.last == last:
        return history.products
    moves = [(bit, 1 << last.index(at_ms)) for bit, at_ms in enumerate(history.last) if at_ms in last]
    patterns = {
        pattern: sum(to for bit, to in moves if pattern >> bit & 1)
        for pattern in {bought.pattern for bought in history.products.values()}
    }
    return {sku: bought._replace(pattern=patterns[bought.pattern]) for sku, bought in history.products.items()}


def _bounded(products: dict[str, Bought]) -> dict[str, Bought]:
    kept: Iterable[tuple[str, Bought]] = products.items()
    if len(products) > MAX_PRODUCTS:
        kept = sorted(kept, key=lambda each: (-each[1].times, -each[1].last_ms, each[0]))[:MAX_PRODUCTS]
    return dict(sorted(kept, key=lambda each: (each[1].last_ms, each[0])))


class Purchases:
    """A history that stays a text until somebody looks; never changed."""

    __slots__ = ("_history", "_text")

    def __init__(self, text: str | None = "", history: History | None = None) -> None:
        self._text = text
        self._history = history

    @classmethod
    def of(cls, history: History) -> "Purchases":
        """The purchases of a history."""
        return cls(None, history)

    @property
    def text(self) -> str:
        """The encoded form; empty: nothing was bought."""
        if self._text is None:
            self._text = _written(self.history)
        return self._text

    @property
    def history(self) -> History:
        """What was bought."""
        if self._history is None:
            self._history = _read(self._text) if self._text else NOTHING
        return self._history

    def __bool__(self) -> bool:
        return bool(self._text) if self._history is None else self._history.baskets > 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Purchases) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Purchases({self.text!r})"


NO_PURCHASES = Purchases()


def _written(history: History) -> str:
    """JSON: the numbers, the times of the last baskets, then each product with its times as differences."""
    if not history.baskets:
        return ""
    newest = history.last_ms
    numbers = (history.baskets, history.first_ms, history.first_lines, history.lines, history.different)
    products = [
        (sku, bought.times, bought.last_ms - bought.first_ms, newest - bought.last_ms, bought.pattern)
        for sku, bought in history.products.items()
    ]
    return orjson.dumps((*numbers, [newest - each for each in history.last[1:]], newest, products)).decode()


def _read(text: str) -> History:
    baskets, first_ms, first_lines, lines, different, behind, newest, rows = orjson.loads(text)
    products = {
        sku: Bought(times, newest - ago - span, newest - ago, pattern) for sku, times, span, ago, pattern in rows
    }
    last = (newest, *[newest - each for each in behind])
    return History(baskets, first_ms, first_lines, lines, different, last, products)
