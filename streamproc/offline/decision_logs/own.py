"""Our own log: the offers that were chosen, with their probabilities, and what the customers did then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

import orjson

from streamproc.decide.offer_rule import OfferRule
from streamproc.events.times import parse_rfc3339
from streamproc.events.topics import LOG_TOPIC, OFFERS_TOPIC
from streamproc.offline.backtest.offer_policies import Decision, LoggedOffers
from streamproc.offline.backtest.offers import reward_of
from streamproc.offline.backtest.orders import behaviour_of
from streamproc.offline.decision_logs.log_error import LogError
from streamproc.offline.dumps.files import read_dump
from streamproc.offline.replay.output import SUFFIX, read_outputs

NEEDED = ("offer_id", "customer_id", "propensity", "candidates", "at")


@dataclass(frozen=True, slots=True)
class OwnLog:
    """Decisions whose reward window is over, and how many are left out since theirs is not.

    Attributes:
        only_orders: nobody saw these offers, since the log holds plain orders.
    """

    offers: LoggedOffers
    names: list[str]
    left_out: int
    only_orders: bool


def read_own(log: Path, customer_logs: Sequence[Path], rules: Mapping[str, OfferRule], reward_days: float) -> OwnLog:
    """Read what `streamproc replay` wrote (a folder) or `streamproc dump` (a file with `marketing.offers.v1`).

    What customers did is read from `customer_logs` (dumps of the customer log), else from the same folder or file.

    Raises:
        LogError: there are no decisions, or no customer log, or a decision cannot be one: says where and what to do.
        DumpError: a line is no record.
        OSError: a file cannot be read.
    """
    decisions = _decisions(log)
    behaviour = behaviour_of(customer_logs or [_customer_log(log)])
    if not behaviour.through_ms:
        raise LogError(
            [f"{log}: no {LOG_TOPIC} in it, so what came of the offers is not known; give --log with its dump"]
        )
    judged = [one for one in decisions if behaviour.is_known(parse_rfc3339(one["at"]), reward_days)]
    if not judged:
        chosen = f"none of {len(decisions):,} offers was chosen {reward_days:g} days before the customer log ends"
        raise LogError([f"{log}: {chosen}; choose a lower --reward-days"])
    rewards = [reward_of(one, rules, behaviour, reward_days) for one in judged]
    names = sorted({offer for one in judged for offer in one["candidates"]})
    return OwnLog(LoggedOffers(judged, rewards), names, len(decisions) - len(judged), behaviour.only_orders)


def _customer_log(log: Path) -> Path:
    path = log / f"{LOG_TOPIC}{SUFFIX}" if log.is_dir() else log
    if not path.exists():
        raise LogError([f"{path}: there is none; a replay of the customer log does not write it: give it with --log"])
    return path


def _decisions(log: Path) -> list[Decision]:
    if log.name.endswith((".csv", ".csv.gz")):
        raise LogError([f"{log}: a table, no log of ours; say --format open-bandit"])
    decisions, mistakes = [], []
    for place, value in _values(log):
        decision, wrong = _read(value)
        decisions.append(decision)
        if wrong:
            mistakes.append(f"{place}: {wrong}")
    if mistakes:
        raise LogError(mistakes)
    if not decisions:
        raise LogError(
            [f"{log}: no {OFFERS_TOPIC} in it; replay with offers in config/offers.toml, or dump that topic"]
        )
    return decisions


def _values(log: Path) -> Iterator[tuple[str, bytes | None]]:
    """Each decision's message, with its place."""
    if log.is_dir():
        path = log / f"{OFFERS_TOPIC}{SUFFIX}"
        for line, emitted in enumerate(read_outputs(path, OFFERS_TOPIC), start=1):
            yield f"{path}:{line}", emitted.value
        return
    for line, record in enumerate(read_dump(log), start=1):
        if record.topic == OFFERS_TOPIC:
            yield f"{log}:{line}", record.value


def _read(value: bytes | None) -> tuple[Decision, str]:
    """The decision, and what is wrong with it (empty: nothing)."""
    try:
        decision: Any = orjson.loads(value or b"")
    except orjson.JSONDecodeError as error:
        return {}, f"no JSON ({error}): dump it anew"
    if not isinstance(decision, dict):
        return {}, "no decision: dump it anew"
    if missing := [name for name in NEEDED if name not in decision]:
        return decision, f"no {', '.join(missing)}: dump {OFFERS_TOPIC} itself, not something made of it"
    return decision, _what_is_wrong(decision)


def _are_numbers(said: Any) -> bool:
    return isinstance(said, dict) and all(isinstance(each, int | float) for each in said.values())


def _what_is_wrong(decision: Decision) -> str:
    try:
        parse_rfc3339(decision["at"])
        propensity, total = float(decision["propensity"]), float(sum(decision["candidates"].values()))
    except (AttributeError, TypeError, ValueError) as error:
        return f"at, propensity or candidates cannot be read ({error}); leave the decision out"
    if decision["offer_id"] not in decision["candidates"]:
        return f"candidates: {decision['offer_id']!r}, which was chosen, is not among them; leave the decision out"
    if not 0 < propensity <= 1:
        return f"propensity: {propensity:g} is no probability above 0; leave the decision out"
    if not isclose(total, 1, abs_tol=1e-6):
        return f"candidates: their probabilities add up to {total:g}, not to 1; leave the decision out"
    for name in ("expected", "deviations"):
        if not _are_numbers(decision.get(name) or {}):
            return f"{name}: no number for each offer; leave the decision out"
    return ""
