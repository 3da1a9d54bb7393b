"""The compose file: it parses, refers to what it defines and mounts what is there, and its commands are commands."""

from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from streamproc.cli import main
from streamproc.settings.app import MetricsSettings
from streamproc.settings.stages import STAGES, port_of

ROOT = Path(__file__).parent.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.kafka.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def test_every_stage_is_a_service() -> None:
    assert set(STAGES) < SERVICES.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_an_image_or_is_built_and_waits_for_services_that_exist(name: str) -> None:
    service = SERVICES[name]
    assert ("image" in service) != ("build" in service)
    assert set(service.get("depends_on", ())) <= SERVICES.keys()


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if "build" in service])
def test_the_command_of_a_service_is_one_of_ours(name: str) -> None:
    words = SERVICES[name]["command"]
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.commands[words[0]]
        words = words[1:]
    with click.Context(command) as context:
        command.parse_args(context, list(words))


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_from_the_checkout_is_there_and_ports_are_on_loopback(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        source = volume.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_asked_for_its_health_on_its_own_port(stage: str) -> None:
    port = port_of(stage, MetricsSettings())
    assert f"http://127.0.0.1:{port}/healthz" in SERVICES[stage]["healthcheck"]["test"][-1]
