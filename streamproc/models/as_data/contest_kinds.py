"""A champion and its challengers, as learn keeps them; what is released is one model."""

from streamproc.models.as_data.kinds import MODELS, Kind, declare, part
from streamproc.models.as_data.shapes import Name, Pairs, Real, Whole
from streamproc.models.contest import Contest, Lead

declare(
    Kind(Lead, {"examples": Whole(), "mean": Real(), "squares": Real(), "loss": Real()}),
    Kind(
        Contest,
        {"champion": Name(), "models": Pairs(Name(), part(*MODELS)), "leads": Pairs(Name(), part("Lead"))},
    ),
)
