"""The shop has said not to write to them: whoever fulfils a condition of the suppression list gets no marketing."""

from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

SUPPRESSION_LIST = "suppression_list"


@rule(SUPPRESSION_LIST)
def suppression_list(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave all channels or none."""
    if wish.is_transactional:
        return channels
    features = wish.moment.features
    is_listed = any(condition.check(features) for condition in wish.policy.suppression_list)
    return Refusal(SUPPRESSION_LIST, "on_suppression_list", channels[0]) if is_listed else channels
