"""Why a row is put aside."""


class BadRowError(ValueError):
    """A row is no event: `place` is the key of the mapping, the message says why."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)
