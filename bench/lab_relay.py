"""Relay between two TUN devices, which shapes their packets. A process with one thread.

    python -m bench.lab_relay FIRST SECOND      two descriptors; commands on standard input

It runs with real-time priority where that is permitted, and waits in select(), whose time-outs are
exact to some 10 us then; those of poll() and epoll are whole milliseconds. It ends with its input.
"""

import contextlib
import gc
import os
import select
import sys
import time

import msgspec

from bench.lab_messages import (
    Apply,
    BlackOut,
    Command,
    Direction,
    DirectionReport,
    Lateness,
    Report,
)
from bench.link_conditions import Conditions, steady
from bench.link_shaper import LinkShaper
from bench.pacing import now_us

LARGEST_PACKET_BYTES = 65_536
BATCH_PACKETS = 32
"""Packets read in a row from one device, before others that are due are sent."""
PRIORITY = 10
"""Of SCHED_FIFO: above ordinary processes, below the kernel's own threads."""
REST_EVERY_US = 20_000
REST_S = 0.0015
BUSY_SHARE = 0.93
"""Linux stops a real-time process that used 95 % of a second for the rest of it, which is 50 ms; a
relay that is that busy rests often but shortly instead."""
BUCKET_US = 20
BUCKETS = 5_000


class Latenesses:
    """A histogram of latenesses, in buckets of 20 us up to 100 ms."""

    def __init__(self) -> None:
        self._counts = [0] * BUCKETS
        self._total = 0
        self._worst_us = 0

    def add(self, late_us: int) -> None:
        """Count one packet."""
        self._counts[min(max(late_us, 0) // BUCKET_US, BUCKETS - 1)] += 1
        self._total += 1
        self._worst_us = max(self._worst_us, late_us)

    def summary(self) -> Lateness:
        """Return the percentiles, rounded up to a bucket."""
        if not self._total:
            return Lateness(None, None, None)
        return Lateness(self._percentile_us(0.5), self._percentile_us(0.99), self._worst_us)

    def _percentile_us(self, share: float) -> int:
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if seen >= share * self._total:
                return (bucket + 1) * BUCKET_US
        return BUCKETS * BUCKET_US


class Way:
    """One direction: reads one device, shapes, and writes the other."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self.shaper: LinkShaper[bytes] = LinkShaper(steady(Conditions()), seed=0, now_us=now_us())
        self._sink = sink
        self._latenesses = Latenesses()

    def read(self) -> None:
        """Read a batch of packets from the device."""
        for _ in range(BATCH_PACKETS):
            try:
                packet = os.read(self.source, LARGEST_PACKET_BYTES)
            except OSError:  # none is left, or the device is down
                return
            self.shaper.offer(packet, len(packet), now_us())

    def write_due(self) -> None:
        """Write the packets that are due to the other device."""
        for due_us, packet in self.shaper.pop_due(now_us()):
            with contextlib.suppress(OSError):  # the device is down
                os.write(self._sink, packet)
            self._latenesses.add(now_us() - due_us)

    def report(self) -> DirectionReport:
        """Return the figures so far."""
        return DirectionReport(self.shaper.counters, self._latenesses.summary())


class Rest:
    """Short rests of a process that is busy all the time."""

    def __init__(self) -> None:
        self._began_us = now_us()
        self._began_cpu_ns = time.process_time_ns()

    def take_if_needed(self) -> None:
        """Sleep if hardly any time was spent waiting lately."""
        at_us = now_us()
        span_us = at_us - self._began_us
        if span_us < REST_EVERY_US:
            return
        cpu_ns = time.process_time_ns()
        if (cpu_ns - self._began_cpu_ns) / 1000 > span_us * BUSY_SHARE:
            time.sleep(REST_S)
        self._began_us, self._began_cpu_ns = now_us(), cpu_ns


class Relay:
    """Both directions, and the commands."""

    def __init__(self, first: int, second: int, *, is_real_time: bool) -> None:
        self._ways = {
            Direction.FORWARD: Way(first, second),
            Direction.BACKWARD: Way(second, first),
        }
        self._is_real_time = is_real_time
        self._unread = b""

    def run(self, commands: int, answers: int) -> None:
        """Relay until the end of the commands."""
        ways = {way.source: way for way in self._ways.values()}
        descriptors = [*ways, commands]
        rest = Rest()
        while True:
            for way in ways.values():
                way.write_due()
            rest.take_if_needed()
            readable, _, _ = select.select(descriptors, [], [], self._timeout_s())
            for descriptor in readable:
                if descriptor != commands:
                    ways[descriptor].read()
                elif not self._read_commands(commands, answers):
                    return

    def _timeout_s(self) -> float | None:
        times = [way.shaper.next_due_us() for way in self._ways.values()]
        known = [time_us for time_us in times if time_us is not None]
        # A year stands for never, because select() refuses more than it can count.
        return min(max(0, min(known) - now_us()) / 1e6, 3e7) if known else None

    def _read_commands(self, commands: int, answers: int) -> bool:
        """Carry out the commands that have come; return whether more may come."""
        data = os.read(commands, 1 << 20)
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._carry_out(msgspec.json.decode(line, type=Command))
            os.write(answers, msgspec.json.encode(self._report()) + b"\n")
        return bool(data)

    def _carry_out(self, command: Command) -> None:
        at_us = now_us()
        if isinstance(command, Apply):
            profile, seed = command.profile, command.seed
            schedules = (profile.forward, profile.backward)
            for way, schedule in zip(self._ways.values(), schedules, strict=True):
                way.shaper.change(schedule, seed=seed, now_us=at_us)
                seed += 1
        elif isinstance(command, BlackOut):
            for direction in command.directions:
                shaper = self._ways[direction].shaper
                shaper.black_out(command.duration_ms, command.kind, at_us)

    def _report(self) -> Report:
        forward, backward = (way.report() for way in self._ways.values())
        return Report(now_us(), self._is_real_time, forward, backward)


def run_in_real_time() -> bool:
    """Let this process run before all ordinary ones; return whether that is permitted."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except OSError:
        return False
    return True


def main(words: list[str]) -> None:
    """Relay between the two descriptors of the command line."""
    first, second = map(int, words)
    relay = Relay(first, second, is_real_time=run_in_real_time())
    # Nothing here forms cycles, and a collection would hold up packets.
    gc.disable()
    relay.run(sys.stdin.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    main(sys.argv[1:])
