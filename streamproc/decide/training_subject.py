"""Under what a customer stands in what is learned from (`streamproc.training.v1`): a name that only the key can make.

A digest without a key would be as good as the customer's id: who has the ids can try them all. The key is derived from
the signing key for this purpose alone, so a replay with the key of its log says the same.
"""

from streamproc.decide.moment import Moment

_BYTES = 8


def training_subject(moment: Moment, model: str, *about: object) -> str:
    """The customer's name for a model, and for what else it is `about`: 16 hexadecimal digits.

    With a moment in `about` each lesson has a name of its own; without one the customer keeps it, for this model.
    """
    parts = (moment.customer.key, model, *map(str, about))
    return moment.bank.pseudonyms.tag(part.encode(errors="surrogatepass") for part in parts)[:_BYTES].hex()
