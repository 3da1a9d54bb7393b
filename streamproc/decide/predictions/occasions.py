"""What is asked at the occasion of a trigger: what would it change? Before it is decided whether it goes out.

Who is treated and who is held out are asked at the same moment, when all rules of the policy that stand before the
holdout have let the message through. So both are alike but for the holdout's chance, whatever later rules say: those
cannot be asked about somebody who gets nothing (intention to treat). Each customer is asked once, at the first
occasion: what the first message changed would otherwise be taken for what the customer was like before the second.
Who is unknown then, or of whom later events are known already, is not asked, and has had the first occasion, too.
"""

from collections.abc import Mapping, Sequence

from streamproc.customer.state import Customer
from streamproc.decide.messages.permit import asked
from streamproc.decide.messages.sending import is_put_off
from streamproc.decide.moment import Moment
from streamproc.decide.plan import Plan
from streamproc.decide.predictions.questions import can_be_asked, remember, tell
from streamproc.decide.rules import Refusal, Wish
from streamproc.decide.rules.holdout import HOLDOUT
from streamproc.decide.triggers import Candidate
from streamproc.events.decisions import Forecast, Score
from streamproc.models.estimators.uplift_model import FrozenUplift
from streamproc.models.kinds.uplift import UpliftPrediction
from streamproc.models.releases.bank import Scored
from streamproc.models.vectors import Vector, by_name


def ask_at_occasions(moment: Moment, wishes: Sequence[Candidate], plan: Plan) -> tuple[Score | Forecast, ...]:
    """The scores of those who have an occasion now, where a version gives any; who has the first is asked, too."""
    if not plan.uplifts or not can_be_asked(moment):
        return ()
    said: list[Score | Forecast] = []
    for wish in wishes:
        predictions = plan.uplifts.get(wish.rule.name, {})
        if not predictions or not _is_occasion(moment, wish, plan):
            continue
        found = {name: _scored(moment, name, each) for name, each in predictions.items()}
        for name, (_, scored) in found.items():
            said += _given_out(moment, name, predictions[name], scored)
        if wish.rule.name not in moment.customer.occasions and wish.rule.is_for(moment):
            _note(moment, wish.rule.name, plan)
            if moment.customer.is_identified and moment.now_ms >= moment.customer.last_seen_ms:
                _ask(moment, predictions, plan, found)
    return tuple(said)


def _is_occasion(moment: Moment, wish: Candidate, plan: Plan) -> bool:
    """Whether the holdout, and the rules behind it, are all that can keep the message back now."""
    if wish.rule.of_step is not None or is_put_off(moment.customer, wish.rule.name, wish.correlation):
        return False
    for name, answer in asked(Wish(plan.policy, moment, wish)):
        if name == HOLDOUT:
            return True
        if isinstance(answer, Refusal):
            return False
    return False


def _scored(moment: Moment, name: str, prediction: UpliftPrediction) -> tuple[Vector, Scored | None]:
    values = moment.features.vector(prediction.features)
    return values, moment.bank.score(name, by_name(prediction.features, values))


def _given_out(
    moment: Moment, name: str, prediction: UpliftPrediction, scored: Scored | None
) -> list[Score | Forecast]:
    """What the version that counts says, if its scores are good enough, and say anything new; else none is known."""
    scorer, customer = moment.bank.scorers.get(name), moment.customer
    if scored is None or not isinstance(scorer, FrozenUplift) or not scorer.carries:
        _forget_score(customer, name)
        return []
    last = customer.scores.get(name)
    if last is not None and (last.value, last.model_version) == (scored.value, scored.model_version):
        return []
    return [tell(moment, name, prediction, scored)]


def _forget_score(customer: Customer, name: str) -> None:
    if name in customer.scores:
        customer.scores = {model: score for model, score in customer.scores.items() if model != name}


def _note(moment: Moment, trigger: str, plan: Plan) -> None:
    customer = moment.customer
    known = {name: at_ms for name, at_ms in customer.occasions.items() if name in plan.uplifts}
    customer.occasions = {**known, trigger: moment.now_ms}


def _ask(
    moment: Moment,
    predictions: Mapping[str, UpliftPrediction],
    plan: Plan,
    found: Mapping[str, tuple[Vector, Scored | None]],
) -> None:
    """Keep the question with who is held out, and the score, also one that is not given out: it will be judged."""
    is_held_out = float(plan.policy.holdout.has(moment.customer.key))
    for name, (values, scored) in found.items():
        remember(moment, name, predictions[name], (*values, is_held_out), scored)
