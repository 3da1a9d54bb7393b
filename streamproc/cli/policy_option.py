"""A way to choose offers as it is said on the command line: `softmax:temperature=0.2,explore=0.05`."""

from pydantic import ValidationError

from streamproc.decide.offer_policies import KINDS, OfferPolicy
from streamproc.did_you_mean import suggest
from streamproc.settings.words import in_words

HOW = "softmax:temperature=0.2,explore=0.05"


def read_policy(said: str, current: OfferPolicy) -> OfferPolicy:
    """A kind with its numbers; what is not said of it is the kind's default.

    When it chooses, its model and its control are those of `current`, the `[policy]` of the configuration.

    Raises:
        ValueError: no such kind or number, or there is no model by which it could go.
    """
    name, _, numbers = said.partition(":")
    kind = KINDS.find(name)
    if current.model is None:
        raise ValueError(f"{name} goes by what a model expects, and [policy] of offers.toml names no model: name one")
    shared = current.model_dump(include=set(OfferPolicy.model_fields) - {"kind"})
    own = dict(_number(kind, each) for each in numbers.split(",") if each)
    try:
        found: OfferPolicy = kind.model_validate({**shared, **own, "kind": name})
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {in_words(one, kind, own)}" for one in error.errors()]
        raise ValueError("; ".join(wrong)) from error
    return found


def _number(kind: type[OfferPolicy], said: str) -> tuple[str, float]:
    name, _, number = said.partition("=")
    names = sorted(kind.model_fields.keys() - OfferPolicy.model_fields.keys())
    if name.strip() not in names:
        raise ValueError(f"no number {name.strip()!r}; {suggest(name.strip(), names)}")
    try:
        return name.strip(), float(number)
    except ValueError as error:
        raise ValueError(f"{said!r}: write it as in {HOW}") from error
