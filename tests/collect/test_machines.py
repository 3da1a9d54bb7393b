"""Programs and addresses of a list are machines', and the log has neither."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from streamproc.collect.clean import Cleaned, clean
from streamproc.collect.machines import MachineSettings
from streamproc.collect.settings import CollectSettings
from streamproc.events.adapters.native import parse
from streamproc.events.log import encode_event
from tests.builders import ANY_TOPIC, NOON_MS, raw

SETTINGS = CollectSettings.model_validate(
    {"machines": {"user_agents": ["LinkScan"], "networks": ["192.0.2.0/24", "2001:db8::/32"]}}
)
SHIPPED = tomllib.loads((Path(__file__).parents[2] / "config" / "app.toml").read_text())["collect"]


def logged(settings: CollectSettings = SETTINGS, **values: Any) -> dict[str, Any]:
    """What the log has of a page view, or of an event of another type."""
    result = clean(parse(raw(**values)), NOON_MS, settings, ANY_TOPIC)
    assert isinstance(result, Cleaned)
    said: dict[str, Any] = json.loads(encode_event(result.event))
    return said


@pytest.mark.parametrize(
    ("said", "machine"),
    [
        ({"user_agent": "Mozilla/5.0 linkscanner/3"}, True),
        ({"user_agent": "Mozilla/5.0 Safari"}, False),
        ({"ip": "192.0.2.7"}, True),
        ({"ip": "::ffff:192.0.2.7"}, True),
        ({"ip": "2001:db8::1"}, True),
        ({"ip": "198.51.100.7"}, False),
        ({"ip": "not an address"}, False),
        ({"is_machine": True}, True),
        ({"is_machine": True, "user_agent": "Mozilla/5.0 Safari"}, True),
        ({}, False),
    ],
)
@pytest.mark.parametrize("of", [{}, {"type": "clicked", "message_id": "m"}, {"type": "unsubscribed"}])
def test_who_is_on_the_list_is_a_machine(of: dict[str, Any], said: dict[str, Any], *, machine: bool) -> None:
    assert logged(**of, **said)["is_machine"] is machine


def test_neither_the_address_nor_the_program_comes_into_the_log() -> None:
    assert not {"ip", "user_agent"} & logged(ip="198.51.100.7", user_agent="Safari").keys()


def test_a_complaint_is_the_persons_whatever_program_passes_it_on() -> None:
    assert logged(type="complained", user_agent="LinkScan")["is_machine"] is False


@pytest.mark.parametrize("program", ["x" * 2000, 17, "", None, {"name": "Safari"}])
def test_no_odd_program_or_address_costs_the_event(program: object) -> None:
    assert logged(user_agent=program, ip=program)["is_machine"] is False


@pytest.mark.parametrize(
    ("program", "machine"),
    [
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", True),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/124.0 Safari/537.36",
            True,
        ),
        ("python-requests/2.32.3", True),
        ("Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36", False),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)", False),
    ],
)
def test_the_list_that_is_shipped_tells_machines_from_persons(program: str, *, machine: bool) -> None:
    settings = CollectSettings.model_validate(SHIPPED)
    assert logged(settings, user_agent=program)["is_machine"] is machine


def test_a_list_may_come_from_the_environment() -> None:
    said = MachineSettings.model_validate({"user_agents": "scan/, robot", "networks": "192.0.2.0/24"})
    assert said.know("a robot", None)
    assert said.know(None, "192.0.2.9")


@pytest.mark.parametrize("network", ["192.0.2.1/24", "everywhere"])
def test_what_is_no_range_of_addresses_is_a_mistake(network: str) -> None:
    with pytest.raises(ValidationError, match="networks"):
        MachineSettings.model_validate({"networks": [network]})
