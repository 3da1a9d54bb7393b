"""`streamproc backtest DUMP…`: how good were the decisions, in numbers and as a page for people."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

import click
import orjson
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.output import OutputFolder, why_not_written
from streamproc.cli.replay import ASSUME_CONSENT
from streamproc.cli.terminal import Terminal
from streamproc.counted import counted
from streamproc.offline.backtest.asked import churn_of
from streamproc.offline.backtest.churn import ChurnResult
from streamproc.offline.backtest.cut import Cut
from streamproc.offline.backtest.golden import Golden
from streamproc.offline.backtest.report.page import page_of
from streamproc.offline.backtest.run import Questions, Result, backtest
from streamproc.offline.replay.setup import ReplayConfig, setup_of
from streamproc.or_unknown import or_unknown
from streamproc.settings.signing import signing_key
from streamproc.whole_file import write_whole

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("backtest")
@click.argument("dumps", nargs=-1, required=True, type=_FILE, metavar="DUMP...")
@click.option("--out", type=OutputFolder(), required=True,
              help="Folder for result.json and report.html.")  # fmt: skip
@click.option("--churn-cut", "cuts", type=_DAY, multiple=True, help="Judge churn at the end of this day; repeatable.")
@click.option("--churn-days", "days", type=click.IntRange(1, 365), multiple=True,
              help="Days without an order that are churn; once, or once a cut; default: models.toml.")  # fmt: skip
@click.option("--ranking-from", type=_DAY, help="First day of the baskets that judge rankings; default: the first cut.")
@click.option("--reward-days", type=click.FloatRange(min=0.1), default=14, show_default=True,
              help="How long an offer's reward is waited for.")  # fmt: skip
@click.option("--golden", "goldens", multiple=True, metavar="KPI=FILE.csv:COLUMN",
              help="Compare a daily KPI with a table that has a column `day`; repeatable.")  # fmt: skip
@ASSUME_CONSENT
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes; same results.")
@click.pass_obj
def backtest_command(  # noqa: PLR0913  options
    context: Context,
    dumps: Sequence[Path],
    *,
    out: Path,
    cuts: Sequence[datetime],
    days: Sequence[int],
    ranking_from: datetime | None,
    reward_days: float,
    goldens: Sequence[str],
    assume_consent: bool,
    jobs: int,
) -> None:
    """Replay dumps with this configuration, and judge what it said by what happened then.

    Writes OUT/result.json and OUT/report.html, a page of its own that needs no network.
    """
    configuration = context.configuration
    try:
        horizon = churn_of(configuration.plan.predictions).prediction.horizon_days
        questions = Questions(
            cuts=_cuts(cuts, days or [horizon]),
            ranking_from=ranking_from.date() if ranking_from else None,
            reward_days=reward_days,
            goldens=[Golden.of(text) for text in goldens],
            assume_consent=assume_consent,
            jobs=jobs,
        )
        setup = setup_of(configuration, signing_key(configuration.app))
        result = _run(dumps, setup, questions, out)
        write_whole(out / "result.json", orjson.dumps(result, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        write_whole(out / "report.html", page_of(result).encode())
    except (ValueError, OSError) as error:
        raise CommandFailedError(why_not_written(error, out)) from error
    _tell(Terminal(), result, out)


def _cuts(cuts: Sequence[datetime], days: Sequence[int]) -> list[Cut]:
    if len(days) not in {1, len(cuts)}:
        raise click.UsageError("give --churn-days once, or once for each --churn-cut")
    each = days if len(days) == len(cuts) else [days[0]] * len(cuts)
    return [Cut(cut.date(), horizon) for cut, horizon in zip(cuts, each, strict=True)]


def _run(dumps: Sequence[Path], setup: ReplayConfig, questions: Questions, out: Path) -> Result:
    out.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix=".backtest-", dir=out))
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
    )
    console = Terminal(stderr=True)
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("", total=None, done="")

            def show(what: str, done: int) -> None:
                progress.update(bar, description=what, done=f"{done:,} records" if done else "")

            return backtest(dumps, setup, questions, work, show)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _tell(console: Terminal, result: Result, out: Path) -> None:
    for churn in result.churn:
        console.print(
            f"churn {churn.days} days at {churn.cut}: {counted(churn.customers, 'customer')}, "
            f"share that left {or_unknown(churn.churn_rate, '.1%')}; AUC: {_model(churn)}, "
            f"recency {or_unknown(churn.recency.value, '.3f')}, frequency {or_unknown(churn.frequency.value, '.3f')}"
        )
    for golden in result.golden:
        console.print(f"{golden.kpi}: {golden.days} days, {len(golden.differences)} differ from {golden.column}")
    console.print(f"see {out / 'report.html'} and {out / 'result.json'}")


def _model(churn: ChurnResult) -> str:
    auc = churn.auc
    if churn.model_version is None:
        return "no model yet"
    interval = f" ({auc.low:.3f} to {auc.high:.3f})" if auc.low is not None and auc.high is not None else ""
    return f"model {or_unknown(auc.value, '.3f')}{interval}"
