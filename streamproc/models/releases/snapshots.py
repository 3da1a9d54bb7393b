"""A model as a signed text and back.

The text is data (`as_data`): reading it can make the objects of our models and nothing else, whoever signed it.
"""

import hmac

from streamproc.events.log import ModelReleased
from streamproc.models.as_data.document import read, written
from streamproc.models.as_data.kinds import MODELS, part
from streamproc.models.as_data.shapes import Always, Fields
from streamproc.models.kind import Prediction
from streamproc.models.releases.seal import Seal
from streamproc.models.scorer import Model
from streamproc.models.snapshot_error import WrongSignatureError

VERSION = 1
_SNAPSHOT = Fields({"version": Always(VERSION), "model": part(*MODELS)})


def pack(model: Model) -> str:
    """A model as text (JSON)."""
    return written(_SNAPSHOT, {"version": VERSION, "model": model}).decode()


def sign(name: str, version: str, snapshot: str, key: bytes) -> str:
    """The signature of a snapshot: it binds the model's name and version too, so none can pass for another."""
    parts = (text.encode(errors="surrogatepass") for text in (name, version, snapshot))
    return Seal.of(key, b"model release").tag(parts).hex()


def unpack(snapshot: str, prediction: Prediction) -> Model:
    """The model of a snapshot.

    Raises:
        SnapshotError: it is damaged, of another version, or another model than the prediction's.
    """
    return prediction.require(read(_SNAPSHOT, snapshot.encode(errors="surrogatepass"))["model"])


def verify(release: ModelReleased, key: bytes) -> None:
    """Look whether a release is ours.

    Raises:
        WrongSignatureError: it is not.
    """
    name, version = release.model, release.version
    expected = sign(name, version, release.snapshot, key)
    if not hmac.compare_digest(expected.encode(), release.signature.encode(errors="surrogatepass")):
        raise WrongSignatureError(f"{name} {version}: wrong signature; is the signing key the one that learn uses?")
