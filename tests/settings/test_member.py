from pathlib import Path

import pytest
from pydantic import ValidationError

from streamproc.settings.app import RuntimeSettings
from streamproc.settings.member import member_name


def test_a_data_folder_keeps_its_name_and_another_has_another(tmp_path: Path) -> None:
    name = member_name(tmp_path / "one")
    assert member_name(tmp_path / "one") == name
    assert member_name(tmp_path / "two") != name


def test_the_name_is_one_that_the_settings_take(tmp_path: Path) -> None:
    assert RuntimeSettings(member_id=member_name(tmp_path)).member_id
    with pytest.raises(ValidationError):
        RuntimeSettings(member_id="two words")


def test_an_empty_name_that_a_crash_left_behind_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "member.id").touch()
    assert member_name(tmp_path) == member_name(tmp_path) != ""
