"""The sections of the page, one for each thing that was judged: a plot, and what it says."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape

from streamproc.offline.backtest.churn import ChurnResult
from streamproc.offline.backtest.golden import Difference, GoldenResult
from streamproc.offline.backtest.off_policy.value import PolicyValue
from streamproc.offline.backtest.offers import OfferResult
from streamproc.offline.backtest.progressive import ProgressiveResult
from streamproc.offline.backtest.ranking import RankingGain, RankingLine
from streamproc.offline.backtest.report import svg, words
from streamproc.offline.backtest.report.units import MONEY, NUMBER, Unit
from streamproc.offline.backtest.triggers import RuleResult
from streamproc.offline.backtest.uplift import REVENUE, Effect, UpliftResult
from streamproc.or_unknown import or_unknown

SHOWN_DIFFERENCES = 10


def card(title: str, says: str, plot: str = "", *, wide: bool = False) -> str:
    """A plot with its title and the sentence that says what it means; a wide one spans the page."""
    return f'<div class="card{" wide" * wide}"><h3>{escape(title)}</h3>{plot}<p>{escape(says)}</p></div>'


def section(title: str, cards: Sequence[str], intro: str = "", foot: str = "") -> str:
    """Cards under a heading, between two texts."""
    before = f"<p>{escape(intro)}</p>" if intro else ""
    after = f'<p class="soft">{escape(foot)}</p>' if foot else ""
    return f'<h2>{escape(title)}</h2>{before}<div class="cards">{"".join(cards)}</div>{after}'


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that scrolls by itself on a phone."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def churn_section(churn: ChurnResult) -> str:
    """One cut."""
    rows = [
        svg.Whisker(name, estimate.value, estimate.low, estimate.high)
        for name, estimate in (
            ("the model", churn.auc),
            ("only: fewest days with an order", churn.frequency),
            ("only: longest without an order", churn.recency),
        )
    ]
    cards = [card("Who will leave? Pairs ranked rightly (AUC)", words.churn_ranking(churn), svg.whiskers(rows, "AUC"))]
    if churn.calibration:
        points = [(each.predicted, each.observed, each.count) for each in churn.calibration]
        plot = svg.against(points, "calibration", ("said", "left"))
        cards.append(card("Is it as sure as it says?", words.calibrated(churn.calibration, "customers"), plot))
    if churn.deciles:
        observed = [each.observed for each in churn.deciles]
        names = [f"{each.decile}." for each in churn.deciles]
        plot = svg.bars(observed, names, "share that left by tenth", churn.churn_rate)
        cards.append(card("Share that left, by tenths from the highest risk", words.lifted(churn), plot))
    return section(f"Churn: {churn.days} days from {churn.cut}", cards, foot=_of_the_model(churn))


def _of_the_model(churn: ChurnResult) -> str:
    if churn.model_version is None:
        return ""
    return (
        f"Brier {or_unknown(churn.brier, '.3f')}, log loss {or_unknown(churn.log_loss, '.3f')}. "
        f"Model {churn.model_version}, which had learned from what was known at that day only."
    )


def scores_section(scores: ProgressiveResult) -> str:
    """The live scores, month by month."""
    months = [month.period for month in scores.months]
    series: dict[str, list[float | None]] = {"the model": [month.auc for month in scores.months]}
    for rule in scores.months[0].baselines if scores.months else ():
        series[f"only {rule}"] = [month.baselines.get(rule) for month in scores.months]
    plot = svg.lines(series, months, "AUC by month", low=0.5) if months else ""
    cards = [card("Every score against its later answer, by month of asking (AUC)", words.over_time(scores), plot)]
    if scores.calibration:
        points = [(each.predicted, each.observed, each.count) for each in scores.calibration]
        plot = svg.against(points, "calibration of all scores", ("said", "left"))
        cards.append(card("All scores: said and happened", words.calibrated(scores.calibration, "scores"), plot))
    return section("The churn model while it learns", cards)


def ranking_section(lines: Sequence[RankingLine], gains: Sequence[RankingGain], since: str | None) -> str:
    """The model's suggestions beside the lines that they must beat."""
    rows = [svg.Whisker(line.ranking, line.hit, line.hit_low, line.hit_high) for line in reversed(lines)]
    plot = svg.whiskers(rows, "baskets with a right suggestion", zero=True) if rows else ""
    says = words.ranked(lines, gains) if since else "Give --churn-cut or --ranking-from to judge suggestions."
    return section("Product suggestions", [card("Baskets with at least one of ten suggestions", says, plot)])


def offers_section(offers: OfferResult, uplift: UpliftResult) -> str:
    """Offers and other policies."""
    rows = [
        svg.Whisker(value.policy, value.snips.value, value.snips.low, value.snips.high)
        for value in offers.policies
        if value.snips
    ]
    plot = svg.whiskers(rows, "value of policies", zero=True) if rows else ""
    cards = [card("Reward per decision under other policies", words.policy(offers), plot)]
    if offers.policies:
        header = ["policy", "rests on", "IPS", "bound of IPS", "SNIPS", "direct", "doubly robust", "switch", "promoted"]
        may = {each.policy: "yes" if each.promoted else "no" for each in offers.promotions}
        valued = [[*_valued(value), may.get(value.policy, "")] for value in offers.policies]
        says = f"{words.promoted(offers.promotions)} {words.ESTIMATORS}"
        cards.append(card("In numbers", says, table(header, valued), wide=True))
    plot = _effects([(each.outcome, each) for each in uplift.effects], "what learning does")
    cards.append(card("What learned choices do beside the control's, for a customer", words.uplift(uplift), plot))
    return section("Offers", cards, f"{sum(offers.chosen.values()):,} offers were chosen.")


