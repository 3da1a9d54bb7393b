"""All generated files: what they should be, and how the committed ones differ."""

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path

import orjson

from streamproc.export.asyncapi import asyncapi_files
from streamproc.export.compatibility import breaking_changes
from streamproc.export.dashboard import dashboard_files
from streamproc.export.messages import MESSAGES
from streamproc.export.runbook import runbook_files
from streamproc.export.schemas import SCHEMAS_FOLDER, schema_files, schema_path

GENERATORS: tuple[Callable[[Path], Mapping[Path, bytes]], ...] = (
    schema_files,
    asyncapi_files,
    dashboard_files,
    runbook_files,
)
"""Each gives files by their path from the repository's root. To generate more, add one here."""

OWNED = (f"{SCHEMAS_FOLDER}/*.json", "grafana/dashboards/*.json", "grafana/consoles/*.html")
"""Where a file that is no longer generated is left over."""


def generate(root: Path) -> dict[Path, bytes]:
    """All files as they should be."""
    return {path: content for generator in GENERATORS for path, content in generator(root).items()}


def left_over(root: Path, files: Mapping[Path, bytes]) -> list[Path]:
    """Files that were generated once and are not any more."""
    there = (path.relative_to(root) for pattern in OWNED for path in sorted(root.glob(pattern)))
    return [path for path in there if path not in files]


def difference(root: Path) -> str:
    """How the committed files differ from what they should be, as a unified diff; empty if they do not."""
    files = generate(root)
    wanted = {**files, **dict.fromkeys(left_over(root, files), b"")}
    return "".join(_diff(root, path, content) for path, content in wanted.items())


def broken_contracts(root: Path) -> list[str]:
    """What the code, as it is now, breaks for those who rely on the committed schemas."""
    files = schema_files(root)
    broken = [f"{path}: the message is gone" for path in left_over(root, files) if path.parent == SCHEMAS_FOLDER]
    for message in MESSAGES.values():
        path = schema_path(message.name)
        if (root / path).exists():
            old, new = orjson.loads((root / path).read_bytes()), orjson.loads(files[path])
            broken += [f"{path}: {change}" for change in breaking_changes(old, new, message.direction)]
    return broken


def write(root: Path) -> None:
    """Bring the files up to date; left-over ones are removed."""
    files = generate(root)
    for path in left_over(root, files):
        (root / path).unlink()
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def _diff(root: Path, path: Path, wanted: bytes) -> str:
    now = (root / path).read_text(encoding="utf-8") if (root / path).exists() else ""
    lines = difflib.unified_diff(
        now.splitlines(keepends=True), wanted.decode().splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(lines)
