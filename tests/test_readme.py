"""The README's examples are right: what it says to put into `config/` loads, what it sends is taken."""

import re
import shutil
from pathlib import Path

import orjson
import pytest

from streamproc.events.adapters.native import parse
from streamproc.events.rejected import Rejected
from streamproc.settings.load import load

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
FILES = {
    "[[trigger]]": "triggers.toml",
    "[[journey]]": "journeys.toml",
    "[[feature]]": "features.toml",
    "[[offer]]": "offers.toml",
    "[[kpi]]": "kpis.toml",
    "[buys_again]": "models.toml",
}


def test_the_blocks_for_the_configuration_load(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    added = [text for language, text in BLOCKS if language == "toml"]
    for text in added:
        file = tmp_path / "config" / FILES[text.splitlines()[0]]
        file.write_text(f"{file.read_text()}\n{text}")
    configuration = load(tmp_path / "config", ROOT / "topics")
    assert {text.splitlines()[0] for text in added} == FILES.keys()
    assert {"tenth_order", "night_owl"} <= {rule.name for rule in configuration.plan.triggers.trigger}
    assert "buys_again" in configuration.plan.predictions


@pytest.mark.parametrize(
    "line", [line for language, text in BLOCKS if language == "json" for line in text.splitlines()]
)
def test_the_lines_of_the_dump_are_events(line: str) -> None:
    assert not isinstance(parse(orjson.dumps(orjson.loads(line)["value"])), Rejected)
