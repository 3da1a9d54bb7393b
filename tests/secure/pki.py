"""Certificates for tests: a broker's in each state that one can be in, a client's, and authorities that signed them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as load_key

KEY_PASSWORD = "opens-the-key"


@dataclass(frozen=True)
class Pki:
    """Files of one authority that everybody is to trust, and of another one."""

    folder: Path

    def __getitem__(self, name: str) -> Path:
        return self.folder / name

    @classmethod
    def made_in(cls, folder: Path) -> "Pki":
        ours, other = trustme.CA(), trustme.CA()
        ours.cert_pem.write_to_path(folder / "ca.pem")
        other.cert_pem.write_to_path(folder / "otherca.pem")
        long_ago = datetime.now(UTC) - timedelta(days=2)
        issued = {
            "broker": ours.issue_cert("127.0.0.1", "localhost"),
            "expired": ours.issue_cert("127.0.0.1", not_after=long_ago),
            "elsewhere": ours.issue_cert("kafka.elsewhere.example"),
            "client": ours.issue_cert("client.example"),
            "stranger": other.issue_cert("client.example"),
        }
        for name, cert in issued.items():
            cert.private_key_and_cert_chain_pem.write_to_path(folder / f"{name}.both.pem")
            cert.private_key_pem.write_to_path(folder / f"{name}.key")
            cert.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
            (folder / f"{name}.store.pem").write_bytes(_pkcs8(cert) + cert.cert_chain_pems[0].bytes())
        (folder / "client.encrypted.key").write_bytes(_pkcs8(issued["client"], KEY_PASSWORD))
        return cls(folder)


def _pkcs8(cert: trustme.LeafCert, password: str | None = None) -> bytes:
    """The key as Kafka reads it, which knows no other format."""
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    key = load_key(cert.private_key_pem.bytes(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
