"""A model as signed bytes and back.

A snapshot is a pickle, so it is only opened when its signature (HMAC-SHA-256) is right, and then by an unpickler
that knows nothing but River's model classes and plain containers: no snapshot can run code.
"""

import hmac
import io
import pickle
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

_ALLOWED_MODULES = ("river.", "streamproc.models.health")
_ALLOWED_NAMES = {
    ("functools", "partial"),
    ("collections", "Counter"),
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
} | {("builtins", name) for name in ("dict", "list", "set", "tuple", "int", "float", "str", "bool", "frozenset")}


_DAMAGES = (
    pickle.UnpicklingError, ValueError, EOFError, AttributeError, ImportError, IndexError, KeyError, TypeError,
    OverflowError, MemoryError,
)  # fmt: skip
"""What unpickling raises for bytes that are no snapshot."""


class SnapshotError(ValueError):
    """A snapshot that must not or cannot be loaded; the last good version stays in use."""


class _ModelUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED_NAMES or (module.startswith(_ALLOWED_MODULES) and "." not in name):
            found = super().find_class(module, name)
            is_own_class = isinstance(found, type) and found.__module__.startswith(_ALLOWED_MODULES)
            if is_own_class or (module, name) in _ALLOWED_NAMES or "_river_rust" in module:
                return found
        raise SnapshotError(f"snapshot wants {module}.{name}, which is not part of a model")


def pack(model: object) -> str:
    """A model as text (pickle in base64)."""
    return b64encode(pickle.dumps(model, protocol=5)).decode("ascii")


def sign(name: str, version: str, snapshot: str, key: bytes) -> str:
    """The signature of a snapshot: it binds the model's name and version too, so none can pass for another."""
    return hmac.new(key, f"{name}\n{version}\n{snapshot}".encode(), sha256).hexdigest()


def unpack(snapshot: str) -> Any:
    """The model of a snapshot that is known to be ours.

    Raises:
        SnapshotError: it asks for anything that is no part of a model, or is damaged.
    """
    try:
        return _ModelUnpickler(io.BytesIO(b64decode(snapshot, validate=True))).load()
    except SnapshotError:
        raise
    except _DAMAGES as error:
        raise SnapshotError(f"snapshot cannot be read: {error}") from error


def verified(name: str, version: str, snapshot: str, signature: str, key: bytes) -> Any:
    """The model of a released snapshot.

    Raises:
        SnapshotError: the signature is not ours, or the snapshot cannot be loaded.
    """
    if not hmac.compare_digest(sign(name, version, snapshot, key).encode(), signature.encode()):
        raise SnapshotError(f"{name} {version}: wrong signature; is the signing key the one that learn uses?")
    return unpack(snapshot)
