"""How often a call code may be guessed. Pure: the time is an argument.

Every exchange that begins counts as a wrong guess until it has succeeded, so that who drops the
line before the answer is due has guessed all the same. Answers wait the longer the more wrong
guesses came from one address, and a little for those from all; what would wait too long is refused
without an exchange. A new code resets nothing. After `MAX_GUESSES` no code is taken until a person
says so: by then 22 bits have been guessed with a chance of one in 80,000.
"""

from dataclasses import dataclass

MAX_GUESSES = 50
SHORTEST_US = 50_000
"""Every answer waits as long, so that its time tells nothing of the arithmetic behind it."""
LONGEST_HELD_US = 2_000_000
"""An answer is held so long at most; a caller gives up after 3 s, and tries another listener."""
FIRST_WAIT_US = 100_000
"""Times the square of an address's wrong guesses: 10 s after ten of them."""
LONGEST_WAIT_US = 60_000_000
"""All fifty guesses take one address half an hour."""
OF_ALL_US = 20_000
"""For each guess, from whatever address."""
FORGOTTEN_US = 3_600_000_000
MAX_SOURCES = 1024


@dataclass(slots=True)
class _Source:
    guesses: int = 0
    due_us: int = 0
    """When its last answer is, or was, due."""


class GuessLimit:
    """What is known of wrong guesses, since the program began. The listen thread."""

    def __init__(self) -> None:
        self.count = 0
        """Since a person last said that codes may be taken."""
        self.total = 0
        self._sources: dict[str, _Source] = {}

    @property
    def is_exhausted(self) -> bool:
        """Whether no code is taken until a person says so."""
        return self.count >= MAX_GUESSES

    def wait_us(self, source: str, now_us: int) -> int:
        """Return how long that address has to wait before it may guess; 0 where it may now."""
        due_us = self._due_us(source, now_us)
        return max(0, due_us - now_us) if due_us - now_us > LONGEST_HELD_US else 0

    def begin(self, source: str, now_us: int) -> int:
        """Count a guess, and return when its answer is due, on the same clock."""
        self._forget(now_us)
        due_us = max(self._due_us(source, now_us), now_us + SHORTEST_US + OF_ALL_US * self.count)
        known = self._sources.setdefault(source, _Source())
        known.guesses += 1
        known.due_us = due_us
        self.count += 1
        self.total += 1
        return due_us

    def succeed(self, source: str) -> None:
        """Take a guess back: it was none."""
        self.count = max(0, self.count - 1)
        self.total -= 1
        self._sources.pop(source, None)

    def allow(self) -> None:
        """Take codes again: a person said so."""
        self.count = 0

    def _due_us(self, source: str, now_us: int) -> int:
        known = self._sources.get(source)
        if known is None or known.guesses == 0:
            return now_us
        return known.due_us + min(LONGEST_WAIT_US, FIRST_WAIT_US * known.guesses**2)

    def _forget(self, now_us: int) -> None:
        for source in [s for s, it in self._sources.items() if now_us - it.due_us > FORGOTTEN_US]:
            del self._sources[source]
        while len(self._sources) >= MAX_SOURCES:
            del self._sources[next(iter(self._sources))]
