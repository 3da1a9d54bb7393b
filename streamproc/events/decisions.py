"""What decide says: triggers, offers, scores, segment changes and suppressions, with their lineage.

Times are RFC 3339 in UTC, money is in micros. Every id is a function of the causing log position, so a reader that
sees a record twice (uncommitted reads, a migration) can drop the repeat.

A decision is about a customer or about an anonymous visitor: exactly one of `customer_id` and `anonymous_id` is not
null. The record's key says the same in one text (`events/subject.py`).
"""

from dataclasses import field
from typing import Literal

from streamproc.value import value


@value
class Trigger:
    """A message to send now: the answer of one rule of `config/triggers.toml`.

    `since` is when its occasion was: earlier than `at` if the policy has put it off. `correlation` says which cart,
    order, product or log position it is about. `best_hour` (0 to 23, by the clocks of `time_zone`) and `best_channel`
    say when and where the customer answers most, as far as enough is known of it: suggestions, which bind nobody.
    A journey's messages have its name as `trigger`, and say which `step`.
    """

    trigger_id: str
    trigger: str
    customer_id: str | None
    anonymous_id: str | None
    channel: str
    at: str
    expires_at: str | None
    priority: int
    cap_class: str
    content: str | None
    correlation: str
    plan_version: str
    model_version: str | None
    position: str
    since: str
    campaign: str | None = None
    offer_id: str | None = None
    values: dict[str, float | str | None] = field(default_factory=dict)
    best_hour: int | None = None
    best_channel: str | None = None
    time_zone: str | None = None
    step: str | None = None
    type: Literal["trigger_emitted"] = "trigger_emitted"


@value
class OfferedProduct:
    """A product of an offer that ranks products for the customer, and why it is one.

    Attributes:
        sku: the product.
        reason: the customer has bought it before; it goes with something that the customer bought lately; it sells more
            than it usually does; it is popular.
        because_of: the product that it goes with, of `bought_with` only.
        moved_by: the input of the ranking that lifts it most above its like (docs/semantics.md, "Product ranking").
    """

    sku: str
    reason: Literal["bought_before", "bought_with", "trending", "popular"]
    because_of: str | None
    moved_by: str


@value
class Offer:
    """The next best offer for a customer, chosen with a known probability (`propensity`) among the candidates.

    With a model `expected` says what each candidate was expected to bring, `deviations` how sure that was (standard
    deviations), and `features` what for. `best_hour`, `best_channel` and `time_zone` as in a trigger. `products` are
    those of an offer that ranks some for the customer, the best first; `ranking_version` says by which version.
    """

    offer_decision_id: str
    offer_id: str
    customer_id: str | None
    anonymous_id: str | None
    channel: str
    at: str
    content: str | None
    propensity: float
    candidates: dict[str, float]
    policy: str
    plan_version: str
    model_version: str | None
    position: str
    values: dict[str, float | str | None] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=dict)
    deviations: dict[str, float] = field(default_factory=dict)
    features: dict[str, float] = field(default_factory=dict)
    best_hour: int | None = None
    best_channel: str | None = None
    time_zone: str | None = None
    products: tuple[OfferedProduct, ...] = ()
    ranking_version: str | None = None
    type: Literal["offer_chosen"] = "offer_chosen"


@value
class Suppression:
    """A trigger that the policy refused, with the reason; one that is `deferred` is decided again at `until`.

    `detail` says which of several settings it was: the cap, the campaign, the salt of the holdout.
    """

    suppression_id: str
    trigger: str
    customer_id: str | None
    anonymous_id: str | None
    reason: str
    rule: str
    channel: str | None
    until: str | None
    at: str
    plan_version: str
    position: str
    correlation: str
    deferred: bool = False
    detail: str | None = None
    step: str | None = None
    type: Literal["trigger_suppressed"] = "trigger_suppressed"


@value
class Retraction:
    """A trigger was wrong, as is known now: do not send what has not been sent. It has the trigger's id and topic."""

    trigger_id: str
    trigger: str
    customer_id: str | None
    anonymous_id: str | None
    reason: Literal["late_event"]
    because: str
    at: str
    plan_version: str
    position: str
    type: Literal["trigger_retracted"] = "trigger_retracted"


@value
class Score:
    """What a model says of a customer: probability 0 to 1, its band, and the features that moved it most."""

    score_id: str
    model: str
    customer_id: str | None
    anonymous_id: str | None
    probability: float
    band: str
    at: str
    model_version: str
    reasons: tuple[str, ...]
    plan_version: str
    position: str
    type: Literal["score_computed"] = "score_computed"


@value
class Forecast:
    """What a model says there will be of something within the horizon, and the features that moved it most.

    `value` is in `unit`: `orders`, `net_revenue` (in units of the shop's money), `days`, or `uplift` (how much likelier
    an event is with a trigger than without, -1 to 1). Four of five lie between `low` and `high`, where the model says
    so.
    """

    forecast_id: str
    model: str
    customer_id: str | None
    anonymous_id: str | None
    value: float
    low: float | None
    high: float | None
    unit: str
    band: str
    horizon_days: int
    at: str
    model_version: str
    reasons: tuple[str, ...]
    plan_version: str
    position: str
    type: Literal["forecast_computed"] = "forecast_computed"


@value
class SegmentChange:
    """A customer entered or left a segment."""

    change_id: str
    segment: str
    customer_id: str | None
    anonymous_id: str | None
    change: Literal["entered", "left"]
    at: str
    plan_version: str
    position: str
    type: Literal["segment_changed"] = "segment_changed"


@value
class CustomerTagged:
    """A customer got a tag, or has it no more, by a `rule` of the configuration, an `event` or an `import`."""

    change_id: str
    tag: str
    customer_id: str | None
    anonymous_id: str | None
    change: Literal["given", "taken"]
    source: str
    at: str
    plan_version: str
    position: str
    type: Literal["customer_tagged"] = "customer_tagged"


@value
class JourneyChange:
    """A customer's journey begins, has done a step, or ends; or it did not begin (`refused`). `reason` says how or why.

    `correlation` is what it is about: that of the trigger that began it. `definition` is a digest of the steps that it
    follows: a changed configuration leaves them to those who are on the journey.
    """

    change_id: str
    journey: str
    correlation: str
    customer_id: str | None
    anonymous_id: str | None
    change: Literal["started", "stepped", "ended", "refused"]
    step: str | None
    reason: str | None
    definition: str
    started_at: str
    at: str
    plan_version: str
    position: str
    type: Literal["journey_changed"] = "journey_changed"


Decision = (
    Trigger | Retraction | Offer | Suppression | Score | Forecast | SegmentChange | CustomerTagged | JourneyChange
)
