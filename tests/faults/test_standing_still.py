"""How long partitions stood still, by what workers have printed."""

from pathlib import Path

from tests.faults.standing_still import Standstill, in_words, standstills


def printed(folder: Path, worker: str, *lines: str) -> None:
    (folder / worker).mkdir()
    (folder / worker / "output-1.txt").write_text("\n".join(["ready 1 of 1", *lines, "began log-9 at"]))


def test_a_partition_stands_still_from_a_last_commit_to_the_next_first_one(tmp_path: Path) -> None:
    printed(
        tmp_path, "decide-0", "began log-1 at 1.0", "left log-1 at 12.5", "left log-2 at 12.0", "began log-2 at 13.0"
    )
    printed(tmp_path, "decide-8", "began log-1 at 15.0", "left log-3 at 14.0")
    found = standstills(tmp_path, "decide", since=10.0)
    assert found == [Standstill("log-1", 2.5, moved=True), Standstill("log-2", 1.0, moved=False)]
    assert in_words(found) == "1 moved: still for 2.50 s, at most 2.50 s, 1 stayed: still for 1.00 s, at most 1.00 s"
