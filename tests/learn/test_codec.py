from dataclasses import asdict
from functools import partial
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.events.training import Example
from streamproc.events.versions import NewerVersionError
from streamproc.learn.codec import decode_learner, decode_lesson, encode_learner, lesson_of
from streamproc.learn.learner import Learner, new_learner
from streamproc.learn.stage import codec
from streamproc.models.health.progressive import ProgressiveMetrics
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.models.releases.snapshots import pack
from streamproc.models.snapshot_error import SnapshotError, WrongSignatureError
from tests.builders import ASKED, CHURN, KEY
from tests.learn.test_learner import cards
from tests.models.foreign_data import json_values, mutated
from tests.trying import tried

SETTINGS = ChurnPrediction.model_validate(CHURN | {"release_every": 5})
NAMES = SETTINGS.features
values = st.one_of(st.floats(-10, 10), st.floats(allow_nan=False), st.just(0.0))
examples = st.builds(
    Example,
    model=st.just("churn"),
    subject=st.sampled_from("abc"),
    asked_ms=st.integers(0, 50),
    answered_ms=st.integers(0, 2**40),
    features=st.dictionaries(st.sampled_from(NAMES), values),
    label=st.integers(0, 1),
    score=st.none() | st.floats(0, 1),
    model_version=st.none(),
)
heard = st.lists(st.tuples(st.integers(0, 3), st.integers(-(2**52), 2**52)), max_size=5)


def learned(some: list[Example], progress: list[tuple[int, int]] = ()) -> Learner:  # type: ignore[assignment]
    learner = new_learner("churn", SETTINGS)
    for partition, through_ms in progress:
        learner.hear(partition, 4, through_ms)
    cards(learner, some)
    return learner


@tried(40)
@given(st.lists(examples, max_size=12), st.lists(examples, max_size=12), heard)
def test_a_learner_that_was_bytes_goes_on_as_one_that_was_not_to_the_last_bit(
    before: list[Example], after: list[Example], progress: list[tuple[int, int]]
) -> None:
    learner = learned(before, progress)
    raw = encode_learner(learner)
    again = decode_learner(raw, ASKED)
    assert encode_learner(again) == raw
    assert pack(again.model) == pack(learner.model)
    assert cards(again, after) == cards(learner, after)
    assert encode_learner(again) == encode_learner(learner)
    assert again.health.values() == learner.health.values()


@tried(40)
@given(st.lists(examples, max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_bytes_do_not_say_when_somebody_asked_how_good_the_model_is(some: list[Example], asked: list[bool]) -> None:
    quiet, watched = learned([]), learned([])
    for example, is_asked in zip(some, asked, strict=False):
        for learner in (quiet, watched):
            assert isinstance(learner.health, ProgressiveMetrics)
            learner.health.observe(example)
        if is_asked:
            watched.health.values()
    assert encode_learner(watched) == encode_learner(quiet)
    assert watched.health.values() == quiet.health.values()


def somebody(**changes: Any) -> Example:
    found = lesson_of({
        "model": "churn", "subject": "s", "asked_ms": 1, "answered_ms": 2, "features": dict.fromkeys(NAMES, 1.0),
        "label": 1, "score": 0.5, "model_version": None,
    } | changes)  # fmt: skip
    assert isinstance(found, Example)
    return found


def test_what_is_no_number_any_more_comes_back_as_it_was() -> None:
    learner = learned([somebody()])
    learner.model["LogisticRegression"].intercept = float("-inf")
    health = learner.health
    assert isinstance(health, ProgressiveMetrics)
    health.brier_sum = float("nan")
    assert b'"intercept":"-inf"' in encode_learner(learner)
    with pytest.raises(SnapshotError, match="not finite"):
        decode_learner(encode_learner(learner), ASKED)
    learner.model["LogisticRegression"].intercept = 0.0
    again = decode_learner(encode_learner(learner), ASKED).health
    assert isinstance(again, ProgressiveMetrics)
    assert str(again.brier_sum) == "nan"


def test_a_class_that_nobody_declared_cannot_be_written() -> None:
    from river import linear_model, preprocessing

    learner = learned([])
    learner.model = preprocessing.MinMaxScaler() | linear_model.LogisticRegression()
    with pytest.raises(TypeError, match="MinMaxScaler"):
        encode_learner(learner)


def test_an_attribute_that_nobody_declared_cannot_be_forgotten() -> None:
    learner = learned([])
    learner.model["StandardScaler"].surprise = 1
    with pytest.raises(TypeError, match="surprise: not in both"):
        encode_learner(learner)


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x02", b"\x02{}", b"\x02[]", b"{", b'{"label": 1}'])
def test_bytes_that_are_no_state_are_a_snapshot_error(raw: bytes) -> None:
    with pytest.raises(SnapshotError):
        decode_lesson(raw) if raw[:1] == b"{" else decode_learner(raw, ASKED)


def test_a_newer_version_of_a_learner_is_told_as_such() -> None:
    with pytest.raises(NewerVersionError, match="the learner has version 9; this release reads versions up to 2"):
        decode_learner(b"\x09" + encode_learner(new_learner("churn", SETTINGS))[1:], ASKED)


GOOD = orjson.loads(encode_learner(learned([somebody(), somebody(label=0), somebody(score=None)], [(0, 5)]))[1:])


@tried(200)
@given(st.one_of(mutated(GOOD), json_values()))
def test_data_of_any_shape_are_a_learner_that_can_be_kept_or_a_snapshot_error(data: object) -> None:
    try:
        learner = decode_learner(b"\x02" + orjson.dumps(data), ASKED)
    except SnapshotError:
        return
    learner.health.values()
    assert encode_learner(decode_learner(encode_learner(learner), ASKED)) == encode_learner(learner)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_snapshot_error_and_nothing_else(content: bytes) -> None:
    for decode in (partial(decode_learner, predictions=ASKED), decode_lesson, codec(KEY, ASKED).decode):
        with pytest.raises((SnapshotError, NewerVersionError)):
            decode(content)


def test_an_lesson_of_a_later_release_is_read_without_what_it_adds() -> None:
    assert lesson_of({**asdict(somebody()), "mood": "sunny"}) == somebody()


def test_a_state_in_the_changelog_is_read_with_the_key_that_wrote_it() -> None:
    held = codec(KEY, ASKED)
    assert held.decode(held.encode(somebody())) == somebody()
    learner = held.decode(held.encode(learned([somebody()])))
    assert isinstance(learner, Learner)
    assert learner.health.examples == 1


@pytest.mark.parametrize("state", [somebody(), learned([somebody()])], ids=["an example", "the learner"])
def test_a_state_that_somebody_else_wrote_or_changed_is_refused(state: Any) -> None:
    sealed = codec(KEY, ASKED).encode(state)
    flipped = sealed[:-2] + bytes([sealed[-2] ^ 1]) + sealed[-1:]
    for raw in (codec(b"another key", ASKED).encode(state), flipped, sealed[32:], sealed[:31], bytes(32) + sealed[32:]):
        with pytest.raises(WrongSignatureError, match="not signed with this signing key"):
            codec(KEY, ASKED).decode(raw)


def test_what_was_signed_as_a_release_cannot_pass_for_a_state() -> None:
    from streamproc.models.releases.seal import Seal

    content = encode_learner(new_learner("churn", SETTINGS))
    with pytest.raises(WrongSignatureError):
        codec(KEY, ASKED).decode(Seal.of(KEY, b"model release").sealed(content))
