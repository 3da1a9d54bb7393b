"""KPIs of the kind `count`: how many facts there were."""

from typing import Literal

from streamproc.measure.kinds.counted import ConditionedKpi


class CountKpi(ConditionedKpi):
    """How many facts there were that fulfil all conditions."""

    kind: Literal["count"]
    unit: Literal["count"] = "count"
