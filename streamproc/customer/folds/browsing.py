"""Browsing: sessions and the cart."""

from streamproc.customer.folds.counting import count
from streamproc.customer.folds.registry import folds
from streamproc.customer.state import MAX_CAMPAIGN_CHARS, MAX_CART_LINES, Cart, Customer, Session
from streamproc.customer.windows import delta
from streamproc.events.clickstream import (
    BrowsingEvent,
    CartAdded,
    CartRemoved,
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
    """A product goes into the cart, unless its order is known already (topics have no order between them)."""
    count(customer, at_ms, _CART)
    visit(customer, event.utm_campaign, at_ms)
    if customer.last_order_ms is not None and at_ms <= customer.last_order_ms and event.sku in customer.last_order_skus:
        return
    cart = customer.cart
    is_another = cart is not None and event.cart_id not in (None, cart.cart_id)
    if cart is not None and is_another and at_ms < cart.created_ms:
        return  # late, of a cart that the customer has left since
    if cart is None or is_another:
        cart = Cart(event.cart_id or f"{customer.key}:{at_ms}", at_ms, at_ms, {})
        customer.carts += 1
    lines = {**cart.lines, event.sku: cart.lines.get(event.sku, 0) + event.quantity}
    lines = lines if len(lines) <= MAX_CART_LINES else cart.lines
    customer.cart = cart._replace(changed_ms=max(cart.changed_ms, at_ms), lines=lines)


@folds(CartRemoved)
def fold_removed(customer: Customer, event: CartRemoved, at_ms: int) -> None:
    """A product, or some of it, comes out of the cart."""
    count(customer, at_ms, _OTHER)
    visit(customer, event.utm_campaign, at_ms)
    cart = customer.cart
    if cart is None or event.sku not in cart.lines or event.cart_id not in (None, cart.cart_id):
        return
    left = 0 if event.quantity is None else cart.lines[event.sku] - event.quantity
    lines = {sku: quantity for sku, quantity in cart.lines.items() if sku != event.sku}
    if left > 0:
        lines[event.sku] = left
    customer.cart = cart._replace(changed_ms=max(cart.changed_ms, at_ms), lines=lines) if lines else None


@folds(CheckoutStarted)
def fold_checkout(customer: Customer, event: CheckoutStarted, at_ms: int) -> None:
    """The customer is at the check-out: the cart is not abandoned now."""
    count(customer, at_ms, _OTHER)
    visit(customer, event.utm_campaign, at_ms)
    if customer.cart is not None and event.cart_id in (None, customer.cart.cart_id):
        customer.cart = customer.cart._replace(changed_ms=max(customer.cart.changed_ms, at_ms))


def take_ordered(customer: Customer, skus: tuple[str, ...], at_ms: int) -> None:
    """An order takes its products out of the cart."""
    cart = customer.cart
    if cart is None:
        return
    lines = {sku: quantity for sku, quantity in cart.lines.items() if sku not in skus}
    customer.cart = cart._replace(changed_ms=max(cart.changed_ms, at_ms), lines=lines) if lines else None


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
