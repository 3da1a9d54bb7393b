"""What was decided about the versions of models, by whom and why (`streamproc.model-audit.v1`).

Each stands in one transaction with what it has decide do (`events.log.ModelGoverned`): nothing is done without it.
"""

from dataclasses import dataclass
from typing import Literal

from streamproc.events.log import GovernAction


@dataclass(frozen=True, slots=True)
class ModelAct:
    """One act on the versions of a model.

    Attributes:
        model: whose versions it is about, such as `churn`.
        action: what was done.
        by: who did it.
        at: when, RFC 3339 in UTC.
        reason: why, in their words.
        from_version: what counted before; null: none did.
        to_version: what counts from then on; null: none does.
        newest_version: the last one that had been released then.
        frozen: whether later releases wait from then on.
        signature: that of the record in the customer log that had it done.
    """

    model: str
    action: GovernAction
    by: str
    at: str
    reason: str
    from_version: str | None
    to_version: str | None
    newest_version: str
    frozen: bool
    signature: str
    type: Literal["model_governed"] = "model_governed"
