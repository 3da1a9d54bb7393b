"""Versions of what is kept for long: a release reads what older ones wrote, and says so when a newer one did."""


class NewerVersionError(ValueError):
    """A newer release wrote this; reading it with this one would lose what that release knows."""

    def __init__(self, what: str, version: int, known: int) -> None:
        super().__init__(f"{what} has version {version}; this release reads versions up to {known}")
