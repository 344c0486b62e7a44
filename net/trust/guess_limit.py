"""The rate limit for guesses at a call code. Pure: the time is an argument.

An exchange counts as a wrong guess from its start until it succeeds, so dropping the connection
before the answer saves no guess. The more wrong guesses an address has made, the longer its next
answer is delayed; guesses from other addresses add a little. A guess whose delay would be too long
is refused without an exchange. A new code resets nothing. After `MAX_GUESSES` no code is accepted
until the user allows it again; by then the chance that 22 bits were guessed is one in 80,000.
"""

import msgspec

MAX_GUESSES = 50
SHORTEST_US = 50_000
"""The minimum delay of every answer, so that its timing reveals nothing about the arithmetic."""
LONGEST_HELD_US = 2_000_000
"""The maximum delay of an answer. A caller gives up after 3 s and tries another listener."""
FIRST_WAIT_US = 100_000
"""Multiplied by the square of an address's wrong guesses: 10 s after ten guesses."""
LONGEST_WAIT_US = 60_000_000
"""With this limit, fifty guesses take one address half an hour."""
SHARED_WAIT_US = 20_000
"""Added to every answer for each guess from any address."""
FORGOTTEN_US = 3_600_000_000
"""An address's guesses are forgotten this long after its last answer."""
MAX_SOURCES = 1024


class _Source(msgspec.Struct):
    guesses: int = 0
    due_us: int = 0
    """When its latest answer is due."""


class GuessLimit:
    """The guesses at call codes since the program started. Listen thread only.

    Attributes:
        since_allowed: guesses since the user last allowed codes.
        total: guesses since the program started.
    """

    def __init__(self) -> None:
        self.since_allowed = 0
        self.total = 0
        self._sources: dict[str, _Source] = {}

    @property
    def is_exhausted(self) -> bool:
        """True while codes are refused until the user allows them again."""
        return self.since_allowed >= MAX_GUESSES

    def wait_us(self, source: str, now_us: int) -> int:
        """Return how long an address must wait before it may guess; 0 if it may guess now."""
        due_us = self._due_us(source, now_us)
        return max(0, due_us - now_us) if due_us - now_us > LONGEST_HELD_US else 0

    def begin(self, source: str, now_us: int) -> int:
        """Count a guess, and return the time at which to answer it, on the same clock."""
        self._forget(now_us)
        due_us = max(
            self._due_us(source, now_us), now_us + SHORTEST_US + SHARED_WAIT_US * self.since_allowed
        )
        known = self._sources.setdefault(source, _Source())
        known.guesses += 1
        known.due_us = due_us
        self.since_allowed += 1
        self.total += 1
        return due_us

    def succeed(self, source: str) -> None:
        """Uncount an address's latest guess, which was right, and end the address's delay."""
        self.since_allowed = max(0, self.since_allowed - 1)
        self.total -= 1
        self._sources.pop(source, None)

    def allow(self) -> None:
        """Accept codes again, by the user's decision."""
        self.since_allowed = 0

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
