"""The keyed states of decide: its customers, and what it remembers of the partition itself."""

from dataclasses import replace

from streamproc.customer import alias
from streamproc.customer.alias import Alias, decode_alias, due_of_alias, encode_alias
from streamproc.customer.codec import decode, encode
from streamproc.customer.codec import next_due as due_of_customer
from streamproc.customer.state import Customer
from streamproc.decide.clock import event_time, reached
from streamproc.decide.clock.event_time import PartitionState, decode_partition_state, encode_partition_state
from streamproc.decide.clock.reached import Reached, decode_reached, encode_reached
from streamproc.decide.predictions import large_releases
from streamproc.decide.predictions.large_releases import decode_release, encode_release
from streamproc.decide.products import product
from streamproc.decide.products.product import Product, decode_product, encode_product
from streamproc.events.log import CONTROL_KEY, ModelReleased
from streamproc.processor.api import Codec

REACHED_KEY = CONTROL_KEY + b"reached"
"""Where the partition's `Reached` is kept; whoever has events has a key that begins with its kind."""

State = Customer | Alias | Product | PartitionState | Reached | ModelReleased


def is_own(key: bytes) -> bool:
    """Whether a state is the partition's, not a customer's."""
    return key.startswith(CONTROL_KEY)


def encode_state(state: State) -> bytes:
    """A customer's or the partition's state as bytes."""
    match state:
        case Customer():
            return encode(state)
        case Alias():
            return encode_alias(state)
        case Product():
            return encode_product(state)
        case PartitionState():
            return encode_partition_state(state)
        case Reached():
            return encode_reached(state)
        case ModelReleased():
            return encode_release(state)


def decode_state(raw: bytes) -> State:
    """The state of its bytes; the first byte tells which it is."""
    match raw[0]:
        case event_time.VERSION | event_time.GOVERNED_VERSION:
            return decode_partition_state(raw)
        case reached.VERSION:
            return decode_reached(raw)
        case large_releases.VERSION:
            return decode_release(raw)
        case alias.VERSION:
            return decode_alias(raw)
        case product.VERSION:
            return decode_product(raw)
        case _:
            return decode(raw)


def is_customer(key: bytes, raw: bytes) -> bool:
    """Whether a state is somebody's: not the partition's own, not an id of somebody else, and no product's."""
    return not is_own(key) and raw[0] not in (alias.VERSION, product.VERSION)


def next_due(raw: bytes) -> int | None:
    """When a customer, an alias or a product is to be woken (epoch ms), by the bytes of its state."""
    if raw[0] == product.VERSION:
        return decode_product(raw).next_due_ms
    return due_of_alias(raw) if raw[0] == alias.VERSION else due_of_customer(raw)


def detached(key: bytes, state: State) -> tuple[bytes, State]:
    """The state as it is for a log that begins anew: no event of it has been applied."""
    if isinstance(state, Customer):
        state = state.copy()
        state.applied_offset = -1
    elif isinstance(state, Alias):
        state = replace(state, applied_offset=-1)
    elif isinstance(state, Reached):
        state = replace(state, offset=-1, said=0)
    return key, state


CODEC = Codec(encode_state, decode_state)
