"""Browsing: sessions and the cart."""

from streamproc.customer.cart import bounded, carts_begun
from streamproc.customer.cart_events import acts_after
from streamproc.customer.folds.counting import count
from streamproc.customer.folds.registry import folds
from streamproc.customer.state import MAX_CAMPAIGN_CHARS, Customer, Session
from streamproc.customer.windows import delta
from streamproc.events.base import RawEvent
from streamproc.events.clickstream import (
    BrowsingEvent,
    CartAdded,
    CartRemoved,
    CartUpdated,
    CheckoutStarted,
    PageViewed,
    ProductViewed,
    Searched,
)
from streamproc.events.times import DAY_MS, MINUTE_MS

SESSION_GAP_MS = 30 * MINUTE_MS
SESSION_MAX_MS = DAY_MS

_VIEW = delta(views=1, actions=1)
_CART = delta(carts=1, actions=1)
_OTHER = delta(actions=1)


@folds(PageViewed, ProductViewed, Searched)
def fold_view(customer: Customer, event: BrowsingEvent, at_ms: int) -> None:
    """A page, a product or a search result was seen."""
    count(customer, at_ms, _VIEW)
    visit(customer, event.utm_campaign, at_ms, views=1)


@folds(CartAdded)
def fold_added(customer: Customer, event: CartAdded, at_ms: int) -> None:
    """A product goes into the cart."""
    count(customer, at_ms, _CART)
    visit(customer, event.utm_campaign, at_ms)
    do_with_cart(customer, event, at_ms)


@folds(CartRemoved, CartUpdated, CheckoutStarted)
def fold_changed(customer: Customer, event: BrowsingEvent, at_ms: int) -> None:
    """Something comes out of the cart, its whole content is told, or the customer is at the check-out."""
    count(customer, at_ms, _OTHER)
    visit(customer, event.utm_campaign, at_ms)
    do_with_cart(customer, event, at_ms)


def do_with_cart(customer: Customer, event: RawEvent, at_ms: int) -> None:
    """Remember what was done with the cart, and count the carts that there were: once more, or less."""
    acts = acts_after(customer.cart_acts, event, at_ms)
    begun = (len(carts_begun(customer.key, each)) for each in (acts, customer.cart_acts))
    customer.carts += next(begun) - next(begun)
    customer.cart_acts = bounded(acts)


def visit(customer: Customer, campaign: str | None, at_ms: int, views: int = 0) -> None:
    """Count the activity to the current session, or start a new one."""
    session, campaign = customer.session, campaign and campaign[:MAX_CAMPAIGN_CHARS]
    if session is not None and at_ms < session.started_ms:
        return
    if session is None or _is_over(session, campaign, at_ms):
        customer.session = Session(at_ms, at_ms, views, campaign)
        customer.sessions += 1
        return
    customer.session = session._replace(last_ms=max(session.last_ms, at_ms), views=session.views + views)


def _is_over(session: Session, campaign: str | None, at_ms: int) -> bool:
    return (
        at_ms - session.last_ms > SESSION_GAP_MS
        or at_ms - session.started_ms > SESSION_MAX_MS
        or (campaign is not None and campaign != session.campaign)
    )
