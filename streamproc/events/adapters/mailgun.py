"""Mailgun's webhooks (`event-data`), and pages of its events API (`items`).

docs/adapters.md has the table of their fields and ours.
"""

from collections.abc import Iterator

from streamproc.events.adapters.base import Adapted, Headers, adapter
from streamproc.events.adapters.mail import given, names_somebody
from streamproc.events.adapters.reading import Said, Tree, adapted, first, inside, known, listed, objects, trees, within
from streamproc.events.adapters.values import address, digest, moment, named, reference, text, word
from streamproc.events.ignored import Ignored, Why
from streamproc.events.json_text import Json
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.written import as_text

_SIMPLE = {
    "accepted": "sent",
    "delivered": "delivered",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}
_BY_SOMEBODY = ("opened", "clicked", "unsubscribed")


@adapter("mailgun", "event-data")
def mailgun(value: bytes | None, headers: Headers, families: frozenset[str]) -> tuple[Adapted, ...]:  # noqa: ARG001
    """What a webhook's body says."""
    return adapted(value, says)


def says(said: Json) -> Iterator[Said]:
    """What a message says, in our format."""
    return objects(said, _posted)


def _posted(said: Tree) -> Iterator[Said]:
    if isinstance(items := said.get("items"), list):
        return objects(items, _event)
    return _event(within(said, "event-data") or said)


def _event(said: Tree) -> Iterator[Said]:
    action = word(said.get("event"))
    own = _own(action, said)
    if own is not None:
        along = given(said.get("user-variables"))
        message = _message(said, is_known=names_somebody(along))
        who = first(*(along.get(name) for name in ("customer_id", "anonymous_id")))
        tried = digest([message, who])
        yield {**_about(said, own, tried), "message_id": message, **_agent(action, said), **own, **along}
    elif action:
        yield Ignored(Why.OTHER_EVENT)
    else:
        yield Rejected(Reason.MISSING_FIELD, "event")


def _own(action: str, said: Tree) -> Tree | None:
    """The type of our event, and what only that has; None: there is none."""
    match action:
        case "opened":
            return {"type": "opened", "is_machine": _is_machine(said)}
        case "clicked":
            return {"type": "clicked", "url": text(said.get("url"), 2048), "is_machine": _is_machine(said)}
        case "failed":
            return _failed(said)
        case "rejected":
            return {"type": "dropped", "reason": text(inside(said, "reject", "reason"))}
        case _:
            return {"type": _SIMPLE[action]} if action in _SIMPLE else None


def _failed(said: Tree) -> Tree:
    """What was not even tried, since the address is on a list of theirs, is no new bounce."""
    reason = word(said.get("reason"))
    if reason.startswith("suppress"):
        return {"type": "dropped", "reason": text(said.get("reason"))}
    status = within(said, "delivery-status")
    is_soft = "soft" in (word(status.get("bounce-type")), "soft" if reason == "old" else "")
    if word(said.get("severity")) == "temporary" or is_soft or (as_text(status.get("code")) or "").startswith("4"):
        return {"type": "bounced", "kind": "soft"}
    return {"type": "bounced", "kind": "block" if reason == "espblock" else "hard"}


def _about(said: Tree, own: Tree, tried: str) -> Tree:
    """When, whose, what for. However often a message is `tried` with somebody in vain, it has bounced once."""
    by: tuple[object, ...] = (first(reference(said.get("id")), digest(said)),)
    if own.get("kind") == "soft" and _number(said) is not None:
        by = (tried, "soft")
    return {
        "event_id": named(own["type"], *by),
        "occurred_at": moment(said.get("timestamp")),
        "email": address(said.get("recipient")),
        "campaign_id": _campaign(said),
    }


def _number(said: Tree) -> str | None:
    return reference((as_text(inside(said, "message", "headers", "message-id")) or "").strip("<> "))


def _message(said: Tree, *, is_known: bool) -> str | None:
    """The mail's number. All recipients of a request may share it, so it is the recipient's own if nobody is known."""
    number = _number(said)
    return number if number is None or is_known else digest([number, address(said.get("recipient"))])


def _campaign(said: Tree) -> str | None:
    campaigns = [each.get("id") for each in trees(said.get("campaigns"))]
    return next(filter(None, map(reference, (*campaigns[:1], *listed(said.get("tags"))[:1]))), None)


def _is_machine(said: Tree) -> bool:
    client = within(said, "client-info")
    return bool(word(client.get("bot"))) or word(client.get("client-type")) == "robot"


def _agent(action: str, said: Tree) -> Tree:
    if action not in _BY_SOMEBODY:
        return {}
    return known({"user_agent": inside(said, "client-info", "user-agent"), "ip": said.get("ip")})
