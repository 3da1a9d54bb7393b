"""What a declared feature is, in plain words."""

from streamproc.config_file import Exact
from streamproc.customer.declared.settings import FeatureBlock


def in_words(block: FeatureBlock) -> str:
    """What is counted or added up, of what, when: one sentence for whoever wrote the block.

    >>> block = {"name": "n", "description": "N.", "event": "page_viewed", "window": "14d", "hours": [22, 6]}
    >>> in_words(FeatureBlock.model_validate(block | {"where": {"device": ["phone", "tablet"]}}))
    'page_viewed with device phone or tablet: how many, from 22:00 until before 6:00, in the last 14 days'
    """
    parts = [
        "how many" if block.sum is None else f"the sum of {block.sum}{' in currency units' if block.is_money else ''}",
        *([f"from {block.hours[0]}:00 until before {block.hours[1]}:00"] if block.hours else []),
        _window(block),
    ]
    asked = " and ".join(f"{name} {_or(choices)}" for name, choices in block.where.items())
    return f"{_or(block.event)}{' with ' if asked else ''}{asked}: {', '.join(parts)}"


def _window(block: FeatureBlock) -> str:
    unit = "day" if block.is_by_day else "hour"
    return f"in this {unit}" if block.length == 1 else f"in the last {block.length} {unit}s"


def _or(choices: tuple[Exact, ...]) -> str:
    return " or ".join(str(choice).lower() if isinstance(choice, bool) else str(choice) for choice in choices)
