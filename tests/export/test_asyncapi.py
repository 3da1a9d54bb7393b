import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from streamproc.config_error import ConfigError
from streamproc.export.asyncapi import DOCUMENT, EXAMPLES_FOLDER, asyncapi_files, example_paths
from streamproc.export.messages import messages_of
from streamproc.settings.topics import load_topics

Document = dict[str, Any]

ROOT = Path(__file__).parents[2]
CATALOGUE = load_topics(ROOT / "topics")
TOPICS = [*CATALOGUE, *CATALOGUE.templates]


@pytest.fixture(scope="module")
def document() -> Document:
    read: Document = orjson.loads(asyncapi_files(ROOT)[DOCUMENT])
    return read


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [reference for child in node.values() for reference in references(child)]
    return [reference for child in node for reference in references(child)] if isinstance(node, list) else []


def test_every_reference_leads_somewhere(document: Document) -> None:
    for reference in references(document):
        file, _, pointer = reference.partition("#")
        assert not file or (ROOT / DOCUMENT.parent / file).exists(), reference
        node = document
        for step in pointer.split("/")[1:]:
            node = node[step]


def test_every_topic_with_a_contract_is_a_channel_with_its_messages(document: Document) -> None:
    by_address = {channel["address"]: channel for channel in document["channels"].values()}
    for topic in TOPICS:
        if topic.example:
            names = [message.name for message in messages_of(topic)]
            if not names:
                continue  # a raw topic of another system's messages
            assert list(by_address[topic.name]["messages"]) == names


def test_private_topics_are_not_in_the_document(document: Document) -> None:
    assert not [name for name in document["channels"] if name.endswith("-state.v1")]


def test_the_topics_of_triggers_are_one_channel_with_a_parameter(document: Document) -> None:
    channel = document["channels"]["marketing.triggers.v1"]
    assert channel["address"] == "marketing.triggers.{trigger}.v1"
    assert list(channel["parameters"]) == ["trigger"]


def test_dead_letters_say_why_in_their_headers(document: Document) -> None:
    channel = document["channels"]["shop.email.v1.dlq"]
    assert list(channel["messages"]) == ["dead_letter"]
    assert "dlq-reason" in document["components"]["messages"]["dead_letter"]["headers"]["required"]


def test_what_streamproc_does_with_a_topic_is_an_operation(document: Document) -> None:
    operations = document["operations"]
    assert operations["receive-shop.email.v1"]["title"] == "streamproc-collect"
    assert operations["send-marketing.offers.v1"]["summary"] == "Read by marketing automation."
    assert "receive-marketing.offers.v1" not in operations


def test_the_example_of_a_topic_is_one_of_its_messages() -> None:
    for topic in TOPICS:
        if topic.example:
            paths = [path for message in messages_of(topic) for path in example_paths(ROOT, message)]
            assert not paths or ROOT / EXAMPLES_FOLDER / f"{topic.example}.json" in paths, topic.file


def test_a_topic_file_that_names_no_message_is_told(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "topics", tmp_path / "topics")
    file = tmp_path / "topics/marketing.kpis.v1.toml"
    file.write_text(file.read_text().replace('schema = "kpi_measured"', 'schema = "kpi_messured"'))
    with pytest.raises(ConfigError, match="no message is called kpi_messured"):
        asyncapi_files(tmp_path)


def test_a_raw_topic_has_the_messages_of_just_the_families_that_it_carries(document: Document) -> None:
    profile = [
        "identified",
        "linked",
        "unlinked",
        "merged",
        "consent_changed",
        "tag_changed",
        "erasure_requested",
        "source_progressed",
    ]
    assert list(document["channels"]["shop.profile.v1"]["messages"]) == profile
    assert "erasure_requested" not in document["channels"]["shop.clickstream.v1"]["messages"]


def test_a_topic_of_several_families_has_the_messages_of_all_of_them() -> None:
    both = replace(CATALOGUE["shop.profile.v1"], families=frozenset({"purchase", "profile"}))
    names = [message.name for message in messages_of(both)]
    assert {"order_placed", "consent_changed"} < set(names)
    assert names.count("source_progressed") == 1
