"""A consent that stands among the traits of somebody, by the names that shops give it."""

from streamproc.events.adapters.reading import Tree
from streamproc.events.adapters.values import is_true, moment, word

_OPT_IN = frozenset(
    (
        "acceptsmarketing", "emailconsent", "emailmarketingconsent", "emailoptin", "emailsubscribed",
        "marketingconsent", "marketingoptin", "newsletter", "newsletteroptin",
    )
)  # fmt: skip
_OPT_OUT = frozenset(("emailoptout", "emailunsubscribed", "marketingoptout", "unsubscribed", "unsubscribedfromemails"))
_NO = ("false", "no", "0")


def consent_of(traits: Tree) -> Tree | None:
    """Whether marketing by e-mail is allowed, and since when if that is said; None: nothing is said.

    A refusal wins. That somebody has not unsubscribed allows nothing. Traits are told again and again as they are, so a
    shop should say besides since when: a word of today would be newer than an unsubscription of yesterday.

    >>> consent_of({"emailOptIn": True, "emailOptInAt": 1772481600})
    {'granted': True, 'occurred_at': '2026-03-02T20:00:00Z', 'sent_at': None}
    >>> consent_of({"email_opt_in": True, "unsubscribed": "yes"}), consent_of({"unsubscribed": False})
    ({'granted': False}, None)
    """
    named = {word(name): value for name, value in traits.items()}
    refused = [name for name, value in named.items() if _refuses(name, value)]
    granted = [name for name, value in named.items() if name in _OPT_IN and is_true(value)]
    if not (refused or granted):
        return None
    since = (moment(named.get(f"{name}{ending}")) for name in refused or granted for ending in ("at", "updatedat"))
    at = next(filter(None, since), None)
    return {"granted": not refused} | ({} if at is None else {"occurred_at": at, "sent_at": None})


def _refuses(name: str, value: object) -> bool:
    return (name in _OPT_OUT and is_true(value)) or (name in _OPT_IN and str(value).lower() in _NO)
