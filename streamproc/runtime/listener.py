"""What a broker's port speaks, by trying: settings that do not fit end in a closed connection and no reason."""

import ssl
from dataclasses import dataclass

from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import SaslHandShakeRequest

TRY_MS = 5_000


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
        try:
            connection = await create_conn(
                host,
                port,
                request_timeout_ms=TRY_MS,
                security_protocol="SSL" if context else "PLAINTEXT",
                ssl_context=context,
            )
        except (OSError, KafkaError, TimeoutError) as error:
            if context and _greeted(error):
                return Listener(tls=True, answers=False)
        else:
            return Listener(context is not None, await _mechanisms(connection))
    return None


async def _mechanisms(connection: AIOKafkaConnection) -> tuple[str, ...]:
    try:
        reply = await connection.send(SaslHandShakeRequest("PLAIN"))
    except (OSError, KafkaError, TimeoutError):
        return ()
    finally:
        connection.close()
    return tuple(sorted(reply.enabled_mechanisms))


def _greeted(error: BaseException) -> bool:
    """Whether the connection was ended after TLS had begun: aiokafka wraps what comes then."""
    return isinstance(error, KafkaError)


def _trusting_anybody() -> ssl.SSLContext:
    """To find out only whether TLS is spoken: no account and no record goes through it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
