"""A guess for a name that does not exist: what configuration files say wrong is mostly a slip of the fingers."""

from collections.abc import Iterable
from difflib import get_close_matches


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like it, if any is like it.

    >>> closest("cooldown_hours", ["cool_down_hours", "once"]), closest("x", ["once"])
    ('cool_down_hours', None)
    """
    return next(iter(get_close_matches(name, list(known), n=1)), None)


def suggest(name: str, known: Iterable[str]) -> str:
    """The end of a complaint about a name: the guess if there is one, then all there are.

    >>> suggest("loyall", ["at_risk", "loyal"]), suggest("x", ["loyal"])
    ("did you mean 'loyal'? There are: at_risk, loyal", 'there are: loyal')
    """
    names = list(known)
    guess, listed = closest(name, names), ", ".join(names) or "none"
    return f"there are: {listed}" if guess is None else f"did you mean {guess!r}? There are: {listed}"
