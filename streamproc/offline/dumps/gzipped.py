"""Files that are gzipped if their name ends in `.gz`."""

import gzip
import zlib
from pathlib import Path
from typing import IO, cast

CUT_OFF = (EOFError, gzip.BadGzipFile, zlib.error)
"""What reading raises when a gzip file is cut off, damaged or no gzip file at all."""


def open_to_read(path: Path) -> IO[bytes]:
    """The file's content as bytes, unzipped on the way."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
