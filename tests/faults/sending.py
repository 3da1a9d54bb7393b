"""The producer of a fault run, in a process of its own: the product's `send`, on aiokafka."""

import asyncio
import logging
from datetime import timedelta

from streamproc.events.times import DAY_MS, SECOND_MS
from streamproc.runtime.send import Destination, Sent, Tempo, send
from tests.faults.setting import Setting
from tests.faults.traffic import DAYS, shop_events


def send_shop_events(setting: Setting, seed: int, count: int, seconds: float) -> Sent:
    """Send the seed's events within about so many seconds, then let a month pass: all questions are answered."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it meets broken brokers, and says so at length
    speed = DAYS * DAY_MS / SECOND_MS / seconds
    tempo = Tempo(speed=speed, punctuate_every_seconds=0.5, close_after=timedelta(days=31), give_up_seconds=120)
    destination = Destination(setting.client, setting.raw_topics, setting.prefix)
    return asyncio.run(send(shop_events(seed, count), destination, tempo, lambda *_: None))
