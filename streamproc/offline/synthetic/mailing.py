"""A synthetic newsletter: what is sent to a customer and what becomes of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypedDict

from streamproc.events.email import Bounced, Clicked, Complained, Delivered, Opened, Sent, Unsubscribed
from streamproc.events.raw import Event
from streamproc.events.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, epoch_ms, from_epoch_ms
from streamproc.offline.synthetic.dice import SOURCE, happens
from streamproc.offline.synthetic.shopper import Shopper
from streamproc.offline.synthetic.visit import SHOP, Arrival

SENT_ON_WEEKDAY = 1
"""Tuesday."""

SENT_AT_HOUR = 10

SOFT_BOUNCES, HARD_BOUNCES, CLICKS, UNSUBSCRIBES, COMPLAINTS = 0.012, 0.006, 0.14, 0.012, 0.002
"""Shares: of the messages sent, and (clicks, unsubscribes, complaints) of the messages opened."""


class _Message(TypedDict):
    customer_id: str
    source: str
    message_id: str
    campaign_id: str
    variant: str


class _Happening(TypedDict):
    event_id: str
    occurred_at: datetime


@dataclass(slots=True)
class Mail:
    """A message's fate: its events, when the customer came to the shop by it, and whether the address is lost."""

    message: _Message
    events: list[Event] = field(default_factory=list)
    clicked_ms: int | None = None
    lost: bool = False

    def next(self, at_ms: int) -> _Happening:
        """The identity of the next event about this message."""
        number = len(self.events)
        return _Happening(event_id=f"{self.message['message_id']}-{number}", occurred_at=from_epoch_ms(at_ms))


def next_issue_ms(after_ms: int) -> int:
    """When the first weekly newsletter after a moment is sent."""
    day = from_epoch_ms(after_ms - after_ms % DAY_MS)
    tuesday = day + timedelta(days=(SENT_ON_WEEKDAY - day.weekday()) % 7, hours=SENT_AT_HOUR)
    return epoch_ms(tuesday) if epoch_ms(tuesday) > after_ms else epoch_ms(tuesday + timedelta(days=7))


def campaign_of(issue_ms: int) -> str:
    """The campaign's id, such as `synthetic-newsletter-2011-w07`."""
    year, week, _ = from_epoch_ms(issue_ms).isocalendar()
    return f"synthetic-newsletter-{year}-w{week:02d}"


def arrival_by_mail(campaign_id: str) -> Arrival:
    """How a visit that began in a newsletter arrives."""
    return Arrival(utm_source="newsletter", utm_medium="email", utm_campaign=campaign_id)


def send_mail(shopper: Shopper, message_id: str, issue_ms: int, dice: Random) -> Mail:
    """Send this week's newsletter to a customer; everything that follows happens within two days."""
    mail = Mail(
        _Message(
            customer_id=shopper.customer_id,
            source=SOURCE,
            message_id=message_id,
            campaign_id=campaign_of(issue_ms),
            variant=dice.choice("ab"),
        )
    )
    sent_ms = issue_ms + round(dice.uniform(0, 30) * MINUTE_MS)
    mail.events.append(Sent(**mail.message, **mail.next(sent_ms)))
    delivered_ms = sent_ms + round(dice.uniform(1, 20) * SECOND_MS)
    fate = dice.random()
    if fate < SOFT_BOUNCES + HARD_BOUNCES:
        mail.lost = fate < HARD_BOUNCES
        mail.events.append(Bounced(kind="hard" if mail.lost else "soft", **mail.message, **mail.next(delivered_ms)))
        return mail
    mail.events.append(Delivered(**mail.message, **mail.next(delivered_ms)))
    if shopper.scanned:
        _scan(mail, delivered_ms, dice)
    if happens(shopper.opens_ratio, dice):
        _read(mail, _reading_time(shopper, delivered_ms, dice), dice)
    return mail


def _scan(mail: Mail, delivered_ms: int, dice: Random) -> None:
    """A machine opens the mail within a second and, at some providers, follows every link, without saying so."""
    opened_ms = delivered_ms + dice.randint(200, 900)
    mail.events.append(Opened(is_machine=True, **mail.message, **mail.next(opened_ms)))
    if happens(0.3, dice):
        for number in range(1, 4):
            link = f"{SHOP}/newsletter/{number}"
            mail.events.append(Clicked(url=link, **mail.message, **mail.next(opened_ms + number * 300)))


def _reading_time(shopper: Shopper, delivered_ms: int, dice: Random) -> int:
    """Half of the opens come within hours, the other half at the customer's own time of day."""
    if happens(0.5, dice):
        return delivered_ms + round(min(dice.lognormvariate(0, 1.2), 20) * HOUR_MS) + SECOND_MS
    at_ms = delivered_ms - delivered_ms % DAY_MS + shopper.browsing_ms + round(dice.uniform(-30, 30) * MINUTE_MS)
    return at_ms if at_ms > delivered_ms + MINUTE_MS else at_ms + DAY_MS


def _read(mail: Mail, opened_ms: int, dice: Random) -> None:
    mail.events.append(Opened(**mail.message, **mail.next(opened_ms)))
    reacted_ms = opened_ms + round(dice.uniform(5, 90) * SECOND_MS)
    reaction = dice.random()
    if reaction < CLICKS:
        link = f"{SHOP}/newsletter/{dice.randint(1, 5)}"
        mail.events.append(Clicked(url=link, **mail.message, **mail.next(reacted_ms)))
        mail.clicked_ms = reacted_ms
    elif reaction < CLICKS + UNSUBSCRIBES:
        mail.events.append(Unsubscribed(**mail.message, **mail.next(reacted_ms)))
        mail.lost = True
    elif reaction < CLICKS + UNSUBSCRIBES + COMPLAINTS:
        mail.events.append(Complained(**mail.message, **mail.next(reacted_ms)))
        mail.lost = True
