"""Imports of small tables, for the tests beside it."""

import csv
import gzip
from collections.abc import Iterable
from pathlib import Path

from streamproc.events.adapters.native import parse
from streamproc.events.purchase import OrderPlaced
from streamproc.events.raw import Event
from streamproc.events.rejected import Rejected
from streamproc.events.source import SourceProgressed
from streamproc.offline.dumps.files import ignore_progress, merge_dumps
from streamproc.offline.tables.importing import ImportReport, import_tables, read_mapping
from streamproc.offline.tables.rejects import rejects_path

ORDERS = """
name = "shop"
[time]
column = "when"
zone = "Europe/Berlin"
[[event]]
type = "order_placed"
[fields]
customer_id = "customer"
order_id = { column = "order", matches = "[0-9]+" }
currency = { value = "EUR" }
[lines]
sku = "sku"
quantity = "pieces"
unit_price = "price"
"""
HEADER = "when,customer,order,sku,pieces,price"


class Import:
    """Imports tables in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.out = folder / "out.jsonl"

    def __call__(self, mapping: str, *tables: Iterable[str] | bytes, name: str = "table.csv") -> ImportReport:
        (self._folder / "mapping.toml").write_text(mapping, encoding="utf-8")
        files = []
        for number, table in enumerate(tables):
            files.append(self._folder / f"{number}-{name}")
            content = table if isinstance(table, bytes) else ("\n".join(table) + "\n").encode()
            files[-1].write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return import_tables(read_mapping(self._folder / "mapping.toml", files), files, self.out, ignore_progress)

    @property
    def events(self) -> list[Event]:
        found = []
        for record in merge_dumps([self.out]):
            event = parse(record.value)
            assert not isinstance(event, Rejected | SourceProgressed)
            found.append(event)
        return found

    @property
    def order(self) -> OrderPlaced:
        [event] = self.events
        assert isinstance(event, OrderPlaced)
        return event

    @property
    def rejected(self) -> list[list[str]]:
        """File, line, reason and cells of what was put aside."""
        with rejects_path(self.out).open(newline="", encoding="utf-8", errors="surrogateescape") as file:
            return list(csv.reader(file))[1:]
