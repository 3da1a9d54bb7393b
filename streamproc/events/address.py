"""E-mail addresses as ids: in the customer log and behind it stands only a keyed hash of one.

A hash without a key would be as good as the address: all addresses that there are can be tried. The key is derived from
the signing key (RFC 2104, HMAC), so all stages of a system have the same one; with another signing key addresses are
other ids, until their customers are heard of again.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Annotated, Self

from pydantic import StringConstraints

from streamproc.events.identifiers import trimmed

MAX_ADDRESS = 320
_BYTES = 15

Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ADDRESS)]
"""In raw messages an e-mail address, in the customer log its keyed hash."""


@dataclass(frozen=True, slots=True)
class AddressHash:
    """Makes ids of addresses.

    >>> AddressHash.of(b"key").id_of(" Ada@Example.org") == AddressHash.of(b"key").id_of("ada@example.org")
    True
    """

    _key: bytes = field(repr=False)

    @classmethod
    def of(cls, signing_key: bytes) -> Self:
        """The hash of a system."""
        return cls(hmac.digest(signing_key, b"streamproc addresses\x01", "sha256"))

    def id_of(self, address: object) -> str | None:
        """The id of an address, in any case of letters (20 characters); None if it is none."""
        name, at, domain = trimmed(address).lower().rpartition("@") if isinstance(address, str) else ("", "", "")
        if not (name and at and domain) or len(name) + len(domain) >= MAX_ADDRESS:
            return None
        said = f"{name}@{domain}".encode(errors="replace")
        return urlsafe_b64encode(hmac.digest(self._key, said, "sha256")[:_BYTES]).decode()


NO_ADDRESSES = AddressHash.of(b"")
"""For those who need no ids of addresses, only whether something is one."""
