"""Amazon SES: its events as SNS delivers them (JSON in a text), in EventBridge's envelope, or by themselves.

docs/adapters.md has the table of their fields and ours.
"""

from collections.abc import Callable, Iterator, Mapping

from streamproc.events.adapters.base import Adapted, Headers, adapter
from streamproc.events.adapters.mail import given, of_anybody, purpose_of, refusal
from streamproc.events.adapters.reading import (
    MAX_MESSAGE_BYTES,
    Said,
    Tree,
    adapted,
    first,
    inside,
    known,
    listed,
    objects,
    trees,
    within,
)
from streamproc.events.adapters.values import address, digest, moment, named, reference, text, word
from streamproc.events.ignored import Ignored, Why
from streamproc.events.json_text import Json, as_written
from streamproc.events.rejected import Reason, Rejected

_GREETING = "Successfully validated SNS topic"
_MOST_RECIPIENTS = 50
"""So many a message of SES has at most."""

_OF_ONE = ("customer_id", "anonymous_id", "message_id")
_BOUNCES = {"permanent": "hard", "transient": "soft"}
_NEVER_TRIED = ("suppressed", "onaccountsuppressionlist")
_REFUSED = ("contentrejected", "attachmentrejected")
_MACHINES = ("Mozilla/5.0",)
"""What Apple's mail privacy says of itself: it opens everything, seen or not."""


@adapter("ses", "Type TopicArn", "eventType mail", "notificationType mail")
def ses(value: bytes | None, headers: Headers, families: frozenset[str]) -> tuple[Adapted, ...]:  # noqa: ARG001
    """What a notification says."""
    return adapted(value, says)


def says(said: Json) -> Iterator[Said]:
    """What a message says, in our format."""
    return objects(said, _delivered)


def _delivered(said: Tree) -> Iterator[Said]:
    """What is in the envelopes."""
    if isinstance(records := said.get("Records"), list):
        yield from objects([within(each, "Sns") for each in records], _delivered)
    elif said.get("Type") in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        yield Ignored(Why.OTHER_EVENT)
    elif isinstance(message := said.get("Message"), str):
        yield from _in_text(message)
    else:
        yield from _event(first(*(part for part in (within(said, "detail"), within(said, "Message")) if part), said))


def _in_text(message: str) -> Iterator[Said]:
    if message.startswith(_GREETING):
        yield Ignored(Why.TEST)
        return
    inner = as_written(message.encode(errors="replace"), MAX_MESSAGE_BYTES)
    if isinstance(inner, Rejected):
        yield inner
    else:
        yield from objects(inner, _event)


def _event(said: Tree) -> Iterator[Said]:
    action = word(first(said.get("eventType"), said.get("notificationType")))
    if action in _ACTIONS:
        yield from _ACTIONS[action](said)
    elif action:
        yield Ignored(Why.OTHER_EVENT)
    else:
        yield Rejected(Reason.MISSING_FIELD, "eventType")


def _about(said: Tree, part: Tree, to: object, own: Tree, number: int = 0) -> Said:
    """An event of ours about a recipient (None: nobody knows which), by its `number` among those that the part names.

    `part` says when and what happened. All recipients of a message have its id, and what one did must not be thought
    another's. So of several, each has the message with a number of its own, and nobody is the customer whom the shop
    gave along.
    """
    mail, destinations = within(said, "mail"), _destinations(said)
    if to is None and len(destinations) > 1:
        return Ignored(Why.NOBODY)
    place = destinations.index(to) if to in destinations else len(destinations) + number
    along, message = given(mail.get("tags")), reference(mail.get("messageId"))
    if len(destinations) > 1:
        along = of_anybody(along)
        message = reference(f"{message}/{place}")
    happened = [place, *(part.get(name) for name in ("timestamp", "feedbackId", "link", "purpose"))]
    return {
        "event_id": named(own["type"], mail.get("messageId"), digest(happened)),
        "occurred_at": first(moment(part.get("timestamp")), moment(mail.get("timestamp"))),
        "email": address(to),
        "message_id": message,
        **own,
        **along,
    }


def _destinations(said: Tree) -> list[object]:
    return listed(inside(said, "mail", "destination"))[:_MOST_RECIPIENTS]


def _only(said: Tree) -> object:
    """The only recipient; None: there are several, and the event may be of any."""
    destinations = _destinations(said)
    return destinations[0] if len(destinations) == 1 else None


def _sent(said: Tree) -> Iterator[Said]:
    for to in _destinations(said):
        yield _about(said, {}, to, {"type": "sent"})


