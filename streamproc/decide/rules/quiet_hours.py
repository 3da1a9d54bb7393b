"""Not at night: what is to be sent in the customer's quiet hours waits for their end, and is decided again then."""

from streamproc.decide.rules.base import Channels, Refusal, Wish, rule

QUIET_HOURS = "quiet_hours"


@rule(QUIET_HOURS)
def quiet_hours(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave the channels that disturb nobody now."""
    quiet = wish.policy.quiet_hours
    if quiet is None or wish.is_transactional:
        return channels
    until_ms = quiet.ends_at(wish.moment.now_ms, wish.zone)
    if until_ms is None:
        return channels
    left = tuple(each for each in channels if each not in quiet.channels)
    return left or Refusal(QUIET_HOURS, QUIET_HOURS, channels[0], until_ms, waits=True)
