import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from streamproc.cli import main
from streamproc.config_error import ConfigError
from streamproc.settings.app import AppSettings
from streamproc.settings.signing import FILE, signing_key

AT_ONCE, FOLDERS = 4, 25


def of(folder: Path, **signing: str) -> AppSettings:
    return AppSettings.model_validate({"runtime": {"data_dir": folder}, "signing": signing})


def refusal(folder: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        signing_key(of(folder))
    [problem] = caught.value.problems
    return str(problem)


def test_a_key_that_is_given_is_used(tmp_path: Path) -> None:
    assert signing_key(of(tmp_path, key=" sixteen letters!\n")) == b"sixteen letters!"
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    app = of(tmp_path / "new")
    key = signing_key(app)
    assert len(key) == 64
    assert signing_key(app) == key
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FILE]
    assert (tmp_path / "new" / FILE).stat().st_mode & 0o777 == 0o600


def keys_of_all_folders(folder: Path, barrier: Barrier) -> list[bytes]:
    """What one of several that start together gets in each of the folders."""
    found = []
    for number in range(FOLDERS):
        barrier.wait()
        found.append(signing_key(of(folder / str(number))))
    return found


def test_threads_that_start_together_get_one_key(tmp_path: Path) -> None:
    barrier = Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(keys_of_all_folders, [tmp_path] * AT_ONCE, [barrier] * AT_ONCE))
    assert all(keys == found[0] for keys in found)
    assert all(len(key) == 64 for key in found[0])


@pytest.mark.slow
def test_stages_that_start_together_get_one_key(tmp_path: Path) -> None:
    processes = get_context("spawn")
    with processes.Manager() as shared, processes.Pool(AT_ONCE) as pool:
        barrier = shared.Barrier(AT_ONCE)
        found = pool.starmap(keys_of_all_folders, [(tmp_path, barrier)] * AT_ONCE, chunksize=1)
    assert all(keys == found[0] for keys in found)
    assert len(set(found[0])) == FOLDERS


@pytest.mark.parametrize("content", [b"", b" \n" * 40, b"fifteen letters"])
def test_a_file_that_is_too_short_is_no_key(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert "a signing key has 16 or more bytes" in refusal(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_white_space_around_a_key_in_a_file_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"sixteen letters!\n")
    assert signing_key(of(tmp_path)) == b"sixteen letters!"


@pytest.mark.parametrize("given", ["", " " * 40, "fifteen letters"])
def test_a_variable_that_is_too_short_is_no_key_and_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    with pytest.raises(ValidationError, match="a signing key has 16 or more bytes"):
        of(tmp_path, key=given)
    monkeypatch.setenv("STREAMPROC_SIGNING__KEY", given)
    told = CliRunner().invoke(main, ["check"])
    assert told.exit_code == 2
    assert "signing.key: a signing key has 16 or more bytes" in told.output
    assert "fifteen" not in told.output


def test_a_folder_in_place_of_the_key_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    assert refusal(tmp_path).startswith(f"{tmp_path / FILE}: the signing key cannot be read or made (Is a directory)")


def test_a_file_in_place_of_the_data_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert "the signing key cannot be read or made (Not a directory)" in refusal(tmp_path / "data")


@pytest.mark.parametrize("reason", [PermissionError(13, "Permission denied"), OSError(30, "Read-only file system")])
def test_a_folder_that_cannot_be_written_is_told_in_one_sentence_and_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: OSError
) -> None:
    def refuse(*_: object) -> None:
        raise reason

    monkeypatch.setattr("os.link", refuse)  # whoever runs this may be root, whom no folder refuses
    assert f"the signing key cannot be read or made ({reason.strerror})" in refusal(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_worker_without_a_key_ends_with_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    settings = {"STREAMPROC_RUNTIME__DATA_DIR": str(tmp_path), "STREAMPROC_METRICS__FIRST_PORT": "0"}
    command = [sys.executable, "-m", "streamproc", "worker", "learn"]
    told = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, timeout=120, check=False)
    assert told.returncode == 2
    assert "the signing key cannot be read or made" in told.stderr
    assert "Traceback" not in told.stderr
