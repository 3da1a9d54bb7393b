"""The questions about a customer that are open, as they are kept in a state."""

from typing import Any, NamedTuple

from streamproc.customer.section import Rows, Section


class Question(NamedTuple):
    """Will something happen until `due_ms`? Features and score are of the moment of asking.

    The features are kept as text (`models/labels.py`): an answer asks for them once, and a state is written hundreds of
    times until then.
    """

    model: str
    asked_ms: int
    due_ms: int
    features: str
    feature_set: str
    score: float | None
    model_version: str | None


class Questions(Section[Question]):
    """What was asked and is not answered yet."""

    __slots__ = ()

    @staticmethod
    def _rows_of(records: tuple[Question, ...]) -> Rows:
        """Most questions were asked by the same version as the one before them: what they share is said once."""
        runs: list[tuple[Any, ...]] = []
        rows: list[tuple[Any, ...]] = []
        shared: tuple[Any, ...] = ()
        for model, asked_ms, due_ms, features, feature_set, score, version in records:
            if shared != (model, feature_set, version):
                shared, rows = (model, feature_set, version), []
                runs.append((*shared, rows))
            rows += ((asked_ms, due_ms - asked_ms, features, score),)
        return runs

    @staticmethod
    def _records_of(rows: Rows) -> tuple[Question, ...]:
        return tuple([
            Question(model, asked_ms, asked_ms + horizon_ms, features, feature_set, score, version)
            for model, feature_set, version, run in rows
            for asked_ms, horizon_ms, features, score in run
        ])  # fmt: skip


NO_QUESTIONS = Questions()
