"""A dead letter read again: why it was rejected, where it stood, and the message as it came."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from streamproc.events.received import RECEIVED_AT, received_header
from streamproc.processor import headers as of
from streamproc.processor.api import Headers, Record


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter.

    Attributes:
        partition, offset: where it stands among the dead letters.
        at_ms: when it was written (epoch ms).
        why: our headers, `dlq-…`.
        key, value, headers: the message's own.
    """

    partition: int
    offset: int
    at_ms: int
    why: dict[str, str]
    key: bytes | None
    value: bytes | None
    headers: Headers

    @classmethod
    def of(cls, record: Record) -> Self:
        """The letter of a record."""
        why: dict[str, str] = {}
        for name, value in record.headers:
            if name.startswith(of.OURS):  # ours stand first; the message's own of that name count for nothing
                why.setdefault(name, (value or b"").decode(errors="replace"))
        own = tuple((name, value) for name, value in record.headers if not name.startswith(of.OURS))
        return cls(record.partition, record.offset, record.timestamp, why, record.key, record.value, own)

    @property
    def reason(self) -> str:
        """Why it was rejected, in one word."""
        return self.why.get(of.REASON, "(none)")

    @property
    def field(self) -> tuple[str, str] | None:
        """The event's type (empty: not known) and the field that cost it; None: it was no field."""
        name = self.why.get(of.FIELD)
        return None if name is None else (self.why.get(of.EVENT_TYPE, ""), name)

    @property
    def place(self) -> str:
        """Where it stands among the dead letters: `0:17`."""
        return f"{self.partition}:{self.offset}"

    @property
    def origin(self) -> str:
        """Where the message stood."""
        return f"{self.why.get(of.TOPIC)}-{self.why.get(of.PARTITION)} offset {self.why.get(of.OFFSET)}"

    @property
    def received_ms(self) -> int:
        """When the message was received (epoch ms)."""
        said = self.why.get(of.RECEIVED, "")
        return int(said) if said.isdecimal() else self.at_ms

    @property
    def is_part(self) -> bool:
        """Whether it holds only a part of the message, or a batch that could not be unpacked."""
        return of.CUT in self.why or of.LAST_OFFSET in self.why

    def sent_again_headers(self) -> Headers:
        """The message's own headers, and when it was received at first."""
        own = tuple((name, value) for name, value in self.headers if name != RECEIVED_AT)
        return (*own, received_header(self.received_ms))


def replayed_mark(offset: int) -> Headers:
    """The headers of the record that says that the letter at this offset was sent again."""
    return ((of.REPLAYED, str(offset).encode()),)


def letters_of(records: Iterable[Record]) -> tuple[list[Letter], set[str]]:
    """The letters among records, and the places of those that were sent again."""
    letters: list[Letter] = []
    replayed: set[str] = set()
    for record in records:
        name, value = record.headers[0] if record.headers else ("", b"")
        if name == of.REPLAYED and value is not None:
            replayed.add(f"{record.partition}:{value.decode(errors='replace')}")
        else:
            letters.append(Letter.of(record))
    return letters, replayed
