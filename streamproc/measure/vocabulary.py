"""What facts say: the words that `config/kpis.toml` may count by, so that a misspelt one is found before it counts.

decide emits these facts (`streamproc.events.facts.Fact`). A new fact, or a new value of one, is declared here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class FactField:
    """What a value of a fact can be: a whole number, a text or a flag.

    Attributes:
        choices: all that a text can be, if that is a closed list.
        money: a number of micros, in the shop's currency.
    """

    type: type[int | str | bool]
    choices: tuple[str, ...] = ()
    money: bool = False

    def can_be(self, value: object) -> bool:
        """Whether the value can ever occur.

        >>> FLAG.can_be(True), FLAG.can_be(1), one_of("hard", "soft").can_be("sort")
        (True, False, False)
        """
        return type(value) is self.type and (not self.choices or value in self.choices)

    def __str__(self) -> str:
        words = {int: "a whole number", str: "a text", bool: "true or false"}
        return f"one of {', '.join(self.choices)}" if self.choices else words[self.type]


def one_of(*choices: str) -> FactField:
    """A text out of a closed list."""
    return FactField(str, choices)


NUMBER = FactField(int)
MONEY = FactField(int, money=True)
TEXT = FactField(str)
FLAG = FactField(bool)

ACTIONS = ("sent", "deferred", "dropped", "delivered", "bounced", "opened", "clicked", "complained", "unsubscribed")

_PAYMENT = {"amount": MONEY, "net_amount": MONEY, "currency": TEXT, "no_rate": FLAG, "guest": FLAG}

FACTS: Mapping[str, Mapping[str, FactField]] = MappingProxyType(
    {
        "order": {**_PAYMENT, "order_number": NUMBER, "first_of_day": FLAG, "first_ever": FLAG},
        "refund": {**_PAYMENT, "kind": one_of("refunded", "cancelled")},
        "message": {
            "action": one_of(*ACTIONS),
            "channel": one_of("email", "sms", "push", "web"),
            "unique": FLAG,
            "human": FLAG,
            "unique_human": FLAG,
            "kind": one_of("hard", "soft", "block", "undetermined"),
        },
        "visit": {"first_of_day": FLAG},
        "page_view": {},
        "cart_created": {},
        "trigger": {"trigger": TEXT, "channel": TEXT},
        "suppression": {"trigger": TEXT, "reason": TEXT, "deferred": FLAG},
        "retraction": {"trigger": TEXT},
        "trigger_response": {
            "trigger": TEXT,
            "channel": TEXT,
            "action": one_of(*ACTIONS),
            "unique": FLAG,
            "human": FLAG,
        },
        "trigger_order": {"trigger": TEXT, "net_amount": MONEY},
        "journey": {
            "journey": TEXT,
            "change": one_of("started", "stepped", "ended", "refused"),
            "step": TEXT,
            "reason": TEXT,
        },
        "offer": {"offer_id": TEXT, "channel": TEXT},
        "offer_reward": {
            "offer_id": TEXT,
            "thousandths": NUMBER,
            "clicked": FLAG,
            "ordered": FLAG,
            "control": FLAG,
            "learned": FLAG,
        },
        "segment": {"segment": TEXT, "change": one_of("entered", "left"), "members": NUMBER},
        "tag": {
            "tag": TEXT,
            "source": one_of("rule", "event", "import"),
            "change": one_of("given", "taken"),
            "members": NUMBER,
        },
        "answer": {"model": TEXT, "label": NUMBER},
    }
)
"""Fact name to its values; the head of `config/kpis.toml` says what each fact means."""
