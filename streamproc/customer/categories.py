"""Features whose values are names: conditions compare names, models learn one weight for each.

As a number a name is a digest of it, so that what looks at limits of numbers looks at names, too: the same number for
the same name everywhere, and 0 for none.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

from streamproc.customer.view import CustomerView

UNKNOWN = 0.0
_BYTES = 6


@lru_cache(maxsize=1 << 12)
def number_of(name: str) -> float:
    """The number of a name: whole, and exact as a float.

    >>> number_of(""), number_of("garden") == number_of("garden") > 0
    (0.0, True)
    """
    return 1.0 + int.from_bytes(blake2b(name.encode(), digest_size=_BYTES).digest()) if name else UNKNOWN


class Named:
    """A feature that says a name; `text` gives it, empty: not known."""

    def __init__(self, text: Callable[[CustomerView], str]) -> None:
        self.text = text
        self.__doc__ = text.__doc__

    def __call__(self, view: CustomerView) -> float:
        """The number of the name."""
        return number_of(self.text(view))
