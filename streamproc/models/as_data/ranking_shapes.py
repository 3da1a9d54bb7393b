"""What a ranker knows of products, as rows: there are many, so their fields have no names."""

from collections.abc import Mapping

from streamproc.models.as_data.shapes import MAX_WHOLE, Name, Pairs, Real, Row, Shape, Whole
from streamproc.models.ranking.candidates import INPUTS
from streamproc.models.ranking.decayed import Amount
from streamproc.models.ranking.shop import Product, Repeats

AMOUNT = Row((Real(at_least=0), Whole(at_least=-MAX_WHOLE)), lambda held: Amount(*held))
REPEATS = Row((Real(at_least=0), Real(at_least=0)), lambda held: Repeats(*held))
LEADERS = Pairs(Name(), Real())
PRODUCT = Row((Name(), AMOUNT, AMOUNT, AMOUNT, REPEATS, Pairs(Name(), Whole())), lambda held: Product(*held))
"""As learn keeps it."""
WEIGHTS: Mapping[str, Shape] = {group: Row((Real(),) * len(names)) for group, names in INPUTS.items()}
