"""What can be done about a model's versions, by its releases and the audit topic; and that decide does the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide.clock.event_time import PartitionState
from streamproc.events.log import ModelGoverned
from streamproc.events.model_audit import ModelAct
from streamproc.events.times import parse_rfc3339
from streamproc.events.training import ModelCard
from streamproc.models.releases.acts import ImpossibleActError, ModelHistory, Who, released
from streamproc.models.releases.governing import verify_act
from streamproc.models.releases.snapshots import sign
from tests.builders import KEY, NOON_MS
from tests.trying import tried

WHO = Who("ada", "scores are odd", NOON_MS)


def card(number: int) -> ModelCard:
    version = f"churn-{number}"
    signature = sign("churn", version, "{}", KEY)
    return ModelCard("churn", version, number, "2026-01-01T00:00:00Z", ("log_orders",), {}, {}, "{}", signature)


class Model:
    """A model whose versions are released and governed; what stands in both topics, and a partition of decide."""

    def __init__(self, releases: int = 0) -> None:
        self.cards: list[ModelCard] = []
        self.acts: list[ModelAct] = []
        self.state = PartitionState()
        self.moment = 0
        for _ in range(releases):
            self.release()

    def release(self) -> None:
        self.cards.append(card(len(self.cards) + 1))
        self.state = self.state.with_release(released(self.cards[-1]))

    @property
    def history(self) -> ModelHistory:
        return ModelHistory.of("churn", self.cards, self.acts)

    def retreats(self, number: int) -> None:
        """As learn has it done: to a version, or to none."""
        release = released(self.cards[number - 1]) if 0 < number <= len(self.cards) else None
        self.moment += 1
        unsigned = ModelGoverned(action="retreat", model="churn", at_ms=self.moment, release=release)
        to, newest = release.version if release else None, self.cards[-1].version
        self.acts.append(
            ModelAct(
                "churn", "retreat", "learn", "2024-05-01T12:00:00Z", "", None, to, newest, frozen=True, signature=""
            )
        )
        self.state = self.state.with_act(unsigned)

    def does(self, what: str, *given: Any, **options: Any) -> str | None:
        planned = getattr(self.history, what)(*given, **options)
        governed, act = self.history.acted(planned, WHO, KEY)
        verify_act(governed, KEY)
        assert governed.signature == act.signature
        self.acts.append(act)
        self.state = self.state.with_act(governed)
        return act.to_version


def test_the_version_before_the_one_that_counts_counts_again() -> None:
    model = Model(3)
    assert model.does("rollback", None) == "churn-2"
    assert model.does("rollback", None) == "churn-1"
    assert [(act.from_version, act.to_version, act.frozen) for act in model.acts] == [
        ("churn-3", "churn-2", True),
        ("churn-2", "churn-1", True),
    ]
    assert model.does("unfreeze") == "churn-1"


def test_what_waits_counts_when_the_model_is_unfrozen() -> None:
    model = Model(2)
    model.does("rollback", "churn-1")
    model.release()
    assert (model.history.standing.counts, model.history.standing.waiting) == ("churn-1", "churn-3")
    assert model.does("unfreeze") == "churn-3"


def test_two_acts_within_a_millisecond_have_an_order() -> None:
    model = Model(2)
    model.does("rollback", None)
    model.does("unfreeze")
    assert [parse_rfc3339(act.at) - NOON_MS for act in model.acts] == [0, 1]


@pytest.mark.parametrize(
    ("before", "what", "why"),
    [
        ([], ("rollback", "churn-3"), "churn-3 is not before churn-3"),
        ([], ("rollback", "churn-9"), "churn-9 is not among the 3 versions of churn"),
        ([("promote", "churn-1")], ("rollback", None), "churn-1 is the first version of churn"),
        ([("promote", "churn-1")], ("promote", "churn-1"), "counts already"),
        ([], ("unfreeze",), "is not frozen: churn-3 counts"),
        ([("freeze",)], ("freeze",), "is frozen already, at churn-3"),
        ([("freeze",)], ("promote", "churn-1"), "with --unfreeze churn-1 counts"),
    ],
)
def test_what_would_change_nothing_or_something_else_is_refused(before: list[Any], what: Any, why: str) -> None:
    model = Model(3)

    def does(name: str, *given: Any) -> None:
        model.does(name, *given, **({"unfreezing": False} if name == "promote" else {}))

    for each in before:
        does(*each)
    with pytest.raises(ImpossibleActError, match=why):
        does(*what)
    assert len(model.acts) == len(before)


def test_a_model_without_a_version_has_no_history() -> None:
    with pytest.raises(ImpossibleActError, match="no version of buys has been released"):
        ModelHistory.of("buys", [card(1)], [])


def test_what_has_gone_back_to_no_version_is_brought_back_by_name() -> None:
    model = Model(3)
    model.retreats(0)
    assert (model.history.standing.counts, model.history.standing.frozen) == (None, True)
    with pytest.raises(ImpossibleActError, match="say with --to which one is to"):
        model.does("rollback", None)
    assert model.does("unfreeze") is None
    with pytest.raises(ImpossibleActError, match="no version of churn counts"):
        model.does("freeze")
    assert model.does("promote", "churn-2", unfreezing=False) == "churn-2"


deeds = st.sampled_from(["release", "freeze", "unfreeze", "rollback", "promote", "retreat"])


@tried(100)
@given(st.lists(st.tuples(deeds, st.integers(1, 5)), max_size=25))
def test_how_it_stands_by_the_topics_is_how_it_stands_in_the_log(history: list[tuple[str, int]]) -> None:
    model = Model(1)
    for what, number in history:
        version = {"version": f"churn-{number}"}
        options: dict[str, dict[str, Any]] = {"rollback": version, "promote": version | {"unfreezing": True}}
        try:
            if what == "retreat":
                model.retreats(number - 1)
            else:
                model.release() if what == "release" else model.does(what, **options.get(what, {}))
        except ImpossibleActError:
            continue
        standing, told = model.state.standing("churn"), model.history.standing
        counts, waiting = (each and each.version for each in (standing.counts, standing.waiting))
        assert (told.counts, told.frozen, told.waiting) == (counts, standing.frozen, waiting)
