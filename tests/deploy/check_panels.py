"""`python -m tests.deploy.check_panels URL`: run each panel's query on a Prometheus; which ones give data?"""

import json
import sys
import urllib.parse
import urllib.request
from pathlib import Path

DASHBOARD = Path(__file__).parent.parent.parent / "grafana" / "dashboards" / "streamproc.json"


def main(url: str) -> int:
    """The number of queries without data."""
    empty = 0
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            query = target["expr"].replace("$job", ".*").replace("$instance", ".*").replace("$__rate_interval", "30s")
            with urllib.request.urlopen(f"{url}/api/v1/query?{urllib.parse.urlencode({'query': query})}") as answer:
                series = json.load(answer)["data"]["result"]
            empty += not series
            print(f"{len(series):3} series  {panel['title']}")
    return empty


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/")))
