"""Ways to choose offers, valued over what the log says that each candidate was expected to bring.

A way to choose is a function of the candidates alone, and a decision names each of them with what it was expected to
bring and how sure that was. So the product's own code says from the log how likely it would have chosen each; nothing
is drawn or trained again. The model is the one of the log: what it would have learned of other choices nobody knows.
Customers of the control are not the policy's: they keep what they got.
"""

from collections.abc import Mapping, Sequence

from streamproc.counted import counted
from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.offer_policies import OfferPolicy
from streamproc.decide.offer_rule import OfferRule
from streamproc.models.scorer import Estimate
from streamproc.offline.backtest.offer_policies import Decision, Policy

_CONTROL = "control: "


def over_expected(policy: OfferPolicy, rules: Mapping[str, OfferRule]) -> Policy:
    """How likely a way to choose would have made each offer, by what was expected of it as logged.

    `rules` say what a reward is worth (`margin`, `cost`). Decisions must be such that nothing is refused (`refusal`).
    """

    def chances(decision: Decision) -> Mapping[str, float]:
        if is_control(decision):
            logged: Mapping[str, float] = decision["candidates"]
            return logged
        expected, deviations = decision["expected"], decision.get("deviations") or {}
        return policy.chances(
            [
                OfferCandidate(rules[offer], Estimate(expected[offer], deviations.get(offer, 0.0)))
                for offer in decision["candidates"]
            ]
        )

    return chances


def is_control(decision: Decision) -> bool:
    """Whether the customer is of the control, for whom the shop's word counts, whatever was learned."""
    return str(decision.get("policy", "")).startswith(_CONTROL)


def refusal(policy: OfferPolicy, decisions: Sequence[Decision], rules: Mapping[str, OfferRule]) -> str | None:
    """Why these decisions cannot say what a way to choose would have done, and what to do; None: they can."""
    decisive = [one for one in decisions if not is_control(one)]
    of_all = f"of {counted(len(decisive), 'decision')}"
    if unsaid := sum(not _names_all(one, "expected") for one in decisive):
        return (
            f"{unsaid:,} {of_all} do not say what each offer was expected to bring: they were chosen without a model; "
            "name one in [policy] of offers.toml, and take the log from then on"
        )
    if policy.needs_model and (unsaid := sum(not _names_all(one, "deviations") for one in decisive)):
        return (
            f"{unsaid:,} {of_all} do not say how sure that was (deviations): an earlier release logged them; "
            "`streamproc replay` of the customer log makes the same decisions, and says so"
        )
    if gone := sorted({offer for one in decisive for offer in one["candidates"]} - rules.keys()):
        return (
            f"offers.toml has no {', '.join(gone)} any more, so margin and cost are not known: put the [[offer]] back"
        )
    return None


def _names_all(decision: Decision, what: str) -> bool:
    said = decision.get(what) or {}
    return all(offer in said for offer in decision["candidates"])
