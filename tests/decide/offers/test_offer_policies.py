"""A way to choose an offer is one file, and the configuration names it."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.offer_policies import KINDS, OfferPolicy
from streamproc.decide.offer_policies.base import Chances
from streamproc.decide.offers.choice import OfferSettings
from streamproc.events.decisions import Offer
from tests.builders import Shop, order, plan

OFFERS = [{"id": name, "content": name} for name in ("a", "b", "c")]


@pytest.fixture
def fair() -> Iterator[None]:
    """A way that is defined here and nowhere else."""

    class Fair(OfferPolicy):
        """All alike."""

        kind: Literal["fair"]

        @property
        def label(self) -> str:
            return "fair"

        def chances(self, candidates: Sequence[OfferCandidate]) -> Chances:
            return {each.offer.id: 1 / len(candidates) for each in candidates}

    yield
    del KINDS["fair"]


def offers_of(policy: dict[str, Any]) -> list[Offer]:
    shop = Shop(plan(offers={"policy": policy, "offer": OFFERS}))
    return [each for outcome in shop.sees(order()) for each in outcome.decisions if isinstance(each, Offer)]


@pytest.mark.usefixtures("fair")
def test_a_new_way_chooses_and_its_probabilities_are_logged() -> None:
    [offer] = offers_of({"kind": "fair"})
    assert (offer.policy, offer.propensity) == ("fair", 1 / 3)
    assert offer.candidates == dict.fromkeys("abc", 1 / 3)


@pytest.mark.usefixtures("fair")
def test_another_way_is_another_plan_and_the_usual_one_need_not_be_said() -> None:
    said, unsaid, other = (
        plan(offers={"policy": policy}).version for policy in ({"kind": "epsilon_greedy"}, {}, {"kind": "fair"})
    )
    assert said == unsaid != other


def test_a_way_that_there_is_not_is_a_mistake_that_says_which_there_are() -> None:
    with pytest.raises(ValidationError, match="no offer policy 'epsilon_gredy'; did you mean 'epsilon_greedy'"):
        OfferSettings.model_validate({"policy": {"kind": "epsilon_gredy"}})
