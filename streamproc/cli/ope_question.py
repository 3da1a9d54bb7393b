"""What `streamproc ope` is asked: a log, the policies to value on it, and what is to be said besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from streamproc.cli.context import Context
from streamproc.cli.policy_option import read_policy
from streamproc.counted import counted
from streamproc.decide.offer_policies import KINDS
from streamproc.decide.offers.choice import OfferSettings
from streamproc.offline.backtest.learned_policies import is_control, over_expected, refusal
from streamproc.offline.backtest.off_policy.logged import Logged
from streamproc.offline.backtest.off_policy.target import Target
from streamproc.offline.backtest.off_policy.value import PolicyValue
from streamproc.offline.backtest.offer_policies import (
    AS_LOGGED,
    AT_RANDOM,
    BEST,
    LoggedOffers,
    Policy,
    policies_of,
    whenever_possible,
)
from streamproc.offline.backtest.policy_block import block_of, table_of
from streamproc.offline.decision_logs.open_bandit import (
    POSITIONS,
    as_logged,
    read_open_bandit,
    target_of,
    uniform,
)
from streamproc.offline.decision_logs.open_bandit_model import ClickModel, read_items, read_users
from streamproc.offline.decision_logs.own import OwnLog, read_own
from streamproc.offline.decision_logs.thompson import read_prior, simulate

OF_OFFERS = {"logged": AS_LOGGED, "best": BEST, "random": AT_RANDOM}


@dataclass(frozen=True)
class Simulation:
    """How the chances of Thompson sampling are found."""

    prior: Path
    draws: int
    seed: int


@dataclass(frozen=True)
class Question:
    """A log, the policies to value on it, and what is to be said besides.

    Attributes:
        model: the reward model; None: the log's means.
        blocks: what `offers.toml` is to say so that a policy decides, by its name.
        unseen: nobody saw what was chosen.
        refused: what the log cannot say anything of, with the reason.
    """

    logged: Logged
    targets: Sequence[Target]
    remarks: Sequence[str]
    model: ClickModel | None = None
    blocks: Mapping[str, str] = field(default_factory=dict)
    unseen: bool = False
    refused: Sequence[PolicyValue] = ()


def of_offers(
    context: Context, log: Path, names: Sequence[str], customer_logs: Sequence[Path], reward_days: float
) -> Question:
    """About a log of ours, and policies by their names (none: all that need no numbers).

    Raises:
        ValueError: a policy that is asked for cannot be: says what to write.
        LogError, OSError: as `read_own`.
    """
    settings = context.configuration.plan.offers
    own = read_own(log, customer_logs, settings.by_id, reward_days)
    fixed = policies_of(own.names, settings.by_id)
    wanted = [_candidate(name, own, settings) for name in names or fixed]
    remarks = [f"a reward is an order or a click within {reward_days:g} days"]
    if own.left_out:
        remarks.append(f"{own.left_out:,} decisions are left out, since their window is not over")
    if own.only_orders:
        remarks.append("nobody saw these offers, since the log holds plain orders: this says who orders anyway")
    if any(each.by_model for each in wanted):
        remarks.append(_about_the_model(own.offers))
    return Question(
        logged=own.offers.log,
        targets=[own.offers.under(each.name, each.policy) for each in wanted if not each.refused],
        remarks=remarks,
        blocks={each.name: each.block for each in wanted if each.block},
        unseen=own.only_orders,
        refused=[
            PolicyValue(each.name, len(own.offers.log), 0.0, refused=each.refused) for each in wanted if each.refused
        ],
    )


@dataclass(frozen=True)
class _Candidate:
    """A policy of offers as it was asked for: `by_model`, it goes by what was expected as logged."""

    name: str
    policy: Policy
    block: str | None
    by_model: bool = False
    refused: str | None = None


def _candidate(said: str, own: OwnLog, settings: OfferSettings) -> _Candidate:
    rules, fixed = settings.by_id, policies_of(own.names, settings.by_id)
    name = OF_OFFERS.get(said) or (whenever_possible(said) if said in own.names else said)
    if name in fixed:
        return _Candidate(name, fixed[name], block_of(name, settings.policy, rules))
    if said.partition(":")[0] not in KINDS:
        there = ", ".join([*OF_OFFERS, *own.names, *sorted(KINDS)])
        raise click.UsageError(f"--policy {said}: there is none; choose of {there}")
    try:
        way = read_policy(said, settings.policy)
    except ValueError as error:
        raise click.UsageError(f"--policy {said}: {error}") from error
    refused = refusal(way, own.offers.decisions, rules)
    return _Candidate(way.label, over_expected(way, rules), table_of(way), by_model=True, refused=refused)


def _about_the_model(offers: LoggedOffers) -> str:
    told = "what was expected is as logged: what the model would have learned of other choices is not valued"
    controls = sum(map(is_control, offers.decisions))
    return f"{told}; {counted(controls, 'decision')} of the control stay as they were" if controls else told


def of_open_bandit(log: Path, names: Sequence[str], items: int, simulation: Simulation) -> Question:
    """About a table of the Open Bandit Dataset.

    Raises:
        LogError, OSError: as `read_open_bandit` and `read_prior`.
    """
    logged = read_open_bandit(log, items)
    targets, remarks = [], []
    for name in names:
        if name == "logged":
            targets.append(as_logged(logged))
        elif name == "random":
            targets.append(target_of(name, uniform(items), logged))
        elif name == "bts":
            target, remark = _thompson(logged, items, simulation)
            targets.append(target)
            remarks.append(remark)
        else:
            raise click.UsageError(f"--policy {name}: there is none; choose of logged, random, bts")
    return Question(logged, targets, remarks)


def with_clicks(question: Question, log: Path, item_features: Path, *, must: bool) -> Question:
    """With the regression as the reward model; unless it must be, only if there are the features for it."""
    users, items = read_users(log), read_items(item_features)
    fits = len(items) * POSITIONS == question.logged.cell_count
    if must and not users.size:
        raise ValueError(f"{log}: no columns user_feature_0, user_feature_1, …; use --reward-model means")
    if must and not fits:
        raise ValueError(f"{item_features}: {len(items)} items, the log has others: give --items or --item-features")
    if not users.size or not fits:
        return question
    model = ClickModel(question.logged, users, items)
    remark = "clicks: this reward model is not fitted again in each resample, so direct has no interval (means has)"
    return replace(question, remarks=[*question.remarks, remark], model=model)


def _thompson(logged: Logged, items: int, simulation: Simulation) -> tuple[Target, str]:
    prior = read_prior(simulation.prior)
    if len(prior.alpha) != items:
        raise ValueError(
            f"{simulation.prior}: {len(prior.alpha)} items, but the log has {items}: give --items or --prior"
        )
    found = simulate(prior, simulation.draws, simulation.seed)
    remark = (
        f"bts: chances from {found.draws:,} draws (seed {simulation.seed}), by which IPS may be off by "
        f"{found.error_of_ips(logged):.6f} (standard error)"
    )
    return target_of("bts", found.chances, logged), remark
