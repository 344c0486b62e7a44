"""Who remembers the certificates of phone cameras. Pure: an interface, no more."""

from typing import Protocol


class CameraPins(Protocol):
    """A store of certificates that no public authority vouches for, one for each camera."""

    def check(self, host: str, port: int, fingerprint: bytes) -> bool:
        """Return whether this is the certificate that is remembered for the camera.

        Remembers it at first sight. May touch the disk, and is called only by the capture thread.

        Args:
            host: as in the URL, lower case, without brackets.
            port: the TCP port.
            fingerprint: SHA-256 of the certificate in DER, 32 bytes.
        """
        ...
