"""The check of the limits that the system sets on a program. Any thread.

A shell, a container or a service may set them. Windows has none of these.
"""

import sys

from doctor.finding import Finding, ok, wrong

LEAST_FILES = 128
"""A call with a window has some 60 files, sockets and devices open."""
LEAST_MEMORY_BYTES = 2_000_000_000
"""Of address space: with 0.9 GB, x264 does not start."""


def check_limits() -> list[Finding]:
    """Check that the program may open enough files and use enough memory."""
    if sys.platform == "win32":
        return [ok("limits", "Windows sets none")]
    import resource

    files, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files != resource.RLIM_INFINITY and files < LEAST_FILES:
        return [
            wrong(
                "limits",
                f"A program may have only {files} files open here, and a call needs {LEAST_FILES}",
                _word_step("-n", LEAST_FILES, most_files),
                files=files,
            )
        ]
    memory_bytes, most_bytes = resource.getrlimit(resource.RLIMIT_AS)
    if memory_bytes != resource.RLIM_INFINITY and memory_bytes < LEAST_MEMORY_BYTES:
        return [
            wrong(
                "limits",
                f"A program may use only {memory_bytes / 1e9:.1f} GB of memory here",
                _word_step("-v", LEAST_MEMORY_BYTES // 1024, most_bytes // 1024),
                memory_bytes=memory_bytes,
            )
        ]
    return [ok("limits", "The system sets no limit that a call would reach")]


def _word_step(option: str, least: int, most: int) -> str:
    """Return how to raise a limit.

    Args:
        most: to which the user may raise it; negative for any value.
    """
    if 0 <= most < least:  # Only the one who set it can take it back.
        return "Start the program from a new terminal, or without what limits it"
    return f"Enter `ulimit -S {option} {least}` in this terminal, then start the program there"
