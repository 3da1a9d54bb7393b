"""The released versions: a card for each model, with its metrics over its versions and what the newest one goes by."""

from collections.abc import Mapping, Sequence

from streamproc.counted import counted
from streamproc.offline.backtest.released import ReleasedModel, ReleasedVersion
from streamproc.offline.backtest.report import svg
from streamproc.offline.backtest.report.sections import card, section, table
from streamproc.offline.backtest.report.units import NUMBER, count
from streamproc.or_unknown import UNKNOWN

CHARTED = (
    "roc_auc", "brier", "calibration_error", "squared_error_ratio", "share_below", "hit_at_10", "simple_hit_at_10",
    "recall_at_10",
)  # fmt: skip
"""Metrics that are shares, or ratios near 1, the most telling first."""
SERIES = 3
NEWEST = 10
"""So many versions are rows, and older ones about which something was decided; result.json has them all."""
STRONG, WEAK = 0.5, 0.05
"""Beside the largest weight: from here on a feature moves much, below it hardly."""
READING = (
    "What learned in this replay, version by version. Metrics are of all scores that had been given when a version was "
    "released. A version builds on the one before it."
)


def models_section(models: Sequence[ReleasedModel], since: str | None) -> str:
    """One section, if any version was released; `since` is when the data begins."""
    cards = [_card(model, since) for model in models]
    return section("Models: the released versions", cards, READING) if cards else ""


def _card(model: ReleasedModel, since: str | None) -> str:
    charted = _charted(model)
    days = [version.trained_through[:10] for version in model.versions]
    series = {name: [version.metrics.get(name) for version in model.versions] for name in charted}
    plot = svg.lines(series, days, f"{model.model} by version", unit=NUMBER) if charted else ""
    weights = _weights(model.per_deviation) if model.per_deviation else ""
    says = _says(model, model.versions[-1], since)
    return card(f"{model.model} ({model.kind})", says, plot + _versions(model, charted) + weights, wide=True)


def _charted(model: ReleasedModel) -> Sequence[str]:
    """Those metrics that some version has, the few that a chart can show."""
    there = {name for version in model.versions for name in version.metrics}
    return [name for name in CHARTED if name in there][:SERIES]


def _says(model: ReleasedModel, newest: ReleasedVersion, since: str | None) -> str:
    stands = f"{model.counts or 'none'} counts" + (", and later releases wait" if model.frozen else "")
    says = (
        f"{counted(len(model.versions), 'version was', 'versions were')} released; {stands}. The newest, "
        f"{newest.version}, learned from {counted(newest.examples, 'example')}, of what happened from "
        f"{(since or UNKNOWN)[:10]} to {newest.trained_through[:10]}. Metrics: {_listed(newest.metrics)}. "
        f"Parameters: {_listed(newest.parameters)}."
    )
    unused = [name for name in model.features if name not in model.per_deviation]
    if not unused:
        return says
    what = "No weight was learned for" if model.per_deviation else "Features:"
    return f"{says} {what} {', '.join(unused)}."


def _listed(named: Mapping[str, float | int | str]) -> str:
    """Names with their values."""
    each = (f"{name} {value if isinstance(value, str) else count(value)}" for name, value in named.items())
    return ", ".join(each) or "none"


def _versions(model: ReleasedModel, charted: Sequence[str]) -> str:
    rows = [_row(each, charted) for each in model.versions[:-NEWEST] if each.acts]
    rows += [_row(each, charted) for each in model.versions[-NEWEST:]]
    return table(["version", "builds on", "examples", "data through", *charted, "who decided about it"], rows)


def _row(version: ReleasedVersion, charted: Sequence[str]) -> list[str]:
    metrics = [f"{version.metrics[name]:.3f}" if name in version.metrics else "" for name in charted]
    decided = "; ".join([version.fate, *version.acts])
    parent = version.parent or "nothing"
    return [version.version, parent, f"{version.examples:,}", version.trained_through[:10], *metrics, decided]


def _weights(weights: Mapping[str, float]) -> str:
    """A row for each feature, the strongest first."""
    largest = max(map(abs, weights.values()))
    ordered = sorted(weights.items(), key=lambda each: (-abs(each[1]), each[0]))
    rows = [[name, f"{weight:+.3f}", in_words(weight / largest)] for name, weight in ordered]
    return table(["feature", "one standard deviation more adds", "in words"], rows)


def in_words(share: float) -> str:
    """What a feature does, by its weight beside the largest one, -1 to 1.

    >>> in_words(1.0), in_words(-0.2), in_words(0.01)
    ('the more of it, the higher by far', 'the more of it, the lower', 'hardly matters')
    """
    if abs(share) < WEAK:
        return "hardly matters"
    direction = "higher" if share > 0 else "lower"
    return f"the more of it, the {direction}{' by far' if abs(share) >= STRONG else ''}"