def _valued(value: PolicyValue) -> list[str]:
    """A policy's row; one that is refused says why under SNIPS, by which policies are compared."""
    if value.refused is not None:
        return [value.policy, f"{value.effective:,.0f}", "refused", "", value.refused, "", "", ""]
    estimates = (value.ips, value.snips, value.direct, value.doubly_robust, value.switched)
    cells = [words.in_short(each) if each else "" for each in estimates]
    bound = f"[{value.bound.low * 100:.2f}, {value.bound.high * 100:.2f}]" if value.bound else ""
    return [value.policy, f"{value.effective:,.0f}", cells[0], bound, *cells[1:]]


def _effects(named: Sequence[tuple[str, Effect]], title: str) -> str:
    """What is counted in one plot and money in another, each difference with its sign, beside 0."""
    counted = [(name, each) for name, each in named if each.outcome != REVENUE]
    money = [(name, each) for name, each in named if each.outcome == REVENUE]
    return _differences(counted, title, NUMBER, "How many, for a customer:") + _differences(
        money, title, MONEY, "In the shop's money, for a customer:"
    )


def _differences(named: Sequence[tuple[str, Effect]], title: str, unit: Unit, says: str) -> str:
    rows = [svg.Whisker(name, each.adjusted.value, each.adjusted.low, each.adjusted.high) for name, each in named]
    plot = svg.whiskers(rows, f"{title}, by customer", unit=unit.signed, zero=True)
    return f'<p class="soft">{says}</p>{plot}' if rows else ""


def triggers_section(
    rules: Sequence[RuleResult],
    scores: ProgressiveResult,
    uplift: Mapping[str, UpliftResult],
    *,
    assumed_consent: bool,
) -> str:
    """Messages and refusals."""
    cards = []
    for rule in rules:
        weeks = by_week(rule.by_day)
        plot = svg.bars(list(weeks.values()), list(weeks), f"{rule.rule} by week") if weeks else ""
        title = f"{rule.rule}: messages by week" if weeks else rule.rule
        cards.append(card(title, words.fired(rule), plot))
    reasons: Counter[str] = Counter()
    for rule in rules:
        reasons.update(rule.reasons)
    foot = ""
    if len(reasons) > 1 and reasons.total() > words.FEW_REFUSALS:
        plot = svg.bars(list(reasons.values()), list(reasons), "refusals by reason")
        cards.append(card("Why messages were refused", f"{words.refused(reasons)} These are exact counts.", plot))
    elif reasons:
        foot = words.refused(reasons)
    effects = [(f"{name}: {each.outcome}", each) for name, result in uplift.items() for each in result.effects]
    plot = _effects(effects, "what triggers do")
    cards.append(card("What triggers bring, beside the holdout", words.trigger_uplift(uplift), plot))
    intro = "Customers who had said nothing counted as if they had allowed marketing. " if assumed_consent else ""
    intro += "What follows a message is not what it caused: that takes a control group (below). "
    if scores.total is not None:
        left = words.share(scores.total.churn_rate)
        intro += f"To compare with: of all customers asked about each week, {left} did not order within the horizon."
    return section("Triggers", cards, intro, foot)


def golden_section(results: Sequence[GoldenResult]) -> str:
    """KPIs against files."""
    rows = [[each.kpi, each.column, f"{each.days}", f"{len(each.differences)}"] for each in results]
    differ = [_difference(each.kpi, it) for each in results for it in each.differences][:SHOWN_DIFFERENCES]
    says = "Exact: every day agrees." if not differ else "These days differ: " + "; ".join(differ)
    return section(
        "KPIs against golden files",
        [card("Days compared", says, table(["KPI", "file", "days", "differ"], rows), wide=True)],
    )


def _difference(kpi: str, it: Difference) -> str:
    return f"{kpi} on {it.day}: {or_unknown(it.kpi, '')} against {or_unknown(it.golden, '')}"


def by_week(days: dict[str, int]) -> dict[str, int]:
    """Counts of days as counts of weeks, by the Monday; weeks without any are 0."""
    if not days:
        return {}
    weeks: Counter[str] = Counter()
    for day, number in days.items():
        weeks[_monday(day).isoformat()] += number
    return {monday: weeks[monday] for monday in _mondays(_monday(min(days)), _monday(max(days)))}


def _monday(day: str) -> date:
    found = date.fromisoformat(day)
    return found - timedelta(days=found.weekday())


def _mondays(first: date, last: date) -> Iterator[str]:
    while first <= last:
        yield first.isoformat()
        first += timedelta(days=7)
