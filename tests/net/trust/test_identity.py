"""Claims about net/trust/identity.py, with real keys, files and processes."""

import datetime
import hashlib
import logging
import os
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from core.user_folders import data_folder
from net.errors import IdentityError, ProtocolError
from net.trust import private_files
from net.trust.identity import (
    IDENTITY_FILE,
    MAX_CERTIFICATE_BYTES,
    Identity,
    load_or_make_identity,
    verify,
)
from tests.support.deadline import DEADLINE_S

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = 16

needs_modes = pytest.mark.skipif(os.name != "posix", reason="there are no mode bits")


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return load_or_make_identity(tmp_path_factory.mktemp("identity"))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def certificate_of(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    """Return a self-signed certificate of `key`, in DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stranger")])
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    algorithm = hashes.SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) else None
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)


def test_identity_is_made_once_and_then_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    first = load_or_make_identity(folder)
    assert load_or_make_identity(folder) == first
    assert first.pem_path == folder / IDENTITY_FILE
    assert first.fingerprint == hashlib.sha256(first.certificate_der).digest()


def test_two_folders_have_two_identities(tmp_path: Path) -> None:
    assert (
        load_or_make_identity(tmp_path / "a").fingerprint
        != load_or_make_identity(tmp_path / "b").fingerprint
    )


def test_default_folder_is_the_users_data_folder() -> None:
    assert load_or_make_identity().pem_path == data_folder() / IDENTITY_FILE


def test_certificate_names_nobody_and_is_always_valid(identity: Identity) -> None:
    certificate = x509.load_der_x509_certificate(identity.certificate_der)
    assert certificate.subject.rfc4514_string() == "CN=vis-a-vis"
    assert certificate.not_valid_before_utc.year == 1970
    assert certificate.not_valid_after_utc.year == 9999


@needs_modes
def test_only_the_owner_can_read_the_key(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = load_or_make_identity(tmp_path / "data").pem_path
    finally:
        os.umask(before)
    assert mode_of(path) == 0o600
    assert mode_of(path.parent) == 0o700


@needs_modes
def test_key_readable_by_others_is_protected_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = load_or_make_identity(tmp_path)
    made.pem_path.chmod(0o644)
    assert load_or_make_identity(tmp_path) == made
    assert mode_of(made.pem_path) == 0o600
    assert "Others could read" in caplog.text


@needs_modes
def test_folder_writable_by_others_is_protected(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(0o777)
    load_or_make_identity(tmp_path)
    assert mode_of(tmp_path) == 0o755
    assert "Others could write" in caplog.text


def test_only_the_lock_stays_beside_the_key(tmp_path: Path) -> None:
    load_or_make_identity(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {IDENTITY_FILE, f"{IDENTITY_FILE}.lock"}


def damaged_files(good: bytes, other: bytes) -> dict[str, bytes]:
    key, certificate = good.split(b"-----BEGIN CERTIFICATE", 1)
    stranger = ec.generate_private_key(ec.SECP256R1())
    pem_of = stranger.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {
        "empty": b"",
        "cut": good[: len(good) // 2],
        "key alone": key,
        "certificate alone": b"-----BEGIN CERTIFICATE" + certificate,
        "another's key": other.split(b"-----BEGIN CERTIFICATE", 1)[0]
        + b"-----BEGIN CERTIFICATE"
        + certificate,
        "key of another kind": pem_of + b"-----BEGIN CERTIFICATE" + certificate,
        "zeros": bytes(1000),
        "too large": good + b"\n" * 100_000 + b"x",
    }


@pytest.mark.parametrize("damage", sorted(damaged_files(b"a-----BEGIN CERTIFICATEb", b"c")))
def test_damaged_key_is_moved_aside_with_a_warning(
    tmp_path: Path, identity: Identity, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    made = load_or_make_identity(tmp_path)
    contents = damaged_files(made.pem_path.read_bytes(), identity.pem_path.read_bytes())
    made.pem_path.write_bytes(contents[damage])
    again = load_or_make_identity(tmp_path)
    assert again.fingerprint != made.fingerprint
    assert (tmp_path / f"{IDENTITY_FILE}.damaged-1").read_bytes() == contents[damage]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "damaged" in caplog.text
    assert "PRIVATE KEY" not in caplog.text
    assert load_or_make_identity(tmp_path) == again


def test_each_damaged_key_is_kept(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        (tmp_path / IDENTITY_FILE).write_bytes(content)
        load_or_make_identity(tmp_path)
    assert (tmp_path / f"{IDENTITY_FILE}.damaged-1").read_bytes() == b"one"
    assert (tmp_path / f"{IDENTITY_FILE}.damaged-2").read_bytes() == b"two"


def test_folder_that_cannot_be_made_is_an_identity_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(IdentityError) as caught:
        load_or_make_identity(tmp_path / "file" / "data")
    assert IDENTITY_FILE in caught.value.sentence
    assert caught.value.next_step


def test_folder_that_cannot_be_written_is_an_identity_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, content: bytes) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(private_files, "publish", refuse)
    with pytest.raises(IdentityError, match="Permission denied"):
        load_or_make_identity(tmp_path)


WAIT_AND_LOAD = """
import os, sys
from pathlib import Path
from net.trust import identity
if sys.argv[2] == "no links":
    def refuse(self, target):
        raise OSError(95, "Operation not supported")
    Path.hardlink_to = refuse
print("ready", flush=True)
sys.stdin.readline()
print(identity.load_or_make_identity(Path(sys.argv[1])).fingerprint.hex(), flush=True)
"""


@pytest.mark.parametrize("start", ["nothing", "damaged", "no links"])
def test_processes_started_together_agree_on_one_identity(tmp_path: Path, start: str) -> None:
    folder = tmp_path / "data"
    if start == "damaged":
        folder.mkdir()
        (folder / IDENTITY_FILE).write_bytes(b"damaged")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WAIT_AND_LOAD, str(folder), start],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]

    def kill_all() -> None:
        for process in processes:
            process.kill()

    watchdog = threading.Timer(3 * DEADLINE_S, kill_all)
    watchdog.start()
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        fingerprints = {process.communicate()[0] for process in processes}
    finally:
        watchdog.cancel()
        for process in processes:
            process.kill()
            process.communicate()
    assert fingerprints == {load_or_make_identity(folder).fingerprint.hex() + "\n"}
    expected = {IDENTITY_FILE, f"{IDENTITY_FILE}.lock"}
    if start == "damaged":
        expected.add(f"{IDENTITY_FILE}.damaged-1")
    assert {path.name for path in folder.iterdir()} == expected


def test_ssl_loads_the_file(identity: Identity) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.pem_path)


def test_repr_hides_the_key(identity: Identity) -> None:
    assert "key" not in repr(identity)


def test_signature_proves_the_fingerprint(identity: Identity) -> None:
    signature = identity.sign(b"both hellos")
    assert len(signature) == 64
    assert verify(identity.certificate_der, signature, b"both hellos") == identity.fingerprint


def test_signature_of_other_data_is_a_protocol_error(identity: Identity, tmp_path: Path) -> None:
    signature = identity.sign(b"both hellos")
    other = load_or_make_identity(tmp_path)
    for certificate, signed, data in (
        (identity.certificate_der, signature, b"other hellos"),
        (other.certificate_der, signature, b"both hellos"),
        (identity.certificate_der, signature[:-1], b"both hellos"),
        (identity.certificate_der, b"", b"both hellos"),
        (identity.certificate_der, bytes(64), b"both hellos"),
    ):
        with pytest.raises(ProtocolError, match="signature is wrong"):
            verify(certificate, signed, data)


def test_key_of_another_kind_is_a_protocol_error() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signature = key.sign(b"data", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(ProtocolError, match="another kind"):
        verify(certificate_of(key), signature, b"data")


def test_any_certificate_of_an_ed25519_key_is_accepted() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    der = certificate_of(key)
    assert verify(der, key.sign(b"data"), b"data") == hashlib.sha256(der).digest()


def test_too_large_a_certificate_is_refused_unread(identity: Identity) -> None:
    with pytest.raises(ProtocolError, match="too large"):
        verify(bytes(MAX_CERTIFICATE_BYTES + 1), bytes(64), b"")
    with pytest.raises(ProtocolError, match="cannot be read"):
        verify(identity.certificate_der + b"\0", identity.sign(b""), b"")


def test_certificate_that_causes_a_library_warning_is_refused_without_it(
    identity: Identity,
) -> None:
    serial_number = identity.certificate_der.index(b"\x02\x14") + 2
    der = bytearray(identity.certificate_der)
    der[serial_number] |= 0x80  # a negative number
    code = f"""
from net.errors import ProtocolError
from net.trust.identity import verify
try:
    verify(bytes.fromhex({der.hex()!r}), bytes(64), b"")
except ProtocolError as error:
    print(error.sentence)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=3 * DEADLINE_S,
    )
    assert done.stdout == "The other side's certificate cannot be read\n"
    assert done.stderr == ""


@given(st.binary(max_size=300), st.binary(max_size=80))
def test_random_certificate_is_a_protocol_error(certificate: bytes, signature: bytes) -> None:
    with pytest.raises(ProtocolError):
        verify(certificate, signature, b"data")


@given(st.data())
def test_changed_certificate_is_refused_or_has_another_fingerprint(
    identity: Identity, data: st.DataObject
) -> None:
    der = bytearray(identity.certificate_der)
    place = data.draw(st.integers(0, len(der) - 1))
    der[place] ^= data.draw(st.integers(1, 255))
    try:
        fingerprint = verify(bytes(der), identity.sign(b"data"), b"data")
    except ProtocolError:
        return
    assert fingerprint != identity.fingerprint
