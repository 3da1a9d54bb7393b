"""The command as a person calls it: one folder with numbers and a page that needs nothing else."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from streamproc.cli import main
from streamproc.offline.dumps.record import DumpedRecord
from tests.offline.backtest.shop import ROOT, START, dumped, ms, order, some_orders

FOLDERS = ["--config", str(ROOT / "config"), "--topics", str(ROOT / "topics")]


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMPROC_RUNTIME__DATA_DIR", str(tmp_path / "data"))


class Well(HTMLParser):
    """Knows whether every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_view(day: float) -> DumpedRecord:
    value = {
        "event_id": f"view-{day}",
        "type": "page_viewed",
        "occurred_at": (START + timedelta(days=day)).isoformat(),
        "customer_id": "zoe",
    }
    return DumpedRecord("shop.clickstream.v1", b"zoe", ms(day), json.dumps(value).encode())


def flat(told: str) -> str:
    return " ".join(told.split())


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, [*FOLDERS, "backtest", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.slow
def test_a_backtest_writes_numbers_and_a_page_that_needs_no_network(tmp_path: Path) -> None:
    dump, out = dumped(tmp_path, some_orders()), tmp_path / "out"
    (tmp_path / "g.csv").write_text("day,orders\n2024-01-02,0\n", encoding="utf-8")
    told = run(
        str(dump), "--out", str(out), "--churn-cut", "2024-03-31", "--churn-days", "28", "--assume-consent",
        "--golden", f"orders={tmp_path / 'g.csv'}:orders",
    )  # fmt: skip
    assert "churn 28 days at 2024-03-31" in told
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "result.json"]
    result = json.loads((out / "result.json").read_text())
    assert result["orders"] == len(some_orders())
    assert result["churn"][0]["customers"] == 60
    assert result["ranking"][0]["hit"] > 0.9  # there is one product only
    assert {rule["rule"] for rule in result["triggers"]} >= {"first_order"}
    assert sum(result["offers"]["chosen"].values()) > 0
    assert [each["model"] for each in result["models"]] == ["churn", "offer_reward"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "churn-000001000 counts" in page
    assert Well(page).open == []
    assert not re.search(r"(src|href)=|https?:|@import|<script", page)
    assert "Of one who left and one who stayed" in page


@pytest.mark.slow
def test_what_does_not_exist_is_unknown_on_the_screen_and_on_the_page(tmp_path: Path) -> None:
    views = [page_view(day) for day in (1, 60)]
    told = run(str(dumped(tmp_path, views)), "--out", str(tmp_path / "out"), "--churn-cut", "2024-01-05")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "0 customers, share that left unknown; AUC: no model yet, recency unknown, frequency unknown" in flat(told)
    assert "0 customers had ordered up to 2024-01-05; unknown of them did not order" in page
    assert page.count(">unknown</text>") == 3
    assert "0.0 %" not in page
    assert json.loads((tmp_path / "out" / "result.json").read_text())["churn"][0]["churn_rate"] is None


@pytest.mark.slow
def test_simple_rules_have_no_auc_where_nobody_left(tmp_path: Path) -> None:
    loyal = [order(day, customer) for customer in ("ada", "bob") for day in (1, 10)]
    told = run(str(dumped(tmp_path, [*loyal, page_view(60)])), "--out", str(tmp_path / "out"),
               "--churn-cut", "2024-01-05")  # fmt: skip
    assert "2 customers, share that left 0.0%; AUC: no model yet, recency unknown, frequency unknown" in flat(told)


@pytest.mark.slow
def test_the_same_dump_gives_the_same_bytes_for_any_number_of_processes(tmp_path: Path) -> None:
    dump = dumped(tmp_path, some_orders())
    for jobs in ("1", "2"):
        run(str(dump), "--out", str(tmp_path / jobs), "--churn-cut", "2024-03-31", "--jobs", jobs)
    for name in ("result.json", "report.html"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_without_consent_every_message_is_refused_and_the_page_says_why(tmp_path: Path) -> None:
    dump = dumped(tmp_path, some_orders(customers=5, days=20))
    run(str(dump), "--out", str(tmp_path / "out"))
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert all(rule["sent"] == 0 and set(rule["reasons"]) == {"no_consent"} for rule in result["triggers"])
    assert "because of no_consent" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_names_in_the_data_cannot_change_the_page(tmp_path: Path) -> None:
    dump = dumped(tmp_path, [order(1)], "<b>&.jsonl")
    run(str(dump), "--out", str(tmp_path / "out"))
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<h1>Backtest of &lt;b&gt;&amp;.jsonl</h1>" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--churn-cut", "2024-04-20"], "choose an earlier --churn-cut"),
        (["--churn-cut", "2024-03-31", "--churn-days", "1", "--churn-days", "2"], "once for each --churn-cut"),
        (["--golden", "orders"], "write KPI=FILE.csv:COLUMN"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_to_change(tmp_path: Path, options: list[str], said: str) -> None:
    dump = dumped(tmp_path, some_orders(customers=5))
    result = CliRunner().invoke(main, [*FOLDERS, "backtest", str(dump), "--out", str(tmp_path / "out"), *options])
    assert result.exit_code != 0
    assert said in result.output
    assert not (tmp_path / "out" / "result.json").exists()
