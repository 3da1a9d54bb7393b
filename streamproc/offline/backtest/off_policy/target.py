"""A policy to be valued: how it would have chosen in each logged decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from streamproc.offline.backtest.judging import Numbers, numbers
from streamproc.offline.backtest.off_policy.logged import Indices


@dataclass(frozen=True, slots=True)
class Target:
    """Decisions in which a policy has the same choice with the same chances are one situation.

    Attributes:
        name: of the policy.
        chances: how likely it would have done what was done; shape (n,).
        situations: the situation of each decision; shape (n,).
        of_situation, of_cell, of_chance: all that it might do: in which situation, which cell, how likely; shape (m,).
        most_weight: the largest weight that any choice could have got, if that is known.
    """

    name: str
    chances: Numbers
    situations: Indices
    of_situation: Indices
    of_cell: Indices
    of_chance: Numbers
    most_weight: float | None = None

    @classmethod
    def of(
        cls, name: str, mixes: Sequence[Mapping[int, float]], done: Indices, most_weight: float | None = None
    ) -> Self:
        """From the chances by cell in each decision; `done` are the cells of what was done, shape (n,)."""
        known: dict[tuple[tuple[int, float], ...], int] = {}
        situations = [known.setdefault(tuple(sorted(mix.items())), len(known)) for mix in mixes]
        all_mixes = [(number, cell, chance) for mix, number in known.items() for cell, chance in mix]
        return cls(
            name=name,
            chances=numbers([mix.get(int(cell), 0.0) for mix, cell in zip(mixes, done, strict=True)]),
            situations=np.asarray(situations, dtype=np.intp),
            of_situation=np.asarray([number for number, _, _ in all_mixes], dtype=np.intp),
            of_cell=np.asarray([cell for _, cell, _ in all_mixes], dtype=np.intp),
            of_chance=numbers([chance for _, _, chance in all_mixes]),
            most_weight=most_weight,
        )

    def expected(self, means: Numbers) -> Numbers:
        """The reward that cells with these means promise under the policy in each decision; shape (n,)."""
        promised = np.bincount(self.of_situation, self.of_chance * means[self.of_cell]).astype(np.float64)
        return promised[self.situations]
