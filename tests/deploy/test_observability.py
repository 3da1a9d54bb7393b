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
from streamproc.settings.stages import STAGES

ROOT = Path(__file__).parent.parent.parent
DASHBOARD: dict[str, Any] = json.loads((ROOT / "grafana" / "dashboards" / "streamproc.json").read_text())
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
NAME = re.compile(r"\bstreamproc_[a-z_]+")
RULE_FILES = sorted((ROOT / "grafana" / "rules").glob("*.yaml"))
RULE_TESTS = sorted((ROOT / "grafana" / "rules" / "tests").glob("*.yaml"))
RULES = [rule for file in RULE_FILES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
RUNBOOK = (ROOT / "grafana" / "consoles" / "runbook.html").read_text()
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",), "info": ("_info",)}
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
    recorded = {name for record in RECORDED for name in NAME.findall(record)}
    assert {name for rule in RULES for name in NAME.findall(rule["expr"])} <= exposed() | recorded


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_has_a_title_a_description_and_a_unit(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"]


def test_there_is_a_row_for_each_kind_of_question() -> None:
    rows = [row["title"] for row in DASHBOARD["panels"] if row["type"] == "row"]
    assert rows == ["Flow", "Processes", "Decisions", "KPIs", "Models"]


def test_every_stage_is_expected_by_the_rules() -> None:
    expected = [rule["labels"]["stage"] for rule in RULES if rule.get("record") == "stage:streamproc_expected"]
    assert expected == list(STAGES)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_leads_to_a_place_in_the_runbook_that_names_it(rule: dict[str, Any]) -> None:
    address, place = rule["annotations"]["runbook_url"].split("#")
    assert address == "{{ $externalURL }}/consoles/runbook.html"
    section = RUNBOOK.split(f'id="{place}"')[1].split("<h")[0]
    assert f"<code>{rule['alert']}</code>" in section


@pytest.mark.slow
@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_has_a_test_that_raises_it_and_one_that_does_not(rule: dict[str, Any]) -> None:
    tests = [yaml.safe_load(file.read_text())["tests"] for file in RULE_TESTS]
    asked = [ask for file in tests for test in file for ask in test["alert_rule_test"]]
    raised = {bool(ask["exp_alerts"]) for ask in asked if ask["alertname"] == rule["alert"]}
    assert raised == {True, False}


@needs_promtool
@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus-local.yml"])
def test_prometheus_takes_the_configuration(name: str) -> None:
    promtool("check", "config", name)


@needs_promtool
@pytest.mark.slow
@pytest.mark.parametrize("file", RULE_TESTS, ids=lambda file: file.stem)
def test_each_alert_fires_when_it_should_and_only_then(file: Path) -> None:
    promtool("test", "rules", f"rules/tests/{file.name}")


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=ROOT / "grafana", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
