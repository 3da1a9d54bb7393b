"""The Grafana dashboard, generated of its panels."""

import json
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef, VariableRefresh

from streamproc.export.panels import ROWS, Panel

FILE = "grafana/dashboards/streamproc.json"
CHOSEN = '{job=~"$job",instance=~"$instance"'


def dashboard_files(root: Path) -> dict[Path, bytes]:  # noqa: ARG001  the generators' shape
    """The dashboard's file, by its path from the repository's root."""
    built = json.loads(JSONEncoder(sort_keys=True).encode(_dashboard().build()), object_pairs_hook=_without_nulls)
    return {Path(FILE): json.dumps(built, indent=2, sort_keys=True).encode() + b"\n"}


def _without_nulls(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {name: value for name, value in pairs if value is not None}


def query_of(query: str) -> str:
    """The PromQL of a panel's query, with the chosen job and instance in it."""
    return query.replace("{...", CHOSEN)


def _dashboard() -> dashboards.Dashboard:
    board = (
        dashboards.Dashboard("streamproc")
        .uid("streamproc")
        .tags(["streamproc", "generated"])
        .refresh("5s")
        .time("now-15m", "now")
        .timezone("utc")
        .with_variable(dashboards.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(_choice("job", "label_values(streamproc_heartbeat_timestamp_seconds, job)"))
        .with_variable(
            _choice("instance", 'label_values(streamproc_heartbeat_timestamp_seconds{job=~"$job"}, instance)')
        )
    )
    for title, panels in ROWS.items():
        board = board.with_row(dashboards.Row(title))
        for panel in panels:
            board = board.with_panel(_panel(panel))
    return board


def _choice(name: str, query: str) -> dashboards.QueryVariable:
    return (
        dashboards.QueryVariable(name)
        .label(name.capitalize())
        .query(query)
        .datasource(_datasource())
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)  # noqa: FBT003  the builder's own shape
        .include_all(True)  # noqa: FBT003
        .all_value(".*")
    )


def _panel(panel: Panel) -> stat.Panel | timeseries.Panel:
    drawn = stat.Panel() if panel.is_number else timeseries.Panel()
    drawn = drawn.title(panel.title).description(panel.description).unit(panel.unit).datasource(_datasource())
    drawn = drawn.height(8).span(8)
    for query, legend in panel.queries:
        drawn = drawn.with_target(prometheus.Dataquery().expr(query_of(query)).legend_format(legend))
    return drawn


def _datasource() -> DataSourceRef:
    return DataSourceRef(type_val="prometheus", uid="$datasource")
