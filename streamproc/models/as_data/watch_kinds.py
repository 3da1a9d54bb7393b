"""What learn counts to see that something goes wrong: calibration, drift, and features that move."""

from streamproc.models.adwin import Adwin
from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.shapes import MAX_WHOLE, Listed, Name, Pairs, Real, Whole
from streamproc.models.calibration import BINS, ScoreHistogram
from streamproc.models.recent import RecentScores
from streamproc.models.stability import FeatureStability

_GRID = Pairs(Name(), Pairs(Whole(at_least=-MAX_WHOLE), Whole()))

declare(
    Kind(
        ScoreHistogram,
        {
            "counts": Listed(Whole(), at_least=BINS),
            "positives": Listed(Whole(), at_least=BINS),
            "sums": Listed(Real(), at_least=BINS),
        },
    ),
    Kind(
        Adwin,
        {
            "seen": Whole(),
            "width": Whole(),
            "total": Real(),
            "squares": Real(),
            "sums": Listed(Listed(Real()), at_least=1),
            "spreads": Listed(Listed(Real()), at_least=1),
        },
    ),
    Kind(
        RecentScores,
        {
            "scored": Whole(),
            "loss": Real(),
            "base_loss": Real(),
            "positives": Whole(),
            "sum": Real(),
            "squares": Real(),
            "base_rate": Real(),
            "last_loss": Real(),
            "last_base_loss": Real(),
            "spread": Real(),
            "worse": Whole(),
            "window": part("Adwin"),
            "drifts": Whole(),
            "drift_at": Whole(),
        },
    ),
    Kind(FeatureStability, {"seen": Whole(), "grid": _GRID, "before": _GRID, "index": Real(), "feature": Name()}),
)
