"""What visitors do in the shop: before an order, without one, and without a name."""

from collections.abc import Sequence
from random import Random

from streamproc.events.purchase import OrderPlaced
from streamproc.offline.synthetic.dice import happens
from streamproc.offline.synthetic.shopper import Article, Shopper, Visitor
from streamproc.offline.synthetic.visit import Arrival, Visit

MOST_IN_CART = 4
"""Real orders have 21 lines on average; a synthetic cart holds at most this many of them."""

NO_PRODUCTS = frozenset({"POST", "DOT", "C2", "M", "D", "S", "B", "PADS", "CRUK", "BANK CHARGES", "AMAZONFEE"})
"""Online Retail's codes for postage, manual entries and fees: nobody looks at them."""

ARRIVALS = (
    Arrival(),
    Arrival(referrer="https://www.google.example/"),
    Arrival("https://www.google.example/", "google", "cpc", "synthetic-brand-search"),
    Arrival("https://www.facebook.example/", "facebook", "social", "synthetic-gift-ideas"),
    Arrival("https://gifts.example/", "gifts.example", "affiliate", "synthetic-affiliate"),
)
ARRIVAL_WEIGHTS = (40, 30, 14, 10, 6)

PAGES = ("/", "/new", "/sale", "/category/kitchen", "/category/garden", "/category/christmas", "/category/bags")
QUERIES = ("gift", "heart", "lantern", "christmas", "lunch bag", "cake stand", "vintage", "t-light holder")


def arrive(dice: Random) -> Arrival:
    """Where an ordinary visit comes from."""
    return dice.choices(ARRIVALS, ARRIVAL_WEIGHTS)[0]


def look_around(visit: Visit, articles: Sequence[Article], dice: Random) -> None:
    """Land on a page, perhaps search, and look at these articles."""
    visit.view_page(dice.choice(PAGES))
    if happens(0.25, dice):
        visit.search(dice.choice(QUERIES))
    for article in articles:
        visit.view(article)


def fill_cart_for(order: OrderPlaced, visit: Visit, selling: Sequence[Article], dice: Random) -> None:
    """Put some of what will be ordered into the cart, sometimes something else that goes out again."""
    visit.view_page(dice.choice(PAGES))
    wanted = articles_of(order)
    for article in dice.sample(wanted, min(len(wanted), dice.randint(1, MOST_IN_CART))):
        if happens(0.6, dice):
            visit.view(article)
        visit.add(article, dice.randint(1, 6))
    other = dice.choice(selling)
    if happens(0.15, dice) and other.sku not in {article.sku for article in wanted}:
        visit.add(other, 1)
        visit.remove(other.sku)


def tidy_cart_for(order: OrderPlaced, shopper: Shopper, visit: Visit) -> None:
    """Take out what an abandoned visit left in the cart and what is not ordered now."""
    for sku in sorted(shopper.in_cart - {line.sku for line in order.lines}):
        visit.remove(sku)
    shopper.in_cart.clear()


def fill_and_leave(shopper: Shopper, visit: Visit, selling: Sequence[Article], dice: Random) -> None:
    """Fill the cart, perhaps go to the check-out, and leave without an order."""
    for _ in range(dice.randint(1, 3)):
        article = _something_for(shopper, selling, dice)
        visit.add(article, dice.randint(1, 4))
        shopper.in_cart.add(article.sku)
    if happens(0.2, dice):
        removed = dice.choice(sorted(shopper.in_cart))
        visit.remove(removed)
        shopper.in_cart.remove(removed)
    if shopper.in_cart and happens(0.25, dice):
        visit.check_out()


def some_articles(shopper: Shopper, selling: Sequence[Article], dice: Random) -> list[Article]:
    """One to three articles that this customer would look at."""
    return [_something_for(shopper, selling, dice) for _ in range(dice.randint(1, 3))]


def stroll(name: str, visitor: Visitor, selling: Sequence[Article], dice: Random) -> Visit:
    """A visit of somebody unknown: some leave at once, some fill a cart, nobody orders."""
    visit = Visit(name, visitor, arrive(dice), dice)
    if happens(0.3, dice):
        visit.view_page(dice.choice(PAGES))
        return visit
    seen = [dice.choice(selling) for _ in range(dice.randint(1, 3))]
    look_around(visit, seen, dice)
    if happens(0.3, dice):
        visit.add(seen[-1], dice.randint(1, 3))
    return visit


def articles_of(order: OrderPlaced) -> list[Article]:
    """The paid products of an order, each once."""
    priced = {line.sku: line.unit_price for line in order.lines if line.unit_price and line.sku not in NO_PRODUCTS}
    return [Article(sku, price, order.currency) for sku, price in priced.items()]


def _something_for(shopper: Shopper, selling: Sequence[Article], dice: Random) -> Article:
    return dice.choice(shopper.liked) if shopper.liked and happens(0.5, dice) else dice.choice(selling)
