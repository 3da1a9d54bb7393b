"""Rows that are events by themselves; equal ones are as many events as the table with most of them has."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from streamproc.offline.tables.bad_row import BadRowError
from streamproc.offline.tables.events import event_of, own_id
from streamproc.offline.tables.mapping import Mapping
from streamproc.offline.tables.orders import nth
from streamproc.offline.tables.outcome import TOLD_ALREADY, Days, Made, Outcome
from streamproc.offline.tables.row_reader import LeftOut, RowReader, Said
from streamproc.offline.tables.rows import TableRow


class SingleRows:
    """Judges rows that belong to no order, by a mapping; `readers` read the rows of each file."""

    def __init__(self, mapping: Mapping, readers: Sequence[RowReader], days: Days | None) -> None:
        self._mapping = mapping
        self._readers = readers
        self._days = days

    def outcomes(self, equal_rows: Iterable[TableRow]) -> Iterator[Outcome]:
        """What becomes of each of some rows that say the same."""
        in_table: Counter[tuple[int, str]] = Counter()
        told = 0
        for row in equal_rows:
            outcome = Outcome()
            meaning = self._readers[row.file].meaning(row, row.cells)
            match meaning:
                case Said():
                    in_table[row.table] += 1
                    if told if own_id(meaning) else in_table[row.table] <= told:
                        outcome.left_out.append((row, TOLD_ALREADY))
                    else:
                        told += 1
                        self._take(row, meaning, told, outcome)
                case LeftOut(reason=reason):
                    outcome.left_out.append((row, reason))
                case BadRowError():
                    outcome.bad.append((row, meaning))
            yield outcome

    def _take(self, row: TableRow, said: Said, number: int, outcome: Outcome) -> None:
        key = own_id(said) or nth(self._readers[row.file].id_of(row.cells), number)
        type_ = self._mapping.event[said.rule].type
        try:
            outcome.take(Made(type_, event_of(self._mapping, [said], key), [row], row.number), self._days)
        except BadRowError as error:
            outcome.bad.append((row, error))
