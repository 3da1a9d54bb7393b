"""Whom triggers move: the effect over all, by fifths of the score, and the Qini curve beside chance."""

from collections.abc import Iterator, Sequence

from streamproc.offline.backtest.judging import Estimate
from streamproc.offline.backtest.persuadables import STEPS, Fifth, PersuadablesResult
from streamproc.offline.backtest.report import svg
from streamproc.offline.backtest.report.sections import card, section
from streamproc.offline.backtest.report.units import PERCENT
from streamproc.offline.backtest.report.words import is_sure

READING = (
    "Who gets a message and who is held out is drawn by chance, so the difference of both is what the message does. "
    "Every customer counts once, with the first occasion, whatever later rules said to the message. Who is held out "
    "gets no marketing at all, so it is the effect of this trigger and of what else is sent in that time."
)


def persuadables_sections(results: Sequence[PersuadablesResult]) -> Iterator[str]:
    """One section, if it is asked whom triggers move."""
    cards = [each for result in results for each in _cards(result)]
    if cards:
        yield section("Whom triggers move", cards, READING)


def _cards(result: PersuadablesResult) -> Iterator[str]:
    rows = [svg.Whisker("everybody", result.effect.value, result.effect.low, result.effect.high)]
    rows += [_row(each) for each in result.fifths]
    plot = "" if result.refused else svg.whiskers(rows, "uplift by fifths of the score", unit=PERCENT.signed, zero=True)
    yield card(f"{result.prediction}: what {result.trigger} changes", effect_in_words(result), plot)
    if result.refused:
        return
    shares = [f"{100 * step // STEPS} %" for step in range(STEPS + 1)]
    series: dict[str, list[float | None]] = {
        "by the score": list(result.curve),
        "by chance": [result.curve[-1] * step / STEPS for step in range(STEPS + 1)] if result.curve else [],
    }
    plot = svg.lines(series, shares, "Qini curve", unit=PERCENT.signed) if result.curve else ""
    title = f"{result.prediction}: events more for each customer, if only so many get it"
    yield card(title, persuadables_in_words(result), plot)


def _row(each: Fifth) -> svg.Whisker:
    name = f"fifth {each.fifth}: score {each.high:+.3f} to {each.low:+.3f}"
    return svg.Whisker(name, each.uplift.value, each.uplift.low, each.uplift.high)


def effect_in_words(result: PersuadablesResult) -> str:
    """Does the trigger change anything?"""
    if result.refused:
        return f"Not known: {result.refused}."
    arms = f"{result.treated:,} customers beside {result.held_out:,} held out, {result.horizon_days} days each"
    if not is_sure(result.effect):
        return f"No effect found: {_in_points(result.effect)}; {arms}. There may be nothing to find: the range holds 0."
    return f"An effect was found: the chance of the event changes by {_in_points(result.effect)}; {arms}."


def persuadables_in_words(result: PersuadablesResult) -> str:
    """Do the scores find those who are moved?"""
    if result.not_ranked:
        return f"Whether the scores find those who are moved is not known: {result.not_ranked}."
    low, area = result.qini.low, _in_points(result.qini)
    if low is None or low <= 0:
        return (
            f"No persuadables found: treat all or none. The area between both lines is {area}, and chance explains it."
        )
    return f"The scores find persuadables: the area between both lines is {area}, surely more than chance."


def _in_points(estimate: Estimate) -> str:
    """A difference of shares with its range."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "unknown"
    value, low, high = (100 * each for each in (estimate.value, estimate.low, estimate.high))
    return f"{value:+.2f} points ({low:+.2f} to {high:+.2f}, 95 % sure)"
