"""When a model goes back by itself: what it said was worse than the same of everybody, in block after block.

First to the last version whose scores were better, then to none: no score, and what the shop expects by itself. What
scored decides, not what was released: scores of other versions, which were given before the retreat and are answered
after it, are passed over. Answers come a horizon after scores: if what is in training would have said better by now,
block after block, before it learned each answer, the newest versions are better already, and the model does not
retreat; one that is away comes back then, or when somebody says so (`streamproc models`), seen by a later version.
"""

from streamproc.models.health.beside import Baseline, BesideBaseline

PATIENCE = 4
"""So many blocks (of 500 scored examples) in a row are worse before a model retreats."""
RECOVERY = 3
"""So many blocks in a row what is in training must be clearly better to be trusted again."""
MAX_KEPT = 32
"""So many releases are kept to go back to."""


class RetreatJudge:
    """Watches the scores of the versions that count; changes with each scored example and each release.

    Attributes:
        beside: the losses of scores and baseline, by block.
        good: the version that scored last in the newest block that was better than the baseline; empty: none was.
        scored_by: the version of the newest score.
        kept: the versions whose releases are kept, in their order: the good one and those after it.
        is_away: whether the model has retreated.
        at: to which version; empty: to none.
        beyond: the newest version at that time; a score of a later one says that somebody has brought the model back.
        training: the losses of what is in training, of each answer before it was learned.
        not_before: the version that it came back with last; scores of earlier ones are passed over.
        moment_ms: when (epoch ms of event time); it moves forward with each retreat.
    """

    def __init__(self, baseline: type[Baseline]) -> None:
        self.beside = BesideBaseline(baseline())
        self.training = BesideBaseline(baseline())
        self.good = self.scored_by = self.at = self.beyond = self.not_before = ""
        self.kept: list[str] = []
        self.is_away = False
        self.moment_ms = -1

    def observe(self, said: float, happened: float, version: str) -> None:
        """A probability with its answer, 0 or 1, or a number with what it was; and which version said it."""
        if not version:
            return
        if self.is_away and version > self.beyond:
            self.is_away = False
            self._begin_anew()
        if version != self.at if self.is_away else version < self.not_before:
            return
        self.scored_by = version
        if self.beside.observe(said, happened) and self.beside.is_good:
            self.good = version

    def observe_training(self, said: float, happened: float) -> None:
        """What is in training would have said this of an answer that it has not learned yet."""
        self.training.observe(said, happened)

    def ask_anew(self, new: "RetreatJudge") -> None:
        """Another question is asked under the model's name: what was said of the one before is forgotten."""
        self.beside, self.training = new.beside, new.training

    @property
    def is_back(self) -> bool:
        """Whether the model is to come back now."""
        return self.is_away and self._is_better_by_now

    def returns(self, moment_ms: int) -> tuple[str, str]:
        """The model comes back now: from which version to which; empty: none."""
        before, self.not_before = self.at, self.kept[-1] if self.kept else self.at
        self.is_away, self.at = False, ""
        self._begin_anew()
        self.moment_ms = max(moment_ms, self.moment_ms + 1)
        return before, self.not_before

    @property
    def is_due(self) -> bool:
        """Whether the model is to retreat now."""
        return self.beside.worse >= PATIENCE and not self._is_better_by_now

    @property
    def _is_better_by_now(self) -> bool:
        return self.training.better >= RECOVERY

    def released(self, version: str) -> list[str]:
        """One more release is kept; gives those that need not be kept any more."""
        self.kept.append(version)
        older = [each for each in self.kept if each <= self.good]
        dropped = older[:-1]
        self.kept = [each for each in self.kept if each not in dropped]
        while len(self.kept) > MAX_KEPT:
            dropped.append(self.kept.pop(1))
        return dropped

    def retreats(self, moment_ms: int) -> tuple[str, str]:
        """The model retreats now: from which version to which; empty: none."""
        newest = self.kept[-1] if self.kept else self.scored_by
        before = self.at if self.is_away else newest
        better = [each for each in self.kept if each <= self.good and each != self.scored_by]
        self.at = better[-1] if better and not self.is_away else ""
        self.is_away, self.beyond = True, newest
        self._begin_anew()
        self.moment_ms = max(moment_ms, self.moment_ms + 1)
        return before, self.at

    def _begin_anew(self) -> None:
        """Forget what scores were like; what the baseline knows of answers stays."""
        self.beside = BesideBaseline(self.beside.baseline)
