"""JSON Schemas (draft 2020-12) of all messages, generated from the classes that read and write them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from streamproc.events.base import RawEvent
from streamproc.events.email import MessageEvent
from streamproc.events.purchase import PurchaseEvent, ReturnEvent
from streamproc.export.canonical import canonical
from streamproc.export.messages import MESSAGES, Message

SCHEMAS_FOLDER = Path("topics/schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


KNOWN_AMOUNT: JsonSchemaValue = {
    "anyOf": [
        {"properties": {"currency": {"type": "string"}}, "required": ["currency"]},
        {"properties": {"amount": {"type": "null"}, "lines": {"maxItems": 0}}},
    ]
}
"""What `ReturnEvent` asks: an amount has a currency."""


def has_subject_schema(cls: type[RawEvent]) -> JsonSchemaValue:
    """What `streamproc.events.subject.has_subject` asks: whose event it is."""
    message = ("message_id",) if issubclass(cls, MessageEvent) else ()
    said = [
        {"properties": {name: {"type": "string"}}, "required": [name]}
        for name in cls.NEEDS or ("customer_id", "anonymous_id", "email", *message)
    ]
    return {"allOf": said} if cls.NEEDS else {"anyOf": said}


def schema_of(message: Message) -> dict[str, Any]:
    """The schema of one message.

    Unknown fields are allowed everywhere: readers ignore them, so that writers can add some.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(message.cls)
    schema = adapter.json_schema(
        schema_generator=_ContractSchema, mode="validation" if message.direction == "given" else "serialization"
    )
    if issubclass(message.cls, RawEvent) and not issubclass(message.cls, PurchaseEvent):
        schema |= has_subject_schema(message.cls)
    if issubclass(message.cls, ReturnEvent):
        schema |= KNOWN_AMOUNT
    return {"$schema": DIALECT, "$id": f"urn:streamproc:message:{message.name}", **schema}


def schema_files(_root: Path) -> Mapping[Path, bytes]:
    """One file per message."""
    return {schema_path(message.name): canonical(schema_of(message)) for message in MESSAGES.values()}


def schema_path(name: str) -> Path:
    """Where the schema of a message is, from the repository's root."""
    return SCHEMAS_FOLDER / f"{name}.json"


class _ContractSchema(GenerateJsonSchema):
    """pydantic's schema, without repeated titles, and with `required` as it is on the wire."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """A title that repeats the field's name says nothing."""
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001  pydantic's signature
        """A tag such as `type` must be there though the class has a default; and what we make is made whole."""
        return self.mode == "serialization" or super().field_is_required(field, total) or _is_tag(field["schema"])

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """OpenAPI's `discriminator` is no JSON Schema, and some validators refuse it; each choice has a tag anyway."""
        union = super().tagged_union_schema(schema)
        union.pop("discriminator", None)
        return union

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The default of a tag is no default on the wire."""
        return self.generate_inner(schema["schema"]) if _is_tag(schema) else super().default_schema(schema)


def _is_tag(schema: Any) -> bool:
    inner = schema.get("schema", {}) if schema["type"] == "default" else schema
    return inner.get("type") == "literal" and len(inner["expected"]) == 1
