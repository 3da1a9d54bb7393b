"""SendGrid's event webhook: a list of what happened to messages.

docs/adapters.md has the table of their fields and ours.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from streamproc.events.adapters.base import Adapted, Headers, adapter
from streamproc.events.adapters.mail import given, names_somebody, purpose_of, refusal
from streamproc.events.adapters.reading import Said, Tree, adapted, first, listed, objects
from streamproc.events.adapters.values import address, digest, is_true, moment, named, reference, text, word
from streamproc.events.ignored import Ignored, Why
from streamproc.events.json_text import Json
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.written import as_text

_HOPS = re.compile(r"\.(?:filter|recvd)")
_BOUNCES = {"blocked": "block", "expired": "soft"}
_BY_SOMEBODY = ("open", "click", "unsubscribe", "groupunsubscribe", "groupresubscribe")


@adapter("sendgrid", "event sg_event_id", "event sg_message_id")
def sendgrid(value: bytes | None, headers: Headers, families: frozenset[str]) -> tuple[Adapted, ...]:  # noqa: ARG001
    """What a post of the webhook says."""
    return adapted(value, says)


def says(said: Json) -> Iterator[Said]:
    """What a message says, in our format."""
    return objects(said, _event)


def _event(said: Tree) -> Iterator[Said]:
    action = word(said.get("event"))
    if (tell := _ACTIONS.get(action)) is not None:
        own = tell(said)
        along = given(said) | given(said.get("unique_args")) | given(said.get("custom_args"))
        message = _message(said, is_known=names_somebody(along))
        by = first(reference(said.get("sg_event_id")), _content(said))
        about = {"event_id": named(own["type"], by), "message_id": message, **_about(said)}
        yield {**about, **_agent(action, said), **own, **along}
    elif action:
        yield Ignored(Why.OTHER_EVENT)
    else:
        yield Rejected(Reason.MISSING_FIELD, "event")


def _bounce(said: Tree) -> str:
    """A refused message says nothing of its address, and one that may be tried again is none for good."""
    kind = _BOUNCES.get(word(said.get("type")))
    return kind or ("soft" if (as_text(said.get("status")) or "").startswith("4") else "hard")


def _about(said: Tree) -> Tree:
    """When, whose, and what for."""
    return {
        "occurred_at": moment(said.get("timestamp")),
        "email": address(said.get("email")),
        "campaign_id": _campaign(said),
    }


def _content(said: Tree) -> str:
    """What an event says, without its address if the message's number tells whose it is."""
    return digest({name: each for name, each in said.items() if name != "email" or not said.get("sg_message_id")})


def _message(said: Tree, *, is_known: bool) -> str | None:
    """Their number of the request without the machines that it went through, which differ with each event.

    All recipients of a request share that number. So if it is not known who they are (`is_known`), it is the whole
    number, which is one mail's: what one did must not be thought another's.
    """
    whole = as_text(said.get("sg_message_id")) or ""
    if not is_known:
        return reference(whole)
    return reference(_HOPS.split(whole)[0]) or reference((as_text(said.get("smtp-id")) or "").strip("<>"))


def _campaign(said: Tree) -> str | None:
    category = next(iter(listed(said.get("category"))), None)
    names = (said.get("singlesend_id"), said.get("marketing_campaign_id"), category)
    return next(filter(None, map(reference, names)), None)


def _agent(action: str, said: Tree) -> Tree:
    """The program and the address of whoever did it; of what SendGrid did they are its own."""
    return {"user_agent": said.get("useragent"), "ip": said.get("ip")} if action in _BY_SOMEBODY else {}


def _opened(said: Tree) -> Tree:
    return {"type": "opened", "is_machine": is_true(said.get("sg_machine_open"))}


def _granted(said: Tree) -> Tree:
    purpose = purpose_of(said.get("purpose"))
    return {"type": "consent_changed", "channel": "email", "purpose": purpose, "granted": True}


_ACTIONS: Mapping[str, Callable[[Tree], Tree]] = {
    "processed": lambda _: {"type": "sent"},
    "delivered": lambda _: {"type": "delivered"},
    "deferred": lambda said: {"type": "deferred", "reason": text(first(said.get("response"), said.get("reason")))},
    "dropped": lambda said: {"type": "dropped", "reason": text(said.get("reason"))},
    "bounce": lambda said: {"type": "bounced", "kind": _bounce(said)},
    "open": _opened,
    "click": lambda said: {"type": "clicked", "url": text(said.get("url"), 2048)},
    "spamreport": lambda _: {"type": "complained"},
    "unsubscribe": lambda said: refusal(purpose_of(said.get("purpose"))),
    "groupunsubscribe": lambda said: refusal(purpose_of(said.get("purpose"))),
    "groupresubscribe": _granted,
}
"""The type of our event for each of theirs, and what only that has."""
