"""Write `kafka_jars.txt` anew: `python -m streamproc.broker.pin_jars`, after a version in `jars.py` has changed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from jgo.maven import MavenContext

from streamproc.broker.jars import KAFKA, LOGGING, PINNED, PinnedJar

HEADER = "# Kafka and what it needs, as Maven resolves it: coordinate, SHA-256. Written by `{module}`.\n"


def resolved_jars(context: MavenContext) -> Iterator[tuple[str, Path]]:
    """Coordinate and file of every jar that Kafka needs at run time; fetches what the context does not have.

    The logging provider is marked raw (`!`): jgo takes the dependency management of every other coordinate for all of
    them, and Log4j's would bring older versions of Kafka's own libraries.
    """
    wanted = [context.create_dependency(coordinate) for coordinate in (KAFKA, f"{LOGGING}!")]
    inputs, transitive = context.resolver.resolve(wanted)
    for dependency in [*inputs, *transitive]:
        if dependency.scope != "test":
            coordinate = f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"
            yield coordinate, Path(dependency.artifact.resolve())


def pin(context: MavenContext) -> tuple[PinnedJar, ...]:
    """All jars with their hashes, sorted, Kafka and its logging among them."""
    return tuple(
        PinnedJar(coordinate, hashlib.sha256(jar.read_bytes()).hexdigest())
        for coordinate, jar in sorted(resolved_jars(context))
    )


def main() -> None:
    """Resolve, hash and write."""
    lines = (f"{jar.coordinate} {jar.sha256}\n" for jar in pin(MavenContext()))
    Path(__file__).with_name(PINNED).write_text(
        HEADER.format(module="python -m streamproc.broker.pin_jars") + "".join(lines), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
