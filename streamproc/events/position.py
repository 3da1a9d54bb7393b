"""Where in the customer log something was said, so that its readers tell what they have heard from what is new."""

from typing import Self

from streamproc.value import value


@value
class Position:
    """The place of a fact or an example among all that a log partition causes.

    Whatever makes decide say again what it has said (dropped states, offsets that were put back, a roll-back) says it
    under the same positions. A reader keeps the highest that it has applied of each log partition and passes over what
    is not after it, whatever that says.

    Attributes:
        topic_id: of the log; a log that was made anew has another one, and its positions begin anew.
        partition: of the log.
        offset: of the record that caused it, an event or a mark.
        number: how many that record had caused before, in the order of the customers' timers for a mark. It goes on
            when the work on a mark is interrupted and taken up again (`decide.clock.reached`).
    """

    topic_id: str
    partition: int
    offset: int
    number: int

    def is_after(self, applied: Self | None) -> bool:
        """Whether it is new to somebody who has applied everything up to `applied` of its partition.

        >>> applied = Position("a", 0, 7, 1)
        >>> Position("a", 0, 7, 2).is_after(applied), Position("a", 0, 6, 9).is_after(applied)
        (True, False)
        >>> Position("b", 0, 0, 0).is_after(applied), Position("a", 0, 0, 0).is_after(None)
        (True, True)
        """
        if applied is None or self.topic_id != applied.topic_id:
            return True
        return (self.offset, self.number) > (applied.offset, applied.number)
