"""`streamproc ope LOG --promote`: whether a policy may take the place of the one that logged, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from streamproc.cli.terminal import Terminal, styled
from streamproc.offline.backtest.off_policy.promotion import Promotion, best_of

NOT_PROMOTED = 1


@dataclass(frozen=True)
class Contest:
    """What is said of each candidate.

    Attributes:
        promotions: the answers.
        blocks: what `offers.toml` is to say so that a policy decides, by its name.
    """

    promotions: Sequence[Promotion]
    blocks: Mapping[str, str]

    @property
    def best(self) -> Promotion | None:
        """The one to take, if any may be taken."""
        return best_of(self.promotions)

    @property
    def told(self) -> Mapping[str, Any]:
        """For programs."""
        answers = [
            asdict(each) | {"block": self.blocks.get(each.policy) if each.promoted else None}
            for each in self.promotions
        ]
        return {"promotions": answers, "promoted": None if self.best is None else self.best.policy}

    def show(self, console: Terminal) -> None:
        """For people: each answer with its reason, and the table to write for the best one."""
        console.print()
        for each in self.promotions:
            verdict = ("promoted", "green") if each.promoted else ("not promoted", "yellow")
            console.print(styled((each.policy, "bold"), " ", verdict, f": {each.reason}"))
        if self.best is None:
            console.print("the policy that logged keeps its place")
            return
        console.print(f"{self.best.policy} may take the place of the policy that logged")
        if block := self.blocks.get(self.best.policy):
            console.print("in config/offers.toml, in place of [policy]:", style="dim")
            for line in block.splitlines():
                console.print(line)
