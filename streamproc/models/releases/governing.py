"""Which version of a model counts, when not always the newest release does.

A release counts at once, unless the model is frozen: then it waits. What is done about that (freeze, unfreeze, roll
back, promote; or learn's own retreat) is a record of the customer log, so that a replay of the log does the same at the
same place; it is signed, so that only who has the signing key can do it.
"""

import hmac
from collections.abc import Iterable
from dataclasses import replace
from typing import Generic, TypeVar

from streamproc.events.log import GovernAction, ModelGoverned
from streamproc.events.model_audit import ModelAct
from streamproc.models.releases.seal import Seal
from streamproc.models.releases.snapshots import verify
from streamproc.models.snapshot_error import SnapshotError, WrongSignatureError
from streamproc.value import value

V = TypeVar("V")
"""A version: its release, or its name."""

FREEZING: tuple[GovernAction, ...] = ("freeze", "rollback", "retreat")
"""After these later releases wait."""


@value
class Standing(Generic[V]):
    """How it stands with a model.

    Attributes:
        counts: the version that scores; None: none has been released.
        frozen: whether a release waits instead of counting.
        waiting: the newest release that waits.
        retreated: whether it was learn that froze it.
    """

    counts: V | None = None
    frozen: bool = False
    waiting: V | None = None
    retreated: bool = False

    def released(self, version: V) -> "Standing[V]":
        """After a release."""
        return replace(self, waiting=version) if self.frozen else replace(self, counts=version)

    def governed(self, action: GovernAction, version: V | None) -> "Standing[V]":
        """After an act; `version` is what it has count. Where somebody has frozen a model, learn does nothing."""
        if action == "retreat" and self.frozen and not self.retreated:
            return self
        if action == "return" and not self.retreated:
            return self
        if action in ("unfreeze", "return"):
            version = version or self.waiting or self.counts
        frozen = action in FREEZING
        return Standing(version, frozen, self.waiting if frozen else None, action == "retreat")


def standing_of(acts: Iterable[ModelAct], newest: str | None) -> Standing[str]:
    """How it stands with a model, from the audit topic.

    Args:
        acts: those on the model, in their order.
        newest: the last version that has been released.
    """
    standing, known = Standing[str](), None
    for act in acts:
        if act.newest_version != known:
            standing = standing.released(act.newest_version)
        known = act.newest_version
        standing = standing.governed(act.action, None if act.action == "unfreeze" else act.to_version)
    return standing if newest is None or newest == known else standing.released(newest)


def sign_act(act: ModelGoverned, key: bytes) -> str:
    """The signature of an act: it binds what is done, to which model, with which version, and when."""
    parts = (act.action, act.model, act.version, str(act.at_ms))
    return Seal.of(key, b"model act").tag(part.encode(errors="surrogatepass") for part in parts).hex()


def verify_act(act: ModelGoverned, key: bytes) -> None:
    """Look whether an act is ours.

    Raises:
        WrongSignatureError: it is not, or the version is not that it has count.
        SnapshotError: it lacks the version, or has one of another model.
    """
    if not hmac.compare_digest(sign_act(act, key).encode(), act.signature.encode(errors="surrogatepass")):
        raise WrongSignatureError(f"{act.action} {act.model}: wrong signature; is the signing key the one of decide?")
    if act.release is None:
        if act.action not in ("unfreeze", "retreat", "return"):
            raise SnapshotError(f"{act.action} {act.model}: it says no version")
        return
    if act.release.model != act.model:
        raise SnapshotError(f"{act.action} {act.model}: {act.version} is a version of {act.release.model}")
    verify(act.release, key)
