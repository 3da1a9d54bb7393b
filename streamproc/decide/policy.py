"""The policy's settings: what may be sent to whom who said nothing, and how long somebody unknown is remembered."""

from typing import Annotated, Literal

from pydantic import Field

from streamproc.config_file import Table
from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.state import Customer


class ConsentDefaults(Table):
    """What counts when a customer has not said anything."""

    marketing: Literal["deny", "allow"] = "deny"
    transactional: Literal["deny", "allow"] = "allow"


class PolicySettings(Table):
    """`config/policy.toml`."""

    consent: ConsentDefaults = ConsentDefaults()
    guest_days: Annotated[int, Field(ge=1, le=3650)] = 30
    visitor_days: Annotated[int, Field(ge=1, le=3650)] = 90

    def allows(self, customer: Customer, purpose: Literal["marketing", "transactional"], channel: str) -> bool:
        """Whether the customer's consent covers a message."""
        said = customer.consents.get(consent_key(purpose, channel))
        return said.granted if said is not None else getattr(self.consent, purpose) == "allow"
