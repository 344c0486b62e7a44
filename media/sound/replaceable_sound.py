"""A microphone and a loudspeaker that can be replaced while a call uses them. Any thread replaces.

The microphone and speaker threads keep these objects for the whole call. A replacement ends a wait
in the former one, so the next block already passes the new one.
"""

from threading import Lock

from media.sound.microphone import Microphone, Recorded
from media.sound.pcm import Samples
from media.sound.speaker import Speaker, SpeakerCounters


class ReplaceableMicrophone:
    """The microphone that is in use now. One thread reads; properties are for any thread."""

    def __init__(self, microphone: Microphone) -> None:
        self._present = microphone
        self._lock = Lock()
        self._is_closed = False

    def replace(self, microphone: Microphone) -> None:
        """Read from this microphone from now on, and close the former one."""
        with self._lock:
            former, self._present = self._present, microphone
            is_closed = self._is_closed
        former.close()
        if is_closed:
            microphone.close()

    @property
    def is_live(self) -> bool:
        """True while blocks arrive."""
        return self._present.is_live

    @property
    def is_opening(self) -> bool:
        """True until a device was opened or given up."""
        return self._present.is_opening

    @property
    def backlog_samples(self) -> int:
        """The number of samples recorded but not read."""
        return self._present.backlog_samples

    def read(self, timeout_s: float) -> Recorded | None:
        """Return the next block as soon as it is complete, or None after about the timeout."""
        return self._present.read(timeout_s)

    def forget(self) -> None:
        """Discard the samples recorded but not read."""
        self._present.forget()

    def close(self) -> None:
        """End a wait."""
        with self._lock:
            self._is_closed = True
            present = self._present
        present.close()


class ReplaceableSpeaker:
    """The loudspeaker that is in use now. One thread writes."""

    def __init__(self, speaker: Speaker) -> None:
        self._present = speaker
        self._lock = Lock()
        self._is_closed = False
        self._former = SpeakerCounters()

    def replace(self, speaker: Speaker) -> None:
        """Write to this loudspeaker from now on, and close the former one."""
        with self._lock:
            former, self._present = self._present, speaker
            self._former = _add(self._former, former.counters)
            is_closed = self._is_closed
        former.close()
        if is_closed:
            speaker.close()

    @property
    def needs_silence(self) -> bool:
        """True if silence has to be written too, as into a file."""
        return self._present.needs_silence

    @property
    def counters(self) -> SpeakerCounters:
        """The totals of all loudspeakers so far; a copy."""
        with self._lock:
            return _add(self._former, self._present.counters)

    @property
    def delay_us(self) -> int:
        """The time from writing a sample until it is heard."""
        return self._present.delay_us

    def wait_room(self, timeout_s: float) -> bool:
        """Wait until the next block may be written; return False after about the timeout."""
        return self._present.wait_room(timeout_s)

    def write(self, samples: Samples) -> None:
        """Play a block."""
        self._present.write(samples)

    def pause(self) -> None:
        """Expect no more blocks for now."""
        self._present.pause()

    def close(self) -> None:
        """End a wait."""
        with self._lock:
            self._is_closed = True
            present = self._present
        present.close()


def _add(one: SpeakerCounters, other: SpeakerCounters) -> SpeakerCounters:
    return SpeakerCounters(
        one.missed_samples + other.missed_samples,
        one.underruns + other.underruns,
        one.stalls + other.stalls,
    )
