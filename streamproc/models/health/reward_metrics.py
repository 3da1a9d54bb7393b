"""How good the released versions of a reward model were: rewards beside what was expected when the offer was made."""

from streamproc.events.training import Example


class RewardMetrics:
    """Progressive errors of expected rewards; changes with each example.

    Attributes:
        examples, scored: how many there were, and how many of them had an expected reward.
        rewards, scored_rewards: the sums of their rewards.
        squared_errors: of the expected rewards.
        plain_errors: of the mean of all rewards until then: what a model that knows no customer and no offer would do.
    """

    def __init__(self) -> None:
        self.examples = 0
        self.scored = 0
        self.rewards = 0.0
        self.scored_rewards = 0.0
        self.squared_errors = 0.0
        self.plain_errors = 0.0

    def observe(self, example: Example) -> None:
        """Count an answered example, and judge what was expected if a version had said so."""
        reward = float(example.label)
        if example.score is not None:
            before = self.rewards / self.examples if self.examples else 0.0
            self.scored += 1
            self.scored_rewards += reward
            self.squared_errors += (example.score - reward) * (example.score - reward)
            self.plain_errors += (before - reward) * (before - reward)
        self.examples += 1
        self.rewards += reward

    def values(self) -> dict[str, float]:
        """Metric name to value; `squared_error_ratio` below 1: better than the mean of all rewards."""
        found = {"reward_per_1000": round(1000 * self.rewards / self.examples, 3)} if self.examples else {}
        if self.scored:
            found["scored_reward_per_1000"] = round(1000 * self.scored_rewards / self.scored, 3)
            found["squared_error"] = round(self.squared_errors / self.scored, 6)
            found["scored"] = float(self.scored)
        if self.plain_errors:
            found["squared_error_ratio"] = round(self.squared_errors / self.plain_errors, 6)
        return found
