"""What a customer's timers are for, as one reads it."""

_WORDS = {
    "decay": "a tag or a segment may end or begin by time alone",
    "fill": "new tags and segments look at the customer",
    "forget": "the visitor is forgotten, if nothing comes",
    "journeys": "a journey goes on",
    "reward": "what an offer has brought is told",
    "waiting": "what was put off is decided again",
    "watching": "the oldest product that was seen is forgotten",
}

_BEGINNINGS = {
    "ask:": "asks what {} predicts",
    "answer:": "what {} asked is answered by time",
    "sample:": "looks at the customer for the figures of {}",
    "trigger:": "the delay of {} runs out",
}


def timer_in_words(name: str) -> str:
    """A timer as one reads it.

    >>> timer_in_words("ask:churn")
    'asks what churn predicts'
    >>> timer_in_words("trigger:back_in_stock/lamp")
    'the delay of back_in_stock (lamp) runs out'
    >>> timer_in_words("something")
    'something'
    """
    for beginning, words in _BEGINNINGS.items():
        if name.startswith(beginning):
            rule, _, about = name.removeprefix(beginning).partition("/")
            return words.format(f"{rule} ({about})" if about else rule)
    return _WORDS.get(name, name)
