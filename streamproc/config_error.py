"""What is wrong with the configuration: every problem with its place, all of them at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake: in which file, at which table or key (empty: the file as a whole), and what to do about it."""

    file: str
    place: str
    message: str

    def __str__(self) -> str:
        """One line, as a terminal shows it."""
        return ": ".join(part for part in (self.file, self.place, self.message) if part)


class ConfigError(Exception):
    """The configuration cannot be used; `problems` are all that was found, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
