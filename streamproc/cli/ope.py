"""`streamproc ope LOG`: what another policy would have earned, from a log of decisions with known probabilities."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from streamproc.cli.context import Context, default_folder
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.ope_question import Question, Simulation, of_offers, of_open_bandit, with_clicks
from streamproc.cli.policy_option import HOW
from streamproc.cli.promotion import NOT_PROMOTED, Contest
from streamproc.cli.terminal import Terminal, styled
from streamproc.offline.backtest.judging import Estimate
from streamproc.offline.backtest.off_policy.floor import Floor
from streamproc.offline.backtest.off_policy.promotion import Champion, promotion_of
from streamproc.offline.backtest.off_policy.value import Asked, PolicyValue, value_of
from streamproc.offline.backtest.offer_policies import AS_LOGGED
from streamproc.offline.decision_logs.thompson import DRAWS, PARTS, SEED
from streamproc.or_unknown import UNKNOWN, or_unknown
from streamproc.printable import printable

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_ANY = click.Path(path_type=Path, exists=True)
OF_THE_LOG = (AS_LOGGED, "logged")
"""What the policy that logged is called, in our logs and in others."""
PRIOR, ITEM_FEATURES = "open_bandit_bts_prior.csv", "open_bandit_items.csv"
ITEMS = 80


@click.command()
@click.argument("log", type=_ANY)
@click.option("--policy", "names", multiple=True, metavar="NAME",
              help="Repeatable. Own logs: logged, best, random, or an offer's id (whenever possible); default: all of "
                   "these; or by what a model expected, as logged: epsilon_greedy, softmax, thompson, lin_ucb, with "
                   f"numbers as in {HOW}. Open Bandit: logged, random, bts; default: bts.")  # fmt: skip
@click.option("--format", "log_format", type=click.Choice(["own", "open-bandit"]), default="own", show_default=True,
              help="own: what replay or dump wrote. open-bandit: a table of the Open Bandit Dataset.")  # fmt: skip
@click.option("--log", "customer_logs", type=_FILE, multiple=True,
              help="Own logs: a dump of the customer log, if LOG does not hold it; repeatable.")  # fmt: skip
@click.option("--reward-days", type=click.FloatRange(min=0.1), default=14, show_default=True,
              help="Own logs: how long an offer's reward is waited for.")  # fmt: skip
@click.option("--least-effective", type=click.FloatRange(min=1), default=100, show_default=True,
              help="Refuse what rests on fewer decisions (effective sample size).")  # fmt: skip
@click.option("--least-share", type=click.FloatRange(0, 1), default=0.01, show_default=True,
              help="Refuse what rests on a smaller share of the decisions.")  # fmt: skip
@click.option("--switch-above", type=click.FloatRange(min=0), help="Weights above which switch believes the model.")
@click.option("--most-weight", type=click.FloatRange(min=0, min_open=True),
              help="The largest possible weight, for the Bernstein bound; default: the largest one known.")  # fmt: skip
@click.option("--items", type=click.IntRange(2), default=ITEMS, show_default=True, help="Open Bandit: how many items.")
@click.option("--prior", type=_FILE, help=f"Open Bandit: item_id,alpha,beta of bts; default: data/{PRIOR}.")
@click.option("--reward-model", type=click.Choice(["means", "clicks"]),
              help="Open Bandit: means by item and position, or a regression on features of user and item; "
                   "default: clicks, if LOG and the item features have them.")  # fmt: skip
@click.option("--item-features", type=_FILE, help=f"Open Bandit: for clicks; default: data/{ITEM_FEATURES}.")
@click.option("--draws", type=click.IntRange(PARTS), default=DRAWS, show_default=True, help="Open Bandit: simulate so.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=SEED, show_default=True, help="Of the simulation.")
@click.option("--promote", "promoting", is_flag=True,
              help="Whether a policy may take the place of the one that logged; exit code 1: none may.")  # fmt: skip
@click.option("--margin", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help="With --promote: by how much more reward per decision it must be better.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def ope(  # noqa: PLR0913  options
    context: Context,
    log: Path,
    *,
    names: Sequence[str],
    log_format: str,
    customer_logs: Sequence[Path],
    reward_days: float,
    least_effective: float,
    least_share: float,
    switch_above: float | None,
    most_weight: float | None,
    items: int,
    prior: Path | None,
    reward_model: str | None,
    item_features: Path | None,
    draws: int,
    seed: int,
    promoting: bool,
    margin: float,
    as_json: bool,
) -> None:
    """Estimate what a policy would have earned per decision, from a log of what another one did.

    LOG is a folder of `streamproc replay`, a dump that holds marketing.offers.v1, or a table of another system.
    What rests on too few decisions is refused, with the reason and exit code 2. With --promote the exit code says
    whether a policy is surely better than the one that logged (0) or not (1).
    """
    asked = Asked(Floor(least_effective, least_share), switch_above, most_weight)
    try:
        if log_format == "own":
            question = of_offers(context, log, names, customer_logs, reward_days)
        else:
            simulation = Simulation(prior or default_folder("data") / PRIOR, draws, seed)
            question = of_open_bandit(log, names or ["bts"], items, simulation)
            if reward_model != "means":
                features = item_features or default_folder("data") / ITEM_FEATURES
                question = with_clicks(question, log, features, must=reward_model is not None)
        values = _values(question, asked)
    except (ValueError, OSError) as error:
        raise CommandFailedError(str(error)) from error
    contest = _contest(question, values, margin) if promoting else None
    if contest is None and all(value.refused for value in values):
        raise CommandFailedError("; ".join(f"{value.policy} is refused: {value.refused}" for value in values))
    _tell(question, values, contest, as_json=as_json)
    if contest is not None and contest.best is None:
        sys.exit(NOT_PROMOTED)


def _contest(question: Question, values: Sequence[PolicyValue], margin: float) -> Contest:
    """Each policy but the one that logged beside that one."""
    champion = Champion(float(question.logged.rewards.mean()), margin, question.unseen)
    candidates = [value for value in values if value.policy not in OF_THE_LOG]
    return Contest([promotion_of(value, champion) for value in candidates], question.blocks)


def _values(question: Question, asked: Asked) -> list[PolicyValue]:
    """The value of each policy; whoever waits sees which one it is at."""
    console, model = Terminal(stderr=True), question.model
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    values = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)
        for target in question.targets:
            progress.update(bar, description=f"resampling for {printable(target.name)}")
            answers = None if model is None else model.answers(target)
            values.append(value_of(question.logged, target, asked, answers))
    return [*values, *question.refused]


def _tell(question: Question, values: Sequence[PolicyValue], contest: Contest | None, *, as_json: bool) -> None:
    earned = float(question.logged.rewards.mean())
    if as_json:
        told: dict[str, Any] = {"decisions": len(question.logged), "logged": earned}
        told |= {"policies": list(map(asdict, values)), "remarks": question.remarks}
        told |= contest.told if contest else {}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE), nl=False)
        return
    console = Terminal(soft_wrap=True)
    rewarded = int((question.logged.rewards > 0).sum())
    console.print(
        f"{len(question.logged):,} decisions, {rewarded:,} rewarded: the policy that logged earned {earned:.6f}"
    )
    for value in values:
        console.print()
        if value.refused:
            console.print(styled((value.policy, "bold"), " ", ("refused", "yellow"), f": {value.refused}"))
            continue
        console.print(
            styled((value.policy, "bold"), f", reward per decision; switch above a weight of {value.limit:,.1f}")
        )
        console.print(_table(value))
    if contest:
        contest.show(console)
    for remark in question.remarks:
        console.print(remark, style="dim")


def _table(value: PolicyValue) -> Table:
    table = Table("estimator", "value", "95 % interval (bootstrap)", "95 % bound (Bernstein)", "rests on", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    size = f"{value.effective:,.0f}"
    bound = f"{value.bound.low:.6f} to {value.bound.high:.6f}" if value.bound else ""
    for name, estimate, cells in _estimates(value, size, bound):
        interval = UNKNOWN if estimate.low is None else f"{estimate.low:.6f} to {or_unknown(estimate.high, '.6f')}"
        table.add_row(name, or_unknown(estimate.value, ".6f"), interval, *cells)
    return table


def _estimates(value: PolicyValue, size: str, bound: str) -> Iterator[tuple[str, Estimate, tuple[str, str]]]:
    """Each estimate with its name, bound and effective sample size; the direct one rests on the model."""
    named: Mapping[str, tuple[Estimate | None, tuple[str, str]]] = {
        "IPS": (value.ips, (bound, size)),
        "SNIPS": (value.snips, ("", size)),
        "direct": (value.direct, ("", "the model")),
        "doubly robust": (value.doubly_robust, ("", size)),
        "switch": (value.switched, ("", size)),
    }
    for name, (estimate, cells) in named.items():
        if estimate is not None:
            yield name, estimate, cells
