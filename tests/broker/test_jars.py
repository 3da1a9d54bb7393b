"""Kafka's jars: pinned, fetched once, checked, and never needed from the network again."""

import shutil
from pathlib import Path

import pytest
from jgo.maven import MavenContext
from requests import RequestException

from streamproc.broker.config import BrokerSettings
from streamproc.broker.error import BrokerError
from streamproc.broker.jars import KAFKA, LOGGING, PinnedJar, kafka_jars, pinned_jars
from streamproc.broker.pin_jars import pin


def ignore(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def machine_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache that all brokers of this machine share, filled."""
    cache = BrokerSettings(tmp_path_factory.mktemp("unused")).cache_dir
    kafka_jars(cache, ignore)
    return cache


@pytest.fixture
def local_repository(machine_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Maven repository on disk that has all jars; there is no network."""
    repository = tmp_path / "m2"
    for jar in pinned_jars():
        folder = folder_of(jar, repository)
        folder.mkdir(parents=True)
        (folder / jar.filename).symlink_to(machine_cache / jar.filename)
    without_network(monkeypatch, repository)
    return repository


def folder_of(jar: PinnedJar, repository: Path) -> Path:
    group, artifact, version = jar.coordinate.split(":")
    return repository.joinpath(*group.split("."), artifact, version)


def without_network(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    """All requests end at a port where nobody is; Maven's own cache is elsewhere."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("M2_REPO", str(repository))


def test_what_is_in_the_cache_needs_neither_network_nor_time(
    machine_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_network(monkeypatch, tmp_path)
    told: list[str] = []
    assert all(jar.exists() for jar in kafka_jars(machine_cache, told.append))
    assert told == []


@pytest.mark.usefixtures("local_repository")
def test_jars_of_the_local_maven_repository_are_taken_without_a_network(tmp_path: Path) -> None:
    told: list[str] = []
    jars = kafka_jars(tmp_path / "cache", told.append)
    assert len(jars) == len(pinned_jars())
    assert told[-1] == f"fetched {len(jars)} of {len(jars)} jars"
    assert len(told) < len(jars) / 5
    assert sorted(jars) == sorted((tmp_path / "cache").iterdir()), "and nothing else is left"


def test_a_damaged_jar_is_refused_and_never_cached(local_repository: Path, tmp_path: Path) -> None:
    jar = next(jar for jar in pinned_jars() if "slf4j-api" in jar.coordinate)
    damaged = folder_of(jar, local_repository) / jar.filename
    damaged.unlink()
    damaged.write_bytes(b"half a jar")
    with pytest.raises(BrokerError, match=rf"{damaged} is not the {jar.coordinate}"):
        kafka_jars(tmp_path / "cache", ignore)
    assert not (tmp_path / "cache" / jar.filename).exists()


def test_a_broken_off_fetch_goes_on_where_it_was(local_repository: Path, tmp_path: Path) -> None:
    jar = pinned_jars()[-1]
    shutil.rmtree(folder_of(jar, local_repository))
    with pytest.raises(BrokerError):
        kafka_jars(tmp_path / "cache", ignore)
    kept = {path.name for path in (tmp_path / "cache").iterdir()}
    assert jar.filename not in kept
    assert kept <= {jar.filename for jar in pinned_jars()}


def test_without_network_and_cache_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_network(monkeypatch, tmp_path / "m2")
    with pytest.raises(BrokerError) as error:
        kafka_jars(tmp_path / "cache", ignore)
    assert "Connect this machine to Maven Central once" in str(error.value)
    assert str(tmp_path / "cache") in str(error.value)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        BrokerError, match=f"cannot keep Kafka's jars in {tmp_path / 'file' / 'cache'}: Not a directory"
    ):
        kafka_jars(tmp_path / "file" / "cache", ignore)


def test_the_pinned_jars_hold_kafka_and_a_logging_provider() -> None:
    assert {KAFKA, LOGGING} <= {jar.coordinate for jar in pinned_jars()}
    assert len({jar.filename for jar in pinned_jars()}) == len(pinned_jars())


@pytest.mark.slow
def test_the_pinned_jars_are_those_that_maven_resolves(machine_cache: Path, tmp_path: Path) -> None:
    """Resolves the POMs from Maven Central, 80 of them; the jars come from the cache."""
    for jar in pinned_jars():
        folder = folder_of(jar, tmp_path)
        folder.mkdir(parents=True)
        shutil.copy(machine_cache / jar.filename, folder)
    try:
        assert pin(MavenContext(repo_cache=tmp_path, timeout=30)) == pinned_jars()
    except RequestException as error:
        pytest.skip(f"Maven Central is out of reach: {error}")
