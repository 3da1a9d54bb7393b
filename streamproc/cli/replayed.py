"""A customer as a replay leaves them: by a dump of the customer log, or by the states that a replay has written."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from streamproc.cli.context import Context
from streamproc.cli.customer import addresses_named, bank_of, subjects_named
from streamproc.cli.failing import CommandFailedError
from streamproc.customer.alias import Alias
from streamproc.customer.state import Customer
from streamproc.decide.clock.event_time import PartitionState
from streamproc.decide.identity.who import MAX_HOPS
from streamproc.decide.plan import Plan
from streamproc.decide.states import decode_state
from streamproc.events.log import CONTROL_KEY
from streamproc.events.subject import Subject
from streamproc.events.topics import DECIDE_STATE_TOPIC
from streamproc.models.releases.bank import ModelBank
from streamproc.offline.dumps.record import DumpError
from streamproc.offline.replay.output_folder import STATE_FILE
from streamproc.offline.replay.run import RAW_KEY, Options, key_of, replay
from streamproc.offline.replay.setup import ReplayError, setup_of
from streamproc.offline.replay.states import all_states
from streamproc.settings.signing import signing_key


def known_offline(context: Context, name: str, dumps: Sequence[Path], state: Path | None) -> tuple[Customer, ModelBank]:
    """Who is known by a name, and the versions of models that count for them at the end.

    Raises:
        CommandFailedError: nobody is, or the files cannot be read.
    """
    if dumps and state is not None:
        raise CommandFailedError("--log or --state, not both")
    plan, key = context.configuration.plan, signing_key(context.configuration.app)
    try:
        if state is not None:
            return _in_file(state, name, plan, (key, RAW_KEY))
        setup = setup_of(context.configuration, key)
        with TemporaryDirectory() as folder:
            out = Path(folder) / "replayed"
            replay(dumps, setup, out, Options())
            return _in_file(out / STATE_FILE, name, plan, (key_of(dumps, setup),))
    except (ReplayError, DumpError, OSError) as error:
        raise CommandFailedError(str(error)) from error


def _in_file(path: Path, name: str, plan: Plan, keys: Sequence[bytes]) -> tuple[Customer, ModelBank]:
    """With the first of the keys by which versions can be used; a replay of raw records has signed with its own."""
    states = {(partition, key): raw for topic, partition, key, raw in all_states(path) if topic == DECIDE_STATE_TOPIC}
    places = {key: partition for partition, key in states}
    subjects = [each for key in keys for each in addresses_named(name, key)] + subjects_named(name)
    for _ in range(MAX_HOPS):
        found = next((key for subject in subjects if (key := subject.key.encode()) in places), None)
        if found is None:
            break
        known = decode_state(states[places[found], found])
        if isinstance(known, Customer):
            return known, _bank(states.get((places[found], CONTROL_KEY)), plan, keys)
        subjects = [Subject.of_key(owner.key) for owner in known.owners[-1:]] if isinstance(known, Alias) else []
    raise CommandFailedError(f"nothing is known about {name!r}")


def _bank(raw: bytes | None, plan: Plan, keys: Sequence[bytes]) -> ModelBank:
    state = None if raw is None else decode_state(raw)
    partition = state if isinstance(state, PartitionState) else None
    banks = [bank_of(partition, plan, key) for key in keys]
    return next((bank for bank in banks if bank.releases), banks[0])
