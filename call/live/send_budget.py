"""Send budget: whether one more picture may be encoded, and at what bitrate. Three threads.

The encode thread waits here for room; the receive thread brings feedback; the call thread ticks. It
has one lock, which is never held over work.
"""

from collections.abc import Callable
from threading import Condition

from net.errors import ProtocolError
from net.protocol.control import Feedback
from net.protocol.feedback_interval import SLOWEST_US
from net.protocol.large_pictures import LargePictures
from net.protocol.rate_control import RateControl
from net.protocol.send_window import MAX_RTT_US, SendWindow

FEEDBACK_INTERVAL_US = 50_000
"""Between two reports while pictures arrive, if the other peer's own rate allows it; see
`FeedbackInterval`."""
FIRST_INTERVAL_US = 133_000
"""Until the first picture is reported, nothing is known about the link: one picture, and 7.5 a
second on a long path."""
MOST_OCCUPIED_US = 50_000
"""A rate that looks too low must not keep all else from the link."""
KEYFRAME_PAUSE_US = 500_000
"""Between two keyframes that the other peer may request: each takes the bytes of many pictures."""


class SendBudget:
    """The send window, the target bitrate and the keyframe requests of our own direction.

    Args:
        bitrate_bps: the setting; the target never exceeds it.
    """

    def __init__(self, bitrate_bps: int, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._condition = Condition()
        self._window = SendWindow()
        self._bitrate_bps = bitrate_bps
        self._rate = RateControl(bitrate_bps)
        self._large = LargePictures()
        self._base_rtt_us = 0
        self._waiting_fragments = 0
        self._arrived_packets = 0
        self._arrived_us = 0
        self._bytes_us = 0
        self._interval_us = FEEDBACK_INTERVAL_US
        self._occupied_until_us = 0
        self._is_keyframe_requested = False
        self._keyframe_us: int | None = None
        self._has_report = False
        self._is_hidden = False
        self._is_closed = False

    @property
    def target_bps(self) -> int:
        """The bitrate that the encoder aims at now."""
        return self._rate.target_bps

    @property
    def is_below_setting(self) -> bool:
        """True while the link holds the target below the bitrate setting."""
        return self._rate.target_bps < self._bitrate_bps

    @property
    def allows_large_pictures(self) -> bool:
        """True while a picture may take the bytes of several."""
        return self._large.are_allowed

    @property
    def is_paced(self) -> bool:
        """True while the fragments of a picture leave one by one."""
        return self._rate.is_small_link

    @property
    def shares_segments(self) -> bool:
        """True while fragments should leave with sound packets."""
        with self._condition:
            return self._rate.is_segment_limited(self._now_us())

    @property
    def queue_us(self) -> int:
        """The present queue delay of our pictures."""
        return self._rate.queue_us

    @property
    def link_bps(self) -> float | None:
        """The rate at which our packets pass the link; None while it is unknown."""
        with self._condition:
            return self._rate.trains.rate_bps(self._now_us())

    @property
    def in_flight_packets(self) -> int:
        """Pictures sent and not acknowledged yet."""
        return self._window.in_flight_packets

    @property
    def is_decoder_behind(self) -> bool:
        """True while too many packets wait for the peer's decoder."""
        return self._window.is_decoder_behind

    @property
    def is_closed(self) -> bool:
        """True once `close` was called."""
        return self._is_closed

    @property
    def is_hidden(self) -> bool:
        """True while the user has turned the camera off."""
        return self._is_hidden

    def allows_pictures(self) -> bool:
        """Return whether the call goes on and the camera is on."""
        return not (self._is_closed or self._is_hidden)

    def wait_room(self, timeout_s: float) -> bool:
        """Block until there is room for a picture; return False after `timeout_s` or at the end."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_closed or self._has_room(), timeout_s)
            return not self._is_closed and self._has_room()

    def wait_pause(self, pause_s: float) -> None:
        """Block for this long, or until `close`."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_closed, pause_s)

    def has_room(self) -> bool:
        """Return whether there is room right now."""
        with self._condition:
            return self._has_room()

    def _has_room(self) -> bool:
        # A packet that still waits here shows that the network takes less: the next picture would
        # only get old. One fragment may wait, so that the network never runs out of data.
        if self._is_hidden or self._waiting_fragments > 1:
            return False
        if not self._has_report:
            return self._window.in_flight_packets <= self._rate.path_us // FIRST_INTERVAL_US
        round_trip_us = self._base_rtt_us * 3 // 2 + self._rate.jitter_us
        return self._window.has_room(self._rate.target_bps, round_trip_us, self._interval_us)

    def on_queued(self, packet_bytes: int, fragments: int, now_us: int) -> None:
        """Count a packet, before it goes to the outbox and can cause feedback.

        Args:
            packet_bytes: its encoded bytes.
            fragments: how many messages it makes.
        """
        with self._condition:
            self._window.on_sent(packet_bytes)
            self._rate.on_queued(packet_bytes, fragments, now_us)
            self._occupy(packet_bytes, now_us)
            self._waiting_fragments += fragments

    def _occupy(self, packet_bytes: int, now_us: int) -> None:
        link_bps = self._rate.trains.rate_bps(now_us)
        if link_bps:
            until_us = max(self._occupied_until_us, now_us) + int(packet_bytes * 8e6 / link_bps)
            self._occupied_until_us = min(until_us, now_us + MOST_OCCUPIED_US)

    def occupied_us(self, now_us: int) -> int:
        """Return how long our last picture still occupies the link, as far as its rate is known.

        Whatever is sent meanwhile queues behind it, and may delay the next picture. Any thread.
        """
        return max(0, self._occupied_until_us - now_us)

    def on_departed(self, fragments: int = 1) -> None:
        """Count fragments that have left the outbox. Send thread."""
        with self._condition:
            self._waiting_fragments -= fragments
            now_us = self._now_us()
            for _ in range(fragments):
                self._rate.on_departed(now_us)
            if self._waiting_fragments <= 1:
                self._condition.notify()

    def on_feedback(
        self, feedback: Feedback, now_us: int, *, tcp_rtt_us: int | None = None
    ) -> None:
        """Handle the other peer's report.

        Args:
            tcp_rtt_us: the round trip of single segments, as TCP measures it, if known.

        Raises:
            ProtocolError: its counts or times are impossible.
        """
        with self._condition:
            self._check_times(feedback)
            self._has_report |= feedback.video_packets > 0
            self._window.on_feedback(feedback.video_bytes, feedback.video_packets, feedback.decoded)
            self._follow_interval(feedback)
            self._arrived_packets = feedback.video_packets
            self._arrived_us = feedback.arrived_us
            if tcp_rtt_us is not None:
                self._rate.on_round_trip(tcp_rtt_us, now_us)
            self._rate.on_train(feedback.train_bytes, feedback.train_us, now_us)
            self._rate.on_arrived(
                feedback.video_bytes,
                began_us=feedback.began_us or feedback.arrived_us,
                at_us=feedback.bytes_us or feedback.arrived_us,
                now_us=now_us,
            )
            link_bps = self._rate.least_link_bps(now_us)
            self._large.update(
                0.0 if self.is_below_setting else link_bps, self._rate.target_bps, now_us
            )
            self._condition.notify()

    def _check_times(self, feedback: Feedback) -> None:
        """Raise ProtocolError if times that are given, and so not 0, are out of order."""
        if not feedback.bytes_us:
            return
        if feedback.began_us > feedback.bytes_us or feedback.bytes_us < self._bytes_us:
            raise ProtocolError("The other side sent feedback with impossible times")
        self._bytes_us = feedback.bytes_us

    def _follow_interval(self, feedback: Feedback) -> None:
        """Learn the interval of reports: a report on several packets waited for its interval."""
        new_packets = feedback.video_packets - self._arrived_packets
        if not new_packets or not self._arrived_packets:
            return
        gap_us = feedback.arrived_us - self._arrived_us if new_packets > 1 else 0
        fading_us = max(FEEDBACK_INTERVAL_US, self._interval_us * 7 // 8)
        self._interval_us = max(fading_us, min(SLOWEST_US, gap_us))

    def set_first_rtt(self, rtt_us: int) -> None:
        """Store the round trip of the handshake, which no picture has delayed."""
        self._rate.path_us = min(rtt_us, MAX_RTT_US)

    def set_base_rtt(self, base_rtt_us: int) -> None:
        """Store the shortest recent round trip."""
        with self._condition:
            self._base_rtt_us = base_rtt_us
            self._condition.notify()

    def request_keyframe(self) -> None:
        """Request that the next picture is a keyframe."""
        with self._condition:
            self._is_keyframe_requested = True

    def take_keyframe_request(self, now_us: int) -> bool:
        """Return whether the next picture must be a keyframe, and clear the request."""
        with self._condition:
            if not self._is_keyframe_requested:
                return False
            if self._keyframe_us is not None and now_us - self._keyframe_us < KEYFRAME_PAUSE_US:
                return False
            self._is_keyframe_requested = False
            self._keyframe_us = now_us
            return True

    def set_hidden(self, is_hidden: bool) -> None:
        """Allow no pictures while the camera is off."""
        with self._condition:
            self._is_hidden = is_hidden
            self._condition.notify()

    def close(self) -> None:
        """End every wait."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
