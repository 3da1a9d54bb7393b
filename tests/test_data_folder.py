"""A data folder that cannot be used is one sentence with the path and the remedy; these hold for root, too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.data_folder import prepare
from streamproc.runtime.repair.copies import copies
from streamproc.settings.member import member_name


def file_in_its_place(folder: Path) -> Path:
    (folder / "data").write_text("somebody's")
    return folder / "data"


def below_a_file(folder: Path) -> Path:
    return file_in_its_place(folder) / "data"


def symlink_loop(folder: Path) -> Path:
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop" / "data"


def too_long(folder: Path) -> Path:
    return folder / ("x" * 300)


def not_utf_8(folder: Path) -> Path:
    return folder / "\udcff"


def zero_byte(folder: Path) -> Path:
    return folder / "a\0b"


def of_the_kernel(_: Path) -> Path:
    return Path("/proc/streamproc")


UNUSABLE = [file_in_its_place, below_a_file, symlink_loop, too_long, not_utf_8, zero_byte, of_the_kernel]


@pytest.mark.parametrize("place", UNUSABLE)
@pytest.mark.parametrize("use", [prepare, member_name])
def test_a_folder_that_cannot_be_used_is_told_in_one_sentence(
    tmp_path: Path, place: Callable[[Path], Path], use: Callable[[Path], object]
) -> None:
    with pytest.raises(ConfigError) as refused:
        use(place(tmp_path))
    (problem,) = refused.value.problems
    assert "STREAMPROC_RUNTIME__DATA_DIR" in problem.message
    str(problem).encode()


def test_looking_for_copies_says_the_same(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="File name too long"):
        copies(too_long(tmp_path), "group")


def test_a_folder_is_made_with_its_parents_and_left_empty(tmp_path: Path) -> None:
    assert list(prepare(tmp_path / "new" / "data").iterdir()) == []
