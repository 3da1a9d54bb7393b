import pickle
from base64 import b64encode
from os import system
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.models.bank import ModelBank
from streamproc.models.churn import learn, new_model
from streamproc.models.config import ChurnSettings
from streamproc.models.frozen import FrozenChurn
from streamproc.models.health import Health
from streamproc.models.snapshots import SnapshotError, pack, sign, unpack, verified
from streamproc.models.training import decode_learner
from tests.builders import CHURN, KEY, release

SETTINGS = ChurnSettings.model_validate(CHURN)
SOMEBODY = dict.fromkeys(SETTINGS.features, 1.0)
RELEASE = release(SETTINGS)
BANK = ModelBank(KEY)


def test_a_released_version_scores_as_the_model_that_was_packed() -> None:
    model = new_model(SETTINGS)
    for number in range(20):
        learn(model, {name: float(number) for name in SETTINGS.features}, number % 2)
    assert FrozenChurn.of(unpack(pack(model))).score(SOMEBODY) == FrozenChurn.of(model).score(SOMEBODY)


def test_a_bank_says_which_version_scored() -> None:
    bank = BANK.with_release(RELEASE)
    scored = bank.churn(SOMEBODY)
    assert scored is not None
    assert (scored.model_version, bank.version("churn")) == ("churn-1", "churn-1")
    assert 0.5 < scored.probability <= 1


def test_a_release_makes_another_bank_and_leaves_this_one() -> None:
    BANK.with_release(RELEASE)
    assert BANK.churn(SOMEBODY) is None
    assert BANK.version("churn") is None


def test_another_key_is_refused() -> None:
    with pytest.raises(SnapshotError, match="wrong signature"):
        ModelBank(b"another key").with_release(RELEASE)


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


class Command:
    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, ...]:
        return self.call[0], self.call[1:]


@pytest.mark.parametrize(
    "command",
    [
        Command(system, "true"),
        Command(eval, "1"),
        Command(getattr, {}, "keys"),
        Command(Path, "/"),
        Command(__import__("random").Random),
    ],
)
def test_a_snapshot_can_only_make_parts_of_models_even_when_signed(command: Command) -> None:
    snapshot = b64encode(pickle.dumps(command)).decode()
    with pytest.raises(SnapshotError, match="not part of a model"):
        verified("churn", "1", snapshot, sign("churn", "1", snapshot, KEY), KEY)


@pytest.mark.parametrize("name", [b"river.stats.quantile\nnamedtuple", b"river.base.estimator\ncollections"])
def test_what_river_only_imports_is_no_part_of_a_model(name: bytes) -> None:
    with pytest.raises(SnapshotError):
        unpack(b64encode(b"c" + name + b"\n.").decode())


def test_a_foreign_class_in_a_module_of_river_is_no_part_of_a_model() -> None:
    with pytest.raises(SnapshotError, match=r"river\.base\.ensemble\.Iterator"):
        unpack(b64encode(b"criver.base.ensemble\nIterator\n.").decode())


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_damaged_bytes_are_a_snapshot_error_and_nothing_else(damaged: bytes) -> None:
    try:
        unpack(b64encode(damaged).decode())
        decode_learner(b"\x01" + damaged)
    except (SnapshotError, TypeError):
        pass


GOOD = pickle.dumps(new_model(SETTINGS), protocol=5)


@settings(deadline=None)
@given(st.integers(0, len(GOOD) - 1))
def test_a_snapshot_that_was_cut_off_is_a_snapshot_error(length: int) -> None:
    with pytest.raises(SnapshotError):
        unpack(b64encode(GOOD[:length]).decode())


@pytest.mark.parametrize("damaged", [b"\x80\x05\x95" + b"\xff" * 8, b"\x80\x05h\x07.", b"\x80\x05\x8d" + b"\x7f" * 8])
def test_lengths_and_places_that_do_not_exist_are_a_snapshot_error(damaged: bytes) -> None:
    with pytest.raises(SnapshotError):
        unpack(b64encode(damaged).decode())


def test_text_that_is_no_base64_is_a_snapshot_error() -> None:
    with pytest.raises(SnapshotError):
        unpack("not base64 ü")


def test_health_is_packed_too() -> None:
    assert unpack(pack(Health())).values() == {}


def test_a_repr_of_a_bank_shows_no_key() -> None:
    assert "signing" not in repr(BANK)


def test_the_strongest_reasons_come_first_with_their_direction() -> None:
    model = new_model(SETTINGS)
    for number in range(400):
        left = number % 2
        learn(model, {"log_recency_weeks": float(left), "log_orders": 1.0, "log_views_7d": (1 - left) * 0.1}, left)
    _, found = FrozenChurn.of(model).score({"log_recency_weeks": 1.0, "log_orders": 1.0, "log_views_7d": 0.0})
    assert set(found[:2]) == {"+log_recency_weeks", "+log_views_7d"}
    assert len(found) <= 3


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e300, 1e300])
def test_no_feature_makes_a_probability_that_is_none(value: float) -> None:
    model = new_model(SETTINGS)
    for label in (0, 1, 1):
        learn(model, dict.fromkeys(SETTINGS.features, value), label)
    assert 0 <= FrozenChurn.of(model).score(dict.fromkeys(SETTINGS.features, value))[0] <= 1
