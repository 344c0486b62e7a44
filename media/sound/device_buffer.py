"""The buffer size of a sound device: as small as is safe. Pure: no I/O, no clock.

PortAudio lets a device hold three buffers. If we are late, recorded sound waits in the sound
server, but a loudspeaker without its next buffer stalls. After repeated stalls it gets larger
buffers and keeps them, because reopening it is audible.

If PipeWire processes more sound at once than the buffers hold, as the 1,024 samples of its default
in a virtual machine, its ALSA plugin requests no sound for a loudspeaker, and delivers only a part
of a microphone's. So a device that has never run, or loses sound all the time, gets other sizes in
turn.
"""

from media.sound.pcm import us_to_samples

BUFFER_SAMPLES = 240
"""5 ms. Measured through PulseAudio: sound passes between two applications in three buffers."""
SPEAKER_BUFFER_SAMPLES = 360
"""7.5 ms. With 5 ms it stalled once in half a minute of a usual call, measured on two cores."""
MAX_BUFFER_SAMPLES = 720
SILENCE_FACTORS = (1, 4, 12)
"""Sizes for such a device, in units of the first: 30 and 90 ms for a loudspeaker."""
LOSS_WINDOW_US = 2_000_000
LOSS_SHARE = 0.9
LOSS_WINDOWS = 2
"""A device loses sound if less than this share passes in so many windows in a row."""
PUNCTUAL_US = 400_000
"""The time from one look at a device to the next, at most. Where it is longer, as on a busy
computer or after a suspend, the threads of the device may have been late too."""
STALLS_BEFORE_GROWTH = 3
STALL_WINDOW_US = 10_000_000
"""After this many stalls within this time the buffers grow."""


class DeviceBuffer:
    """The buffer size of one device.

    Args:
        samples: the initial size.
    """

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self._first_samples = samples
        self._silences = 0
        self._stalls_us: list[int] = []
        self._window_began_us = 0
        self._window_samples = 0
        self._lossy_windows = 0
        self._looked_us: int | None = None
        self._is_punctual = True

    def note_opened(self, now_us: int) -> None:
        """Note that the device was opened with this size."""
        self._window_began_us, self._looked_us = now_us, None
        self._window_samples = self._lossy_windows = 0
        self._is_punctual = True

    def note_passed(self, samples: int, now_us: int) -> bool:
        """Note the samples that have passed since the opening; return whether the size changed.

        Call it at each look at the device.
        """
        if self._looked_us is not None and now_us - self._looked_us > PUNCTUAL_US:
            self._is_punctual = False
        self._looked_us = now_us
        span_us = now_us - self._window_began_us
        if span_us < LOSS_WINDOW_US:
            return False
        passed = samples - self._window_samples
        self._window_began_us, self._window_samples = now_us, samples
        is_lossy = self._is_punctual and passed < LOSS_SHARE * us_to_samples(span_us)
        self._is_punctual = True
        self._lossy_windows = self._lossy_windows + 1 if is_lossy else 0
        if self._lossy_windows < LOSS_WINDOWS:
            return False
        self.note_silence()
        return True

    def note_silence(self) -> None:
        """Note that the device, opened with this size, did not run."""
        self._silences += 1
        factor = SILENCE_FACTORS[self._silences % len(SILENCE_FACTORS)]
        self.samples = self._first_samples * factor

    def note(self, stalls: int, now_us: int) -> bool:
        """Note new stalls of the device; return whether the size has grown."""
        recent = [at_us for at_us in self._stalls_us if at_us > now_us - STALL_WINDOW_US]
        self._stalls_us = recent + [now_us] * min(stalls, STALLS_BEFORE_GROWTH)
        if len(self._stalls_us) < STALLS_BEFORE_GROWTH or self.samples >= MAX_BUFFER_SAMPLES:
            return False
        self._stalls_us = []
        self.samples = min(MAX_BUFFER_SAMPLES, self.samples + BUFFER_SAMPLES)
        return True
