"""What a replay came to, in numbers: `summary.json`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from streamproc import __version__


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of a replay; equal ones, `decisions_hash` included, are the same replay.

    Attributes:
        source: `log` or `raw`.
        events: customer events that were applied; `repeats` of them changed nothing.
        through: how far event time came in each log partition (RFC 3339), None if not at all.
        begins: the first offset of each log partition, if it is not 0: what was before is not known.
        customers: how many customers are known at the end.
        outputs: topic to number of records.
        plan_version: the version of the configuration.
        model_versions: the model versions that counted, in their order.
        decisions_hash: SHA-256 over the files of all decisions (triggers, offers, scores, segments, suppressions).
        states_hash: SHA-256 over `state.jsonl`.
    """

    source: str
    events: int
    repeats: int
    through: tuple[str | None, ...]
    begins: Mapping[int, int]
    customers: int
    outputs: Mapping[str, int]
    plan_version: str
    model_versions: tuple[str, ...]
    decisions_hash: str
    states_hash: str
    streamproc: str = __version__

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
        path.write_bytes(orjson.dumps(asdict(self), option=options))
