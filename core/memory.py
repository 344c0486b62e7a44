"""Memory: garbage collections at the start, and what the C library keeps. Any thread."""

import ctypes
import gc
import sys

ARENAS = 2
"""Of the C library, for all threads together; glibc allows eight a processor. Threads that free
what others allocated, as those of a call do, leave memory in all of them. Measured in calls with
pattern and tone: without a limit, a peer grew by 7 to 8 MB from second 10 to 90, and by 3 MB in the
next four minutes; with two arenas it is flat from second 30 on, at the same processor time."""
_M_ARENA_MAX = -8
"""From glibc's malloc.h."""


def limit_arenas() -> None:
    """Limit the C library's arenas, where it is glibc. Before the first thread starts."""
    if sys.platform != "linux":
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none.
    if set_option is not None:
        set_option(_M_ARENA_MAX, ARENAS)


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
    and the next 20 as much. With this it was 20 MB after 5 links, after 40 no more, for 5 to 17 ms
    a link, during which it holds one arena's lock after another.
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none.
    if trim is not None:
        trim(0)
