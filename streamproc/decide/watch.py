"""What somebody is told who watches decide, such as metrics."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from streamproc.customer.recent_ids import Seen
from streamproc.decide.identity.who import Forward
from streamproc.events.decisions import Decision
from streamproc.events.log import ModelGoverned, ModelReleased
from streamproc.events.rejected import Rejected
from streamproc.models.snapshot_error import SnapshotError


class DecideWatch:
    """Is told what is decided; this one tells nobody."""

    def begins(self, names: AbstractSet[str]) -> None:
        """These declared features are counted from now on: nothing is known of their definition in a partition."""

    def applied(self, partition: int, received_ms: Sequence[int], repeats: int) -> None:
        """These events were decided on, and so many were repeats; Kafka took their messages then (epoch ms)."""

    def passed_over(self, why: Seen) -> None:
        """An event was passed over that is no repeat: it conflicts with another one, or was erased before it came."""

    def rejected(self, topic: str, rejected: Rejected) -> None:
        """An event of a raw topic went to its dead letters."""

    def cut(self, partition: int) -> None:
        """A transaction begins; it will hold what was decided until now."""

    def committed(self, partition: int) -> None:
        """The transaction of the last `cut` is committed."""

    def passed_on(self, forward: Forward) -> None:
        """Something that came under one key concerns another one."""

    def given_up(self, count: int) -> None:
        """So many events are dropped that waited for a customer in vain."""

    def moved(self, partition: int, through_ms: int) -> None:
        """Event time is complete up to here."""

    def unwatched(self, count: int) -> None:
        """So many products that a customer has seen are not watched any more, for want of room."""

    def filling(self, partition: int, waiting: int) -> None:
        """So many customers of a partition have not been looked at by the tags and segments that there are now."""

    def decided(self, decision: Decision) -> None:
        """A decision goes out."""

    def released(self, release: ModelReleased) -> None:
        """From now on this version counts."""

    def withdrawn(self, model: str) -> None:
        """From now on no version of this model counts."""

    def governed(self, model: str, *, frozen: bool) -> None:
        """Somebody decided about the versions of a model: from now on later ones wait, or count."""

    def refused(self, news: ModelReleased | ModelGoverned, error: SnapshotError) -> None:
        """A version, or an act on a model, cannot be used; what counted before goes on."""


SILENT = DecideWatch()
