"""Reading what we have written ourselves: ids that were checked on their way in are not checked again.

The check of an id is the one part of reading an event that is Python, and takes as long as all the rest.
"""

from typing import Any, cast

from pydantic import TypeAdapter
from pydantic_core import CoreSchema, SchemaValidator

from streamproc.events.identifiers import is_check


def trusting(adapter: TypeAdapter[Any]) -> SchemaValidator:
    """A validator of the adapter's type, whole but for the ids, which are any text."""
    # pydantic takes the validators that classes have, checks and all, unless it is told to make new ones
    return SchemaValidator(cast("CoreSchema", _without_checks(adapter.core_schema)), _use_prebuilt=False)


def _without_checks(schema: Any) -> Any:
    """Any: a core schema is dictionaries and lists of many shapes."""
    if isinstance(schema, dict):
        if schema.get("type") == "function-after" and is_check(schema["function"]["function"]):
            return {"type": "str"}
        return {name: _without_checks(part) for name, part in schema.items()}
    if isinstance(schema, list | tuple):
        return type(schema)(map(_without_checks, schema))
    return schema
