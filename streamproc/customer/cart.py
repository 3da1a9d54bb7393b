"""The cart: what it holds is a function of what was done with it, whatever the order in which that was told.

What was done of late is remembered and played in the order in which it happened. So a product that was taken out or
bought stays out when its adding is told only later, and one that is wanted again afterwards is in.
"""

from collections.abc import Iterable
from typing import NamedTuple

from streamproc.customer.cart_acts import CartAct, CartActs, Did, Line
from streamproc.events.times import DAY_MS

MAX_CART_LINES = 100
MAX_WEIGHT = 120
"""So many things that were done are remembered; the whole content of a cart weighs as much as its lines."""
KEEP_MS = 14 * DAY_MS
"""What was done so long before the newest is forgotten: a cart that nobody has touched since then, too."""
MAX_CART_ORDERS = 4
MAX_NAMES = 200
"""So many products of an order are known by all their names, as digests."""


class Cart(NamedTuple):
    """What lies in the cart: `lines` is sku to quantity; `changed_ms` the last change, check-out or order."""

    cart_id: str
    created_ms: int
    changed_ms: int
    lines: dict[str, int]


def with_act(acts: CartActs, act: CartAct) -> CartActs:
    """With one thing more, in the order of their times; an order that is told again is the same one."""
    known = next((each for each in acts if act.order and each.order == act.order), None)
    if known is not None:
        newest = max(known, act, key=lambda each: (each.told_ms, each.content))
        act = newest._replace(at_ms=min(known.at_ms, act.at_ms))
    return CartActs.of(sorted((*(each for each in acts if each is not known), act), key=_order))


def bounded(acts: CartActs) -> CartActs:
    """The newest of them, as far as they may be remembered."""
    kept: list[CartAct] = []
    weight = orders = 0
    for act in reversed(acts):
        if act.at_ms < acts[-1].at_ms - KEEP_MS:
            break
        if act.did == Did.ORDERED:
            orders += 1
            if orders <= MAX_CART_ORDERS:
                kept.append(act)
            continue
        weight += max(1, len(act.lines))
        if weight > MAX_WEIGHT:
            break
        kept.append(act)
    return CartActs.of(reversed(kept))


def cart_of(key: str, acts: CartActs, *, until_ordered: bool = False) -> Cart | None:
    """The cart that there is; `until_ordered`: any order ends it, else only the order that names it."""
    return _Play(key, acts, until_ordered=until_ordered).cart


def carts_begun(key: str, acts: CartActs) -> tuple[tuple[str, int], ...]:
    """Each cart that there was, and when it began (epoch ms)."""
    return tuple(_Play(key, acts, until_ordered=False).begun)


def _order(act: CartAct) -> tuple[object, ...]:
    lines = tuple((line.sku, -1 if line.quantity is None else line.quantity, line.names) for line in act.lines)
    return (act.at_ms, act.did, act.cart_id or "", act.order, lines, act.names)


class _Play:
    """Plays what was done, from the first to the last."""

    def __init__(self, key: str, acts: CartActs, *, until_ordered: bool) -> None:
        self._key = key
        self._until_ordered = until_ordered
        self._names: dict[str, tuple[int, ...]] = {}
        self.cart: Cart | None = None
        self.begun: list[tuple[str, int]] = []
        for act in acts:
            self._play(act)

    def _play(self, act: CartAct) -> None:
        match act.did:
            case Did.ADDED:
                self._put(act, {line.sku: self._held(act, line) + (line.quantity or 0) for line in act.lines})
            case Did.UPDATED:
                if self._is_of(act):
                    self._keep(act.at_ms, ())
                self._put(act, {line.sku: line.quantity or 0 for line in act.lines})
            case Did.REMOVED:
                if self._is_of(act):
                    self._remove(act)
            case Did.TOUCHED:
                if self.cart is not None and self._is_of(act):
                    self.cart = self.cart._replace(changed_ms=act.at_ms)
            case _:
                self._ordered(act)

    def _is_of(self, act: CartAct) -> bool:
        return self.cart is not None and act.cart_id in (None, self.cart.cart_id)

    def _held(self, act: CartAct, line: Line) -> int:
        return self.cart.lines.get(line.sku, 0) if self.cart is not None and self._is_of(act) else 0

    def _put(self, act: CartAct, lines: dict[str, int]) -> None:
        """Into the cart there is, or into a new one."""
        if not lines:
            return
        if self.cart is None or not self._is_of(act):
            cart_id = act.cart_id or f"{self._key}:{act.at_ms}"
            self.cart, self._names = Cart(cart_id, act.at_ms, act.at_ms, {}), {}
            self.begun.append((cart_id, act.at_ms))
        self._names |= {line.sku: line.names for line in act.lines}
        held = self.cart.lines
        fitting = [sku for sku in lines if sku not in held][: max(0, MAX_CART_LINES - len(held))]
        more = {sku: quantity for sku, quantity in lines.items() if sku in held or sku in fitting}
        self.cart = self.cart._replace(changed_ms=act.at_ms, lines={**held, **more})

    def _remove(self, act: CartAct) -> None:
        if not act.lines:
            self._keep(act.at_ms, ())
        for line in act.lines:
            held = self.cart.lines if self.cart is not None else {}
            for sku in [sku for sku in held if self._is_named(sku, line.names)]:
                self._take(act.at_ms, sku, line.quantity)

    def _take(self, at_ms: int, sku: str, quantity: int | None) -> None:
        if self.cart is None:
            return
        left = 0 if quantity is None else self.cart.lines[sku] - quantity
        if left > 0:
            self.cart = self.cart._replace(changed_ms=at_ms, lines={**self.cart.lines, sku: left})
        else:
            self._keep(at_ms, (other for other in self.cart.lines if other != sku))

    def _ordered(self, act: CartAct) -> None:
        if self.cart is None:
            return
        if self._until_ordered or act.cart_id == self.cart.cart_id:
            self._keep(act.at_ms, ())
            return
        names = frozenset(act.names)
        left = [sku for sku in self.cart.lines if not self._is_named(sku, names)]
        self._keep(act.at_ms, left)

    def _is_named(self, sku: str, names: Iterable[int]) -> bool:
        return not frozenset(self._names[sku]).isdisjoint(names)

    def _keep(self, at_ms: int, skus: Iterable[str]) -> None:
        """Leave these products; an empty cart is no cart."""
        if self.cart is None:
            return
        lines = {sku: self.cart.lines[sku] for sku in skus}
        self.cart = self.cart._replace(changed_ms=at_ms, lines=lines) if lines else None
