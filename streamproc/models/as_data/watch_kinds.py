"""What learn counts to see that something goes wrong: calibration, drift, and features that move."""

from collections.abc import Iterable

from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.shapes import MAX_WHOLE, Flag, Listed, Name, Pairs, Real, Row, Whole
from streamproc.models.health.adwin import Adwin
from streamproc.models.health.beside import BaseRate, BesideBaseline, RunningMean, RunningMedian
from streamproc.models.health.calibration import BINS, ScoreHistogram
from streamproc.models.health.recent import RecentScores
from streamproc.models.health.retreat import RetreatJudge
from streamproc.models.health.stability import Deciles, FeatureStability, Reference
from streamproc.models.snapshot_error import SnapshotError

_GRID = Pairs(Name(), Pairs(Whole(at_least=-MAX_WHOLE), Whole()))
_PLACES = Listed(Whole(at_least=-MAX_WHOLE))


def _deciles(both: Iterable[list[int]]) -> Deciles:
    edges, counts = both
    if len(counts) != len(edges) + 1:
        raise SnapshotError("it has deciles without a count, or counts without a decile")
    return Deciles(edges, counts)


_REFERENCE = Row((Whole(), Pairs(Name(), Row((_PLACES, Listed(Whole())), _deciles))), lambda both: Reference(*both))

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
    Kind(BaseRate, {"answers": Whole(), "positives": Whole(), "constant": Real(), "is_known": Flag()}),
    Kind(RunningMean, {"weight": Real(), "total": Real(), "constant": Real(), "is_known": Flag()}),
    Kind(RunningMedian, {"sketch": part("QuantileSketch"), "most": Real(), "constant": Real(), "is_known": Flag()}),
    Kind(
        BesideBaseline,
        {
            "baseline": part("BaseRate", "RunningMean", "RunningMedian"),
            "scored": Whole(),
            "loss": Real(),
            "base_loss": Real(),
            "last_loss": Real(),
            "last_base_loss": Real(),
            "worse": Whole(),
            "better": Whole(),
        },
    ),
    Kind(
        RecentScores,
        {
            "beside": part("BesideBaseline"),
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
            "beside": part("BesideBaseline"),
            "good": Name(),
            "scored_by": Name(),
            "kept": Listed(Name()),
            "is_away": Flag(),
            "at": Name(),
            "beyond": Name(),
            "training": part("BesideBaseline"),
            "not_before": Name(),
            "moment_ms": Whole(at_least=-MAX_WHOLE),
        },
    ),
    Kind(
        FeatureStability,
        {
            "examples": Whole(),
            "seen": Whole(),
            "grid": _GRID,
            "before": _GRID,
            "references": Pairs(Name(), _REFERENCE),
            "scored_by": Name(),
            "index": Real(),
            "feature": Name(),
            "beside": Name(),
        },
    ),
)
