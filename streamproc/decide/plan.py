"""The plan: the validated configuration of decide, with a version that every decision carries."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from hashlib import blake2b
from typing import Annotated

import orjson
from pydantic import BeforeValidator, SerializeAsAny

from streamproc.config_file import Table
from streamproc.customer.clv import OrdersForecast
from streamproc.customer.declared.counting import DeclaredFeatures
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.features import FEATURES, Feature
from streamproc.customer.features.cluster import cluster_features
from streamproc.customer.features.clv import clv_features
from streamproc.customer.features.contact import contact_features
from streamproc.customer.features.interests import interest_features
from streamproc.customer.features.rfm import rfm_features
from streamproc.customer.profile_settings import DEFAULT_PROFILE, ProfileSettings
from streamproc.customer.state import Customer, Waiting
from streamproc.customer.tags import DAYS_TAGGED, days_tagged
from streamproc.decide.journeys.journey import NO_JOURNEYS, JourneySettings
from streamproc.decide.offers.choice import OfferSettings
from streamproc.decide.policy import PolicySettings
from streamproc.decide.segments.decay import Decay
from streamproc.decide.segments.groups import Groups
from streamproc.decide.segments.segment import SegmentSettings, is_in_others
from streamproc.decide.segments.tags import NO_TAGS, TagSettings, has_other_tags
from streamproc.decide.triggers import TriggerRule
from streamproc.decide.triggers.product import ProductTrigger
from streamproc.events.shop import DEFAULT_SHOP, Shop
from streamproc.models.config import ModelSettings
from streamproc.models.figures_kind import SampledPrediction, SampledPredictions
from streamproc.models.kind import AskedPrediction, AskedPredictions, Predictions
from streamproc.models.kinds.amount import AmountPrediction
from streamproc.models.kinds.uplift import UpliftPrediction
from streamproc.models.ranking_kind import RankingPrediction, Rankings


class TriggerSettings(Table):
    """`config/triggers.toml`."""

    trigger: tuple[Annotated[SerializeAsAny[TriggerRule], BeforeValidator(TriggerRule.read)], ...] = ()


NO_FEATURES = FeatureSettings()


@dataclass(frozen=True)
class Plan:
    """Everything that `step` decides by."""

    triggers: TriggerSettings
    offers: OfferSettings
    segments: SegmentSettings
    policy: PolicySettings
    models: ModelSettings
    features: FeatureSettings = NO_FEATURES
    shop: Shop = DEFAULT_SHOP
    tags: TagSettings = NO_TAGS
    journeys: JourneySettings = NO_JOURNEYS
    profile: ProfileSettings = DEFAULT_PROFILE

    @cached_property
    def version(self) -> str:
        """A digest of the whole configuration: the same configuration has the same version everywhere."""
        parts = [self.triggers, self.offers, self.segments, self.policy, self.models]
        if self.features.feature:  # a file that declares nothing is as good as none
            parts.append(self.features)
        plain: list[object] = [part.model_dump(mode="json") for part in parts]
        if self.shop != DEFAULT_SHOP:
            plain.append(self.shop)
        if self.tags.tag:
            plain.append(self.tags.model_dump(mode="json"))
        if self.journeys.journey:
            plain.append(self.journeys.model_dump(mode="json"))
        if self.profile != DEFAULT_PROFILE:
            plain.append(self.profile.model_dump(mode="json"))
        text = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
        return blake2b(text, digest_size=6).hexdigest()

    def __getstate__(self) -> dict[str, object]:
        """What another process needs to decide alike; what follows from it is worked out there anew."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @cached_property
    def declared(self) -> DeclaredFeatures:
        """The declared features, ready to count by."""
        return DeclaredFeatures.of(self.features)

    @cached_property
    def functions(self) -> Mapping[str, Feature]:
        """All features that there are: those of the code, and those that are declared."""
        tagged = {name: days_tagged(name.removeprefix(DAYS_TAGGED)) for name in self.segments.membership.tagged}
        profile = self.profile
        worth = {**rfm_features(profile.rfm), **clv_features(profile.clv, self.orders_forecast)}
        set_up = {**contact_features(self.policy.contact), **worth, **interest_features(profile.interests)}
        functions = {**FEATURES, **set_up, **self.declared.functions, **tagged}
        return {**functions, **cluster_features(functions)}

    @cached_property
    def groups(self) -> Groups:
        """The tags and segments, and what time alone does to them."""
        functions, turns = self.functions, self.declared.turns
        return Groups(
            Decay.of(self.tags.membership, has_other_tags, functions, turns),
            Decay.of(self.segments.membership, is_in_others, functions, turns),
        )

    @cached_property
    def groups_version(self) -> str:
        """A digest of what decides who has which tag, is in which segment, and waits for which day."""
        rules = [rule for rule in self.triggers.trigger if rule.begins_by_itself]
        set_up = () if self.profile == DEFAULT_PROFILE else (self.profile,)
        parts = (self.tags, self.segments, self.features, self.policy.contact, self.shop, *rules, *set_up)
        plain = [part.model_dump(mode="json") if isinstance(part, Table) else part for part in parts]
        return blake2b(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()

    def by_definition(self) -> "Plan":
        """The plan whose models know each declared feature by its definition, so that a changed one is another one."""
        return replace(self, models=self.models.knowing(self.declared.model_names))

    @cached_property
    def for_guests(self) -> "Plan":
        """The plan for a guest's order: there is nobody to score, to segment or to send anything to."""
        nothing = (TriggerSettings(), OfferSettings(), SegmentSettings(), self.policy, ModelSettings())
        plan = Plan(*nothing, self.features)
        plan.__dict__["version"] = self.version
        return plan

    @cached_property
    def predictions(self) -> Predictions:
        """What is learned, by name."""
        return self.models.predictions

    @cached_property
    def asked(self) -> AskedPredictions:
        """What is asked about customers, by name."""
        return {name: each for name, each in self.predictions.items() if isinstance(each, AskedPrediction)}

    @cached_property
    def uplifts(self) -> Mapping[str, Mapping[str, UpliftPrediction]]:
        """What is asked at the occasions of triggers: by the name of the trigger, and its own."""
        found: dict[str, dict[str, UpliftPrediction]] = {}
        for name, each in self.predictions.items():
            if isinstance(each, UpliftPrediction):
                found.setdefault(each.trigger, {})[name] = each
        return found

    @cached_property
    def sampled(self) -> SampledPredictions:
        """What customers are sampled for, by name."""
        return {name: each for name, each in self.predictions.items() if isinstance(each, SampledPrediction)}

    @cached_property
    def orders_forecast(self) -> OrdersForecast | None:
        """The first prediction of how many orders there will be, if one is asked."""
        found = ((name, each) for name, each in self.asked.items() if isinstance(each, AmountPrediction))
        return next((OrdersForecast(name, each.horizon_days) for name, each in found if each.of == "orders"), None)

    @cached_property
    def trigger_by_name(self) -> Mapping[str, TriggerRule]:
        """The trigger rules by their names."""
        return {rule.name: rule for rule in self.triggers.trigger}

    @cached_property
    def rankings(self) -> Rankings:
        """What ranks products, by name."""
        return {name: each for name, each in self.predictions.items() if isinstance(each, RankingPrediction)}

    @cached_property
    def senders(self) -> tuple[str, ...]:
        """The names under which messages are sent, each with its topic: triggers and journeys."""
        return tuple(dict.fromkeys((*self.trigger_by_name, *self.journeys.by_name)))

    def rule_of(self, customer: Customer, waiting: Waiting) -> TriggerRule | None:
        """The rule whose message waits: a trigger's, or that of the step at which the customer's journey is."""
        rule = self.trigger_by_name.get(waiting.trigger)
        return self.journeys.message_of(customer, waiting) if rule is None else rule

    @cached_property
    def product_rules(self) -> tuple[ProductTrigger, ...]:
        """The trigger rules that are about products which customers have seen."""
        return tuple(rule for rule in self.triggers.trigger if isinstance(rule, ProductTrigger))

    @cached_property
    def watch_ms(self) -> int:
        """How long what a customer has seen is remembered, in milliseconds; 0: no rule asks for it."""
        return max((rule.within_ms for rule in self.product_rules), default=0)

    def rules_for(self, event_type: str, timer: str | None) -> tuple[TriggerRule, ...]:
        """The trigger rules that an event, or a timer that ran out, can concern, in the order of the file."""
        known = self._by_event.get((event_type, timer))
        if known is None:
            known = self._by_event[event_type, timer] = tuple(
                rule
                for rule in self.triggers.trigger
                if event_type in rule.wakes_on or (timer is not None and timer == rule.timer)
            )
        return known

    @cached_property
    def _by_event(self) -> dict[tuple[str, str | None], tuple[TriggerRule, ...]]:
        return {}
