"""Ids and skus: one way to write each, and nothing in them that cannot be seen.

Two ids that look the same and are not would be two customers; a control character in one would be obeyed by every
terminal, log and table that shows it. So ids are trimmed and in Unicode's composed form (NFC), and control, format and
separator characters but the plain space are no part of one.
"""

from collections.abc import Container
from functools import partial
from hashlib import blake2b
from typing import Annotated
from unicodedata import category, normalize

from pydantic import AfterValidator, StringConstraints

_WHITE = (
    "\t\n\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's White_Space, which pydantic trims; Python's own `strip` takes U+001C to U+001F for space, too."""

NOBODY = frozenset(
    (
        "", "null", "none", "nil", "nan", "n/a", "#n/a", "undefined", "unknown", "anonymous", "guest", "test", "true",
        "false", "-1", "(not set)", "[object object]", "?",
    )
)  # fmt: skip
"""What systems write where they know of nobody, in small letters; all zeros are another such thing."""

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp", "Zs"))
_VISIBLE = (
    r"^[^\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    r"\u3000\ufeff\ufff9-\ufffb]+$"
)
"""For those who read the JSON Schema; format characters beyond U+FFFF are found below."""


def trimmed(text: str) -> str:
    r"""The text without white space around it, in Unicode's composed form.

    >>> trimmed("\u00a0cafe\u0301 ")
    'café'
    """
    text = text.strip(_WHITE)
    return text if text.isascii() else normalize("NFC", text)


def identifies_nobody(text: str, also: Container[str] = ()) -> bool:
    """Whether an id is one that systems write for want of one; `also`: further ones, in small letters.

    >>> [identifies_nobody(each) for each in (" NaN ", "000", "Guest", "g-17")]
    [True, True, True, False]
    """
    word = (text.strip() if text.isascii() else trimmed(text)).lower()
    return word in NOBODY or word in also or not word.strip("0-")


def plain_id(text: str, most: int = 128) -> str:
    r"""An id as it is kept.

    Raises:
        ValueError: it is empty, longer than `most` characters, or has some that cannot be seen.

    >>> plain_id(" cafe\u0301 ")
    'café'
    """
    text = trimmed(text)
    if text.isascii() and text.isprintable() and 0 < len(text) <= most:
        return text
    if not 0 < len(text) <= most:
        raise ValueError(f"must have 1 to {most} characters")
    unseen = next((each for each in text if each != " " and category(each) in _UNSEEN), None)
    if unseen is not None:
        raise ValueError(f"must not have U+{ord(unseen):04X}, a control, format or separator character")
    return text


def digest_of(said: bytes, size: int = 6) -> int:
    """So many bytes of a hash, as what is said is remembered by whoever only has to know it again."""
    return int.from_bytes(blake2b(said, digest_size=size).digest())


def _normal(most: int, text: str) -> str:
    """What pydantic's own checks leave to do: nothing, mostly."""
    return text if text.isascii() else plain_id(text, most)


def is_check(function: object) -> bool:
    """Whether it is the check of an id, as it stands in pydantic's schemas."""
    return isinstance(function, partial) and function.func is _normal


Id = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=_VISIBLE),
    AfterValidator(partial(_normal, 128)),
]
"""An identifier given by the shop: trimmed, NFC, 1 to 128 characters that can be seen."""

MessageId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=998, pattern=_VISIBLE),
    AfterValidator(partial(_normal, 998)),
]
"""A message's own id, as an `Id`, of as many characters as a line of a mail's header may have (RFC 5322)."""

Sku = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_VISIBLE),
    AfterValidator(partial(_normal, 64)),
]
"""A product's own id, as an `Id`, of at most 64 characters."""
