"""The keyed states of decide: its customers, and what it remembers of the partition itself."""

from dataclasses import replace

from streamproc.customer.codec import decode, encode
from streamproc.customer.state import Customer
from streamproc.decide import event_time, reached
from streamproc.decide.event_time import PartitionState, decode_partition_state, encode_partition_state
from streamproc.decide.reached import Reached, decode_reached, encode_reached
from streamproc.events.log import CONTROL_KEY
from streamproc.processor.api import Codec

REACHED_KEY = CONTROL_KEY + b"reached"
"""Where the partition's `Reached` is kept; whoever has events has a key that begins with its kind."""

OWN_KEYS = frozenset({CONTROL_KEY, REACHED_KEY})
"""The keys of the states that are the partition's, not a customer's."""

State = Customer | PartitionState | Reached


def encode_state(state: State) -> bytes:
    """A customer's or the partition's state as bytes."""
    match state:
        case Customer():
            return encode(state)
        case PartitionState():
            return encode_partition_state(state)
        case Reached():
            return encode_reached(state)


def decode_state(raw: bytes) -> State:
    """The state of its bytes; the first byte tells which it is."""
    match raw[0]:
        case event_time.VERSION:
            return decode_partition_state(raw)
        case reached.VERSION:
            return decode_reached(raw)
        case _:
            return decode(raw)


def detached(key: bytes, state: State) -> tuple[bytes, State]:
    """The state as it is for a log that begins anew: no event of it has been applied."""
    if isinstance(state, Customer):
        state = state.copy()
        state.applied_offset = -1
    elif isinstance(state, Reached):
        state = replace(state, offset=-1, said=0)
    return key, state


CODEC = Codec(encode_state, decode_state)
