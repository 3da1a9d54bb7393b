"""What learn counts to see that something goes wrong: calibration, drift, and features that move."""

from streamproc.models.adwin import Adwin
from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.shapes import MAX_WHOLE, Flag, Listed, Name, Pairs, Real, Whole
from streamproc.models.calibration import BINS, ScoreHistogram
from streamproc.models.recent import BesideBaseRate, RecentScores
from streamproc.models.retreat import RetreatJudge
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
        BesideBaseRate,
        {
            "scored": Whole(),
            "positives": Whole(),
            "loss": Real(),
            "base_loss": Real(),
            "base_rate": Real(),
            "last_loss": Real(),
            "last_base_loss": Real(),
            "worse": Whole(),
            "better": Whole(),
        },
    ),
    Kind(
        RecentScores,
        {
            "beside": part("BesideBaseRate"),
            "sum": Real(),
            "squares": Real(),
            "spread": Real(),
            "window": part("Adwin"),
            "drifts": Whole(),
            "drift_at": Whole(),
        },
    ),
    Kind(
        RetreatJudge,
        {
            "beside": part("BesideBaseRate"),
            "good": Name(),
            "scored_by": Name(),
            "kept": Listed(Name()),
            "is_away": Flag(),
            "at": Name(),
            "beyond": Name(),
            "training": part("BesideBaseRate"),
            "not_before": Name(),
            "moment_ms": Whole(at_least=-MAX_WHOLE),
        },
    ),
    Kind(FeatureStability, {"seen": Whole(), "grid": _GRID, "before": _GRID, "index": Real(), "feature": Name()}),
)
