"""Seeded chance: what is drawn for one order or customer does not depend on what was drawn for another."""

from hashlib import blake2b
from random import Random

SOURCE = "synthetic"


def dice_for(seed: int, *names: str) -> Random:
    """A source of randomness that belongs to the named thing; the same names and seed give the same draws."""
    return Random("/".join((str(seed), *names)))


def synthetic_id(seed: int, kind: str, *names: str) -> str:
    """An id for something made up: the same names and seed give the same id, another seed another one.

    >>> synthetic_id(7, "visit", "536365")
    'synthetic-visit-822aec563d30a74e'
    """
    digest = blake2b("/".join((str(seed), kind, *names)).encode(), digest_size=8)
    return f"{SOURCE}-{kind}-{digest.hexdigest()}"


def how_many(mean: float, dice: Random) -> int:
    """A whole number whose mean is `mean`: 1.3 is 1 in seven of ten draws and 2 in the other three."""
    return int(mean + dice.random())


def happens(share: float, dice: Random) -> bool:
    """True in this share (0 to 1) of the draws."""
    return dice.random() < share
