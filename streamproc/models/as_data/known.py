"""The modules that declare kinds, loaded when the first model is read or written."""

from functools import cache


@cache
def know_kinds() -> None:
    """Have all kinds declared. River takes a second to load: only who has a model waits."""
    from streamproc.models.as_data import health_kinds, logistic_kinds  # noqa: F401, PLC0415  they declare themselves
