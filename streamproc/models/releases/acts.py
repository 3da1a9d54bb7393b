"""What can be done about the versions of a model, and what cannot, by its releases and earlier acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from streamproc.events.log import GovernAction, ModelGoverned, ModelReleased
from streamproc.events.model_audit import ModelAct
from streamproc.events.times import from_epoch_ms, parse_rfc3339, rfc3339
from streamproc.events.training import ModelCard
from streamproc.models.releases.governing import Standing, sign_act, standing_of


class ImpossibleActError(ValueError):
    """It would change nothing, or not what it says; the message says what would."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who acts, why, and when (epoch ms)."""

    by: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be done: an action, and the version that counts from then on (None: none does, until a release)."""

    action: GovernAction
    card: ModelCard | None


@dataclass(frozen=True, slots=True)
class ModelHistory:
    """The versions of one model in the order of their release (one at least), and what was decided about them."""

    model: str
    cards: Sequence[ModelCard]
    acts: Sequence[ModelAct]

    @classmethod
    def of(cls, model: str, cards: Sequence[ModelCard], acts: Sequence[ModelAct]) -> Self:
        """That of one model.

        Raises:
            ImpossibleActError: no version of it has been released.
        """
        its = [card for card in cards if card.model == model]
        if not its:
            raise ImpossibleActError(f"no version of {model} has been released")
        return cls(model, its, [act for act in acts if act.model == model])

    @property
    def standing(self) -> Standing[str]:
        """How it stands now."""
        return standing_of(self.acts, self.cards[-1].version)

    def freeze(self) -> Planned:
        """Keep the version that counts.

        Raises:
            ImpossibleActError: it is kept already.
        """
        standing = self.standing
        if standing.frozen:
            raise ImpossibleActError(f"{self.model} is frozen already, at {standing.counts}")
        return Planned("freeze", self._card(standing.counts))

    def unfreeze(self) -> Planned:
        """Have the newest version that waits count, and later ones.

        Raises:
            ImpossibleActError: it is not frozen.
        """
        standing = self.standing
        if not standing.frozen:
            raise ImpossibleActError(
                f"{self.model} is not frozen: {standing.counts} counts, and so will later releases"
            )
        version = standing.waiting or standing.counts
        return Planned("unfreeze", self._card(version) if version else None)

    def rollback(self, version: str | None) -> Planned:
        """Have an earlier version count, and later releases wait; without one, the version before the one that counts.

        Raises:
            ImpossibleActError: there is none, or it is not an earlier one.
        """
        counts = self.standing.counts
        if version is None and counts is None:
            raise ImpossibleActError(f"no version of {self.model} counts: say with --to which one is to")
        place = self._place(counts) if counts else len(self.cards)
        if version is None and place == 0:
            raise ImpossibleActError(f"{counts} is the first version of {self.model} that is kept: none is before it")
        to = place - 1 if version is None else self._place(version)
        if to >= place:
            raise ImpossibleActError(f"{version} is not before {counts}, which counts; see `streamproc models promote`")
        return Planned("rollback", self.cards[to])

    def promote(self, version: str, *, unfreezing: bool) -> Planned:
        """Have a version count until the next release.

        Raises:
            ImpossibleActError: it does already, or the model is frozen and that is not to end.
        """
        standing = self.standing
        if standing.frozen and not unfreezing:
            raise ImpossibleActError(
                f"{self.model} is frozen at {standing.counts}: with --unfreeze {version} counts, then later ones again"
            )
        if standing.counts == version and not standing.frozen:
            raise ImpossibleActError(f"{version} counts already")
        return Planned("promote", self._card(version))

    def acted(self, planned: Planned, who: Who, key: bytes) -> tuple[ModelGoverned, ModelAct]:
        """What decide is to obey, and what is to be kept of it."""
        before, card = self.standing, planned.card
        version = None if planned.action == "unfreeze" or card is None else card.version
        at_ms = max(
            [who.at_ms, *(parse_rfc3339(act.at) + 1 for act in self.acts if act.action not in ("retreat", "return"))]
        )
        unsigned = ModelGoverned(
            action=planned.action, model=self.model, at_ms=at_ms, release=released(card) if version and card else None
        )
        signature = sign_act(unsigned, key)
        act = ModelAct(
            model=self.model,
            action=planned.action,
            by=who.by,
            at=rfc3339(at_ms),
            reason=who.reason,
            from_version=before.counts,
            to_version=card.version if card else None,
            newest_version=self.cards[-1].version,
            frozen=before.governed(planned.action, version).frozen,
            signature=signature,
        )
        return unsigned.model_copy(update={"signature": signature}), act

    def _card(self, version: str | None) -> ModelCard:
        return self.cards[self._place(version)]

    def _place(self, version: str | None) -> int:
        for place, card in enumerate(self.cards):
            if card.version == version:
                return place
        if version is None:
            raise ImpossibleActError(f"no version of {self.model} counts")
        raise ImpossibleActError(f"{version} is not among the {len(self.cards)} versions of {self.model} that are kept")


def released(card: ModelCard) -> ModelReleased:
    """The release of a card, as learn wrote it into the log."""
    return ModelReleased(
        model=card.model,
        version=card.version,
        snapshot=card.snapshot,
        signature=card.signature,
        trained_through=from_epoch_ms(parse_rfc3339(card.trained_through)),
        examples=card.examples,
    )
