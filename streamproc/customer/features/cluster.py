"""The cluster that a customer falls into: nothing for who never ordered, and for all as long as none is released."""

from collections.abc import Mapping
from functools import partial

from streamproc.customer.categories import Named
from streamproc.customer.features.registry import FEATURES, Function, names
from streamproc.customer.features.turning import Limits, Value, Watch, turns
from streamproc.customer.rfm import YEAR_DAYS
from streamproc.customer.view import CustomerView
from streamproc.events.calendar import moment_of
from streamproc.events.times import DAY_MS

NAME = "cluster"


def cluster_features(functions: Mapping[str, Function]) -> Mapping[str, Function]:
    """The feature of this file, by all other features that there are."""
    others = {name: function for name, function in functions.items() if name != NAME}
    return {NAME: Named(partial(_cluster, others))}


def _cluster(functions: Mapping[str, Function], view: CustomerView) -> str:
    """Nothing, too, if a feature that the version asks for is there no more."""
    clusters = view.clusters
    if clusters is None or view.customer.last_order_ms is None or not functions.keys() >= set(clusters.features):
        return ""
    return clusters.of([functions[name](view) for name in clusters.features])


def _daily_for_a_year(_value: Value, _limits: Limits) -> Watch:
    """Whoever is of one is looked at as each day begins, until a year has passed since the last order."""

    def watch(view: CustomerView, _place: int) -> int | None:
        last = view.customer.last_order_ms
        if view.clusters is None or last is None or view.now_ms - last > YEAR_DAYS * DAY_MS:
            return None
        return moment_of(view.wall_ms // DAY_MS + 1, view.customer.zone)

    return watch


@names
@turns(_daily_for_a_year)
def cluster(view: CustomerView) -> str:
    """The cluster of customers like this one (`streamproc models show` says what each is like); nothing: not known."""
    return _cluster({name: function for name, function in FEATURES.items() if name != NAME}, view)
