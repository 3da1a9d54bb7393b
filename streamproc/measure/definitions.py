"""What makes a KPI's number, as a digest: KPIs with the same one need not be counted anew."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from streamproc.measure.kinds import KpiBlock

LABELS = frozenset({"description", "layer", "direction", "owner", "baseline", "target"})
"""What a block says about the number, not how it is made."""
_DIGEST_LETTERS = 16


def definitions_of(blocks: Iterable[KpiBlock]) -> dict[str, str]:
    """KPI to the digest of its definition; what is made of others changes with them."""
    plain = {block.name: _text(block) for block in blocks}
    return {block.name: _digest(plain[name] for name in (block.name, *block.parts)) for block in blocks}


def series_of(blocks: Iterable[KpiBlock]) -> Mapping[str, frozenset[str]]:
    """KPI to the series that are counted for it: its own, or those of its parts."""
    return {block.name: frozenset(block.parts or (block.name,)) for block in blocks}


def _text(block: KpiBlock) -> str:
    return json.dumps({name: value for name, value in block if name not in LABELS}, sort_keys=True)


def _digest(texts: Iterable[str]) -> str:
    return sha256("\n".join(texts).encode()).hexdigest()[:_DIGEST_LETTERS]
