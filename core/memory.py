"""Memory: garbage collections at the start, and what the C library keeps. Any thread."""

import ctypes
import gc
import sys
import threading
from types import TracebackType

ARENAS = 2
"""Of the C library, for all threads together; glibc allows eight a processor. Threads that free
what others allocated, as those of a call do, leave memory in all of them. Measured in calls with
pattern and tone: without a limit, a peer grew by 7 to 8 MB from second 10 to 90, and by 3 MB in the
next four minutes; with two arenas it is flat from second 30 on, at the same processor time."""
SHARED_BELOW_BYTES = 32 * 1024 * 1024
"""Blocks below this size lie in the arenas; glibc's highest limit. A larger block, and each one of
a picture if the limit were low, gets fresh pages from the system: 17,000 page faults a second for a
window of 960x540, which took 8 % more processor time."""
CODEC_SHARED_BELOW_BYTES = 64 * 1024
"""The same while a codec allocates."""
FIRST_PICTURES = 4
"""Codecs allocate as they are opened and with their first pictures."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""From glibc's malloc.h."""


def limit_arenas() -> None:
    """Limit the C library's arenas, where it is glibc. Before the first thread starts."""
    _set_option(_M_ARENA_MAX, ARENAS)
    _set_option(_M_MMAP_THRESHOLD, SHARED_BELOW_BYTES)
    _set_option(_M_TRIM_THRESHOLD, SHARED_BELOW_BYTES)


class CodecMemory:
    """Allocates what one codec keeps outside the arenas, where the C library is glibc. One thread.

    Enter it to open the codec, and for each picture; only the first ones count. The blocks go back
    to the system with the codec. In the arenas they left gaps in which nothing fits: at 720p, the
    codecs of 5 links in one call left 13 and 12 MB behind at the two ends, now 3 and 2, and of 10
    links 15 and 16, now 4 and 3. Each keyframe and rate opens new ones too.
    """

    _lock = threading.Lock()
    _entered = 0
    """By all codecs together: glibc has one limit for all threads."""

    def __init__(self) -> None:
        self._remaining = 1 + FIRST_PICTURES

    def __enter__(self) -> None:
        if self._remaining:
            with CodecMemory._lock:
                CodecMemory._entered += 1
                _set_option(_M_MMAP_THRESHOLD, CODEC_SHARED_BELOW_BYTES)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._remaining:
            self._remaining -= 1
            with CodecMemory._lock:
                CodecMemory._entered -= 1
                if not CodecMemory._entered:
                    _set_option(_M_MMAP_THRESHOLD, SHARED_BELOW_BYTES)


def pause_collections() -> None:
    """Let no garbage be collected while the program starts."""
    gc.disable()


def resume_collections() -> None:
    """Collect garbage again, but never visit the objects that exist now.

    Modules, classes and functions live as long as the program. Measured in processor time: the
    collections took a tenth of the start, and one of all objects 56 to 79 ms, now 5 to 11, in which
    no thread of a call gets on. A call that has begun causes none: it makes no circles.
    """
    gc.freeze()
    gc.enable()


def return_freed_memory() -> None:
    """Give memory that was freed back to the system, where the C library is glibc. Takes some ms.

    glibc returns only what lies at an arena's end. Without a limit to arenas, the threads and
    codecs of each new link found other ones: at 720p, 20 links in one call left 50 to 70 MB behind,
    and the next 20 as much. It takes 5 to 17 ms after a link, during which it holds one arena's
    lock after another.
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none.
    if trim is not None:
        trim(0)


def _set_option(option: int, value: int) -> None:
    """Set an option of the C library's allocator, where it is glibc."""
    if sys.platform != "linux":
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none.
    if set_option is not None:
        set_option(option, value)
