"""A time-stamping authority on loopback: `openssl ts -reply` behind HTTP, with certificates made for it; also one that misbehaves."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.published import serving_with

_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
certs = {folder}/root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """Its folder has `root.pem`, which those who check need. `answers` may be set to something that is not right."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self.root = folder, folder / "root.pem"
        self.asked = 0
        self.answers = self.token
        root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        root = _certificate("Root of the test", root_key, "Root of the test", root_key, authority=True)
        signer = _certificate("Stamps of the test", key, "Root of the test", root_key, authority=False)
        self.root.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        (folder / "signer.pem").write_bytes(signer.public_bytes(serialization.Encoding.PEM))
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (folder / "signer.key").write_bytes(pem)
        (folder / "serial").write_text("01\n")
        (folder / "openssl.cnf").write_text(_CONFIG.format(folder=folder))

    def token(self, query: bytes) -> bytes:
        """What a real authority answers."""
        (self.folder / "query.tsq").write_bytes(query)
        return self._openssl("-reply", "-queryfile", self.folder / "query.tsq", "-section", "one")

    def for_other_bytes(self, _: bytes) -> bytes:
        """A token over something else."""
        (self.folder / "other").write_text("other")
        query = self._openssl("-query", "-data", self.folder / "other", "-sha256", "-cert")
        return self.token(query)

    def _openssl(self, *words: object) -> bytes:
        out = self.folder / "out"
        command = ["openssl", "ts", *map(str, words), "-out", str(out)]
        if words[0] == "-reply":
            command += ["-config", str(self.folder / "openssl.cnf")]
        subprocess.run(command, check=True, capture_output=True)
        return out.read_bytes()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address at which it answers, in one thread after the other."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/timestamp-query"
                authority.asked += 1
                data = authority.answers(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        with serving_with(Handler) as url:
            yield f"{url}/tsr"


def _certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: str, issuer_key: rsa.RSAPrivateKey, *, authority: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                not authority, not authority, False, False, False, authority, authority, False, False
            ),
            critical=True,
        )
    )
    if not authority:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
