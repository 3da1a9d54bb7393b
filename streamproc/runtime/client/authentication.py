"""Whether Kafka lets us in, and if not, which setting is why.

Against a wrong password or certificate that looks like a broker which is away: aiokafka keeps the reason to itself and
tries again for ever. So a connection is opened here by itself, to each address that matters, and its error is read.
"""

import os
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from aiokafka.conn import collect_hosts
from aiokafka.errors import KafkaConnectionError, KafkaError, SaslAuthenticationFailed
from aiokafka.protocol.metadata import MetadataRequest

from streamproc.runtime.client.listener import Address, Listener, find_listener, opened
from streamproc.runtime.exits import Exit
from streamproc.runtime.refusal import RefusedError

TRY_MS = 10_000
_EXPIRED, _NOT_YET_VALID = 10, 9
_OTHER_NAMES = (62, 64)
"""OpenSSL's numbers (X509_V_ERR_…) of what is wrong with a certificate; the last two: of another host or address."""

_OWN_SETTINGS = ("ssl_context", "security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")


class NotAuthenticatedError(RefusedError):
    """A broker does not accept us, or we do not accept it."""

    code = Exit.NOT_AUTHENTICATED


async def reach(client: Mapping[str, Any]) -> None:
    """Return if a broker answers and accepts us, and so do all others that it names.

    Raises:
        NotAuthenticatedError: one does not, or is not who it says: with the setting that is wrong.
        aiokafka.errors.KafkaConnectionError: none can be reached.
    """
    refused: list[str] = []
    away: list[str] = []
    for host, port, _ in collect_hosts(client["bootstrap_servers"], randomize=False):
        try:
            brokers = await _enter(client, (host, port))
        except (OSError, KafkaError, TimeoutError, ValueError) as error:
            why = await _why_refused(client, (host, port), error)
            (refused if why else away).append(why or f"{host}:{port}: {_plainly(error)}")
        else:
            await _enter_others(client, brokers - {(host, port)})
            return
    if refused:
        raise NotAuthenticatedError("; ".join(refused))
    raise KafkaConnectionError("; ".join(away))


async def _enter_others(client: Mapping[str, Any], brokers: set[Address]) -> None:
    """The work goes to the addresses that brokers advertise; one that is away now is not our business here."""
    for address in sorted(brokers):
        try:
            await _enter(client, address)
        except (OSError, KafkaError, TimeoutError, ValueError) as error:
            if why := await _why_refused(client, address, error):
                raise NotAuthenticatedError(f"{why} (the brokers' advertised.listeners name this address)") from error


async def _enter(client: Mapping[str, Any], address: Address) -> set[Address]:
    """Log in and ask which brokers there are: a listener that wants an account says so at the first question only."""
    options = {name: client[name] for name in _OWN_SETTINGS if name in client}
    async with opened(address, TRY_MS, options) as connection:
        metadata = await connection.send(MetadataRequest([]))
    return {(host, port) for _, host, port, *_ in metadata.brokers}


async def _why_refused(client: Mapping[str, Any], address: Address, error: BaseException) -> str | None:
    """One sentence, if it is a matter of security."""
    where = f"{address[0]}:{address[1]}"
    if isinstance(error, TimeoutError):
        return None
    for cause in _chain(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"{where} {_distrusted(cause)}"
            case SaslAuthenticationFailed():
                user, mechanism = client.get("sasl_plain_username"), client.get("sasl_mechanism")
                return (
                    f"{where} does not accept the account {user!r} ({mechanism}): "
                    "kafka.sasl_username or STREAMPROC_KAFKA__SASL_PASSWORD is wrong"
                )
            case ValueError() if not isinstance(cause, ssl.SSLError):
                return f"{where} does not know the password of {client.get('sasl_plain_username')!r} itself: {cause}"
            case ssl.SSLError() if cause.reason and "ALERT" in cause.reason:
                return f"{where} {_not_introduced(cause.reason)}"
    listener = await find_listener(*address)
    return None if listener is None else _unfit(client, where, listener)


def _plainly(error: BaseException) -> str:
    """Why an address cannot be reached, without the tuples of a socket."""
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _distrusted(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _EXPIRED:
        return "shows a certificate that has expired: the broker needs a new one"
    if error.verify_code == _NOT_YET_VALID:
        return "shows a certificate that is not valid yet: look at the clocks"
    if error.verify_code in _OTHER_NAMES:
        return f"shows a certificate of somebody else ({error.verify_message}): kafka.bootstrap must use its name"
    return (
        "shows a certificate that nobody in kafka.ca_file signed (without it: whom the system trusts): "
        f"{error.verify_message}"
    )


def _not_introduced(alert: str) -> str:
    said = alert.partition("ALERT_")[2].replace("_", " ").lower()
    return (
        f"lets nobody in without a certificate that it trusts ({said}): "
        "kafka.cert_file and key_file are missing, or of somebody else"
    )


def _unfit(client: Mapping[str, Any], where: str, listener: Listener) -> str | None:
    """What the settings and the port do not agree about, if anything."""
    security, mechanism = client.get("security_protocol", "PLAINTEXT"), client.get("sasl_mechanism")
    tls, sasl = security in ("SSL", "SASL_SSL"), security.startswith("SASL")
    offered, now = ", ".join(listener.mechanisms), f"and kafka.security is {security}"
    mistakes = (
        (listener.tls and not tls, f"speaks TLS only, {now}: it must be SSL or SASL_SSL"),
        (tls and not listener.tls, f"speaks no TLS, {now}: another port, PLAINTEXT or SASL_PLAINTEXT"),
        (not listener.answers, _not_introduced("ALERT_it_gives_no_reason")),
        (listener.mechanisms and not sasl, f"wants an account ({offered}), {now}: it must begin with SASL_"),
        (sasl and not listener.mechanisms, f"knows no accounts, {now}: it must not begin with SASL_"),
        (sasl and mechanism not in listener.mechanisms, f"offers {offered}, and not kafka.sasl_mechanism {mechanism}"),
    )
    return next((f"{where} {said}" for is_one, said in mistakes if is_one), None)
