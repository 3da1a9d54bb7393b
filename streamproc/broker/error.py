"""What goes wrong with the embedded broker, said so that a person can mend it."""


class BrokerError(Exception):
    """The embedded broker cannot do what was asked; the message names the place and the remedy."""
