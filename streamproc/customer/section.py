"""A part of a state that stays in bytes until somebody looks: a state is read for every event, most of it for few.

What nobody has changed is written as the bytes that were read.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self, TypeVar, overload

import orjson

R = TypeVar("R")
Rows = Sequence[Any]
"""Any: what JSON knows."""


class Section(Sequence[R]):
    """Records in their order; never changed. Bytes, rows and records are made of each other when first asked for."""

    __slots__ = ("_raw", "_records", "_rows")

    def __init__(
        self, rows: Rows | None = (), *, raw: bytes | None = None, records: tuple[R, ...] | None = None
    ) -> None:
        self._rows = rows
        self._raw = raw
        self._records = records

    @classmethod
    def of(cls, records: Iterable[R]) -> Self:
        """The section of these records."""
        return cls(None, records=tuple(records))

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """The section of its bytes."""
        return cls(None, raw=raw)

    @property
    def raw(self) -> bytes:
        """The encoded form."""
        if self._raw is None:
            self._raw = orjson.dumps(self.rows)
        return self._raw

    @property
    def rows(self) -> Rows:
        """The records as they are encoded."""
        if self._rows is None:
            self._rows = orjson.loads(self._raw) if self._raw is not None else self._rows_of(self.records)
        return self._rows

    @property
    def records(self) -> tuple[R, ...]:
        """The records."""
        if self._records is None:
            self._records = self._records_of(self.rows)
        return self._records

    @staticmethod
    @abstractmethod
    def _rows_of(records: tuple[R, ...]) -> Rows: ...

    @staticmethod
    @abstractmethod
    def _records_of(rows: Rows) -> tuple[R, ...]: ...

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R]: ...
    def __getitem__(self, index: int | slice) -> R | Sequence[R]:
        return self.records[index]

    def __iter__(self) -> Iterator[R]:
        return iter(self.records)

    def __reversed__(self) -> Iterator[R]:
        return reversed(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.records == other.records

    def __hash__(self) -> int:
        return hash(self.records)

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self.records!r}"
