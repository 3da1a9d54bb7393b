"""RFM: how recently a customer has ordered, how often in a year, and for how much, each scored 1 to 5.

The thresholds between the scores are fifths of the shop's customers, in released versions (`shop_figures.py`). The
scores together are a group, by a table of the shop's. Source: J. Bult and T. Wansbeek, "Optimal Selection for Direct
Mail" (1995); names of the groups as in the field.
"""

from collections.abc import Mapping
from functools import cached_property
from itertools import product
from typing import Annotated, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from streamproc.config_file import RuleName, Table
from streamproc.customer.shop_figures import SCORES, ShopFigures, fifth
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import Metric

YEAR_DAYS = 365

Score = Annotated[int, Field(ge=1, le=SCORES)]


def _ascending(said: tuple[int, int]) -> tuple[int, int]:
    if said[0] > said[1]:
        raise ValueError("the lower score stands first")
    return said


Between = Annotated[tuple[Score, Score], AfterValidator(_ascending)]
"""From the one score to the other, both included."""

ANY = (1, SCORES)


class RfmScores(NamedTuple):
    """The scores of a customer, each from 1 to 5."""

    recency: int
    frequency: int
    monetary: int


def _all_scores() -> list[RfmScores]:
    return [RfmScores(*scores) for scores in product(range(1, SCORES + 1), repeat=3)]


class RfmGroup(Table):
    """A block `[[rfm.group]]` of `config/profile.toml`: whose scores are all within these is of the group."""

    name: RuleName
    recency: Between = ANY
    frequency: Between = ANY
    monetary: Between = ANY

    def has(self, scores: RfmScores) -> bool:
        """Whether somebody of these scores is of the group."""
        between = (self.recency, self.frequency, self.monetary)
        return all(low <= score <= high for (low, high), score in zip(between, scores, strict=True))


DEFAULT_GROUPS = (
    RfmGroup(name="champions", recency=(4, 5), frequency=(4, 5), monetary=(4, 5)),
    RfmGroup(name="loyal", recency=(3, 5), frequency=(4, 5)),
    RfmGroup(name="new", recency=(4, 5), frequency=(1, 1)),
    RfmGroup(name="potential", recency=(3, 5)),
    RfmGroup(name="at_risk", recency=(1, 2), frequency=(3, 5)),
    RfmGroup(name="hibernating", recency=(2, 2)),
    RfmGroup(name="lost"),
)


class RfmSettings(Table):
    """`[rfm]` of `config/profile.toml`: the groups; a customer is of the first that has their scores."""

    group: Annotated[tuple[RfmGroup, ...], Field(min_length=1, max_length=32)] = DEFAULT_GROUPS

    @model_validator(mode="after")
    def _everybody_has_one(self) -> Self:
        for scores in _all_scores():
            if not any(group.has(scores) for group in self.group):
                said = ", ".join(f"{name} {score}" for name, score in scores._asdict().items())
                raise ValueError(f"who has {said} is of no group: let the last one have all that are left")
        return self

    @cached_property
    def group_of(self) -> Mapping[RfmScores, str]:
        """The group of all scores."""
        return {scores: next(each.name for each in self.group if each.has(scores)) for scores in _all_scores()}


DEFAULT_RFM = RfmSettings()


def rfm_scores(view: CustomerView) -> RfmScores | None:
    """The scores of a customer at a moment; None: never ordered, or no thresholds are known."""
    figures, last = view.figures, view.customer.last_order_ms
    if figures is None or last is None:
        return None
    return RfmScores(recency_score(view, figures, last), frequency_score(view, figures), monetary_score(view, figures))


def recency_score(view: CustomerView, figures: ShopFigures, last_ms: int) -> int:
    """5: of the fifth who ordered last."""
    return SCORES + 1 - fifth(view.now_ms - last_ms, figures.recency_ms)


def frequency_score(view: CustomerView, figures: ShopFigures) -> int:
    """5: of the fifth with the most orders in 365 days."""
    return fifth(view.in_days(YEAR_DAYS, Metric.ORDERS), figures.orders)


def monetary_score(view: CustomerView, figures: ShopFigures) -> int:
    """5: of the fifth with the most net revenue in 365 days."""
    return fifth(net_micros(view), figures.net_micros)


def net_micros(view: CustomerView) -> int:
    """Revenue less refunds of 365 days, in micros."""
    return view.in_days(YEAR_DAYS, Metric.REVENUE_MICROS) - view.in_days(YEAR_DAYS, Metric.REFUNDED_MICROS)
