"""Whom a treatment moves: the model in `uplift_model.py`, what is released of it, and how well it found them."""

from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.shapes import Flag, Listed, Name, Real, Whole
from streamproc.models.estimators.uplift_model import ArmSums, ReleasedUplift, UpliftModel
from streamproc.models.health.uplift_metrics import BINS, COUNTED, GROUPS, UpliftMetrics

declare(
    Kind(
        ArmSums,
        {
            "examples": Whole(),
            "answers": Real(),
            "sums": Listed(Real()),
            "products": Listed(Real()),
            "squares": Listed(Real()),
        },
    ),
    Kind(
        UpliftModel,
        {"features": Listed(Name()), "treated": part("ArmSums"), "held_out": part("ArmSums"), "carries": Flag()},
    ),
    Kind(
        ReleasedUplift,
        {
            "features": Listed(Name()),
            "means": Listed(Real()),
            "deviations": Listed(Real(at_least=0)),
            "weights": Listed(Real()),
            "average": Real(),
            "carries": Flag(),
        },
    ),
    Kind(
        UpliftMetrics,
        {
            "examples": Whole(),
            "scored": Whole(),
            "all": Listed(Whole(), at_least=COUNTED),
            "counts": Listed(Whole(), at_least=GROUPS * BINS * COUNTED),
            "carries": Flag(),
        },
    ),
)
