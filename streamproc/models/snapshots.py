"""A model as a signed text and back.

The text is data (`as_data`): reading it can make the objects of a churn model and nothing else, whoever signed it.
"""

import hmac
from typing import TYPE_CHECKING

from streamproc.models.as_data.document import read, written
from streamproc.models.as_data.kinds import part
from streamproc.models.as_data.shapes import Always, Fields
from streamproc.models.churn import require_churn
from streamproc.models.seal import Seal
from streamproc.models.snapshot_error import WrongSignatureError

if TYPE_CHECKING:
    from river.compose import Pipeline

VERSION = 1
_SNAPSHOT = Fields({"version": Always(VERSION), "model": part("Pipeline")})


def pack(model: "Pipeline") -> str:
    """A model as text (JSON)."""
    return written(_SNAPSHOT, {"version": VERSION, "model": model}).decode()


def sign(name: str, version: str, snapshot: str, key: bytes) -> str:
    """The signature of a snapshot: it binds the model's name and version too, so none can pass for another."""
    parts = (text.encode(errors="surrogatepass") for text in (name, version, snapshot))
    return Seal.of(key, b"model release").tag(parts).hex()


def unpack(snapshot: str) -> "Pipeline":
    """The model of a snapshot.

    Raises:
        SnapshotError: it is damaged, of another version, or of another kind of model than decide scores with.
    """
    return require_churn(read(_SNAPSHOT, snapshot.encode(errors="surrogatepass"))["model"])


def verified(name: str, version: str, snapshot: str, signature: str, key: bytes) -> "Pipeline":
    """The model of a released snapshot.

    Raises:
        WrongSignatureError: the signature is not ours.
        SnapshotError: the snapshot cannot be used.
    """
    expected = sign(name, version, snapshot, key)
    if not hmac.compare_digest(expected.encode(), signature.encode(errors="surrogatepass")):
        raise WrongSignatureError(f"{name} {version}: wrong signature; is the signing key the one that learn uses?")
    return unpack(snapshot)
