"""What shops really send, and what must come of it: one folder of `situations/` each."""

from pathlib import Path

import pytest

from tests.cases.case import SITUATIONS, prepare, read, run
from tests.cases.expecting import complaint


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.parent.name for path in SITUATIONS.glob("*/case.toml")))
def test_what_must_come_out_comes_out(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = read(name)
    prepare(name, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("STREAMPROC_RUNTIME__DATA_DIR", str(tmp_path / "data"))
    ran = run(case, tmp_path)
    assert case.get("may_fail") or not any(ran.codes), ran.said
    assert complaint(ran, {"all": case["expect"]}) is None, case["situation"]
