"""`streamproc import csv`: what became of the rows is told, and where those that do not fit are."""

from pathlib import Path

from click.testing import CliRunner, Result

from streamproc.cli import main

MAPPING = """
name = "shop"
[time]
column = "when"
[[event]]
type = "cart_added"
[fields]
customer_id = "who"
sku = "what"
"""


def run(tmp_path: Path, mapping: str, table: str) -> Result:
    (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
    (tmp_path / "t.csv").write_text(table, encoding="utf-8")
    arguments = ["--mapping", str(tmp_path / "m.toml"), str(tmp_path / "t.csv"), "--out", str(tmp_path / "out.jsonl")]
    return CliRunner().invoke(main, ["import", "csv", *arguments])


def test_it_says_what_became_of_the_rows(tmp_path: Path) -> None:
    result = run(tmp_path, MAPPING, "when,who,what\n2024-05-01,ada,mug\nnever,bob,mug\n")
    assert result.exit_code == 0
    told = result.output.replace("\n", " ")
    assert "2 rows -> 1 event in" in told
    assert "1 does not fit time" in told
    assert "1 row put aside" in told
    assert (tmp_path / "out.jsonl.rejected.csv").exists()


def test_a_trait_that_no_comparison_would_fit_is_told(tmp_path: Path) -> None:
    mapping = MAPPING.replace("cart_added", "identified").replace('sku = "what"', '[traits]\nage = "what"')
    told = " ".join(run(tmp_path, mapping, "when,who,what\n2024-05-01,ada,35\n").output.split())
    assert "traits.age is text, and every value is a number" in told
    assert 'kind = "number"' in told


def test_a_wrong_mapping_ends_with_2_and_every_mistake(tmp_path: Path) -> None:
    result = run(tmp_path, MAPPING.replace("sku", "skew").replace('"who"', '"whom"'), "when,who,what\n")
    assert result.exit_code == 2
    for place in ("fields.skew", "fields.sku", "fields.customer_id"):
        assert f"m.toml: {place}: " in result.output


def test_a_column_that_is_not_there_or_there_twice_is_told(tmp_path: Path) -> None:
    result = run(tmp_path, MAPPING.replace('"what"', '"qtyy"'), "when,who,who\n")
    assert "has no column 'qtyy'" in result.output
    assert "has the column 'who' twice" in result.output


def test_a_table_of_which_nothing_comes_is_an_error(tmp_path: Path) -> None:
    result = run(tmp_path, MAPPING, "when,who,what\nnever,bob,mug\n")
    assert result.exit_code == 2
    assert "not one event came of it" in result.output
