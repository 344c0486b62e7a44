"""Rate control: the target bitrate of one direction's video. Pure: the time is an argument.

The receiver reports when bytes arrived, on its clock; we know when they left the outbox, on ours.
From the difference `QueueDelay` tells a queue from the path's own delay and jitter. Where the
system tells the round trip of single segments, that must show the queue too: a lost segment delays
all that waits behind it, but not the round trip of others.

    arrivals slow down           the link became slower: the target falls below its rate at once
    and each is later
    a queue stays for a second   we send more than the link carries: the target falls below what
                                 arrived; if that does not shorten the queue, it is not ours, and
                                 its delay counts as the path's
    packets take long to leave   losses or a long round trip limit TCP: the target stays just
    the outbox for most of a     above what arrives, so that TCP keeps trying
    second
    none of these                the target climbs: fast as far as packet trains show room, slowly
                                 up to a limit met before, and beyond it only after a while

Pictures are skipped by the send window meanwhile, so nothing gets old while the target is too high.
docs/rate-control.md explains it. Sources: delay as the signal, RFC 6817 (LEDBAT) and
draft-ietf-rmcat-gcc-02; the arrival rate of a busy link as its capacity, draft-ietf-ccwg-bbr-02.
"""

from itertools import pairwise

import msgspec

from net.protocol.arrival_history import Arrival, ArrivalHistory
from net.protocol.pacing import PACED_BPS
from net.protocol.packet_train import PacketTrains
from net.protocol.packets_in_flight import PacketsInFlight
from net.protocol.queue_delay import QueueDelay

START_BPS = 400_000
"""Its first keyframe takes 30 ms of a link of 1 Mbit/s, and 270 ms at 0.1 Mbit/s."""
FLOOR_BPS = 20_000
QUEUE_US = 20_000
"""A queue delay above this is a queue."""
QUEUE_SHARE = 1 / 5
"""On a long path, a queue delay above this share of the round trip is one. In simulation of 250±100
ms, 1/8, 1/6 and 1/5 gave 1.47, 1.62 and 1.64 Mbit/s."""
WAIT_US = 20_000
"""A packet that took longer to leave the outbox waited for TCP. In simulation with 1 % of loss,
33 ms let 7 % fewer pictures through."""
BACK_OFF = 0.88
"""The target's share of the link's rate: the rest is for headers, and drains the queue."""
TCP_LEAD = 1.1
"""The target as a share of what TCP takes, where TCP is the limit."""

SLOWER_ARRIVALS = 5
SLOWER_LEAST_US = 100_000
SLOWER_PAUSE_US = 300_000
LASTING_US = 1_000_000
LASTING_SHARE = 0.6
LASTING_PAUSE_US = 1_000_000
STALLED_SHARE = 0.2
STILL_LATE = 0.7
"""A queue that kept this share although less was sent is not ours."""
TCP_PAUSE_US = 500_000
SHARED_BPS = 400_000
SHARED_US = 5_000_000
"""For this long after TCP was the limit, sound and pictures share segments below this target."""
TCP_LARGEST_STEP = 1.5

CALM_US = 300_000
CALM_SHARE = 0.3
TRAIN_JITTERS = 2
"""A train that took less than so many times the jitter shows the jitter, not the link."""
JITTER_SHARE = 1 / 3
"""The share of the round trip that jitter may add to a train. On a path of 250±100 ms, the first
trains looked like a link of 0.1 Mbit/s without it."""
FIRST_TRAINS = 4
FIRST_TRAINS_US = 1_500_000
"""So long after the first, trains may lower the target by themselves."""
FIRST_SHARE = 0.8
SOUND_BPS = 30_000
"""The needs of sound on the smallest link, with headers."""
FIRST_LEAST_BPS = 50_000
"""A single loss makes the first trains look slower than any link."""
LEAST_PATIENCE_US = 1_000_000
MOST_PATIENCE_US = 16_000_000
PATIENCE_WITH_ROOM_US = 2_000_000
LIMIT_KEPT_US = 30_000_000
"""For this long after a limit, a target without trains climbs slowly even beyond it: on the slowest
links a picture is one fragment."""
SMALL_BPS = 100_000
"""Below such a limit, sound comes first: it breaks with each queue, and a queue takes a second to
drain."""
SMALL_BACK_OFF = 0.75
SMALL_PATIENCE_US = 8_000_000
SMALL_PER_S = 1.1
LONG_PATH_US = 100_000
SLOW_US = 20_000
"""On a small link, the round trip of segments exceeds the path's by more, since each takes long."""
SAME_LIMIT = 1.33
FORGET_LIMIT = 1.25
USED_SHARE = 0.5


