"""A path or an address that is empty, or none, is told before anything starts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.provisional import domains

from streamproc.config_error import ConfigError
from streamproc.settings.load import load
from streamproc.settings.places import reachable
from tests.settings.spoiling import ROOT

PATHS = ("RUNTIME__DATA_DIR", "KAFKA__CA_FILE", "KAFKA__CERT_FILE", "KAFKA__KEY_FILE")
NO_ADDRESSES = (
    "",
    " ",
    "::",
    "kafka:",
    "kafka:port",
    "kafka:0",
    "kafka:65536",
    "kafka://kafka:9092",
    "a:1,,b:1",
    "a b:1",
)


def problems_with(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> list[str]:
    monkeypatch.setenv(f"STREAMPROC_{name}", value)
    with pytest.raises(ConfigError) as refused:
        load(ROOT / "config", ROOT / "topics")
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("value", ["", "  "])
@pytest.mark.parametrize("name", PATHS)
def test_an_empty_path_is_not_the_folder_where_the_process_starts(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    [problem] = problems_with(monkeypatch, name, value)
    assert problem.endswith(f"{name.lower().replace('__', '.')}: must name a path, and is empty")


@pytest.mark.parametrize("value", NO_ADDRESSES)
def test_what_is_no_address_is_told_before_anybody_waits_for_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    [problem] = problems_with(monkeypatch, "KAFKA__BOOTSTRAP", value)
    assert "kafka.bootstrap: " in problem
    assert "is no address: write host:port" in problem


def test_an_empty_host_does_not_serve_metrics_to_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    [problem] = problems_with(monkeypatch, "METRICS__HOST", "")
    assert "metrics.host: '' cannot be: allowed are a name or an address" in problem


hosts: st.SearchStrategy[Any] = domains() | st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map("[{}]".format)


@given(st.lists(st.tuples(hosts, st.none() | st.integers(1, 65_535)), min_size=1), st.sampled_from([",", ", "]))
def test_every_list_of_addresses_is_taken_as_it_is(several: list[tuple[str, int | None]], between: str) -> None:
    said = between.join(host if port is None else f"{host}:{port}" for host, port in several)
    assert reachable(said) == said
