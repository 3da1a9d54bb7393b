"""The page as a whole."""

from html import escape

from streamproc.offline.backtest.report.models import models_section
from streamproc.offline.backtest.report.persuadables import persuadables_sections
from streamproc.offline.backtest.report.predictions import predictions_sections
from streamproc.offline.backtest.report.rfm import rfm_section
from streamproc.offline.backtest.report.sections import (
    churn_section,
    golden_section,
    offers_section,
    ranking_section,
    scores_section,
    triggers_section,
)
from streamproc.offline.backtest.report.style import CSS
from streamproc.offline.backtest.run import Result
from streamproc.or_unknown import UNKNOWN

HOW_TO_READ = (
    "Everything here was computed by the same code that decides live, from what was known at each moment. "
    "“95 % sure” is about chance alone: in 95 of 100 such samples of customers the range would hold the true value. "
    "docs/semantics.md says exactly what each number means."
)


def page_of(result: Result) -> str:
    """The report as one HTML file without anything from elsewhere; the same result gives the same bytes."""
    title = f"Backtest of {', '.join(result.dumps)}"
    sections = [
        *map(churn_section, result.churn),
        scores_section(result.scores),
        *predictions_sections(result.predictions),
        rfm_section(result.rfm),
        triggers_section(result.triggers, result.scores, result.trigger_uplift, assumed_consent=result.assumed_consent),
        *persuadables_sections(result.persuadables),
        offers_section(result.offers, result.uplift),
        ranking_section(result.ranking, result.ranking_gains, result.ranking_from),
        models_section(result.models, result.first_order),
        *([golden_section(result.golden)] if result.golden else []),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head><body><h1>{escape(title)}</h1>"
        f"{_facts(result)}<p>{HOW_TO_READ}</p>{''.join(sections)}"
        f'<p class="soft">Plan {result.plan_version}, streamproc {result.streamproc}. All numbers: result.json.</p>'
        "</body></html>\n"
    )


def _facts(result: Result) -> str:
    facts = [
        ("events", f"{result.events:,}"),
        ("customers with an order", f"{result.customers:,}"),
        ("orders", f"{result.orders:,}"),
        *(
            (f"of them in {escape(each)}, in no sum of money", f"{n:,}")
            for each, n in result.orders_without_rate.items()
        ),
        ("from", (result.first_order or UNKNOWN)[:10]),
        ("to", result.through[:10]),
        ("model versions", f"{result.model_versions:,}"),
    ]
    return f'<ul class="facts">{"".join(f"<li><b>{value}</b>{name}</li>" for name, value in facts)}</ul>'
