"""The metrics that watch a model: whether its features move, and whether it should go back by itself."""

from typing import TypeAlias

from streamproc.models.health.amount_metrics import AmountMetrics
from streamproc.models.health.progressive import ProgressiveMetrics

WatchedMetrics: TypeAlias = ProgressiveMetrics | AmountMetrics
