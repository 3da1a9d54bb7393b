"""The section of RFM groups: how many there were over the year, and where their customers went."""

from streamproc.offline.backtest.report import svg
from streamproc.offline.backtest.report.sections import card, section, table
from streamproc.offline.backtest.rfm import RfmResult

UNKNOWN_YET = "Nothing to show: no version of the thresholds was released, or no round was whole after it."


def rfm_section(rfm: RfmResult) -> str:
    """The chart and the table; where nobody is looked at, nothing."""
    if not rfm.every_days:
        return ""
    if not rfm.periods:
        return section("RFM groups", [card("Customers by group", UNKNOWN_YET)])
    series = {name: [period.groups.get(name, 0) for period in rfm.periods] for name in rfm.groups}
    plot = svg.stacked(series, [period.since for period in rfm.periods], "customers by RFM group")
    intro = (
        "Everybody who had ordered within a year, by the thresholds that counted at that moment; each customer once in "
        f"{rfm.every_days} days."
    )
    cards = [card(f"Customers by group, in rounds of {rfm.every_days} days", in_words(rfm), plot, wide=True)]
    if rfm.moves:
        header = [f"after {rfm.every_days} days →", *rfm.groups]
        rows = [[group, *(_share(rfm, group, to) for to in rfm.groups)] for group in rfm.moves]
        says = "Of the customers of each group, how many per cent were in which group one round later."
        cards.append(card("Where they went", says, table(header, rows), wide=True))
    return section("RFM groups", cards, intro)


def in_words(rfm: RfmResult) -> str:
    """How the largest group of the last round has changed since the first."""
    first, last = rfm.periods[0].groups, rfm.periods[-1].groups
    shares = {name: last.get(name, 0) / sum(last.values()) for name in rfm.groups}
    largest = max(shares, key=lambda name: shares[name])
    before = first.get(largest, 0) / sum(first.values())
    return (
        f"In the last round {shares[largest] * 100:.0f} % of {sum(last.values()):,} customers were {largest}, the "
        f"largest group; in the first round {before * 100:.0f} % of {sum(first.values()):,} were."
    )


def _share(rfm: RfmResult, group: str, to: str) -> str:
    moved = rfm.moves[group]
    return f"{moved.get(to, 0) / sum(moved.values()) * 100:.0f}"
