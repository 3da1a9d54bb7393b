"""A champion and its challengers: all learn from the same examples, and the champion is who is released.

Before an example is learned, each says what it would have said of it. So what is compared is what they say of examples
that none of them knows, which is fair, and needs no scores of challengers in decide. A challenger takes the champion's
place when it is better by a margin, and hardly by chance. Source: Dawid (1984) for prequential comparison.
"""

from collections.abc import Mapping
from math import sqrt
from typing import Any

from streamproc.models.snapshot_error import SnapshotError

STANDARD_ERRORS = 3.0
"""So far above the margin the mean gain must be: it is looked at again and again, so two are not enough."""


class Lead:
    """By how much a challenger's loss was smaller than the champion's; changes with each example.

    Attributes:
        examples: how many were compared.
        mean: the champion's loss less the challenger's, on average.
        squares: the sum of the squared differences from that.
        loss: the sum of the champion's losses.
    """

    def __init__(self) -> None:
        self.examples = 0
        self.mean = 0.0
        self.squares = 0.0
        self.loss = 0.0

    def observe(self, champion: float, challenger: float) -> None:
        """Compare the losses of one example (Welford's recurrence)."""
        self.examples += 1
        gain = champion - challenger
        away = gain - self.mean
        self.mean += away / self.examples
        self.squares += away * (gain - self.mean)
        self.loss += champion

    def is_clear(self, examples: int, margin: float) -> bool:
        """Whether it is better by more than this share of the champion's loss, after so many examples at least."""
        if self.examples < max(2, examples):
            return False
        error = sqrt(self.squares / (self.examples - 1) / self.examples)
        return self.mean - STANDARD_ERRORS * error > margin * self.loss / self.examples


class Contest:
    """The models of a champion and of its challengers; changes with each example.

    Attributes:
        champion: the name of the one that is released.
        models: by name, all.
        leads: by the name of each challenger, how it does beside the champion since that one is champion.
    """

    def __init__(self, champion: str, models: Mapping[str, Any]) -> None:
        self.champion = champion
        self.models = dict(models)
        self.leads = {name: Lead() for name in self.models if name != champion}

    @property
    def released(self) -> Any:
        """The champion's model."""
        return self.models[self.champion]

    def compare(self, losses: Mapping[str, float]) -> None:
        """Note what each lost by an example."""
        for name, lead in self.leads.items():
            lead.observe(losses[self.champion], losses[name])

    def promote(self, examples: int, margin: float) -> None:
        """Have the challenger with the largest lead take the champion's place if that is clear; all begin anew then."""
        clear = [(lead.mean, name) for name, lead in self.leads.items() if lead.is_clear(examples, margin)]
        if clear:
            self.champion = max(clear)[1]
            self.leads = {name: Lead() for name in self.models if name != self.champion}

    def begins_anew(self, name: str, model: Any) -> None:
        """Have one learn from nothing; against another champion than before, all leads mean nothing."""
        self.models[name] = model
        self.leads = {each: Lead() if name in (each, self.champion) else lead for each, lead in self.leads.items()}

    def entered(self, models: Mapping[str, Any]) -> None:
        """Have just these take part: who is new begins with nothing learned, who is gone is forgotten."""
        if self.models.keys() == models.keys():
            return
        self.models = {name: self.models.get(name, new) for name, new in models.items()}
        known = self.leads if self.champion in self.models else {}
        if self.champion not in self.models:
            self.champion = next(iter(models))
        self.leads = {name: known.get(name, Lead()) for name in self.models if name != self.champion}


def require_contest(model: Any) -> Contest:
    """The contest, if its champion takes part in it, and each other one has a lead.

    Raises:
        SnapshotError: it is something else.
    """
    if not isinstance(model, Contest) or model.champion not in model.models:
        raise SnapshotError("it has no champion")
    if model.leads.keys() != model.models.keys() - {model.champion}:
        raise SnapshotError("its challengers are not those that are compared")
    return model
