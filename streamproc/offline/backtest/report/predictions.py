"""The predictions beside churn: what was said and what happened, month by month."""

from collections.abc import Iterator, Sequence

from streamproc.offline.backtest.predictions import PredictionPeriod, PredictionResult
from streamproc.offline.backtest.report import svg
from streamproc.offline.backtest.report.sections import card, section
from streamproc.offline.backtest.report.units import MONEY, NUMBER, PERCENT, Unit
from streamproc.offline.backtest.report.words import share

SHOWN_ELSEWHERE, NET_REVENUE = "churn", "net_revenue"
WELL_MEANT = (0.9, 1.1)
"""Between these, what was said adds up to what happened."""


def predictions_sections(results: Sequence[PredictionResult]) -> Iterator[str]:
    """One section, if anything beside churn is predicted."""
    cards = [_card(each) for each in results if each.kind != SHOWN_ELSEWHERE]
    if cards:
        yield section("Other predictions while they learn", cards)


def _card(result: PredictionResult) -> str:
    months = [month.period for month in result.months]
    series: dict[str, list[float | None]] = {
        "said": [month.said for month in result.months],
        "happened": [month.happened for month in result.months],
    }
    unit = "share" if result.unit is None else result.unit.replace("_", " ")
    plot = svg.lines(series, months, f"{result.prediction} by month", unit=_unit(result)) if months else ""
    return card(f"{result.prediction}: said and happened by month ({unit}, mean)", _says(result), plot)


def _unit(result: PredictionResult) -> Unit:
    if result.unit is None:
        return PERCENT
    return MONEY if result.unit == NET_REVENUE else NUMBER


def _says(result: PredictionResult) -> str:
    total = result.total
    if total is None:
        return "Nothing was predicted before its answer was known: too little was learned, or no horizon has passed."
    start = f"Each of {total.answers:,} predictions was made before anybody could know the answer. "
    return start + (_of_probability(total) if result.unit is None else _of_number(total))


def _of_probability(total: PredictionPeriod) -> str:
    return (
        f"It happened in {share(total.happened)} of the cases; {share(total.said)} were said on average. Of one where "
        f"it happened and one where it did not, the higher score was right in {share(total.auc)}; a coin has 50 %."
    )


def _of_number(total: PredictionPeriod) -> str:
    if total.covered is not None:
        return (
            f"{share(total.covered)} lay between its low and its high, which should hold 80 %; {share(total.below)} "
            f"came to no more than the middle, which should hold 50 %."
        )
    says = f"On average {total.said:,.2f} were said and {total.happened:,.2f} happened"
    if total.bias is not None:
        low, high = WELL_MEANT
        verdict = (
            "about right in sum" if low <= total.bias <= high else "too much" if total.bias > high else "too little"
        )
        says += f": {verdict} ({total.bias:.2f} times)"
    ratio = total.squared_error_ratio
    if ratio is None:
        return f"{says}."
    better = "better" if ratio < 1 else "not better"
    return f"{says}. Customer by customer it is {better} than everybody's mean: {ratio:.2f} times its squared error."
