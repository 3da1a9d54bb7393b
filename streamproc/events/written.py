"""Numbers as somebody wrote them: an id or an amount of money never goes through a float, so that no digit is lost."""

import json

from streamproc.events.identifiers import trimmed


class Written(float):
    """A number with a fraction or an exponent, which knows how it was written."""

    text: str


def written(text: str) -> Written:
    """For `json.loads(..., parse_float=written)`."""
    number = Written(text)
    number.text = text
    return number


def as_text(value: object) -> str | None:
    """A text, or a number or a flag as it is written; None: it is neither.

    >>> [as_text(each) for each in (" a ", 9007199254740993, written("17850.0"), written("0.10"), True, [])]
    ['a', '9007199254740993', '17850', '0.10', 'true', None]
    """
    match value:
        case str():
            return trimmed(value)
        case bool() | int():
            return json.dumps(value)
        case Written():
            whole, _, fraction = value.text.partition(".")
            return value.text if fraction.strip("0") or not fraction else whole
        case _:
            return None
