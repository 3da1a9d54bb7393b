"""What a verdict tells of."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["lost", "wrong", "repeated", "late"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it must be."""

    kind: Kind
    where: str
    what: str