class _Fall(msgspec.Struct, frozen=True):
    """A fall because of a queue."""

    at_us: int
    queue_us: int
    from_bps: float


class RateControl:
    """The target bitrate of one direction.

    Args:
        ceiling_bps: the bitrate setting.
    Attributes:
        path_us: the round trip of the path without queues; 0 while it is unknown.
    """

    def __init__(self, ceiling_bps: int) -> None:
        self.path_us = 0
        self._ceiling_bps = float(ceiling_bps)
        self._target_bps = min(self._ceiling_bps, float(START_BPS))
        self._packets = PacketsInFlight()
        self._delay = QueueDelay()
        self._tcp_rtt_us: int | None = None
        self._round_trip: QueueDelay | None = None
        """None where the system does not tell it."""
        self.trains = PacketTrains()  # of our packets, as the other peer reports them
        self._fast_trains = PacketTrains()
        """Those that took less than the jitter shows, counted as if they had taken that long."""
        self._history = ArrivalHistory()
        self._started_us: int | None = None
        """When the first train was reported."""
        self._judged_us: int | None = None
        self._followed_us: int | None = None
        """When TCP was last the limit."""
        self._is_small = False
        self._paused_until_us = 0
        self._fall: _Fall | None = None
        self._limit_bps: float | None = None
        self._limit_us: int | None = None
        self._patience_us = LEAST_PATIENCE_US

    @property
    def target_bps(self) -> int:
        """The present target for the encoder, bits per second."""
        return int(self._target_bps)

    @property
    def queue_us(self) -> int:
        """The present queue delay, smoothed."""
        return self._delay.queue_us

    @property
    def jitter_us(self) -> int:
        """The lateness that the path's jitter explains."""
        return self._delay.jitter_us

    def on_queued(self, packet_bytes: int, fragments: int, now_us: int) -> None:
        """Note a packet that enters the outbox."""
        self._packets.on_queued(packet_bytes, fragments, now_us, is_paced=self.is_small_link)

    def on_departed(self, now_us: int) -> None:
        """Note that the next fragment has left the outbox."""
        self._packets.on_departed(now_us)

    def on_arrived(self, video_bytes: int, *, began_us: int, at_us: int, now_us: int) -> None:
        """Update the target from a report, which may repeat the last one.

        Args:
            video_bytes: the encoded bytes that have arrived since accept.
            began_us: when the first fragment of the newest packet arrived, on the peer's clock.
            at_us: when the newest byte arrived, on the peer's clock.
        """
        if video_bytes <= self._history.video_bytes:
            return
        packet = self._packets.arrived(video_bytes)
        if packet is None or packet.departed_us is None:
            return
        if self._is_small != self.is_small_link:
            self._is_small = not self._is_small
            self._delay.restart()
        # A fragment alone takes up to a tenth of a second there, which is no queue.
        own_us = packet.first_bytes * 8_000_000 // PACED_BPS if self._is_small else 0
        self._delay.add(began_us - packet.departed_us - own_us, at_us)
        # Only its first fragment shows how long TCP takes.
        left_us = packet.departed_us if packet.is_paced else packet.sent_us or now_us
        self._history.add(
            Arrival(
                at_us,
                video_bytes,
                self._confirmed_us(self._delay.queue_us),
                self._confirmed_us(self._delay.newest_us),
                left_us - packet.queued_us,
            )
        )
        self._judge(now_us)

    def on_round_trip(self, rtt_us: int, now_us: int) -> None:
        """Note the present round trip of single segments, as TCP measures it."""
        self._tcp_rtt_us = rtt_us
        if self._round_trip is None:
            self._round_trip = QueueDelay()
        self._round_trip.add(rtt_us, now_us)

    @property
    def is_small_link(self) -> bool:
        """True where the link's rate keeps the target low, rather than losses or the past."""
        if self.target_bps >= PACED_BPS or self.path_us >= LONG_PATH_US:
            return False
        return self._tcp_rtt_us is None or self._tcp_rtt_us - self.path_us > SLOW_US

    @property
    def _least_queue_us(self) -> int:
        """The queue delay above which there is a queue."""
        return max(QUEUE_US, int(self.path_us * QUEUE_SHARE))

    def _confirmed_us(self, queue_us: int) -> int:
        """Return the part of a queue delay that the round trip confirms, where it is known."""
        return queue_us if self._round_trip is None else min(queue_us, self._round_trip.newest_us)

    def is_segment_limited(self, now_us: int) -> bool:
        """Return whether losses on a long path let TCP pass only a few segments a second."""
        return (
            self.path_us >= LONG_PATH_US
            and self._target_bps < SHARED_BPS
            and self._followed_us is not None
            and now_us - self._followed_us < SHARED_US
        )

    def on_train(self, train_bytes: int, train_us: int, now_us: int) -> None:
        """Note the bytes that followed the first fragment of a packet, and the time they took."""
        if not train_bytes or self._packets.are_paced:
            return
        jitter_us = TRAIN_JITTERS * self._delay.jitter_us
        if train_us < jitter_us:
            self._fast_trains.add(train_bytes, jitter_us, now_us)
            return
        # Until the jitter is known, a long path may have much of it.
        train_us -= int(self.path_us * JITTER_SHARE)
        if train_us < 0:
            self._begin_with(float(START_BPS), now_us)
        elif self.trains.add(train_bytes, train_us, now_us):
            rate_bps = self.trains.rate_bps(now_us) or 0.0
            self._begin_with(max(rate_bps * FIRST_SHARE - SOUND_BPS, FIRST_LEAST_BPS), now_us)

    def least_link_bps(self, now_us: int) -> float | None:
        """Return what the link passes at least, or None without a recent train."""
        rates_bps = self.trains.rate_bps(now_us), self._fast_trains.rate_bps(now_us)
        return max((rate for rate in rates_bps if rate is not None), default=None)

    def _begin_with(self, target_bps: float, now_us: int) -> None:
        """At the start, take a target that a train suggests, but no higher one than the first.

        The first packets show the link's rate before a queue can. A late packet makes its train
        look slow, so a later one may raise the target again.
        """
        if self._started_us is None:
            self._started_us = now_us
        is_start = now_us - self._started_us <= FIRST_TRAINS_US
        if is_start and self.trains.count <= FIRST_TRAINS and self._limit_bps is None:
            self._set_target(min(target_bps, max(self._target_bps, float(START_BPS))))

    def _judge(self, now_us: int) -> None:
        since_us = 0 if self._judged_us is None else now_us - self._judged_us
        self._judged_us = now_us
        if now_us < self._paused_until_us:
            return
        if self._fall_to_slower_link(now_us):
            return
        is_known = self._history.span_us >= LASTING_US * 4 // 5
        if is_known and (self._fall_below_queue(now_us) or self._follow_tcp(now_us)):
            return
        if self._is_calm:
            self._climb(min(since_us, CALM_US) / 1e6, now_us)

    def _fall_to_slower_link(self, now_us: int) -> bool:
        """Fall if the last arrivals were late, not getting earlier, and slower than the target."""
        last = self._history.last(SLOWER_ARRIVALS)
        if len(last) < SLOWER_ARRIVALS - 1:
            return False
        first, newest = last[0], last[-1]
        span_us = newest.at_us - first.at_us
        if span_us < SLOWER_LEAST_US or newest.newest_us < last[1].newest_us * 4 // 5:
            return False
        if any(arrival.newest_us <= self._least_queue_us for arrival in last[1:]):
            return False
        fastest_bps = max(
            (later.video_bytes - earlier.video_bytes) * 8e6 / max(1000, later.at_us - earlier.at_us)
            for earlier, later in pairwise(last)
        )
        train_bps = self.trains.newest_bps or 0.0
        if fastest_bps > self._target_bps * 1.05 or train_bps > self._target_bps * 1.3:
            return False
        self._fall_below((newest.video_bytes - first.video_bytes) * 8e6 / span_us, now_us)
        self._paused_until_us = now_us + SLOWER_PAUSE_US
        return True

    def _fall_below_queue(self, now_us: int) -> bool:
        """Fall if there was a queue for most of the last second."""
        if self._history.late_share(LASTING_US, self._least_queue_us) < LASTING_SHARE:
            return False
        rate_bps = self._history.rate_bps
        if self._history.stalled_us > STALLED_SHARE * self._history.span_us:
            return False
        if rate_bps * BACK_OFF >= self._target_bps:
            return False
        last, queue_us = self._fall, self._delay.queue_us
        if (
            last is not None
            and now_us - last.at_us < 3 * LASTING_PAUSE_US
            and self._target_bps < last.from_bps * 0.95
            and queue_us > last.queue_us * STILL_LATE
        ):
            self._set_target(max(self._target_bps, last.from_bps))
            self._delay.rebase()
            if self._round_trip is not None:
                self._round_trip.rebase()
            self._fall = self._limit_bps = None
            self._paused_until_us = now_us + SLOWER_PAUSE_US
            return True
        self._fall = _Fall(now_us, queue_us, self._target_bps)
        self._fall_below(max(rate_bps, self._target_bps / 2 / BACK_OFF), now_us)
        self._paused_until_us = now_us + LASTING_PAUSE_US
        return True

    def _follow_tcp(self, now_us: int) -> bool:
        """Stay just above what arrives if packets mostly waited in the outbox."""
        history = self._history
        if history.waiting_share(LASTING_US, WAIT_US) < LASTING_SHARE:
            return False
        # Trains show a link that has become slower since the oldest of these reports.
        train_bps = self.trains.rate_bps(now_us) or history.rate_bps
        rate_bps = min(history.rate_bps * TCP_LEAD, max(train_bps * BACK_OFF, self._target_bps))
        self._set_target(max(rate_bps, self._target_bps / TCP_LARGEST_STEP))
        self._paused_until_us = now_us + TCP_PAUSE_US
        self._followed_us = now_us
        return True

    @property
    def _is_calm(self) -> bool:
        newest = self._history.last(1)[0]
        return (
            newest.queue_us <= self._least_queue_us // 2
            and newest.wait_us <= WAIT_US
            and self._history.late_share(CALM_US, self._least_queue_us) <= CALM_SHARE
            and self._history.waiting_share(CALM_US, WAIT_US) <= CALM_SHARE
        )

    def _climb(self, since_s: float, now_us: int) -> None:
        train_bps = self.trains.rate_bps(now_us)
        if train_bps is None and self._history.rate_bps < USED_SHARE * self._target_bps:
            return  # A still picture shows nothing about the link.
        # After a limit was met, the target climbs fast only if a train shows more room.
        has_met_limit = self._limit_us is not None and now_us - self._limit_us < LIMIT_KEPT_US
        room = 1.0 if has_met_limit else 1.5
        if train_bps is not None:
            room = (train_bps - SOUND_BPS) / self._target_bps
        if self._limit_bps is None:
            per_s = 20.0 if room > 4 else 6.0 if room > 2 else 2.0 if room > 1.2 else 1.1
            if self.is_small_link:
                per_s = min(per_s, SMALL_PER_S)
        elif self._target_bps < 1.08 * _below(self._limit_bps):
            per_s = 2.0 if room > 2 else 1.3
        else:
            patience_us = self._patience_us
            if room > 2:
                patience_us = min(patience_us, PATIENCE_WITH_ROOM_US)
            if self._limit_us is not None and now_us - self._limit_us < patience_us:
                return
            per_s = 1.3 if room > 2 else 1.1
            if self._target_bps > FORGET_LIMIT * self._limit_bps:
                self._limit_bps = None
        self._set_target(self._target_bps * per_s**since_s)

    def _fall_below(self, rate_bps: float, now_us: int) -> None:
        """Fall below a rate, and remember it as the limit, longer each time that it is met."""
        last_bps = self._limit_bps
        is_same = last_bps is not None and 1 / SAME_LIMIT < rate_bps / last_bps < SAME_LIMIT
        self._patience_us = (
            min(MOST_PATIENCE_US, self._patience_us * 2) if is_same else LEAST_PATIENCE_US
        )
        if rate_bps < SMALL_BPS:
            self._patience_us = SMALL_PATIENCE_US
        self._limit_bps, self._limit_us = rate_bps, now_us
        self._set_target(min(self._target_bps, _below(rate_bps)))

    def _set_target(self, target_bps: float) -> None:
        self._target_bps = min(self._ceiling_bps, max(float(FLOOR_BPS), target_bps))


def _below(limit_bps: float) -> float:
    """Return the target after a fall, from what the link carries."""
    return limit_bps * (BACK_OFF if limit_bps >= SMALL_BPS else SMALL_BACK_OFF)
