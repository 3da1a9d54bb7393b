"""One way to write a generated JSON file, so that equal content is equal bytes."""

from typing import Any

import orjson


def canonical(document: Any) -> bytes:
    """Two spaces, the given order of keys, a line feed at the end."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
