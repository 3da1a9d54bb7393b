"""With how many examples a law is tried: all in `make test`, a part of them in `make test-fast`."""

from hypothesis import settings

FULL = 100
"""Of a law that names no number of its own: Hypothesis's default."""


def tried(examples: int) -> settings:
    """The settings of a law with a number of its own; of that, a profile takes the same part as of `FULL`."""
    profile = settings.get_profile(settings.get_current_profile_name())
    return settings(max_examples=max(1, examples * profile.max_examples // FULL))
