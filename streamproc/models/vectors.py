"""What a model is asked with: numbers and categories of one customer at one moment, as they are kept and learned.

A category is a trait, or a feature whose values are names (`best_channel`): `trait.country` is 1 for
`trait.country=GB`, and 0 for every other country.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import quote, unquote

from streamproc.customer.features import LABELS, Features

Trait = str | int | float | bool

TRAIT = "trait."
"""A feature that begins so is what the trait of that name says."""

IS = "="
MAX_CATEGORY_BYTES = 100
"""A longer one is cut, as it is kept: each byte that is no plain letter takes three."""

Vector = tuple[float | str, ...]
"""A number for each feature; for a category its text, which is empty if nobody said it."""


def is_category(name: str) -> bool:
    """Whether a feature is a category."""
    return name.startswith(TRAIT) or name.partition(IS)[0] in LABELS


def vector(features: Features, names: Sequence[str], *, has_categories: bool) -> Vector:
    """The values of these features, numbers rounded as they are kept."""
    if not has_categories:
        return features.vector(names)
    return tuple([_text(features, name) if is_category(name) else features.vector((name,))[0] for name in names])


def by_name(names: Iterable[str], values: Vector) -> dict[str, float]:
    """What a model sees: each number by its name, and 1 for each category.

    >>> by_name(("log_orders", "trait.country"), (0.6931, "GB"))
    {'log_orders': 0.6931, 'trait.country=GB': 1.0}
    """
    seen: dict[str, float] = {}
    for name, value in zip(names, values, strict=True):
        if not isinstance(value, str):
            seen[name] = value
        elif value:
            seen[name + IS + value] = 1.0
    return seen


def in_text(values: Vector) -> str:
    """A vector as it is kept: numbers as short as they can be written, the same to the last bit when read again.

    >>> in_text((0.0, 0.6931, 12.0, "New York")), vector_of("0 0.6931 12 =New%20York")
    ('0 0.6931 12 =New%20York', (0.0, 0.6931, 12.0, 'New York'))
    """
    return " ".join([
        IS + quote(value, safe="") if isinstance(value, str) else repr(value).removesuffix(".0") for value in values
    ])  # fmt: skip


def vector_of(text: str) -> Vector:
    """The vector that a text holds."""
    if IS not in text:
        return tuple(map(float, text.split()))
    return tuple([unquote(word[1:]) if word.startswith(IS) else float(word) for word in text.split()])


def _text(features: Features, name: str) -> str:
    if name in LABELS:
        return _category(features.text(name) or None)
    return _category(features.view.customer.traits.get(name.removeprefix(TRAIT)))


def _category(said: Trait | None) -> str:
    """Numbers and flags are categories, too: a number of 3 is not three times one of 1."""
    if said is None:
        return ""
    text = (str(said).lower() if isinstance(said, bool) else str(said))[:MAX_CATEGORY_BYTES]
    while len(quote(text, safe="")) > MAX_CATEGORY_BYTES:
        text = text[:-1]
    return text
