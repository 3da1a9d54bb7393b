from collections.abc import Callable
from math import isfinite
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.models.estimators.frozen_logistic import FrozenLogistic
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, sign, unpack, verify
from streamproc.models.snapshot_error import SnapshotError, WrongSignatureError
from tests.builders import ASKED, CHURN, KEY, release
from tests.models.foreign_data import json_values, mutated
from tests.trying import tried

SETTINGS = ChurnPrediction.model_validate(CHURN)
SOMEBODY = dict.fromkeys(SETTINGS.features, 1.0)
RELEASE = release(SETTINGS)
BANK = ModelBank(KEY, ASKED)


def test_a_released_version_scores_as_the_model_that_was_packed() -> None:
    model = SETTINGS.new_model()
    for number in range(20):
        SETTINGS.learn(model, {name: float(number) for name in SETTINGS.features}, number % 2)
    assert FrozenLogistic.of(unpack(pack(model), SETTINGS)).score(SOMEBODY) == FrozenLogistic.of(model).score(SOMEBODY)


def test_a_bank_says_which_version_scored() -> None:
    bank = BANK.with_release(RELEASE)
    scored = bank.score("churn", SOMEBODY)
    assert scored is not None
    assert (scored.model_version, bank.version("churn")) == ("churn-1", "churn-1")
    assert 0.5 < scored.value <= 1


def test_a_release_makes_another_bank_and_leaves_this_one() -> None:
    BANK.with_release(RELEASE)
    assert BANK.score("churn", SOMEBODY) is None
    assert BANK.version("churn") is None


def test_another_key_is_refused() -> None:
    with pytest.raises(SnapshotError, match="wrong signature"):
        ModelBank(b"another key", ASKED).with_release(RELEASE)


@pytest.mark.parametrize(
    "change",
    [{"model": "churn2"}, {"version": "churn-2"}, {"signature": ""}, {"signature": "é" * 64}, {"snapshot": "AAAA"}],
)
def test_what_was_tampered_with_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(SnapshotError):
        BANK.with_release(RELEASE.model_copy(update=change))


@settings(deadline=None)
@given(st.integers(0, len(RELEASE.snapshot) - 1), st.sampled_from("ABab09+/"))
def test_a_single_changed_character_is_found(place: int, character: str) -> None:
    snapshot = RELEASE.snapshot[:place] + character + RELEASE.snapshot[place + 1 :]
    if snapshot != RELEASE.snapshot:
        with pytest.raises(SnapshotError, match="wrong signature"):
            BANK.with_release(RELEASE.model_copy(update={"snapshot": snapshot}))


GOOD = orjson.loads(RELEASE.snapshot)


def signed(snapshot: str | bytes, **changes: Any) -> Any:
    """A release of this snapshot that is signed as ours are."""
    text = snapshot if isinstance(snapshot, str) else snapshot.decode(errors="surrogateescape")
    release = RELEASE.model_copy(update={"snapshot": text} | changes)
    signature = sign(release.model, release.version, text, KEY)
    return release.model_copy(update={"signature": signature})


def changed(change: Callable[[Any], object]) -> Any:
    """A rightly signed release, of the good one after a change of its data."""
    data = orjson.loads(RELEASE.snapshot)
    change(data)
    return signed(orjson.dumps(data))


def step(data: Any, number: int) -> Any:
    return data["model"]["steps"][number][1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(version=2), "version must be 1"),
        (lambda data: data.pop("model"), "it must be a table of model, version"),
        (lambda data: data.update(model={}), "model must be one of the kinds Pipeline"),
        (lambda data: data.update(model={"is": "ProgressiveMetrics"}), "model must be one of the kinds Pipeline"),
        (lambda data: data["model"]["steps"].pop(), "the model is StandardScaler | LogisticRegression, this is"),
        (lambda data: data["model"]["steps"].reverse(), "this is LogisticRegression | StandardScaler"),
        (lambda data: data["model"]["steps"].append(["Again", step(data, 1)]), "the model is"),
        (lambda data: step(data, 0).update({"is": "MinMaxScaler"}), r"model.steps\[0\].value must be one of the kinds"),
        (lambda data: step(data, 0).update({"is": "os.system"}), "must be one of the kinds"),
        (lambda data: step(data, 0).update(window_size=3), r"model.steps\[0\].value.window_size must be None"),
        (
            lambda data: step(data, 0).update(surprise=1),
            "a table of counts, means, vars, window_size, with_std",
        ),
        (lambda data: step(data, 0)["vars"][0].__setitem__(1, -1.0), "must be a float of at least 0"),
        (lambda data: step(data, 0)["counts"][0].__setitem__(1, 2**60), "must be a whole number"),
        (lambda data: step(data, 0)["means"].append(step(data, 0)["means"][0]), "without a key that comes twice"),
        (lambda data: step(data, 1)["_weights"][0].__setitem__(1, "nan"), "numbers that are not finite"),
        (lambda data: step(data, 1).update(intercept="inf"), "numbers that are not finite"),
        (lambda data: step(data, 1).update(intercept=True), "intercept must be a float"),
        (lambda data: step(data, 1)["_weights"].append(["log_moods", 1.0]), "does not have: log_moods"),
        (lambda data: step(data, 1)["_weights"].append(["n" * 201, 1.0]), "a text of up to 200 characters"),
        (lambda data: step(data, 1)["_weights"].extend([[str(n), 0.0] for n in range(10_000)]), "of up to 10000 pairs"),
    ],
)
def test_a_rightly_signed_release_of_another_shape_is_refused_with_the_place(
    change: Callable[[Any], object], message: str
) -> None:
    with pytest.raises(SnapshotError, match=message.replace("|", r"\|")):
        BANK.with_release(changed(change))


