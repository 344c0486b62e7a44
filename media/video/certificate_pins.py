"""The interface of a store of camera certificates. Pure: no I/O, no clock."""

from typing import Protocol


class CameraPins(Protocol):
    """The certificates of cameras for which no public authority vouches, one for each camera."""

    def check(self, host: str, port: int, fingerprint: bytes) -> bool:
        """Return whether a camera's certificate is the pinned one; pin it if it is the first.

        May block for the disk. Capture thread only.

        Args:
            host: the host in the URL, lower case, without brackets.
            port: the TCP port.
            fingerprint: SHA-256 of the certificate in DER, 32 bytes.
        """
        ...
