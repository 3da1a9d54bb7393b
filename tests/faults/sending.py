"""The producer of a fault run, in a process of its own: the product's `send`, on aiokafka."""

import asyncio
import logging
from datetime import timedelta

from streamproc.runtime.client.send import Destination, Pacing, Sent, send
from tests.faults.setting import Setting
from tests.faults.traffic import Traffic, shop_events


def send_shop_events(setting: Setting, traffic: Traffic) -> Sent:
    """Send the events, then let a month pass: all questions are answered."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it meets broken brokers, and says so at length
    tempo = Pacing(speed=traffic.speed, close_after=timedelta(days=31), give_up_seconds=120)
    destination = Destination(setting.client, setting.raw_topics, setting.prefix)
    return asyncio.run(send(shop_events(traffic), destination, tempo, lambda *_: None))
