"""The pure core on one core: what each part of an event's way costs, over a synthetic day around real orders."""

import tempfile
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.timing import microseconds
from streamproc.collect.clean import Cleaned, clean
from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.customer.codec import decode, encode
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.state import Customer
from streamproc.decide.offers.choice import OfferSettings
from streamproc.decide.plan import Plan, TriggerSettings
from streamproc.decide.policy import PolicySettings
from streamproc.decide.segments.segment import SegmentSettings
from streamproc.decide.step import step
from streamproc.events.log import LogEntry, decode_record, encode_record
from streamproc.events.raw import FAMILIES
from streamproc.models.config import ModelSettings
from streamproc.models.releases.bank import ModelBank
from streamproc.offline.dumps.files import merge_dumps
from streamproc.offline.synthetic.synthesize import synthesize
from streamproc.offline.tables.online_retail import import_online_retail

ANY = RawTopic("any", frozenset(FAMILIES))
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Result:
    """CPU microseconds per event of each part, and events per second of the whole core on one core."""

    events: int
    clean_us: float
    encode_record_us: float
    decode_record_us: float
    step_us: float
    encode_state_us: float
    decode_state_us: float
    state_bytes_mean: int
    events_per_second: int


def plan_of(folder: Path) -> Plan:
    """The plan of a configuration folder."""

    def table(name: str) -> dict[str, object]:
        return tomllib.loads((folder / name).read_text())

    return Plan(
        TriggerSettings.model_validate(table("triggers.toml")),
        OfferSettings.model_validate(table("offers.toml")),
        SegmentSettings.model_validate(table("segments.toml")),
        PolicySettings.model_validate(table("policy.toml")),
        ModelSettings.model_validate(table("models.toml")),
        FeatureSettings.model_validate(table("features.toml")),
    ).by_definition()


def messages() -> list[bytes]:
    """Two weeks of real orders with synthetic browsing, as raw messages in time order."""
    with tempfile.TemporaryDirectory() as folder:
        real, made_up = Path(folder, "real.jsonl"), Path(folder, "made-up.jsonl")
        last = date(2010, 12, 14)
        import_online_retail(ROOT / "data" / "online_retail.csv.gz", real, lambda _: None, last_day=last)
        synthesize(real, made_up, 1, lambda _: None)
        return [record.value or b"" for record in merge_dumps([real, made_up])]


def run() -> Result:
    """Measure each part over the same events."""
    raw, settings, plan = messages(), CollectSettings(), plan_of(ROOT / "config")
    bank = ModelBank(b"benchmark", plan.predictions)
    received = 1_300_000_000_000
    said = [clean(ANY.read(message, ())[0], received, settings, ANY) for message in raw]
    cleaned = [item for item in said if isinstance(item, Cleaned)]
    logged = [encode_record(item.event, item.at_ms, received) for item in cleaned]
    states: dict[str, Customer] = {}

    def decide() -> None:
        states.clear()
        for offset, item in enumerate(cleaned):
            entry = LogEntry(item.keys[0], item.at_ms, f"b/0/{offset}", offset, item.event)
            outcome = step(states.get(item.keys[0]), entry, plan, bank)
            if outcome.customer is not None:
                states[item.keys[0]] = outcome.customer

    count = len(cleaned)
    read_us = microseconds(lambda: [decode_record(value) for value in logged], count)
    step_us = microseconds(decide, count)
    encoded = [encode(state) for state in states.values()]
    encode_us = microseconds(lambda: [encode(state) for state in states.values()], len(states))
    decode_us = microseconds(lambda: [decode(value) for value in encoded], len(states))
    return Result(
        events=count,
        clean_us=microseconds(
            lambda: [clean(ANY.read(message, ())[0], received, settings, ANY) for message in raw], len(raw)
        ),
        encode_record_us=microseconds(
            lambda: [encode_record(item.event, item.at_ms, received) for item in cleaned], count
        ),
        decode_record_us=read_us,
        step_us=step_us,
        encode_state_us=encode_us,
        decode_state_us=decode_us,
        state_bytes_mean=sum(map(len, encoded)) // len(encoded),
        events_per_second=round(1e6 / (read_us + step_us + encode_us + decode_us)),
    )
