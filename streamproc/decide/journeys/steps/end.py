"""Steps of the kind `end`: the journey is over."""

from typing import Literal

from streamproc.config_file import RuleName
from streamproc.decide.journeys.steps.base import END, FINISHED, Here, JourneyStep, Went


class EndStep(JourneyStep):
    """Ends the journey; `outcome` says how, for records and KPIs."""

    kind: Literal["end"]
    outcome: RuleName = FINISHED

    @property
    def goes_on(self) -> bool:
        """Nothing follows."""
        return False

    @property
    def in_words(self) -> str:
        """How it ends."""
        return f"the end ({self.outcome})"

    def arrive(self, here: Here) -> Went:  # noqa: ARG002  a step's shape
        """End at once."""
        return Went(None, END, self.outcome)
