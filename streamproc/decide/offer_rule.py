"""One offer: what it is, and who may get it."""

from datetime import date
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from streamproc.config_file import Days, Number, RuleName, Table
from streamproc.decide.checks import Check
from streamproc.decide.conditions import Condition, check_of
from streamproc.events.email import Channel
from streamproc.events.purchase import OrderPlaced
from streamproc.models.ranking.ranker import TOP


class OfferRule(Table):
    """An offer of `config/offers.toml`.

    `expected_reward` is what the shop expects of it, in the unit of rewards, as long as nothing has been learned of it.
    It is worth its reward times `margin`, less `cost`: all offers in the same money, such as pounds. It is made at most
    `budget` times in all and `daily_budget` times on a day of the shop, each partition of the log having its share.
    With `rank`, a prediction of the kind `for_you`, it names so many `products` for the customer.
    """

    id: RuleName
    content: str
    channel: Channel = "email"
    expected_reward: Annotated[Number, Field(ge=0)] = 0.0
    margin: Annotated[Number, Field(gt=0)] = 1.0
    cost: Annotated[Number, Field(ge=0)] = 0.0
    category: str | None = None
    skus: tuple[str, ...] = ()
    rank: RuleName | None = None
    products: Annotated[int, Field(ge=1, le=TOP)] = 3
    valid_from: date | None = None
    valid_until: date | None = None
    cool_down_days: Days = 14
    budget: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    daily_budget: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    where: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _has_a_day(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from: nobody would ever get the offer")
        return self

    @model_validator(mode="after")
    def _ranks_or_names(self) -> Self:
        if self.rank is None and "products" in self.model_fields_set:
            raise ValueError('products says how many are ranked: say by what, as in rank = "for_you"')
        if self.rank is not None and (self.skus or self.category is not None):
            raise ValueError("what rank suggests is any product: leave skus and category out")
        return self

    @property
    def is_limited(self) -> bool:
        """Whether there are only so many of it."""
        return self.budget is not None or self.daily_budget is not None

    @cached_property
    def check(self) -> Check:
        """Whether somebody may get it by its conditions, as one function."""
        return check_of(self.where)

    def is_in(self, order: OrderPlaced) -> bool:
        """Whether an order is one of what is offered: by product or category; of an offer that names none any is."""
        if not self.skus and self.category is None:
            return True
        return any(
            line.sku in self.skus or (self.category is not None and line.category == self.category)
            for line in order.lines
        )

    def is_valid_on(self, day: date) -> bool:
        """Whether the offer holds on a day (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )
