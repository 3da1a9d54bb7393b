"""Messages to customers and what they did with them (`shop.email.v1`; e-mail, SMS and push alike)."""

from typing import Literal

from streamproc.events.agent import AgentEvent
from streamproc.events.base import Text, Url
from streamproc.events.identifiers import Id, MessageId

Channel = Literal["email", "sms", "push", "web"]
BounceKind = Literal["hard", "soft", "block", "undetermined"]


class MessageEvent(AgentEvent):
    """Which message, on which channel, and what it was sent for.

    What it says of the person, such as a refusal or a bounce, counts without a message, too.
    """

    message_id: MessageId | None = None
    channel: Channel = "email"
    campaign_id: Id | None = None
    trigger_id: Id | None = None
    offer_id: Id | None = None
    variant: Id | None = None


class KnownMessageEvent(MessageEvent):
    """An event that means nothing without its message."""

    message_id: MessageId


class Sent(KnownMessageEvent):
    """The message left for the customer."""

    type: Literal["sent"] = "sent"


class Delivered(KnownMessageEvent):
    """The customer's provider took the message."""

    type: Literal["delivered"] = "delivered"


class Opened(KnownMessageEvent):
    """The message was opened, by a person or (`is_machine`) by a scanner."""

    type: Literal["opened"] = "opened"


class Clicked(KnownMessageEvent):
    """A link of the message was followed."""

    type: Literal["clicked"] = "clicked"
    url: Url | None = None


class Bounced(MessageEvent):
    """The message could not be delivered: for good (`hard`), for now (`soft`), refused (`block`), or nobody knows."""

    type: Literal["bounced"] = "bounced"
    kind: BounceKind = "hard"


class Deferred(MessageEvent):
    """The customer's provider did not take it yet, and the sender tries again; `reason` in the sender's words."""

    type: Literal["deferred"] = "deferred"
    reason: Text | None = None


class Dropped(MessageEvent):
    """The sender did not even try, for a `reason` of its own such as a list of addresses that it does not write to."""

    type: Literal["dropped"] = "dropped"
    reason: Text | None = None


class Complained(MessageEvent):
    """The customer reported the message as spam."""

    type: Literal["complained"] = "complained"


class Unsubscribed(MessageEvent):
    """The customer wants no more messages on this channel; `one_click`: said by the header (RFC 8058)."""

    type: Literal["unsubscribed"] = "unsubscribed"
    one_click: bool = False
