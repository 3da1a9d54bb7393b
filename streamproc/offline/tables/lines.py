"""The lines of a table's file, unzipped and decoded."""

from collections.abc import Iterator
from functools import partial
from io import TextIOWrapper
from pathlib import Path

from streamproc.offline.dumps.gzipped import CUT_OFF, open_to_read
from streamproc.offline.tables.format import FileFormat

MOST_CHARACTERS = 1 << 24
"""Of one line: only one line is in memory at a time."""

_UTF8_WITH_OR_WITHOUT_BOM = "utf-8-sig"


class TableError(ValueError):
    """A table cannot be imported at all: says the file and what to do."""


def lines_of(path: Path, form: FileFormat) -> Iterator[str]:
    """The lines as they end in the file; bytes that are no text are kept (`surrogateescape`).

    Raises:
        TableError: the file is cut off or damaged, the encoding is another one, or a line has no end.
        OSError: it cannot be opened.
    """
    encoding = _UTF8_WITH_OR_WITHOUT_BOM if form.encoding == "utf-8" else form.encoding
    line = 0
    with open_to_read(path) as raw, TextIOWrapper(raw, encoding, errors="surrogateescape", newline="") as text:
        try:
            for line, content in enumerate(iter(partial(text.readline, MOST_CHARACTERS), ""), start=1):
                if len(content) == MOST_CHARACTERS:
                    raise TableError(f"{path}: line {line} has no end; JSON: write one object a line (jq -c '.[]')")
                yield content
        except CUT_OFF as error:
            raise TableError(f"{path}: after line {line}: {error}; the file is cut off: get it anew") from error
        except UnicodeError as error:
            raise TableError(f"{path}: line {line + 1}: {error}; is [file] encoding right?") from error
