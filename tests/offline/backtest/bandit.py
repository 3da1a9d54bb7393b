"""A small bandit whose truth is known: situations, actions, and how often each action is rewarded in each."""

from dataclasses import dataclass

import numpy as np

from streamproc.offline.backtest.judging import Numbers
from streamproc.offline.backtest.off_policy.logged import Logged
from streamproc.offline.backtest.off_policy.target import Target


@dataclass(frozen=True)
class Bandit:
    """All of shape (situations, actions): chances of reward, of the policy that logs, of the policy to be valued."""

    rewards: Numbers
    logging: Numbers
    wanted: Numbers

    @property
    def truth(self) -> float:
        """The wanted policy's value; situations are equally likely."""
        return float((self.wanted * self.rewards).sum(axis=1).mean())

    def play(self, decisions: int, seed: int) -> tuple[Logged, Target]:
        """Log some decisions; the reward depends on the cell (situation, action)."""
        situations, actions = self.rewards.shape
        dice = np.random.default_rng(seed)
        situation = dice.integers(situations, size=decisions)
        points = dice.random(decisions)
        action = (points[:, None] > self.logging.cumsum(axis=1)[situation]).sum(axis=1).clip(max=actions - 1)
        reward = (dice.random(decisions) < self.rewards[situation, action]).astype(np.float64)
        cells = situation * actions + action
        logged = Logged(reward, self.logging[situation, action], cells, situations * actions)
        return logged, self.target(situation, action)

    def target(self, situation: np.ndarray, action: np.ndarray) -> Target:
        situations, actions = self.rewards.shape
        return Target(
            "wanted",
            self.wanted[situation, action],
            situation,
            np.repeat(np.arange(situations), actions),
            np.arange(situations * actions),
            self.wanted.ravel(),
            float((self.wanted / self.logging).max()),
        )


def bandit(seed: int = 7) -> Bandit:
    """Four situations, five actions; the policy to be valued wants other actions than the one that logs."""
    dice = np.random.default_rng(seed)
    return Bandit(
        rewards=dice.uniform(0.05, 0.6, size=(4, 5)),
        logging=dice.dirichlet(np.full(5, 4.0), size=4),
        wanted=dice.dirichlet(np.full(5, 2.0), size=4),
    )