def _arrived(said: Tree) -> Iterator[Said]:
    part = within(said, "delivery")
    recipients = listed(part.get("recipients"))[:_MOST_RECIPIENTS] or _destinations(said)
    for number, to in enumerate(recipients):
        yield _about(said, part, to, {"type": "delivered"}, number)


def _opened(said: Tree) -> Iterator[Said]:
    part = within(said, "open")
    own = {"type": "opened", "is_machine": True} if part.get("userAgent") in _MACHINES else {"type": "opened"}
    yield _about(said, part, _only(said), own | _agent(part))


def _clicked(said: Tree) -> Iterator[Said]:
    part = within(said, "click")
    yield _about(said, part, _only(said), {"type": "clicked", "url": text(part.get("link"), 2048), **_agent(part)})


def _agent(part: Tree) -> Tree:
    return known({"user_agent": part.get("userAgent"), "ip": part.get("ipAddress")})


def _bounced(said: Tree) -> Iterator[Said]:
    """Of several recipients those that bounced. Its class counts, whatever the status says."""
    part = within(said, "bounce")
    detail = word(part.get("bounceSubType"))
    own: Tree = {"type": "bounced", "kind": _BOUNCES.get(word(part.get("bounceType")), "undetermined")}
    if detail in _REFUSED:
        own["kind"] = "block"
    if detail in _NEVER_TRIED:
        own = {"type": "dropped", "reason": text(part.get("bounceSubType"))}
    yield from _of_each(said, part, "bouncedRecipients", own)


def _complained(said: Tree) -> Iterator[Said]:
    part = within(said, "complaint")
    if word(part.get("complaintFeedbackType")) == "notspam":
        yield Ignored(Why.NO_NEWS)
        return
    own = {"type": "complained"}
    if word(part.get("complaintSubType")) in _NEVER_TRIED:
        own = {"type": "dropped", "reason": "on the account's suppression list"}
    yield from _of_each(said, part, "complainedRecipients", own)


def _delayed(said: Tree) -> Iterator[Said]:
    part = within(said, "deliveryDelay")
    own = {"type": "deferred", "reason": text(part.get("delayType"))}
    yield from _of_each(said, part, "delayedRecipients", own)


def _of_each(said: Tree, part: Tree, name: str, own: Tree) -> Iterator[Said]:
    """An event for each recipient that the part names."""
    recipients = trees(part.get(name))[:_MOST_RECIPIENTS] or [{"emailAddress": _only(said)}]
    for number, recipient in enumerate(recipients):
        yield _about(said, part, recipient.get("emailAddress"), own, number)


def _rejected(said: Tree) -> Iterator[Said]:
    for to in _destinations(said):
        yield _about(said, {}, to, {"type": "dropped", "reason": text(inside(said, "reject", "reason"))})


def _not_rendered(said: Tree) -> Iterator[Said]:
    for to in _destinations(said):
        yield _about(said, {}, to, {"type": "dropped", "reason": text(inside(said, "failure", "errorMessage"))})


def _preferences(said: Tree) -> Iterator[Said]:
    """Of the topics for one purpose, one that is refused refuses it."""
    part = within(said, "subscription")
    wanted = within(part, "newTopicPreferences")
    if wanted.get("unsubscribeAll") is True:
        is_header = word(part.get("source")) == "unsubscribeheader"
        yield _about(said, part, _only(said), {"type": "unsubscribed", "one_click": is_header})
        return
    granted: dict[str, bool] = {}
    for topic in trees(first(wanted.get("topicSubscriptionStatus"), wanted.get("topicPreferences"))):
        purpose, is_in = purpose_of(topic.get("topicName")), word(topic.get("subscriptionStatus")) == "optin"
        granted[purpose] = granted.get(purpose, True) and is_in
    if not granted:
        yield Ignored(Why.NO_NEWS)
    for purpose, is_granted in granted.items():
        consent = {"type": "consent_changed", "channel": "email", "purpose": purpose, "granted": True}
        own = consent if is_granted else refusal(purpose)
        yield _about(said, {**part, "purpose": purpose}, _only(said), own)


_ACTIONS: Mapping[str, Callable[[Tree], Iterator[Said]]] = {
    "send": _sent,
    "delivery": _arrived,
    "open": _opened,
    "click": _clicked,
    "bounce": _bounced,
    "complaint": _complained,
    "deliverydelay": _delayed,
    "reject": _rejected,
    "renderingfailure": _not_rendered,
    "subscription": _preferences,
}
