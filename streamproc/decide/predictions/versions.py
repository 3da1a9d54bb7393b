"""The model versions that a partition scores with: what releases say, and what somebody decided about them."""

from streamproc.decide.clock.event_time import PartitionState
from streamproc.decide.watch import DecideWatch
from streamproc.events.log import ModelGoverned, ModelReleased
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.governing import verify_act
from streamproc.models.snapshot_error import SnapshotError


class Versions:
    """Follows the log's releases and acts; of one that cannot be used it is told, and all stays as it was.

    Attributes:
        bank: the versions that count, ready to score.
    """

    def __init__(self, bank: ModelBank, watch: DecideWatch) -> None:
        self.bank = bank
        self._watch = watch

    def begin(self, state: PartitionState) -> None:
        """Load what counts in a state."""
        for release in state.releases.values():
            try:
                self._use(release)
            except SnapshotError as error:
                self._watch.refused(release, error)
        for model, known in state.governed.items():
            self._watch.governed(model, frozen=known.frozen)

    def after(self, state: PartitionState, news: ModelReleased | ModelGoverned) -> PartitionState:
        """The state after a release or an act."""
        try:
            moved = self._with_release(state, news) if isinstance(news, ModelReleased) else self._with_act(state, news)
        except SnapshotError as error:
            self._watch.refused(news, error)
            return state
        return moved

    def _with_release(self, state: PartitionState, release: ModelReleased) -> PartitionState:
        if state.standing(release.model).frozen:
            self.bank.with_release(release)  # one that could not be used does not wait either
        else:
            self._use(release)
        return state.with_release(release)

    def _with_act(self, state: PartitionState, act: ModelGoverned) -> PartitionState:
        verify_act(act, self.bank.signing_key)
        moved = state.with_act(act)
        if moved is state:
            return state
        counts = moved.releases.get(act.model)
        if counts is None:
            self.bank = self.bank.without(act.model)
            self._watch.withdrawn(act.model)
        elif counts != self.bank.releases.get(act.model):
            self._use(counts)
        self._watch.governed(act.model, frozen=moved.governed[act.model].frozen)
        return moved

    def _use(self, release: ModelReleased) -> None:
        self.bank = self.bank.with_release(release)
        self._watch.released(release)
