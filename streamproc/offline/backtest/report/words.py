"""What a number says and how sure it is, as a sentence that a marketer can read."""

from collections.abc import Mapping, Sequence

from streamproc.counted import counted
from streamproc.offline.backtest.churn import ChurnResult
from streamproc.offline.backtest.judging import Bin, Estimate, calibration_error
from streamproc.offline.backtest.off_policy.promotion import Promotion, best_of
from streamproc.offline.backtest.offers import OfferResult
from streamproc.offline.backtest.progressive import Period, ProgressiveResult
from streamproc.offline.backtest.ranking import RankingGain, RankingLine
from streamproc.offline.backtest.triggers import RuleResult, WhatNext
from streamproc.offline.backtest.triggers import share as interval_of
from streamproc.offline.backtest.uplift import Effect, UpliftResult
from streamproc.or_unknown import UNKNOWN

WELL_CALIBRATED = 0.05
NAMED = 3
"""So many of the percentages that are off are named, the worst ones."""
CHANCE = 0.5
ONE_KIND = "All left or all stayed, so there is no pair to rank"
FEW_REFUSALS = 2
ENOUGH = 30
"""Fewer cases are not worth a sentence."""
ESTIMATORS = (
    "How many decisions each estimate rests on, and the estimates. IPS: inverse propensity, with the 95 % bound that "
    "holds for any number of decisions. SNIPS: the same, self-normalised. Direct: the mean reward of each offer. "
    "Doubly robust: both, right if either is. Switch: doubly robust, but rare choices by the mean reward alone."
)


def share(value: float | None, digits: int = 1) -> str:
    """A share in per cent."""
    return UNKNOWN if value is None else f"{value * 100:.{digits}f} %"


def with_interval(estimate: Estimate, digits: int = 1) -> str:
    """A share with its 95 % interval."""
    if estimate.low is None or estimate.high is None:
        return share(estimate.value, digits)
    return (
        f"{share(estimate.value, digits)} (between {estimate.low * 100:.{digits}f} and "
        f"{share(estimate.high, digits)}, 95 % sure)"
    )


def in_short(estimate: Estimate) -> str:
    """A share with its 95 % interval, for tables."""
    if estimate.low is None or estimate.high is None:
        return share(estimate.value, 2)
    return f"{share(estimate.value, 2)} [{estimate.low * 100:.2f}, {estimate.high * 100:.2f}]"


def churn_ranking(churn: ChurnResult) -> str:
    """Does the model know who will leave, and better than a simple rule?"""
    asked = (
        f"{churn.customers:,} customers had ordered up to {churn.cut}; {share(churn.churn_rate)} of them did "
        "not order in "
        f"the {churn.days} days after it. "
    )
    if churn.model_version is None:
        return asked + "No model had been released by then, so there is nothing to judge."
    if churn.auc.value is None:
        return asked + f"{ONE_KIND}: how well the model ranks is unknown."
    return (
        asked
        + f"Of one who left and one who stayed, the model finds the right one in {with_interval(churn.auc)} of the "
        f"cases; tossing a coin would in 50 %. {_against_simple_rules(churn.gain)}"
    )


def _against_simple_rules(gain: Estimate) -> str:
    if gain.value is None or gain.low is None or gain.high is None:
        return ""
    points = f"{gain.value * 100:+.1f} points ({gain.low * 100:+.1f} to {gain.high * 100:+.1f})"
    if gain.low > 0:
        return f"It is better than the better of the two simple rules by {points}: hardly by chance."
    if gain.high < 0:
        return f"A simple rule is better ({points}): the model is not worth its cost here."
    return f"Against the better of the two simple rules it makes {points}: that can be chance."


def calibrated(bins: list[Bin], cases: str) -> str:
    """Can the probabilities be taken at their word?"""
    total, gap = sum(each.count for each in bins), calibration_error(bins)
    if gap is None:
        return "There is no score whose answer is known yet."
    wrong = [each for each in bins if _is_wrong(each)]
    if gap >= WELL_CALIBRATED:
        verdict = "take its percentages as a ranking, not at their word"
    elif wrong:
        verdict = "most of its percentages are about right, but not all"
    else:
        verdict = "its percentages can be taken at their word"
    worst = sorted(wrong, key=lambda each: -abs(each.predicted - each.observed))[:NAMED]
    named = sorted(worst or {bins[0], bins[-1]}, key=lambda each: each.predicted)
    examples = "; where it says about ".join(
        f"{share(each.predicted, 0)}, {share(each.observed, 0)} leave" for each in named
    )
    return (
        f"What the model says differs from what happens by {gap * 100:.1f} points on average over {total:,} "
        f"{cases}: {verdict}. Where it says about {examples}."
    )


