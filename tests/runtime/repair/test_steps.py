"""What a repair would do, before it does it; and what it refuses since it would make things worse."""

from pathlib import Path

import pytest

from streamproc.processor.api import Source
from streamproc.runtime.repair.copies import copies, drop_copy
from streamproc.runtime.repair.situation import Situation
from streamproc.runtime.repair.steps import ImpossibleError, States, accept_topic, drop_state, move
from streamproc.runtime.state.source_position import SourceOffsets, SourcePosition
from streamproc.runtime.state.store import CopyPosition, RocksMemory, RocksStore
from streamproc.runtime.worker.layout import Changelog, SourceTopic

HERE, ELSEWHERE = "aa", "bb"
NOW_MS = 1_700_000_000_000
AT_42 = SourcePosition(HERE, 42)
SOURCE = Source(("events",), lambda context: None)  # type: ignore[arg-type, return-value]


def situation(
    committed: int | None = 42, mark: SourcePosition | None = AT_42, *, begin: int = 10, keeps: bool = True
) -> Situation:
    changelog = Changelog("x.events.state", "cc") if keeps else None
    topic = SourceTopic("events", "x.events", HERE, SOURCE, changelog)
    return Situation(topic, 0, SourceOffsets(begin, 90, committed), mark if keeps else None, frozenset({b"a", b"b"}))


def moved(where: str, **how: object) -> tuple[int, str]:
    (step,) = move([situation(**how)], where)  # type: ignore[arg-type]
    assert step.states is States.KEPT
    return step.to, step.meaning


def test_an_offset_goes_back_to_where_the_states_are() -> None:
    assert moved("state", committed=7) == (42, "nothing is lost and nothing is repeated")


def test_forward_says_what_is_lost() -> None:
    assert moved("50") == (50, "8 records are never processed, of which 8 are still there")
    assert moved("latest") == (90, "48 records are never processed, of which 48 are still there")


def test_the_earliest_is_where_the_states_are_or_where_the_log_begins() -> None:
    assert moved("earliest") == (42, "nothing is lost and nothing is repeated")
    assert moved("earliest", begin=60) == (60, "18 records are never processed, of which 0 are still there")


def test_without_states_the_earliest_is_the_first_record_again() -> None:
    said = "32 records are processed again, and their results are written a second time"
    assert moved("earliest", keeps=False) == (10, said)


@pytest.mark.parametrize(
    ("where", "how", "why"),
    [
        ("20", {}, "it would count twice"),
        ("9", {}, "9 is not in the log, 10 to 90"),
        ("91", {}, "91 is not in the log"),
        ("latest", {"mark": SourcePosition(ELSEWHERE, 42)}, "use `accept-topic`"),
        ("state", {"mark": None}, "there are no states"),
    ],
)
def test_what_would_make_it_worse_is_refused(where: str, how: dict[str, object], why: str) -> None:
    with pytest.raises(ImpossibleError, match=why):
        moved(where, **how)


def test_states_of_a_topic_made_anew_begin_with_its_first_record() -> None:
    (step,) = accept_topic([situation(None, SourcePosition(ELSEWHERE, 42)), situation()])
    assert (step.to, step.states) == (10, States.DETACHED)
    assert step.meaning.startswith("2 states stay; what x.events had after offset 42 when it was deleted is lost")


@pytest.mark.parametrize("keeps", [True, False])
def test_there_must_be_something_to_accept(*, keeps: bool) -> None:
    with pytest.raises(ImpossibleError):
        accept_topic([situation(keeps=keeps)])


def test_dropped_states_are_made_anew_from_what_the_log_has() -> None:
    (step,) = drop_state([situation()], NOW_MS)
    assert (step.to, step.states) == (10, States.DROPPED)
    assert "2 states are deleted; what is older than offset 10 is not counted any more, and 80 records" in step.meaning


def test_a_copy_that_nobody_holds_is_deleted_with_what_was_set_aside(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "group" / "events-3", RocksMemory(1 << 20, 1 << 20))
    store.write([(b"a", b"1")], CopyPosition("cc", 7, 1.0))
    store.close()
    (tmp_path / "group" / "events-3.set-aside").mkdir()
    (tmp_path / "group" / "events-4").mkdir()
    for path in copies(tmp_path, "group", (3,)):
        drop_copy(path)
    assert [path.name for path in (tmp_path / "group").iterdir()] == ["events-4"]
