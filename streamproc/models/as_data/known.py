"""The modules that declare kinds, loaded when the first model is read or written."""

from functools import cache


@cache
def know_kinds() -> None:
    """Have all kinds declared. River takes a second to load: only who has a model waits."""
    from streamproc.models.as_data import (  # noqa: PLC0415  they declare themselves
        cluster_kinds,  # noqa: F401
        contest_kinds,  # noqa: F401
        health_kinds,  # noqa: F401
        logistic_kinds,  # noqa: F401
        quantile_kinds,  # noqa: F401
        ranking_kinds,  # noqa: F401
        reward_kinds,  # noqa: F401
        rfm_kinds,  # noqa: F401
        uplift_kinds,  # noqa: F401
        watch_kinds,  # noqa: F401
    )
