"""The rows of one order, from whatever tables: the order is imported whole or not at all.

An order may stand in several tables, of which each has all of its rows (exports overlap). Equal ones are one order; if
they differ, nobody can tell which is right, and all are put aside. What was given back is an event of its own, and only
the tables that tell of it must agree about it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from streamproc.events.purchase import ORDER_PLACED
from streamproc.events.times import epoch_ms, rfc3339
from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.events import event_of, own_id
from streamproc.offline.tables.mapping import Mapping
from streamproc.offline.tables.outcome import TOLD_ALREADY, Days, Made, Outcome
from streamproc.offline.tables.part import OrderRow, Part, all_bad, part_of
from streamproc.offline.tables.row_reader import LeftOut, RowReader, Said
from streamproc.offline.tables.rows import TableRow

Event = tuple[str, str]
"""The type of an event, and what tells it from others of its order."""


class Orders:
    """Judges orders by a mapping; `readers` read the rows of each file."""

    def __init__(self, mapping: Mapping, readers: Sequence[RowReader], days: Days | None) -> None:
        self._mapping = mapping
        self._readers = readers
        self._days = days

    def outcome(self, rows: Iterable[TableRow]) -> Outcome:
        """What becomes of all rows that are tied together."""
        by_table: dict[tuple[int, str], list[TableRow]] = defaultdict(list)
        for row in rows:
            by_table[row.table].append(row)
        outcome = Outcome()
        for parts in self._by_order([part_of(rows, self._readers[rows[0].file]) for rows in by_table.values()]):
            if not _put_aside(parts, outcome):
                self._take(parts, outcome)
        return outcome

    def _by_order(self, parts: list[Part]) -> Iterator[list[Part]]:
        """The parts of each order: all that are tied together, if no other column says which order they are of."""
        if self._mapping.file.tied_by is None:
            yield parts
            return
        orders: dict[str, list[Part]] = defaultdict(list)
        for number, part in enumerate(parts):
            ids = {each.meaning.fields.get("order_id", "") for each in part if isinstance(each.meaning, Said)}
            if len(ids) > 1:
                yield [all_bad(part, "fields.order_id", "rows that [file] tied_by ties together name different orders")]
            else:
                orders[ids.pop() if ids else f"\n{number}"].append(part)
        yield from orders.values()

    def _take(self, parts: list[Part], outcome: Outcome) -> None:
        """The events of an order of which each row can be read."""
        told: dict[Event, list[Part]] = defaultdict(list)
        for part in parts:
            for event, rows in self._by_event(part).items():
                told[event].append(rows)
        try:
            chosen = {event: self._agreed(event, versions) for event, versions in told.items()}
            made = [self._made(event, _said(rows), rows) for event, rows in chosen.items()]
            made += [self._made(event, [said], [], row.number) for event, (said, row) in self._besides(parts).items()]
        except BadRowError as error:
            outcome.bad += [(each.row, error) for part in parts for each in part]
            return
        for each_event in made:
            outcome.take(each_event, self._days)
        taken = {each.row.number for rows in chosen.values() for each in rows}
        for each in (each for part in parts for each in part if each.row.number not in taken):
            reason = each.meaning.reason if isinstance(each.meaning, LeftOut) else TOLD_ALREADY
            outcome.left_out.append((each.row, reason))

    def _by_event(self, part: Part) -> dict[Event, Part]:
        """The rows of each event of the order.

        There is one order, and any number of refunds and cancellations: told apart by their own ids, else the lines of
        one moment are one, else each row is one.
        """
        events: dict[Event, Part] = defaultdict(list)
        equal: Counter[str] = Counter()
        for each in part:
            if isinstance(each.meaning, Said):
                type_, key = self._mapping.event[each.meaning.rule].type, own_id(each.meaning)
                if type_ == ORDER_PLACED:
                    key = ""
                elif key is None and each.meaning.lines is not None:
                    key = rfc3339(epoch_ms(each.meaning.at))
                elif key is None:
                    content = self._readers[each.row.file].id_of(each.cells)
                    equal[content] += 1
                    key = nth(content, equal[content])
                events[type_, key].append(each)
        return events

    def _besides(self, parts: list[Part]) -> dict[Event, tuple[Said, TableRow]]:
        """What tables say of the order besides, each with the row that says it.

        Raises:
            BadRowError: a cell is wrong, or they say different things.
        """
        found: dict[Event, tuple[Said, TableRow]] = {}
        for part in parts:
            first = next((each for each in part if isinstance(each.meaning, Said)), None)
            for said in self._readers[first.row.file].besides(first.cells) if first else ():
                event = self._mapping.event[said.rule].type, own_id(said) or rfc3339(epoch_ms(said.at))
                if first and found.setdefault(event, (said, first.row))[0] != said:
                    raise BadRowError("order", f"tables say different things of this order ({event[0]})")
        return found

    def _made(self, event: Event, said: list[Said], rows: Part, number: int | None = None) -> Made:
        type_, key = event
        record = event_of(self._mapping, said, key)
        return Made(type_, record, [each.row for each in rows], rows[0].row.number if number is None else number)

    def _agreed(self, event: Event, versions: list[Part]) -> Part:
        """What several tables say alike of an event.

        Raises:
            BadRowError: they do not.
        """
        if len(versions) == 1:
            return versions[0]
        content = {number: self._content(rows) for number, rows in enumerate(versions)}
        if len({tuple(sorted(rows)) for rows in content.values()}) > 1:
            names = " and ".join(sorted({rows[0].row.origin for rows in versions}))
            remedy = "import it from one of them only" + (
                "" if event[0] == ORDER_PLACED else ", or name refunds by refund_id"
            )
            raise BadRowError("order", f"it has other rows in each of {names}; {remedy}")
        return versions[min(content, key=lambda number: content[number])]

    def _content(self, rows: Part) -> list[tuple[str, ...]]:
        return [self._readers[each.row.file].content_of(each.cells) for each in rows]


def nth(content: str, number: int) -> str:
    """An id of the first, second … of equal rows: they are as many events in every import of them."""
    return content if number == 1 else f"{content}-{number}"


def _said(rows: Part) -> list[Said]:
    return [each.meaning for each in rows if isinstance(each.meaning, Said)]


def _put_aside(parts: list[Part], outcome: Outcome) -> bool:
    """Whether a row of the order is bad: then all of its rows are put aside."""
    rows = [each for part in parts for each in part]
    wrong = next((each for each in rows if isinstance(each.meaning, BadRowError)), None)
    if wrong is not None:
        outcome.bad += [(each.row, _why(each, wrong)) for each in rows]
    return wrong is not None


def _why(each: OrderRow, wrong: OrderRow) -> BadRowError:
    if isinstance(each.meaning, BadRowError):
        return each.meaning
    file = "" if each.row.origin == wrong.row.origin else f" of {wrong.row.origin}"
    return BadRowError("order", f"another row of this order is bad (line {wrong.row.line}{file})")
