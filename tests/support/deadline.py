"""The deadline of tests: how long they wait for an event that must happen."""

DEADLINE_S = 60.0
"""Far above what any event takes on an idle computer, because CI runs on busy ones."""
