"""The policy's settings: what may be sent to whom who said nothing, and how long somebody unknown is remembered."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from streamproc.config_file import Table
from streamproc.customer.alias import MAX_OWNERS
from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.reach import MAX_SOFT
from streamproc.customer.state import Customer
from streamproc.events.profile import EVERYTHING, MARKETING, PURPOSES, TRANSACTIONAL, Purpose


class ConsentDefaults(Table):
    """What counts when a customer has not said anything."""

    marketing: Literal["deny", "allow"] = "deny"
    transactional: Literal["deny", "allow"] = "allow"


class IdentitySettings(Table):
    """How long a key stands for a customer, and how long what comes under an unknown one waits; in days.

    A visitor's id that more than `customers_per_device` customers have used stands for none of them.
    """

    alias_days: Annotated[int, Field(ge=1, le=3650)] = 400
    waiting_days: Annotated[int, Field(ge=1, le=3650)] = 35
    customers_per_device: Annotated[int, Field(ge=1, le=MAX_OWNERS - 1)] = 5


class PolicySettings(Table):
    """`config/policy.toml`.

    `purposes` are those that a consent may be for; collect asks for them, and no decision depends on more than two.
    """

    consent: ConsentDefaults = ConsentDefaults()
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=16, exclude=True)] = (MARKETING, TRANSACTIONAL)
    guest_days: Annotated[int, Field(ge=1, le=3650)] = 30
    soft_bounces: Annotated[int, Field(ge=1, le=MAX_SOFT)] = 3
    soft_bounce_days: Annotated[int, Field(ge=0, le=3650)] = 7
    visitor_days: Annotated[int, Field(ge=1, le=3650)] = 90
    identity: IdentitySettings = IdentitySettings()

    @field_validator("purposes")
    @classmethod
    def _known(cls, purposes: tuple[str, ...]) -> tuple[str, ...]:
        if missing := PURPOSES.difference(purposes):
            raise ValueError(f"{' and '.join(sorted(missing))} must be among them: the policy asks about it")
        if EVERYTHING in purposes:
            raise ValueError(f"{EVERYTHING} stands for each of them, and is none itself")
        return purposes

    def allows(self, customer: Customer, purpose: Literal["marketing", "transactional"], channel: str) -> bool:
        """Whether the customer's consent covers a message."""
        said = customer.consents.get(consent_key(purpose, channel))
        return said.granted if said is not None else getattr(self.consent, purpose) == "allow"
