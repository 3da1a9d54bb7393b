"""A customer as a replay leaves them: by a dump of the customer log, or by the states that a replay has written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from streamproc.cli.context import Context
from streamproc.cli.customer import meant_by
from streamproc.cli.failing import CommandFailedError
from streamproc.customer.alias import Alias
from streamproc.customer.state import Customer
from streamproc.decide.identity import MAX_HOPS
from streamproc.decide.states import decode_state
from streamproc.events.subject import Subject
from streamproc.events.topics import DECIDE_STATE_TOPIC
from streamproc.offline.dumps.record import DumpError
from streamproc.offline.replay.output_folder import STATE_FILE
from streamproc.offline.replay.run import Options, replay
from streamproc.offline.replay.setup import ReplayError, setup_of
from streamproc.offline.replay.states import all_states
from streamproc.settings.signing import signing_key


def known_offline(context: Context, name: str, dumps: Sequence[Path], state: Path | None) -> Customer:
    """Who is known by a name.

    Raises:
        CommandFailedError: nobody is, or the files cannot be read.
    """
    if dumps and state is not None:
        raise CommandFailedError("--log or --state, not both")
    try:
        if state is not None:
            return _in_file(state, meant_by(context, name), name)
        configuration = context.configuration
        with TemporaryDirectory() as folder:
            out = Path(folder) / "replayed"
            replay(dumps, setup_of(configuration, signing_key(configuration.app)), out, Options())
            return _in_file(out / STATE_FILE, meant_by(context, name), name)
    except (ReplayError, DumpError, OSError) as error:
        raise CommandFailedError(str(error)) from error


def _in_file(path: Path, subjects: Sequence[Subject], name: str) -> Customer:
    states = {key: raw for topic, _, key, raw in all_states(path) if topic == DECIDE_STATE_TOPIC}
    for _ in range(MAX_HOPS):
        raw = _first(states, subjects)
        if raw is None:
            break
        known = decode_state(raw)
        if isinstance(known, Customer):
            return known
        subjects = [Subject.of_key(owner.key) for owner in known.owners[-1:]] if isinstance(known, Alias) else []
    raise CommandFailedError(f"nothing is known about {name!r}")


def _first(states: Mapping[bytes, bytes], subjects: Sequence[Subject]) -> bytes | None:
    return next((raw for subject in subjects if (raw := states.get(subject.key.encode())) is not None), None)
