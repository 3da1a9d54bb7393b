"""Numbers with their nouns, as people write them."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number and what it counts.

    >>> counted(1, "customer"), counted(2_000, "customer"), counted(2, "message was", "messages were")
    ('1 customer', '2,000 customers', '2 messages were')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
