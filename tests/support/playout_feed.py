"""A jitter buffer fed by hand, and a check for clicks."""

from bench.playout_simulation import roughness
from media.sound.jitter_buffer import JitterBuffer
from media.sound.pcm import BLOCK_SAMPLES, Samples, samples_to_us

CLICK_STEP = 1.05
CLICK_SLOPE_CHANGE = 1.4


def assert_no_click(out: Samples, clean: Samples) -> None:
    """Check that the output is about as smooth as the clean sound."""
    step, slope_change = roughness(clean)
    assert roughness(out)[0] <= CLICK_STEP * step
    assert roughness(out)[1] <= CLICK_SLOPE_CHANGE * slope_change + 2


class Feed:
    """A sound put into a jitter buffer and taken from it by hand, on one clock, without jitter."""

    def __init__(self, sound: Samples) -> None:
        self.playout = JitterBuffer()
        self.sound = sound
        self.now_us = 1_000_000
        self.pts_us = 50_000_000
        self.at = 0
        self.out: list[Samples] = []

    def put(self, samples: int = BLOCK_SAMPLES) -> None:
        packet = self.sound[self.at : self.at + samples]
        self.playout.put(packet, self.pts_us, self.now_us)
        self.at += samples
        self.pts_us += samples_to_us(samples)

    def take(self) -> Samples:
        self.now_us += 10_000
        self.out.append(self.playout.take(self.now_us))
        return self.out[-1]

    def run(self, blocks: int) -> None:
        for _ in range(blocks):
            self.put()
            self.take()
