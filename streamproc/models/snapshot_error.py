"""The one error of artefacts that come from outside: a released version, or learn's own state out of its changelog."""


class SnapshotError(ValueError):
    """It must not or cannot be used, for whatever reason; who has a last good version goes on with that."""


class WrongSignatureError(SnapshotError):
    """It was not signed with the key that this process has."""
