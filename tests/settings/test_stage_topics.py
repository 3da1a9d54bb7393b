"""What a worker would refuse about its topics, `check` refuses: the same stages, the same topic files."""

import shutil
from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.settings.load import load

ROOT = Path(__file__).parents[2]


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    """A copy of the committed topic files that a test may spoil."""
    return Path(shutil.copytree(ROOT / "topics", tmp_path / "topics"))


def complaint(topics: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(ROOT / "config", topics)
    [problem] = caught.value.problems
    return str(problem).replace(str(topics), "topics")


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_committed_topics_are_right() -> None:
    load(ROOT / "config", ROOT / "topics")


@pytest.mark.parametrize(
    ("topic", "does"),
    [
        ("streamproc.models.v1", "learn writes"),
        ("streamproc.learn-state.v1", "learn writes"),
        ("marketing.offers.v1", "decide writes"),
    ],
)
def test_a_topic_without_its_file_is_named_with_the_stage_that_needs_it(topics: Path, topic: str, does: str) -> None:
    (topics / f"{topic}.toml").unlink()
    assert complaint(topics) == f"topics: {topic}: {does} it, and it has no file: {topic}.toml"


def test_a_changelog_that_would_forget_is_refused(topics: Path) -> None:
    replaced(topics / "streamproc.decide-state.v1.toml", '"compact"', '"delete"')
    assert 'streamproc.decide-state.v1.toml: cleanup: must be "compact"' in complaint(topics)


@pytest.mark.parametrize("topic", ["streamproc.decide-state.v1", "marketing.scores.v1", "streamproc.facts.v1"])
def test_what_lies_beside_a_source_has_as_many_partitions(topics: Path, topic: str) -> None:
    replaced(topics / f"{topic}.toml", 'partitions_of = "shop.customer-events.v1"', "partitions = 3")
    if topic == "streamproc.facts.v1":
        replaced(topics / "streamproc.measure-state.v1.toml", 'partitions_of = "streamproc.facts.v1"', "partitions = 3")
    assert complaint(topics) == (
        f"topics/{topic}.toml: partitions: has 3 where shop.customer-events.v1 has 4; "
        'write `partitions_of = "shop.customer-events.v1"`'
    )