def _is_wrong(each: Bin) -> bool:
    """Whether what was said is off by more than `WELL_CALIBRATED`, and by more than chance explains."""
    likely = interval_of(round(each.observed * each.count), each.count)
    by_chance = likely.low is None or likely.high is None or likely.low <= each.predicted <= likely.high
    return abs(each.predicted - each.observed) >= WELL_CALIBRATED and not by_chance


def lifted(churn: ChurnResult) -> str:
    """What is it worth to write to the riskiest only?"""
    first, last = churn.deciles[0], churn.deciles[-1]
    return (
        f"Of the tenth with the highest risk {share(first.observed, 0)} left, {first.lift:.2f} times the "
        "average; of the tenth "
        f"with the lowest {share(last.observed, 0)}. Each bar is about {first.count:,} customers, so it is "
        "sure to within "
        f"about {100 / first.count**0.5:.0f} points."
    )


def over_time(scores: ProgressiveResult) -> str:
    """Did the scores get better while learning?"""
    if scores.total is None:
        return "No question was scored before its answer was known: too little was learned, or no horizon has passed."
    total = scores.total
    return (
        f"Each of {total.questions:,} scores was given before anybody could know the answer. {_ranks(total)} "
        f"Customers are asked every week, so these cases are not independent, and there is no honest interval; compare "
        f"months. {scores.not_yet_due:,} questions whose horizon is not over were left out, since those who "
        "stay answer "
        f"first."
    )


def _ranks(total: Period) -> str:
    if total.auc is None:
        return f"{ONE_KIND}: how well the model ranks is unknown."
    best = max((value for value in total.baselines.values() if value is not None), default=CHANCE)
    verdict = "better" if total.auc > best else "not better"
    return (
        f"Over all months the model ranks {share(total.auc)} of the pairs rightly, which is {verdict} than the best "
        f"simple rule ({share(best)})."
    )


def ranked(lines: Sequence[RankingLine], gains: Sequence[RankingGain]) -> str:
    """How good are the suggestions, and better than simple ones?"""
    if not lines:
        return "There is no basket to judge by."
    model = lines[-1]
    hit = Estimate(model.hit, model.hit_low, model.hit_high)
    recall = Estimate(model.recall, model.recall_low, model.recall_high)
    return (
        f"Ten suggestions before each of {counted(model.baskets, 'basket')}: the model has at least one right in "
        f"{with_interval(hit)} and finds {with_interval(recall)} of what was bought. "
        f"{' '.join(map(_gained, gains))}"
    )


def _gained(gain: RankingGain) -> str:
    what = "At least one right" if gain.measure == "hit" else "Found of what was bought"
    known = gain.gain
    if known.value is None or known.low is None or known.high is None:
        return f"{what}: {(known.value or 0) * 100:+.1f} points; too few customers to say that it is not chance."
    points = f"{known.value * 100:+.1f} points ({known.low * 100:+.1f} to {known.high * 100:+.1f})"
    if known.low > 0:
        verdict = "better, hardly by chance"
    elif known.high < 0:
        verdict = "worse, hardly by chance"
    else:
        verdict = "that can be chance"
    return f"{what}: {points} against the best simple way ({gain.over}), {verdict}."


def policy(offers: OfferResult) -> str:
    """What would another policy have brought?"""
    values, seen = offers.policies, not offers.only_orders
    if not values:
        return "No offer was chosen long enough ago to know what came of it, so nothing can be said."
    logged = values[0]
    sure = [value.policy for value in values[1:] if _is_surely_better(value.snips, logged.snips)]
    names = ", ".join(sure)
    verdict = f" Surely better: {names}." if sure else " No other policy is surely better than the logged one."
    refused = sum(value.refused is not None for value in values)
    left_out = f" {refused} are refused because too few decisions speak for them." if refused else ""
    return (
        f"{'' if seen else 'Nobody saw these offers: this only says who orders anyway. '}"
        "A reward is an order (of the offer's products, if it names some) or a click within "
        f"{offers.reward_days:g} days.{verdict if seen else ''}{left_out}"
        f"{' Where customers never saw an offer, this says who orders anyway, not what it does.' if seen else ''}"
    )


