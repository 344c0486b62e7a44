"""Memory: garbage collections at the start, and what the C library keeps. Any thread."""

import ctypes
import gc
import sys


def pause_collections() -> None:
    """Let no garbage be collected while the program starts."""
    gc.disable()


def resume_collections() -> None:
    """Collect garbage again, but never visit the objects that exist now.

    Modules, classes and functions live as long as the program.
    """
    gc.freeze()
    gc.enable()


def return_freed_memory() -> None:
    """Give memory that was freed back to the system, where the C library is glibc. Takes some ms.

    glibc keeps up to eight arenas a processor, and returns only what lies at an arena's end. The
    threads and codecs of each new link find other arenas: at 720p, 20 links in one call left 50 to
    70 MB behind, and the next 20 as much. With this it is 20 MB after 5 links, after 40 no more,
    for 5 to 17 ms a link, during which it holds one arena's lock after another.
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none.
    if trim is not None:
        trim(0)
