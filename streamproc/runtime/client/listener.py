"""What a broker's port speaks, by trying: settings that do not fit end in a closed connection and no reason."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import SaslHandShakeRequest

TRY_MS = 5_000
CLOSE_SECONDS, REFUSED_SECONDS = 2.0, 0.2
"""How long closing may take; what was refused may never have been opened, and then nobody says that it is closed."""

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Listener:
    """A port.

    Attributes:
        tls: whether it wants TLS.
        mechanisms: those of SASL that it wants one of; empty if it wants none.
        answers: False if it ends each connection of somebody without a certificate.
    """

    tls: bool
    mechanisms: tuple[str, ...] = ()
    answers: bool = True


async def find_listener(host: str, port: int) -> Listener | None:
    """Try the port without TLS, then with it; None if it speaks neither now. Nothing secret is sent."""
    for context in (None, _trusting_anybody()):
        options = {"security_protocol": "SSL" if context else "PLAINTEXT", "ssl_context": context}
        try:
            async with opened((host, port), TRY_MS, options) as connection:
                reply = await connection.send(SaslHandShakeRequest("PLAIN"))
        except (OSError, KafkaError, TimeoutError) as error:
            if context and _greeted(error):
                return Listener(tls=True, answers=False)
        else:
            return Listener(context is not None, tuple(sorted(reply.enabled_mechanisms)))
    return None


@asynccontextmanager
async def opened(address: Address, try_ms: int, options: Mapping[str, Any]) -> AsyncIterator[AIOKafkaConnection]:
    """A connection by itself, whose errors are told as they are, and that is closed when the block ends."""
    connection, patience_seconds = AIOKafkaConnection(*address, request_timeout_ms=try_ms, **options), REFUSED_SECONDS
    try:
        await connection.connect()
        patience_seconds = CLOSE_SECONDS
        yield connection
    finally:
        await asyncio.wait([connection.close()], timeout=patience_seconds)


def _greeted(error: BaseException) -> bool:
    """Whether the connection was ended after TLS had begun: aiokafka wraps what comes then."""
    return isinstance(error, KafkaError)


def _trusting_anybody() -> ssl.SSLContext:
    """To find out only whether TLS is spoken: no account and no record goes through it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
