"""`streamproc demo`: what it does before it starts anything."""

import shutil
from pathlib import Path

from click.testing import CliRunner

from streamproc.cli import main

ROOT = Path(__file__).parents[2]


def test_a_wrong_configuration_is_told_before_anything_is_prepared_or_started(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "config", tmp_path / "config"))
    (folder / "policy.toml").write_text("gest_days = 1")
    runner = CliRunner(env={"XDG_CACHE_HOME": str(tmp_path / "cache")})
    told = runner.invoke(main, ["--config", str(folder), "--topics", str(ROOT / "topics"), "demo", "--days", "1"])
    assert told.exit_code == 2
    assert told.stdout == ""
    assert "policy.toml: gest_days: there is no key `gest_days`; did you mean `guest_days`?" in told.stderr
    assert not (tmp_path / "cache").exists()
