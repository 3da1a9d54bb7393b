"""The AsyncAPI 3.1 document: which topics there are, what is in them, and who writes and reads them.

Private topics (changelogs, partial sums) are left out: their bytes are no contract.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from streamproc import __version__
from streamproc.config_error import ConfigError, Problem
from streamproc.events.topics import TRIGGER_PLACE
from streamproc.export.canonical import canonical
from streamproc.export.headers import CLOUD_EVENT_HEADERS, DEAD_LETTER_HEADERS
from streamproc.export.messages import MESSAGES, Message, messages_of
from streamproc.export.schemas import schema_path
from streamproc.settings.topics import Topic, load_topics

TOPICS_FOLDER = Path("topics")
EXAMPLES_FOLDER = TOPICS_FOLDER / "examples"
DOCUMENT = TOPICS_FOLDER / "asyncapi.json"

OURS = "streamproc"
"""Producers and consumers of that name (`streamproc-decide`, `streamproc send`) are this application."""

SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
DEAD_LETTER = "dead_letter"
LISTED_CONFIGS = ("retention.ms", "retention.bytes", "delete.retention.ms", "max.message.bytes")

Document = dict[str, Any]


def asyncapi_files(root: Path) -> Mapping[Path, bytes]:
    """The document, from the topic files and examples under `root`.

    Raises:
        ConfigError: a topic file is wrong, or names a message that there is not.
    """
    return {DOCUMENT: canonical(_document(root))}


def _document(root: Path) -> Document:
    catalogue = load_topics(root / TOPICS_FOLDER)
    topics = sorted((*catalogue, *catalogue.templates), key=lambda topic: topic.name)
    if unknown := [topic for topic in topics if topic.schema and not messages_of(topic)]:
        raise ConfigError(Problem(topic.file, "schema", f"no message is called {topic.schema}") for topic in unknown)
    dead = {topic.dead_letters for topic in topics}
    public = [topic for topic in topics if messages_of(topic) or topic.name in dead]
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "streamproc",
            "version": __version__,
            "description": "Event streams of a shop in, customer knowledge and marketing decisions out.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_channel_id(topic): _channel(topic) for topic in public},
        "operations": {name: operation for topic in public for name, operation in _operations(topic).items()},
        "components": {
            "messages": {
                **{message.name: _message(message, root) for message in MESSAGES.values()},
                DEAD_LETTER: _dead_letter(),
            },
            "messageTraits": {"cloud_event": {"headers": CLOUD_EVENT_HEADERS}},
        },
    }


def _channel_id(topic: Topic) -> str:
    """The topic's name; a template's without its place holder, which no reference may contain."""
    return topic.name.replace(f"{TRIGGER_PLACE}.", "")


def _channel(topic: Topic) -> Document:
    names = [message.name for message in messages_of(topic)] or [DEAD_LETTER]
    channel: Document = {
        "address": topic.name,
        "description": f"{topic.purpose}\n\nKey: {topic.key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": _kafka_binding(topic)},
    }
    if TRIGGER_PLACE in topic.name:
        description = "The trigger's name in config/triggers.toml, with dashes for underscores."
        channel["parameters"] = {TRIGGER_PLACE.strip("{}"): {"description": description}}
    return channel


def _kafka_binding(topic: Topic) -> Document:
    listed = {name: int(topic.configs[name]) for name in LISTED_CONFIGS if name in topic.configs}
    return {
        "partitions": topic.partitions,
        "topicConfiguration": {"cleanup.policy": [topic.cleanup], **listed},
        "bindingVersion": "0.5.0",
    }


def _operations(topic: Topic) -> Document:
    """What streamproc itself does with a topic: its stages and commands; others are named in the summary."""
    parties = {
        "send": (topic.producers, f"Read by {_listed(topic.consumers)}."),
        "receive": (topic.consumers, f"Written by {_listed(topic.producers)}."),
    }
    return {
        f"{action}-{_channel_id(topic)}": {
            "action": action,
            "channel": {"$ref": f"#/channels/{_channel_id(topic)}"},
            "title": _listed(name for name in ours if name.startswith(OURS)),
            "summary": summary,
        }
        for action, (ours, summary) in parties.items()
        if any(name.startswith(OURS) for name in ours)
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _message(message: Message, root: Path) -> Document:
    schema = schema_path(message.name).relative_to(TOPICS_FOLDER)
    described: Document = {
        "name": message.name,
        "contentType": "application/json",
        "payload": {
            "schemaFormat": SCHEMA_FORMAT,
            "schema": {"$ref": f"./{schema}"},
        },
        "examples": [
            {"name": path.stem, "payload": orjson.loads(path.read_bytes())} for path in example_paths(root, message)
        ],
    }
    if message.direction == "made":
        described["traits"] = [{"$ref": "#/components/messageTraits/cloud_event"}]
    return described


def example_paths(root: Path, message: Message) -> list[Path]:
    """`<message>.json` and, for a message with several faces, `<message>-<which>.json`."""
    folder = root / EXAMPLES_FOLDER
    return sorted([*folder.glob(f"{message.name}.json"), *folder.glob(f"{message.name}-*.json")])


def _dead_letter() -> Document:
    return {
        "name": DEAD_LETTER,
        "contentType": "application/octet-stream",
        "description": "The original bytes and key, untouched; of a message beyond the topic's limit, as much as fits.",
        "headers": DEAD_LETTER_HEADERS,
    }
