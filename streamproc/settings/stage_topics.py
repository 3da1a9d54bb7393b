"""What is wrong with the topics of the stages: what a worker would refuse at its start, or choke on at its first event.

Against a `check` that says "right" to topic files with which a worker ends again and again.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from streamproc.config_error import Problem
from streamproc.processor.api import Source, Stage
from streamproc.settings.topics import TopicCatalogue


def problems_of_topics(stages: Iterable[Stage], catalogue: TopicCatalogue, folder: Path) -> Iterator[Problem]:
    """Topics without a file, changelogs that would forget, and partitions that do not lie beside each other."""
    for stage in stages:
        missing = list(_missing(stage, catalogue, folder))
        yield from missing
        if not missing:
            yield from _wrong(stage, catalogue)


def _missing(stage: Stage, catalogue: TopicCatalogue, folder: Path) -> Iterator[Problem]:
    read = [(name, "reads") for source in stage.sources for name in source.topics]
    written = [*(source.changelog for source in stage.sources if source.changelog), *stage.outputs]
    for name, does in [*read, *((name, "writes") for name in written)]:
        if name not in catalogue.topics:
            yield Problem(str(folder), name, f"{stage.name} {does} it, and it has no file: {name}.toml")


def _wrong(stage: Stage, catalogue: TopicCatalogue) -> Iterator[Problem]:
    for source in stage.sources:
        if source.changelog is not None:
            yield from _wrong_changelog(source, source.changelog, catalogue)
        for name in source.topics:
            yield from _apart(name, stage.co_partitioned, catalogue)


def _wrong_changelog(source: Source, changelog: str, catalogue: TopicCatalogue) -> Iterator[Problem]:
    topic = catalogue[changelog]
    if topic.cleanup != "compact":
        yield Problem(topic.file, "cleanup", 'must be "compact": a changelog that forgets its oldest loses states')
    for name in source.topics:
        yield from _apart(name, (changelog,), catalogue)


def _apart(source: str, beside: Iterable[str], catalogue: TopicCatalogue) -> Iterator[Problem]:
    wanted = catalogue[source].partitions
    for name in beside:
        topic = catalogue[name]
        if topic.partitions != wanted:
            said = f'has {topic.partitions} where {source} has {wanted}; write `partitions_of = "{source}"`'
            yield Problem(topic.file, "partitions", said)
