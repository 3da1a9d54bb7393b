import shutil
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from streamproc.export.__main__ import main
from streamproc.export.generated import broken_contracts, difference

ROOT = Path(__file__).parents[2]
SENT = Path("topics/schemas/sent.json")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what is generated and of what it is made from, to spoil."""
    shutil.copytree(ROOT / "topics", tmp_path / "topics")
    shutil.copytree(ROOT / "grafana", tmp_path / "grafana")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


def export(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--root", str(root)])


def spoil(root: Path) -> None:
    """As if the code had dropped a field since the schema was committed."""
    schema = orjson.loads((root / SENT).read_bytes())
    schema["properties"]["subject_line"] = {"type": "string"}
    (root / SENT).write_bytes(orjson.dumps(schema))


def test_the_committed_files_are_what_the_code_generates() -> None:
    assert difference(ROOT) == "", "run `python -m streamproc.export`"


def test_the_code_breaks_no_committed_contract() -> None:
    assert broken_contracts(ROOT) == []


def test_check_says_that_all_is_well(copy: Path) -> None:
    result = export(copy, "--check")
    assert (result.exit_code, result.output) == (0, "")


def test_check_fails_with_a_diff_and_writes_nothing(copy: Path) -> None:
    (copy / "topics/asyncapi.json").write_text("{}\n")
    result = export(copy, "--check")
    assert result.exit_code == 1
    assert '-{}\n+{\n+  "asyncapi": "3.1.0",\n' in result.output
    assert (copy / "topics/asyncapi.json").read_text() == "{}\n"


def test_export_brings_all_files_up_to_date(copy: Path) -> None:
    (copy / "topics/asyncapi.json").unlink()
    (copy / SENT).unlink()
    assert export(copy).exit_code == 0
    assert difference(copy) == ""


def test_export_does_not_overwrite_a_contract_that_the_code_breaks(copy: Path) -> None:
    spoil(copy)
    result = export(copy)
    assert result.exit_code == 1
    assert "topics/schemas/sent.json: $.subject_line: removed" in result.output
    assert "subject_line" in (copy / SENT).read_text()


@pytest.mark.slow
def test_a_break_on_purpose_must_be_said(copy: Path) -> None:
    spoil(copy)
    assert export(copy, "--allow-breaking").exit_code == 0
    assert difference(copy) == ""


@pytest.mark.slow
def test_a_message_that_is_gone_breaks_its_contract_and_then_its_file_goes(copy: Path) -> None:
    gone = copy / "topics/schemas/telegram_sent.json"
    gone.write_text("{}\n")
    assert broken_contracts(copy) == ["topics/schemas/telegram_sent.json: the message is gone"]
    assert "--- a/topics/schemas/telegram_sent.json" in difference(copy)
    assert export(copy, "--allow-breaking").exit_code == 0
    assert not gone.exists()
