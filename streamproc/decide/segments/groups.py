"""What groups a customer belongs to: first the tags, then the segments, which may ask for tags, and when that ends."""

from typing import NamedTuple

from streamproc.customer.state import Customer
from streamproc.decide.moment import Moment
from streamproc.decide.segments.decay import Decay, set_decay
from streamproc.decide.segments.segment import update_segments
from streamproc.decide.segments.tags import update_tags
from streamproc.events.decisions import CustomerTagged, SegmentChange


def leave_groups(moment: Moment) -> tuple[CustomerTagged | SegmentChange, ...]:
    """What somebody loses of whom nothing is known any more: all that was had before."""
    nobody = Customer(moment.customer.key, moment.now_ms, moment.now_ms)
    gone = Moment(moment.before, nobody, moment.entry, moment.bank, moment.plan_version, moment.functions)
    return (*update_tags(gone, ()), *update_segments(gone, ()))


class Groups(NamedTuple):
    """The tags and the segments of a plan, with what time does to them."""

    tags: Decay
    segments: Decay


def update_groups(moment: Moment, groups: Groups) -> tuple[CustomerTagged | SegmentChange, ...]:
    """Give and take tags, enter and leave segments, and set the timer at which time alone does so next.

    What is told late is looked at as of now: else somebody would enter a moment that they have left since.
    """
    tags, segments, features = groups.tags.membership, groups.segments.membership, moment.newest_features
    tag_places, found = tags.look(features)
    tagged = update_tags(moment, tags.members(found))
    places, found = segments.look(features)
    changes: tuple[CustomerTagged | SegmentChange, ...] = (*tagged, *update_segments(moment, segments.members(found)))
    decays = ((groups.tags, tag_places), (groups.segments, places))
    set_decay(moment, features.view, decays, has_changed=bool(changes))
    return changes