@pytest.mark.parametrize(
    ("snapshot", "message"),
    [
        ("", "no JSON"),
        ("not JSON ü", "no JSON"),
        ("\ud800", "no JSON"),
        ("[" * 40 + "]" * 40, "nested more than 32 deep"),
        ("[" * 100_000 + "]" * 100_000, "no JSON"),
        ('{"version": 1, "model": ' + "9" * 100_000 + "}", "no JSON"),
        (" " * (3 << 20) + "{}", "3145730 bytes; 3145728 are allowed"),
    ],
    ids=["empty", "words", "half a character", "deep", "very deep", "a long number", "too long"],
)
def test_a_rightly_signed_text_that_is_no_model_is_refused(snapshot: str, message: str) -> None:
    with pytest.raises(SnapshotError, match=message):
        BANK.with_release(signed(snapshot))


def test_a_model_that_this_release_does_not_have_is_refused() -> None:
    with pytest.raises(SnapshotError, match="there is no prediction 'uplift'"):
        BANK.with_release(signed(RELEASE.snapshot, model="uplift"))


def test_a_wrong_signature_is_told_apart_from_a_wrong_shape() -> None:
    with pytest.raises(WrongSignatureError):
        verify(RELEASE, b"another key")
    with pytest.raises(SnapshotError) as caught:
        BANK.with_release(signed("{}"))
    assert not isinstance(caught.value, WrongSignatureError)


def taken_or_refused(release: Any) -> None:
    """It scores finite numbers, or it is a `SnapshotError` and the last good one goes on."""
    try:
        bank = BANK.with_release(release)
    except SnapshotError:
        return
    for value in (0.0, 1.0, -1e300, float("nan")):
        scored = bank.score("churn", dict.fromkeys(SETTINGS.features, value))
        assert scored is not None
        assert isfinite(scored.value)
        assert 0 <= scored.value <= 1


@tried(200)
@given(mutated(GOOD))
def test_a_mutated_model_scores_finite_numbers_or_is_refused(data: object) -> None:
    taken_or_refused(signed(orjson.dumps(data)))


@settings(deadline=None)
@given(st.one_of(json_values().map(orjson.dumps), st.binary(max_size=300), st.text(max_size=300)))
def test_whatever_is_signed_is_taken_or_refused_and_nothing_else(content: bytes | str) -> None:
    taken_or_refused(signed(content))


@settings(deadline=None)
@given(st.integers(0, len(RELEASE.snapshot) - 1))
def test_a_snapshot_that_was_cut_off_is_a_snapshot_error(length: int) -> None:
    with pytest.raises(SnapshotError):
        unpack(RELEASE.snapshot[:length], SETTINGS)


def test_a_repr_of_a_bank_shows_no_key() -> None:
    assert "signing" not in repr(BANK)


def test_the_strongest_reasons_come_first_with_their_direction() -> None:
    model = SETTINGS.new_model()
    for number in range(400):
        left = number % 2
        SETTINGS.learn(
            model, {"log_recency_weeks": float(left), "log_orders": 1.0, "log_views_7d": (1 - left) * 0.1}, left
        )
    found = FrozenLogistic.of(model).score({"log_recency_weeks": 1.0, "log_orders": 1.0, "log_views_7d": 0.0}).reasons
    assert set(found[:2]) == {"+log_recency_weeks", "+log_views_7d"}
    assert len(found) <= 3


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e300, 1e300])
def test_no_feature_makes_a_probability_that_is_none(value: float) -> None:
    model = SETTINGS.new_model()
    for label in (0, 1, 1):
        SETTINGS.learn(model, dict.fromkeys(SETTINGS.features, value), label)
    assert 0 <= FrozenLogistic.of(model).score(dict.fromkeys(SETTINGS.features, value))[0] <= 1
