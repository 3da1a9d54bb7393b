"""What all services have in common that send mail for a shop: what the shop gives along comes back with each event."""

from streamproc.events.adapters.reading import Tree, as_tree, known, listed
from streamproc.events.adapters.values import person, reference, word
from streamproc.events.profile import MARKETING, PURPOSES

_READ = {
    "customer_id": person,
    "anonymous_id": person,
    "message_id": reference,
    "campaign_id": reference,
    "trigger_id": reference,
    "offer_id": reference,
    "variant": reference,
}
_GIVEN = {name: (word(name), read) for name, read in _READ.items()}
"""What a shop may give along with a message, in any spelling (`customer_id`, `customerId`), and how it is read."""


def given(said: object) -> Tree:
    """What the shop gave along; a value may be the only one of a list."""
    by_name = {word(name): next(iter(listed(value)), None) for name, value in as_tree(said).items()}
    return known({name: read(by_name.get(spelled)) for name, (spelled, read) in _GIVEN.items()})


def names_somebody(along: Tree) -> bool:
    """Whether what the shop gave along says whose the message is."""
    return "customer_id" in along or "anonymous_id" in along


def of_anybody(along: Tree) -> Tree:
    """What the shop gave along, without what can be of one recipient only."""
    return {name: each for name, each in along.items() if name not in ("customer_id", "anonymous_id", "message_id")}


def purpose_of(name: object) -> str:
    """What a group of messages is for, if its name says so; else it is marketing."""
    return word(name) if word(name) in PURPOSES else MARKETING


def refusal(purpose: str) -> Tree:
    """What somebody wants no more of: all that the shop advertises by mail, or messages for another purpose."""
    if purpose == MARKETING:
        return {"type": "unsubscribed"}
    return {"type": "consent_changed", "channel": "email", "purpose": purpose, "granted": False}
