"""Kafka's own jars, from Maven Central into this machine's cache: where there is no docker, there is Java.

Every jar is pinned by coordinate and hash in `kafka_jars.txt` (written by `pin_jars.py`), so what runs is what was
tested, from whichever repository or mirror it comes. `jgo` looks into the local Maven repository first, then asks the
repositories of its configuration (`[repositories]` in `~/.config/jgo.conf`) and Maven Central. Once all jars are in
the cache, neither jgo nor a network is needed any more.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from streamproc.broker.error import BrokerError
from streamproc.whole_file import put_in_place

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
"""Kafka's POM names no SLF4J provider: without this one the broker is mute, even when it dies."""

PINNED = "kafka_jars.txt"
PARALLEL_FETCHES = 6
TOLD_EVERY = 10
TIMEOUT_SECONDS = 30

Progress = Callable[[str], None]


@dataclass(frozen=True)
class PinnedJar:
    """One jar: its Maven coordinate `group:artifact:version` and the SHA-256 of its bytes."""

    coordinate: str
    sha256: str

    @classmethod
    def parse(cls, line: str) -> Self:
        """A line of the pin file."""
        coordinate, sha256 = line.split()
        return cls(coordinate, sha256)

    @property
    def filename(self) -> str:
        """The name in the cache, as Maven would call it."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def pinned_jars() -> tuple[PinnedJar, ...]:
    """All jars of the class path, in its order."""
    lines = files(__package__).joinpath(PINNED).read_text("utf-8").splitlines()
    return tuple(PinnedJar.parse(line) for line in lines if line and not line.startswith("#"))


def kafka_jars(cache_dir: Path, on_progress: Progress) -> tuple[Path, ...]:
    """The jars of the broker's class path, fetched if they are not in the cache yet.

    Raises:
        BrokerError: a jar is neither in the cache nor to be had, or the cache cannot be written.
    """
    return cached_jars(pinned_jars(), cache_dir, on_progress)


def cached_jars(jars: Sequence[PinnedJar], cache_dir: Path, on_progress: Progress) -> tuple[Path, ...]:
    """These jars in the cache, in their order; those that are missing are fetched.

    All belong on one class path: jgo would split them into a class path and a module path, which Kafka does not expect.

    Raises:
        BrokerError: a jar is neither in the cache nor to be had, or the cache cannot be written.
    """
    missing = [jar for jar in jars if not (cache_dir / jar.filename).exists()]
    if missing:
        _fetch(missing, cache_dir, on_progress)
    return tuple(cache_dir / jar.filename for jar in jars)


def _fetch(jars: Sequence[PinnedJar], cache_dir: Path, on_progress: Progress) -> None:
    """Bring the jars into the cache: each is whole and right, or not there."""
    on_progress(f"fetching {len(jars)} jars of {KAFKA} into {cache_dir} (only this once)")
    with _writable(cache_dir), TemporaryDirectory(prefix=".fetch-", dir=cache_dir) as staging:
        context = _maven(Path(staging) / "repository")
        with ThreadPoolExecutor(PARALLEL_FETCHES) as pool:
            fetched = {pool.submit(_fetch_one, context, jar, Path(staging)): jar for jar in jars}
            try:
                _keep(fetched, cache_dir, on_progress)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _keep(fetched: dict[Future[Path], PinnedJar], cache_dir: Path, on_progress: Progress) -> None:
    for count, future in enumerate(as_completed(fetched), 1):
        put_in_place(future.result(), cache_dir / fetched[future].filename)
        if count % TOLD_EVERY == 0 or count == len(fetched):
            on_progress(f"fetched {count} of {len(fetched)} jars")


def _fetch_one(context: Any, jar: PinnedJar, staging: Path) -> Path:
    """The checked bytes of one jar, as a file of our own in the staging directory."""
    try:
        found = Path(context.create_dependency(jar.coordinate).artifact.resolve())
    except (OSError, RuntimeError) as error:
        raise BrokerError(_unavailable(jar, staging.parent, str(error))) from error
    copy = staging / jar.filename
    shutil.copyfile(found, copy)
    if hashlib.sha256(copy.read_bytes()).hexdigest() != jar.sha256:
        raise BrokerError(
            f"{found} is not the {jar.coordinate} that {PINNED} pins: it is damaged or was tampered with. "
            "Delete it if it is in your Maven repository, check your mirror if you have one, and start again"
        )
    return copy


def _unavailable(jar: PinnedJar, cache_dir: Path, reason: str) -> str:
    return (
        f"cannot fetch {jar.coordinate}, which the embedded Kafka needs: {reason[:300]}. "
        "Connect this machine to Maven Central once, name a mirror under [repositories] in ~/.config/jgo.conf, "
        f"or copy {cache_dir} from a machine that has it; then start again"
    )


def _maven(repository: Path) -> Any:
    """Where jgo looks for artifacts, and an empty directory of ours for what it downloads."""
    try:
        from jgo.config import GlobalSettings  # noqa: PLC0415  only the first start needs jgo
        from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415
        from jgo.maven import MavenContext  # noqa: PLC0415
    except ImportError as error:
        raise BrokerError(
            f"the embedded Kafka is fetched by the package jgo, which is not installed ({error}): run "
            '`pip install "streamproc[embedded]"`'
        ) from error
    logging.getLogger("jgo").addHandler(logging.NullHandler())  # or its warnings go to stderr
    settings = GlobalSettings.load()
    return MavenContext(
        repo_cache=repository,
        local_repos=[settings.repo_cache],
        remote_repos={**settings.repositories, "central": MAVEN_CENTRAL_URL},
        timeout=TIMEOUT_SECONDS,
    )


@contextmanager
def _writable(cache_dir: Path) -> Iterator[None]:
    """Make the cache; say what to do if it cannot be written."""
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise BrokerError(
            f"cannot keep Kafka's jars in {cache_dir}: {error.strerror or error}. "
            "They need 50 MB; make room, or set XDG_CACHE_HOME to another place"
        ) from error
