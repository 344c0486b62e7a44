"""This installation's identity: an Ed25519 key and its self-signed certificate. Any thread.

Creating and loading it block on disk I/O. This module does not know other peers.

The fingerprint of an identity is the SHA-256 of its certificate in DER. Key and certificate share
one PEM file, as `ssl` loads them:

    -----BEGIN PRIVATE KEY-----  PKCS #8, not encrypted; only the owner may read the file
    -----BEGIN CERTIFICATE-----  CN=vis-a-vis, valid always
"""

import datetime
import hashlib
import logging
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from core.user_folders import data_folder
from net.errors import IdentityError, ProofWrong, ProtocolError
from net.trust import private_files

IDENTITY_FILE = "identity.pem"
MAX_CERTIFICATE_BYTES = 4096
"""Ours has about 300 bytes."""

_MAX_PEM_BYTES = 64 * 1024
# Always valid, so that a computer with a wrong clock can still be called. The end date
# means "no end", RFC 5280 section 4.1.2.5.
_VALID_FROM = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_VALID_UNTIL = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)

# A stranger's certificate must not print a warning on the terminal, so a certificate that causes a
# warning is refused.
warnings.filterwarnings("error", "Parsed a ", CryptographyDeprecationWarning)
_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    CryptographyDeprecationWarning,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """This installation's key and certificate."""

    fingerprint: bytes
    """SHA-256 of `certificate_der`, 32 bytes."""
    certificate_der: bytes
    pem_path: Path
    """The file with the private key and the certificate."""
    _key: Ed25519PrivateKey = field(repr=False, compare=False)

    def sign(self, data: bytes) -> bytes:
        """Return our signature of `data`: Ed25519, 64 bytes."""
        return self._key.sign(data)


def fingerprint_of(certificate_der: bytes) -> bytes:
    """Return the fingerprint of a certificate: its SHA-256, 32 bytes."""
    return hashlib.sha256(certificate_der).digest()


def verify(certificate_der: bytes, signature: bytes, data: bytes) -> bytes:
    """Verify that a certificate's key signed `data`, and return the certificate's fingerprint.

    Raises:
        ProtocolError: the certificate is too large, unreadable, or has another kind of key.
        ProofWrong: the key did not make this signature.
    """
    if len(certificate_der) > MAX_CERTIFICATE_BYTES:
        raise ProtocolError("The other side's certificate is too large")
    try:
        key = x509.load_der_x509_certificate(certificate_der).public_key()
    except _UNREADABLE as error:
        raise ProtocolError("The other side's certificate cannot be read") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ProtocolError("The other side's certificate holds a key of another kind")
    try:
        key.verify(signature, data)
    except InvalidSignature as error:
        raise ProofWrong("The other side's signature is wrong") from error
    return fingerprint_of(certificate_der)


def load_or_make_identity(folder: Path | None = None) -> Identity:
    """Return this installation's identity; create it if there is none.

    Processes that create it at the same time all return the same one. A damaged file is moved
    aside, with a warning in the log, and a new identity is created.

    Args:
        folder: the folder of the file; the user's data folder by default.
    Raises:
        IdentityError: the file cannot be read or written.
    """
    path = (data_folder() if folder is None else folder) / IDENTITY_FILE
    try:
        identity = _load(path)
        if identity is not None:
            return identity
        if private_files.make_folder(path.parent):
            _log.warning("Others could write to %s; only you can now", path.parent)
        with private_files.locked(path):
            return _load_or_publish(path)
    except OSError as error:
        raise IdentityError(
            f"This program cannot store its key in {path}: {error.strerror or error}",
            f"make sure that you may read and write {path.parent}",
        ) from error


def _load_or_publish(path: Path) -> Identity:
    identity = _load(path)
    if identity is not None:
        return identity
    if path.exists():
        aside = private_files.move_aside(path)
        _log.warning(
            "The key in %s is damaged. It was moved to %s, and a new key was made."
            " Peers that know this computer will not recognize it",
            path,
            aside.name,
        )
    private_files.publish(path, _new_pem())
    identity = _load(path)
    if identity is None:
        raise IdentityError(
            f"The key just written to {path} reads back damaged",
            "check whether the disk is full or faulty",
        )
    return identity


def _load(path: Path) -> Identity | None:
    """Return the identity in a file; None if the file is missing or damaged."""
    pem = private_files.read_bounded(path, _MAX_PEM_BYTES)
    if pem is None or len(pem) > _MAX_PEM_BYTES:
        return None
    try:
        key = serialization.load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificate(pem)
        public_key = certificate.public_key()
    except (*_UNREADABLE, TypeError):
        return None
    if not isinstance(key, Ed25519PrivateKey) or public_key != key.public_key():
        return None
    if private_files.tighten(path):
        _log.warning("Others could read the key in %s; only you can now", path)
    der = certificate.public_bytes(serialization.Encoding.DER)
    return Identity(fingerprint_of(der), der, path, key)


def _new_pem() -> bytes:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vis-a-vis")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_UNTIL)
        .sign(key, algorithm=None)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
