"""What changes in a list of things that are known of a customer: some are taken back, others are told."""

from collections import Counter
from collections.abc import Iterable
from typing import Generic, TypeVar

from streamproc.value import value

T = TypeVar("T")


@value
class Difference(Generic[T]):
    """What is taken back of what was told before, and what is told now."""

    taken_back: tuple[T, ...]
    told: tuple[T, ...]


def difference(before: Iterable[T], after: Iterable[T]) -> Difference[T]:
    """From what was known to what is known; what is twice in one of them counts twice.

    >>> difference(["a", "b"], ["b", "b", "c"])
    Difference(taken_back=('a',), told=('b', 'c'))
    """
    before, after = tuple(before), tuple(after)
    is_in, will_be_in = set(before), set(after)
    if len(is_in) == len(before) and len(will_be_in) == len(after):  # nothing twice: no need to count
        taken_back = tuple([each for each in before if each not in will_be_in])
        return Difference(taken_back, tuple([each for each in after if each not in is_in]))
    was, now = Counter(before), Counter(after)
    return Difference(tuple((was - now).elements()), tuple((now - was).elements()))
