"""The messages of a measurement of goodput, which never rings. Pure: no I/O, no clock.

    caller                              callee
      hello, with the wish         ->
                                   <-   hello, with the consent; without it the caller says bye
      goodput_proof                ->
                                   <-   goodput_ready; or reject
      filler, for a second         ->
      filler_end                   ->
                                   <-   goodput_report
                                   <-   filler, for a second
                                   <-   filler_end
      bye                          ->
                                   <-   bye

Either side may say bye at any time. Wish and consent are the field `measures_goodput` of hello,
which no hello of a call has. A peer of an earlier version ignores the wish and consents to nothing.
"""

from typing import Annotated

from msgspec import Meta

from net.protocol.control_base import ControlMessage, Counter, Timestamp

MIN_FILLER_BYTES = 1_200
"""With the headers of message, TLS and TCP, less than a packet of 1,500 bytes."""
MAX_FILLER_BYTES = 16_000


class GoodputProof(ControlMessage, frozen=True):
    """A proof in place of that of a call: its signature is worthless for a ring."""

    nonce: Annotated[bytes, Meta(min_length=32, max_length=32)]
    certificate: Annotated[bytes, Meta(max_length=4096)]
    signature: Annotated[bytes, Meta(max_length=1024)]


class GoodputReady(ControlMessage, frozen=True):
    """The callee knows the caller and receives filler from now on."""


class Filler(ControlMessage, frozen=True):
    """Bytes that say nothing."""

    padding: Annotated[bytes, Meta(min_length=MIN_FILLER_BYTES, max_length=MAX_FILLER_BYTES)]


class FillerEnd(ControlMessage, frozen=True):
    """All filler of this direction was sent."""


class GoodputReport(ControlMessage, frozen=True):
    """The filler that has arrived.

    Attributes:
        received_bytes: of padding, after the first that arrived.
        time_us: from the arrival of the first to that of the last.
    """

    received_bytes: Counter
    time_us: Timestamp
