"""A transfer over the simulated TCP of the bench."""

from bench.link_conditions import Schedule
from bench.link_shaper import LinkShaper
from bench.simulated_tcp import Acknowledgement, CongestionControl, SimulatedTcp, WireSegment

SECOND_US = 1_000_000


class Transfer:
    """A sender that always has data, over a link with the same schedule both ways.

    Args:
        control: CUBIC by default.
    """

    def __init__(self, schedule: Schedule, control: CongestionControl | None = None) -> None:
        self.forward = LinkShaper[WireSegment](schedule, seed=1, now_us=0)
        backward = LinkShaper[Acknowledgement](schedule, seed=2, now_us=0)
        self.tcp = SimulatedTcp(self.forward, backward, control)
        self.now_us = 0

    def run(self, seconds: float) -> float:
        """Return the mean bitrate of what became readable."""
        before = self.tcp.delivered_bytes
        end_us = self.now_us + round(seconds * SECOND_US)
        while self.now_us < end_us:
            if self.tcp.unsent_bytes < 100_000:
                self.tcp.write(100_000, self.now_us)
            self.now_us = max(self.now_us + 1, min(end_us, self.tcp.next_due_us()))
            self.tcp.advance(self.now_us)
        return (self.tcp.delivered_bytes - before) * 8 / seconds
