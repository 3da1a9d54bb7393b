"""The topics that collect reads: each is in `topics/`, and says there which families of events it may carry."""

from collections.abc import Iterator, Sequence

from streamproc.config_error import Problem
from streamproc.did_you_mean import suggest
from streamproc.events.raw import FAMILIES
from streamproc.settings.topics import TopicCatalogue


def raw_topics(catalogue: TopicCatalogue) -> tuple[str, ...]:
    """All topics that carry raw events, those first whose family stands first (`events/raw.py`)."""
    rank = {family: number for number, family in enumerate(FAMILIES)}
    raw = [(min(rank[family] for family in topic.families), topic.name) for topic in catalogue if topic.families]
    return tuple(name for _, name in sorted(raw))


def problems_of_raw_topics(path: str, names: Sequence[str], catalogue: TopicCatalogue) -> Iterator[Problem]:
    """What is wrong with the topics that `[collect] topics` of the file `path` names."""
    raw = sorted(raw_topics(catalogue))
    if not names:
        yield Problem(path, "collect.topics", "no topic carries raw events: a topic file says so by `families`")
    for name in names:
        if name not in catalogue.topics:
            yield Problem(path, "collect.topics", f"no topic {name!r}; {suggest(name, raw)}")
        elif name not in raw:
            wanted = f"is missing: collect reads this topic; say which it may carry of {', '.join(FAMILIES)}"
            yield Problem(catalogue[name].file, "families", wanted)