def promoted(promotions: Sequence[Promotion]) -> str:
    """May another policy take the logged one's place?"""
    best = best_of(promotions)
    if best is None:
        return "None of these may take the place of the policy that logged, as by `streamproc ope --promote`."
    others = sum(each.promoted for each in promotions) - 1
    too = f", as may {counted(others, 'other')}" if others else ""
    return f"{best.policy} may take the place of the policy that logged{too}: {best.reason}, what that one earned."


def _is_surely_better(value: Estimate | None, than: Estimate | None) -> bool:
    """Whether the intervals are known and apart."""
    return (
        value is not None
        and than is not None
        and value.low is not None
        and than.high is not None
        and value.low > than.high
    )


def uplift(result: UpliftResult) -> str:
    """Does it bring anything to learn?"""
    if result.refused:
        return f"Learned choices are not compared with a control: {result.refused}."
    says = (
        f"{result.treated:,} customers whose offers are chosen by what was learned beside {result.control:,} of the "
        f"control, in the {result.days:g} days after the first offer, with what they did before taken into account. "
    )
    found = [_effect(each) for each in result.effects if is_sure(each.adjusted)]
    return says + (" ".join(found) if found else "No effect found: every interval holds 0.")


def trigger_uplift(results: Mapping[str, UpliftResult]) -> str:
    """Does it bring anything to send?"""
    if not results:
        return "Nobody was held out (policy.toml, [holdout]), so what triggers do is not known."
    told = " ".join(f"{name}: {_brought(result)}" for name, result in results.items())
    compared = [effect for result in results.values() for effect in result.effects]
    if len(compared) > 1 and any(is_sure(effect.adjusted) for effect in compared):
        told += f" Of {len(compared)} effects compared, one in 20 looks sure where there is none."
    return told


def _brought(result: UpliftResult) -> str:
    if result.refused:
        return f"not compared, {result.refused}."
    found = [_effect(each) for each in result.effects if is_sure(each.adjusted)]
    arms = f"{result.treated:,} customers beside {result.control:,} held out"
    return f"{arms}: {' '.join(found) if found else 'no effect found, every interval holds 0.'}"


def is_sure(estimate: Estimate) -> bool:
    """Whether an interval is known and does not hold 0."""
    return estimate.low is not None and estimate.high is not None and (estimate.low > 0 or estimate.high < 0)


def _effect(effect: Effect) -> str:
    it = effect.adjusted
    return f"{effect.outcome}: {it.value:+,.3f} for a customer ({it.low:+,.3f} to {it.high:+,.3f}, 95 % sure)."


def refused(reasons: Mapping[str, int]) -> str:
    """Why were messages refused?"""
    total = sum(reasons.values())
    often, top = max((count, reason) for reason, count in reasons.items())
    because = f"all of them because of {top}" if often == total else f"most of them ({often:,}) because of {top}"
    if total <= FEW_REFUSALS and often < total:
        because = " and ".join(f"{count:,} because of {reason}" for reason, count in reasons.items())
    elif total == 1:
        because = f"because of {top}"
    return f"{counted(total, 'message was', 'messages were')} refused, {because}."


def fired(rule: RuleResult) -> str:
    """How many messages, and what happened next."""
    parts = [f"{counted(rule.sent, 'message')}, {rule.refused:,} refused."]
    known = [(next_, "a message") for next_ in rule.after_messages[-1:] if next_.cases]
    known += [(next_, "a refusal") for next_ in rule.after_refusals[-1:] if next_.cases >= ENOUGH]
    parts += [_followed(next_, after) for next_, after in known]
    return " ".join(parts)


def _followed(next_: WhatNext, after: str) -> str:
    return (
        f"Within {next_.days} days of {after}, {with_interval(next_.ordered)} ordered, and "
        f"{share(None if next_.ordered.value is None else 1 - next_.ordered.value)} did not ({next_.cases:,} cases)."
    )
