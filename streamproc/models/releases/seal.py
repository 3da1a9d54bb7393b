"""What only this system's signing key can have made.

Each purpose has a key of its own, derived from the signing key: what was signed for one cannot pass for another.
Source: RFC 2104 (HMAC); the derivation is HKDF's expand step for one block (RFC 5869).
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from streamproc.models.snapshot_error import WrongSignatureError

HASH = "sha256"
TAG_BYTES = 32


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs, and knows what it has signed, for one purpose."""

    _key: bytes = field(repr=False)

    @classmethod
    def of(cls, signing_key: bytes, purpose: bytes) -> Self:
        """The seal of a purpose."""
        return cls(hmac.digest(signing_key, b"streamproc " + purpose + b"\x01", HASH))

    def tag(self, parts: Iterable[bytes]) -> bytes:
        """The signature of these parts; with their lengths, so that nothing moves from one into the next."""
        return hmac.digest(self._key, b"".join(b"%d:%b" % (len(part), part) for part in parts), HASH)

    def sealed(self, content: bytes) -> bytes:
        """The content behind its signature."""
        return self.tag((content,)) + content

    def opened(self, sealed: bytes) -> bytes:
        """The content.

        Raises:
            WrongSignatureError: somebody else has written it, or changed it.
        """
        content = sealed[TAG_BYTES:]
        if not hmac.compare_digest(self.tag((content,)), sealed[:TAG_BYTES]):
            raise WrongSignatureError("it is not signed with this signing key")
        return content
