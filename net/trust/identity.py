"""Our own identity: an Ed25519 key and a certificate that it signed itself, made once.

Runs on any thread; making and loading block for the disk. Does not know who else there is.

An identity is named by its fingerprint, the SHA-256 of its certificate in DER. Key and
certificate lie in one PEM file, since that is what `ssl` can load:

    -----BEGIN PRIVATE KEY-----  PKCS #8, not encrypted: the file is its owner's alone
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

FILE_NAME = "identity.pem"
MAX_CERTIFICATE_BYTES = 4096
"""Ours has about 300."""

_MAX_PEM_BYTES = 64 * 1024
# Valid at any time: a computer whose clock is wrong can still be called. The end is the one that
# says "no end", RFC 5280 section 4.1.2.5.
_VALID_FROM = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_VALID_UNTIL = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)

# A certificate of a stranger must not be able to write a warning to the terminal: what the library
# only warns of is refused.
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
    """The key of this installation, and what others see of it."""

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
    """Return the name of the identity that has this certificate: its SHA-256."""
    return hashlib.sha256(certificate_der).digest()


def verify(certificate_der: bytes, signature: bytes, data: bytes) -> bytes:
    """Return the fingerprint of a certificate whose key signed `data`.

    Raises:
        ProtocolError: the certificate is not one of ours in form.
        ProofWrong: the signature is not its.
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


def load_or_make(folder: Path | None = None) -> Identity:
    """Return this installation's identity, made at the first call ever.

    Of several processes that make it at once all get the same. A damaged file is moved aside
    and said so in the log, and a new identity made.

    Args:
        folder: where the file lies; the user's data folder by default.
    Raises:
        IdentityError: the file cannot be read, or not be made.
    """
    path = (data_folder() if folder is None else folder) / FILE_NAME
    try:
        identity = _load(path)
        if identity is not None:
            return identity
        if private_files.make_folder(path.parent):
            _log.warning("Others could write to %s: no more", path.parent)
        with private_files.locked(path):
            return _load_or_publish(path)
    except OSError as error:
        raise IdentityError(
            f"The key of this program cannot be kept in {path}: {error.strerror or error}",
            f"see that this user may read and write {path.parent}",
        ) from error


def _load_or_publish(path: Path) -> Identity:
    identity = _load(path)
    if identity is not None:
        return identity
    if path.exists():
        aside = private_files.move_aside(path)
        _log.warning(
            "The key in %s is damaged: moved to %s, and a new one made."
            " Those who know this computer will see it as another one",
            path,
            aside.name,
        )
    private_files.publish(path, _new_pem())
    identity = _load(path)
    if identity is None:
        raise IdentityError(
            f"The key that was just written to {path} does not come back whole",
            "see whether that disk is full or damaged",
        )
    return identity


def _load(path: Path) -> Identity | None:
    """Return the identity in `path`; None if there is none, or it is damaged."""
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
        _log.warning("Others could read the key in %s: no more", path)
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
