"""A replay from dumps to a folder: one file per output topic, the states, and a summary.

The folder appears under its name when everything in it is complete. It holds no time of its own and no trace of how
many processes there were: the same dumps and configuration give the same bytes.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

from streamproc.events.times import HOUR_MS
from streamproc.events.topics import LOG_TOPIC
from streamproc.garbage import calmed_collector
from streamproc.offline.dumps.files import PROGRESS_EVERY, OnProgress, ignore_progress, merge_dumps
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.engine import in_runs
from streamproc.offline.replay.group import ShardGroup, ShardJob, in_order
from streamproc.offline.replay.jobs import Processes, WorkerPool
from streamproc.offline.replay.log_dump import LogDump, read_in_turn
from streamproc.offline.replay.output_folder import SUMMARY_FILE, OutputFolder
from streamproc.offline.replay.raw import TOPIC_ID, RawReplay
from streamproc.offline.replay.setup import ReplayConfig, ReplayError
from streamproc.offline.replay.summary import Summary

T = TypeVar("T")

OUT_OF_ORDER_MS = HOUR_MS
"""By how much the timestamps of a raw dump may go back; by more, somebody has put parts together in a wrong order."""

RAW_KEY = b"replay"
"""Releases that a replay makes for itself are signed with this, so that they do not depend on the machine."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a replay runs.

    Attributes:
        jobs: how many processes.
        begin_with: the `state.jsonl` of an earlier replay of this log, to go on from.
        close_after_ms: how much event time passes after the last raw record.
        on_progress: is told how many records of the dumps were read.
    """

    jobs: int = 1
    begin_with: Path | None = None
    close_after_ms: int = 0
    on_progress: OnProgress = ignore_progress


def replay(dumps: Sequence[Path], setup: ReplayConfig, out: Path, options: Options) -> Summary:
    """Replay dumps of the customer log, or raw ones, into the folder `out`.

    Raises:
        ReplayError: what the dumps hold cannot be replayed.
        DumpError: a dump cannot be read.
    """
    with calmed_collector(), _complete_or_not_at_all(out) as folder:
        setup = replace(setup, signing_key=key_of(dumps, setup))
        if is_of_the_log(dumps):
            return _replay_log(dumps, setup, folder, options)
        if options.begin_with is not None:
            raise ReplayError("only a replay of the customer log can go on from a state; raw dumps begin with none")
        return _replay_raw(dumps, setup, folder, options)


def refuse_foreign(out: Path) -> None:
    """See that a replay into this folder would take nothing away but an earlier replay.

    Raises:
        ReplayError: it would.
        OSError: it is no folder.
    """
    if out.exists() and not (out / SUMMARY_FILE).exists() and any(out.iterdir()):
        raise ReplayError(f"{out} holds something else than a replay; name another folder, or remove it")


def is_of_the_log(dumps: Sequence[Path]) -> bool:
    """Whether the first record is of the customer log; otherwise it must be raw.

    Raises:
        ReplayError: there is no record.
    """
    return _first_of(dumps).topic == LOG_TOPIC


def key_of(dumps: Sequence[Path], setup: ReplayConfig) -> bytes:
    """What the releases are signed with: the system's key, but not in what a replay of raw records makes or has made.

    Raises:
        ReplayError: there is no record.
    """
    first = _first_of(dumps)
    return setup.signing_key if first.topic == LOG_TOPIC and first.topic_id != TOPIC_ID else RAW_KEY


def _first_of(dumps: Sequence[Path]) -> DumpedRecord:
    first = next(read_in_turn(dumps), None)
    if first is None:
        raise ReplayError(f"{', '.join(map(str, dumps))}: no record in it")
    return first


def _replay_log(dumps: Sequence[Path], setup: ReplayConfig, folder: Path, options: Options) -> Summary:
    log = LogDump(setup.log_partitions)
    with closing(OutputFolder(setup, folder, options.begin_with)) as assembly:
        work = ShardJob(setup, range(setup.log_partitions), assembly.parts, options.begin_with)
        with _crew(work, options.jobs) as crew:
            for run in in_runs(_counted(log.reads(read_in_turn(dumps)), options.on_progress)):
                crew.feed(run, log.topic_id)
            return assembly.finish(crew.finish(), log.begins)


def _replay_raw(dumps: Sequence[Path], setup: ReplayConfig, folder: Path, options: Options) -> Summary:
    raw = RawReplay(setup, options.close_after_ms)
    with closing(OutputFolder(setup, folder)) as assembly:
        work = ShardJob(setup, range(setup.log_partitions), assembly.parts, is_raw=True)
        with _crew(work, options.jobs) as crew, assembly.log_writer() as log:
            for each in raw.rounds(_counted(merge_dumps(dumps, OUT_OF_ORDER_MS), options.on_progress)):
                rows = each.rows
                while rows:
                    log.put(rows)
                    for run in in_runs(rows):
                        crew.feed(run, TOPIC_ID)
                    rows = raw.passed_on(in_order(crew.take_forwards()))
                if each.is_hour:
                    raw.learn(in_order(crew.take_answered()))
                    assembly.put_aside(raw.taken_aside())
            return assembly.finish(crew.finish(), {}, raw.states())


@contextmanager
def _crew(work: ShardJob, jobs: int) -> Iterator[WorkerPool]:
    """One process more does not pay for itself; several take the partitions in turn."""
    count = min(jobs, len(work.partitions))
    if count <= 1:
        with closing(ShardGroup(work)) as group:
            yield group
        return
    with Processes(work, count) as crew:
        yield crew


@contextmanager
def _complete_or_not_at_all(out: Path) -> Iterator[Path]:
    """A folder that gets its name when the block has ended well; an earlier replay of that name is replaced."""
    refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        yield folder
        shutil.rmtree(out, ignore_errors=True)
        folder.chmod(0o755)
        folder.replace(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _counted(records: Iterable[T], on_progress: OnProgress) -> Iterator[T]:
    done = 0
    for done, record in enumerate(records, start=1):
        if done % PROGRESS_EVERY == 0:
            on_progress(done)
        yield record
    on_progress(done)
