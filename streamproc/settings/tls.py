"""The files of `[kafka]` that TLS needs, as the one context that all connections use, or what is wrong with them.

Against a certificate that is found missing in the middle of a start: `streamproc check` reads them as a worker does.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streamproc.config_error import ConfigError, Problem

FILE = "app.toml"
KEY_PASSWORD = "STREAMPROC_KAFKA__KEY_PASSWORD"  # noqa: S105  the name of a variable
_CERTIFICATE, _KEY = b"CERTIFICATE-----", b"PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Whom to trust (None: whom the system trusts), and who we are (None: nobody); `key` None: it is in `cert`."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    key_password: str | None = None


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """The context: TLS 1.2 or newer, the broker's certificate and name are verified.

    Raises:
        ConfigError: with all that is wrong with the files.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    problems = [*_trust(context, files.ca), *_introduce(context, files)]
    if problems:
        raise ConfigError(problems)
    return context


def _trust(context: ssl.SSLContext, ca: Path | None) -> Iterator[Problem]:
    if ca is None:
        context.load_default_certs()
    elif problem := _problem_of("ca_file", ca, _CERTIFICATE, "certificate"):
        yield problem
    else:
        try:
            context.load_verify_locations(ca)
        except ssl.SSLError as error:
            yield _problem("ca_file", f"{ca} cannot be used: {error.reason}")


def _introduce(context: ssl.SSLContext, files: TlsFiles) -> Iterator[Problem]:
    if files.cert is None:
        return
    name, holder = ("key_file", files.key) if files.key else ("key_file (not set)", files.cert)
    found = [
        _problem_of("cert_file", files.cert, _CERTIFICATE, "certificate"),
        _problem_of(name, holder, _KEY, "private key"),
    ]
    if problems := list(dict.fromkeys(problem for problem in found if problem)):
        yield from problems
    elif problem := _unusable(context, files, name, holder):
        yield problem


def _unusable(context: ssl.SSLContext, files: TlsFiles, name: str, holder: Path) -> Problem | None:
    """What keeps certificate and key from being used, if anything. OpenSSL is never let ask for a password itself."""
    asked = False

    def password() -> str:
        nonlocal asked
        asked = True
        return files.key_password or ""

    try:
        context.load_cert_chain(str(files.cert), files.key, password)
    except ssl.SSLError as error:
        if asked and not files.key_password:
            return _problem(name, f"the key in {holder} is encrypted: set {KEY_PASSWORD}")
        if asked:
            return _problem(name, f"{KEY_PASSWORD} does not open the key in {holder}")
        if error.reason == "KEY_VALUES_MISMATCH":
            return _problem(name, f"the key in {holder} does not belong to the certificate in {files.cert}")
        return _problem(name, f"{holder} cannot be used: {error.reason or error}")
    return None


def _problem_of(name: str, path: Path, mark: bytes, what: str) -> Problem | None:
    try:
        return None if mark in path.read_bytes() else _problem(name, f"{path} holds no {what} in PEM")
    except OSError as error:
        return _problem(name, f"{path} cannot be read: {error.strerror}")


def _problem(name: str, message: str) -> Problem:
    return Problem(FILE, f"kafka.{name}", message)
