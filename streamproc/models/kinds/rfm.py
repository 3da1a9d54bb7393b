"""Predictions of the kind `rfm`: into which fifths do the customers fall, by recency, frequency and monetary value?

Nobody is asked anything. Everybody who has ordered within a year is looked at every `sample_every_days`; what comes of
it is released in versions, by which `rfm_recency`, `rfm_frequency` and `rfm_monetary` score from then on.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from streamproc.customer.shop_figures import ShopFigures
from streamproc.events.times import DAY_MS
from streamproc.events.training import Example, Lesson
from streamproc.models.estimators.rfm_model import (
    FREQUENCY,
    MONETARY,
    RECENCY,
    TENURE,
    RfmFifths,
    RfmModel,
    require_rfm,
)
from streamproc.models.figures_kind import FiguresPrediction
from streamproc.models.health.sample_metrics import SampleMetrics
from streamproc.models.scorer import Model
from streamproc.models.snapshot_error import SnapshotError

NO_KEYS = ("features", "lateness_hours")
"""Keys of other kinds: there is no answer to wait for."""


class RfmPrediction(FiguresPrediction):
    """The customers' fifths; `half_life_days`: samples that are so old count half."""

    kind: Literal["rfm"] = "rfm"

    features: tuple[str, ...] = (RECENCY, FREQUENCY, MONETARY, TENURE)
    half_life_days: Annotated[int, Field(ge=7, le=3650)] = 91

    @model_validator(mode="before")
    @classmethod
    def _waits_for_no_answer(cls, said: object) -> object:
        for key in NO_KEYS:
            if isinstance(said, dict) and key in said:
                raise ValueError(f"rfm looks at customers and asks nothing: leave {key} out")
        return said

    def label(self, features: Mapping[str, float]) -> float:
        """The revenue."""
        return features[MONETARY]

    def new_model(self) -> RfmModel:
        """Nobody has been looked at."""
        return RfmModel()

    def teach(self, model: Model, health: Any, lesson: Lesson) -> bool:
        """Count a sample."""
        if not isinstance(lesson, Example) or not set(self.features) <= lesson.features.keys():
            return False
        health.observe(lesson)
        model.learn(lesson.features, lesson.asked_ms, self.half_life_days / 7)
        return True

    def require(self, model: Model) -> Model:
        """Of RFM, with finite numbers."""
        return require_rfm(model)

    def resumed(self, model: Model) -> Model:
        """What was learned before goes on; nothing of it depends on the configuration."""
        return self.require(model) if isinstance(model, RfmModel) else self.new_model()

    def released(self, model: Model) -> RfmFifths:
        """The thresholds, without what they were found from."""
        return RfmFifths(model)

    def figures(self, model: Model, version: str) -> ShopFigures:
        """What is released."""
        if not isinstance(model, RfmFifths):
            raise SnapshotError("it is what learns, and not what is released of it")
        return model.figures(version)

    def new_metrics(self) -> SampleMetrics:
        """How many were looked at, and what they had bought for within a year, on average."""
        return SampleMetrics()

    def parameters(self, model: Model) -> dict[str, float | int | str]:
        """The thresholds in the units of the features, and the other figures."""
        figures = RfmFifths(model).figures("")
        return {
            RECENCY: " ".join(f"{each / DAY_MS:.1f}" for each in figures.recency_ms),
            FREQUENCY: " ".join(map(str, figures.orders)),
            MONETARY: " ".join(f"{each / 1e6:.2f}" for each in figures.net_micros),
            "repeats_per_year": round(figures.repeats_per_year, 4),
            "order_value": round(figures.order_micros / 1e6, 2),
            "half_life_days": self.half_life_days,
        }
