"""Money: whole numbers of millionths (micros) of the currency unit, so that sums are exact."""

from typing import Annotated

from pydantic import Field

MICROS = 1_000_000
"""So many make one unit of the currency."""

MAX_MICROS = 10**15
"""Largest amount of one price or payment: 1,000 million currency units, in micros."""

Micros = Annotated[int, Field(ge=0, le=MAX_MICROS)]
"""Money: a whole number of millionths of the currency unit, 0 to 10^15."""
