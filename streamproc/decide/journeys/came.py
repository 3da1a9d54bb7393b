"""What came of a journey's last message, as features that only the conditions of journeys can name."""

from collections.abc import Mapping
from functools import partial

from streamproc.customer.features import Feature
from streamproc.customer.journeys import JourneyInstance
from streamproc.customer.messages.happenings import did
from streamproc.customer.messages.record import Action
from streamproc.customer.messages.table import find
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView

_ASKED = {f"message_{action.name.lower()}": action for action in Action}
_REFUSED = "message_refused"

MESSAGE_FEATURES: Mapping[str, str] = {
    **{name: f"1 if the journey's last message was {action.name.lower()}, else 0" for name, action in _ASKED.items()},
    _REFUSED: "1 if the policy has refused the journey's last message, else 0",
}
"""Their names, and what they mean. What a machine did counts for nothing."""


def message_features(instance: JourneyInstance) -> dict[str, Feature]:
    """The features as functions of whoever is on the journey."""
    found: dict[str, Feature] = {name: partial(_came, instance.message, action) for name, action in _ASKED.items()}
    return found | {_REFUSED: lambda _: float(instance.is_refused)}


def _came(trigger_id: str, action: Action, view: CustomerView) -> float:
    return float(came_of(view.customer, trigger_id, action))


def came_of(customer: Customer, trigger_id: str, action: Action) -> bool:
    """Whether that came of a trigger; as persons did it, as long as the message that it became is remembered."""
    sending = next((each for each in customer.sendings if each.trigger_id == trigger_id), None)
    if sending is None:
        return False
    message = find(customer.messages, sending.message) if sending.message else None
    return bool(sending.came & 1 << action) if message is None else did(message, action, as_person=True)
