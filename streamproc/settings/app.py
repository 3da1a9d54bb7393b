"""`config/app.toml`: where Kafka is, what the stages may use, and where files go."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator, model_validator

from streamproc.collect.settings import CollectSettings
from streamproc.config_file import Table, spelled
from streamproc.events.base import Currency
from streamproc.events.calendar import Zone
from streamproc.events.shop import DEFAULT_SHOP
from streamproc.settings.places import Bootstrap, Host, NamedPath
from streamproc.settings.tls import TlsFiles, tls_context

_OF_TLS = {"ca_file", "cert_file", "key_file", "key_password"}
_OF_SASL = {"sasl_mechanism", "sasl_username", "sasl_password"}


class KafkaSettings(Table):
    """The connection. `security` says whether TLS and SASL are used; what belongs to one of them needs it."""

    bootstrap: Bootstrap = "127.0.0.1:9092"
    prefix: Annotated[str, spelled(r"^[a-z0-9.-]*$", "small letters, digits, dots and dashes")] = ""
    replication_factor: Annotated[int, Field(ge=1, le=9)] = 1
    min_insync_replicas: Annotated[int, Field(ge=1, le=9)] = 1
    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ca_file: NamedPath | None = None
    cert_file: NamedPath | None = None
    key_file: NamedPath | None = None
    key_password: SecretStr | None = None
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.min_insync_replicas > self.replication_factor:
            raise ValueError("min_insync_replicas must not be above replication_factor")
        if mistakes := "; ".join(self._contradictions()):
            raise ValueError(mistakes)
        return self

    def _contradictions(self) -> Iterator[str]:
        """What would be ignored without a word, and what is missing: both mean another security than was wanted."""
        for what, used, names in (("TLS", self.uses_tls, _OF_TLS), ("SASL", self.uses_sasl, _OF_SASL)):
            for name in () if used else sorted(names & self.model_fields_set):
                yield f"{name} is set, but security = {self.security} uses no {what}"
        if self.uses_sasl and not (self.sasl_username and self.sasl_password):
            yield "SASL needs sasl_username and STREAMPROC_KAFKA__SASL_PASSWORD"
        if self.key_file is not None and self.cert_file is None:
            yield "key_file is set without cert_file: a key alone identifies nobody"

    @property
    def uses_tls(self) -> bool:
        """Whether connections are encrypted."""
        return self.security in ("SSL", "SASL_SSL")

    @property
    def uses_sasl(self) -> bool:
        """Whether an account is used."""
        return self.security.startswith("SASL")

    @property
    def client(self) -> dict[str, Any]:
        """Aiokafka's connection arguments.

        Raises:
            ConfigError: the files for TLS cannot be used.
        """
        arguments: dict[str, Any] = {"bootstrap_servers": self.bootstrap, "security_protocol": self.security}
        if self.uses_tls:
            password = self.key_password.get_secret_value() if self.key_password else None
            arguments["ssl_context"] = tls_context(TlsFiles(self.ca_file, self.cert_file, self.key_file, password))
        if self.uses_sasl and self.sasl_password is not None:
            arguments |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value(),
            }
        return arguments


MemberId = Annotated[str, spelled(r"^[A-Za-z0-9._-]{1,200}$", "up to 200 letters, digits, dots, dashes and _")]


class RuntimeSettings(Table):
    """How the workers run."""

    data_dir: NamedPath = user_data_path("streamproc")
    checkpoint_seconds: Annotated[float, Field(ge=0.05, le=60)] = 0.2
    session_seconds: Annotated[float, Field(ge=1, le=300)] = 20
    store: Literal["rocksdb", "memory"] = "rocksdb"
    min_free_disk_mb: Annotated[int, Field(ge=0, le=1_000_000_000, description="0: do not look")] = 512
    member_id: MemberId | None = None

    @field_validator("data_dir")
    @classmethod
    def _home(cls, value: Path) -> Path:
        return value.expanduser()


class MetricsSettings(Table):
    """Where `/metrics` is served: collect on `first_port`, decide, learn and measure on the next three."""

    host: Host = "127.0.0.1"
    first_port: Annotated[int, Field(ge=0, le=65531, description="0: any free port")] = 9464


class LogSettings(Table):
    """What workers log: `auto` is text on a terminal and JSON elsewhere."""

    format: Literal["auto", "text", "json"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


MIN_KEY_BYTES = 16
"""How long a signing key is at least: 128 bits, as a shorter one could be guessed."""


class SigningSettings(Table):
    """The key that models and learn's state are signed with; without one, one is made in `runtime.data_dir`."""

    key: SecretStr | None = None

    @field_validator("key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        key = value.get_secret_value().strip()
        if len(key.encode()) < MIN_KEY_BYTES:
            raise ValueError(f"a signing key has {MIN_KEY_BYTES} or more bytes; leave it out to have one made")
        return SecretStr(key)


class ShopSettings(Table):
    """The shop itself: the currency in which its money is counted, and the time zone whose days are its days."""

    currency: Currency = DEFAULT_SHOP.currency
    time_zone: Zone = DEFAULT_SHOP.zone


class AppSettings(Table):
    """The file as a whole."""

    shop: ShopSettings = ShopSettings()
    kafka: KafkaSettings = KafkaSettings()
    runtime: RuntimeSettings = RuntimeSettings()
    collect: CollectSettings = CollectSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()
    signing: SigningSettings = SigningSettings()
