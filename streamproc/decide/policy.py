"""The policy's settings: what may be sent to whom who said nothing, and how long somebody unknown is remembered."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from streamproc.config_file import Days, Table
from streamproc.customer.alias import MAX_OWNERS
from streamproc.customer.contact import DEFAULT_CONTACT, ContactSettings
from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.reach import MAX_SOFT
from streamproc.customer.state import Customer
from streamproc.decide.conditions import Condition
from streamproc.decide.limits import MAX_CAPS, Arbitration, Cap, QuietHours
from streamproc.events.identifiers import digest_of
from streamproc.events.profile import EVERYTHING, MARKETING, PURPOSES, TRANSACTIONAL, Purpose
from streamproc.events.times import DAY_MS

HOLDOUT_BUCKETS = 10_000


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


class Holdout(Table):
    """Customers who get no marketing at all, so that one can see what it does: a share of `percent`, drawn by `salt`.

    Another salt draws other customers; a greater share keeps those it had.
    """

    percent: Annotated[float, Field(ge=0, le=15)] = 0
    salt: Annotated[str, Field(min_length=1, max_length=64)] = "1"

    def has(self, key: str) -> bool:
        """Whether whoever has the key is held out."""
        return self.percent > 0 and self.bucket(key) < round(self.percent * HOLDOUT_BUCKETS / 100)

    def bucket(self, key: str) -> int:
        """The bucket that a key falls into, from 0."""
        return digest_of(f"{self.salt}|{key}".encode()) % HOLDOUT_BUCKETS


class PolicySettings(Table):
    """`config/policy.toml`.

    `purposes` are those that a consent may be for; collect asks for them, and no decision depends on more than two. Who
    fulfils one of `suppression_list` gets no marketing. An order within `order_days` of a trigger is its.
    """

    consent: ConsentDefaults = ConsentDefaults()
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=16, exclude=True)] = (MARKETING, TRANSACTIONAL)
    guest_days: Annotated[int, Field(ge=1, le=3650)] = 30
    soft_bounces: Annotated[int, Field(ge=1, le=MAX_SOFT)] = 3
    soft_bounce_days: Annotated[int, Field(ge=0, le=3650)] = 7
    visitor_days: Annotated[int, Field(ge=1, le=3650)] = 90
    identity: IdentitySettings = IdentitySettings()
    contact: ContactSettings = DEFAULT_CONTACT
    suppression_list: Annotated[tuple[Condition, ...], Field(max_length=16)] = ()
    holdout: Holdout = Holdout()
    cap: Annotated[tuple[Cap, ...], Field(max_length=MAX_CAPS)] = ()
    quiet_hours: QuietHours | None = None
    arbitration: Arbitration = Arbitration()
    order_days: Annotated[Days, Field(gt=0, le=90)] = 7

    @field_validator("cap")
    @classmethod
    def _named_apart(cls, caps: tuple[Cap, ...]) -> tuple[Cap, ...]:
        names = [cap.name for cap in caps]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two caps are called {min(twice)}; name each otherwise")
        return caps

    @field_validator("purposes")
    @classmethod
    def _known(cls, purposes: tuple[str, ...]) -> tuple[str, ...]:
        if missing := PURPOSES.difference(purposes):
            raise ValueError(f"{' and '.join(sorted(missing))} must be among them: the policy asks about it")
        if EVERYTHING in purposes:
            raise ValueError(f"{EVERYTHING} stands for each of them, and is none itself")
        return purposes

    @property
    def order_window_ms(self) -> int:
        """How long after a trigger an order is its, in milliseconds."""
        return round(self.order_days * DAY_MS)

    def allows(self, customer: Customer, purpose: Literal["marketing", "transactional"], channel: str) -> bool:
        """Whether the customer's consent covers a message."""
        said = customer.consents.get(consent_key(purpose, channel))
        return said.granted if said is not None else getattr(self.consent, purpose) == "allow"
