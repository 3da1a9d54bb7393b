"""What the shop's customers are like: the model in `rfm_model.py`, and what is released of it."""

from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.shapes import Listed, Name, Pairs, Real, Whole
from streamproc.models.estimators.rfm_model import RfmFifths, RfmModel
from streamproc.models.sketch import LOWEST_BIN, QuantileSketch

declare(
    Kind(QuantileSketch, {"below": Real(at_least=0), "bins": Pairs(Whole(at_least=LOWEST_BIN), Real(at_least=0))}),
    Kind(
        RfmModel,
        {
            "week": Whole(),
            "sketches": Pairs(Name(), part("QuantileSketch")),
            "years": Real(at_least=0),
            "repeats": Real(),
            "orders": Real(),
            "net": Real(),
        },
    ),
    Kind(
        RfmFifths,
        {
            "thresholds": Pairs(Name(), Listed(Whole())),
            "repeats_per_year": Real(at_least=0),
            "order_value": Real(at_least=0),
        },
    ),
)
