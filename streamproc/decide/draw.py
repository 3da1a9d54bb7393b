"""Chance that is no chance: numbers that depend on a seed and on nothing else."""

from hashlib import blake2b


def uniform(seed: str) -> float:
    """A number in [0, 1) that depends on the seed only."""
    return int.from_bytes(blake2b(seed.encode(), digest_size=7, person=b"offer").digest()) / 2**56
