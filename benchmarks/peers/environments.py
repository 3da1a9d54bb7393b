"""What the peers run in, made at the first use in this machine's cache: an environment, jars, a compiled class."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from platformdirs import user_cache_path

from streamproc.broker.jars import PinnedJar, cached_jars
from streamproc.broker.java import find_java

HERE = Path(__file__).parent
CACHE = user_cache_path("streamproc") / "benchmarks"
KAFKA_STREAMS = "KafkaStreamsJob"


def quix_python() -> Path:
    """The Python of an environment with Quix Streams, pinned and hashed as `quix-requirements.txt` says."""
    requirements = HERE / "quix-requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = CACHE / f"quix-{sys.version_info.major}.{sys.version_info.minor}-{digest}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", str(requirements)], check=True)
        (folder / "complete").touch()
    return python


def kafka_streams_command() -> list[str]:
    """The command line of the job on Kafka Streams; it takes the worker's argument.

    Raises:
        LookupError: there is no Java compiler; the message says so.
    """
    compiler = shutil.which("javac")
    if compiler is None:
        raise LookupError("there is no javac: install a JDK (openjdk-17-jdk-headless or newer)")
    lines = (HERE / "streams_jars.txt").read_text().splitlines()
    pinned = [PinnedJar.parse(line) for line in lines if line and not line.startswith("#")]
    jars = cached_jars(pinned, CACHE / "kafka-streams", lambda _: None)
    source = HERE / f"{KAFKA_STREAMS}.java"
    classes = CACHE / f"kafka-streams-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"
    class_path = os.pathsep.join(map(str, [classes, *jars]))
    if not (classes / f"{KAFKA_STREAMS}.class").exists():
        subprocess.run([compiler, "-cp", class_path, "-d", classes, source], check=True)
    return [str(find_java().executable), "-cp", class_path, KAFKA_STREAMS]
