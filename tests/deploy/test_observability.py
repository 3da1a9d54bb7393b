"""The dashboard asks for metrics that exist; Prometheus takes its configuration and rules."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamproc.metrics import Metrics

ROOT = Path(__file__).parent.parent.parent
DASHBOARD: dict[str, Any] = json.loads((ROOT / "grafana" / "dashboards" / "streamproc.json").read_text())
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
NAME = re.compile(r"\bstreamproc_[a-z_]+")
RULES = yaml.safe_load((ROOT / "grafana" / "rules" / "streamproc.yaml").read_text())["groups"][0]["rules"]
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)"
)


def exposed() -> set[str]:
    families = Metrics().registry.collect()
    return {family.name + suffix for family in families for suffix in SUFFIXES[family.type]}


def test_every_query_asks_for_a_metric_that_exists() -> None:
    asked = {name for panel in PANELS for target in panel["targets"] for name in NAME.findall(target["expr"])}
    assert asked <= exposed()
    assert len(asked) > 12


def test_every_rule_asks_for_a_metric_that_exists() -> None:
    assert {name for rule in RULES for name in NAME.findall(rule["expr"])} <= exposed()


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_has_a_title_a_description_and_a_unit(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"]


def test_the_rows_are_flow_decisions_kpis_and_models() -> None:
    assert [row["title"] for row in DASHBOARD["panels"] if row["type"] == "row"] == [
        "Flow",
        "Decisions",
        "KPIs",
        "Models",
    ]


@pytest.mark.parametrize("rule", [rule for rule in RULES if "alert" in rule], ids=lambda rule: rule["alert"])
def test_an_alert_leads_to_a_place_in_the_runbook(rule: dict[str, Any]) -> None:
    file, anchor = rule["annotations"]["runbook"].split("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(), re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


@needs_promtool
@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus-local.yml"])
def test_prometheus_takes_the_configuration(name: str) -> None:
    promtool("check", "config", name)


@needs_promtool
def test_each_alert_fires_when_it_should_and_only_then() -> None:
    promtool("test", "rules", "rules/tests/streamproc.yaml")


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=ROOT / "grafana", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
