"""A number that does not exist is not 0: one word for it, wherever people read."""

UNKNOWN = "unknown"


def or_unknown(value: float | None, form: str) -> str:
    """A number in this form, or the word.

    >>> or_unknown(0.7351, ".3f"), or_unknown(0.0, ".1%"), or_unknown(None, ".3f")
    ('0.735', '0.0%', 'unknown')
    """
    return UNKNOWN if value is None else format(value, form)
