"""core/memory.py: freed memory goes back to the system."""

import ctypes
import gc
import platform
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.memory import (
    ARENAS,
    pause_collections,
    resume_collections,
    return_freed_memory,
)

ROOT = Path(__file__).resolve().parents[2]
BLOCKS, BLOCK_BYTES = 20_000, 4_000


def resident_bytes() -> int:
    """Return the memory that this process uses now."""
    [line] = [it for it in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in it]
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps arenas")
def test_freed_memory_below_memory_in_use_is_returned() -> None:
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.free.argtypes = [ctypes.c_void_p]
    blocks = [library.malloc(BLOCK_BYTES) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK_BYTES)
    for block in blocks[:-1]:
        library.free(block)
    kept_bytes = resident_bytes()
    return_freed_memory()
    assert kept_bytes - resident_bytes() > BLOCKS * BLOCK_BYTES / 2
    library.free(blocks[-1])


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_share_few_arenas() -> None:
    # A process of its own: the limit lasts as long as the process.
    code = """
import ctypes, threading
from core.memory import limit_arenas
limit_arenas()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
together = threading.Barrier(8)
def allocate():
    together.wait()
    library.malloc(1000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
library.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.count("<heap nr=") == ARENAS, done.stderr


MAPPED = """
import ctypes
from core.memory import FIRST_PICTURES, CodecMemory, limit_arenas
class Figures(ctypes.Structure):
    # struct mallinfo of malloc.h; the fifth is what lies outside the arenas.
    _fields_ = [(f"figure_{number}", ctypes.c_int) for number in range(10)]
library = ctypes.CDLL(None)
library.mallinfo.restype = Figures
library.malloc.restype = ctypes.c_void_p
def maps(size_bytes):
    before = library.mallinfo().figure_4
    library.malloc(size_bytes)
    return library.mallinfo().figure_4 > before
limit_arenas()
PICTURE_BYTES, CODEC_BYTES = 8_000_000, 100_000
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
@pytest.mark.parametrize(
    "claim",
    [
        "assert not maps(PICTURE_BYTES)",
        """
with CodecMemory(): assert maps(CODEC_BYTES)
assert not maps(PICTURE_BYTES)
""",
        """
memory = CodecMemory()
with memory: pass  # opens the codec
for _ in range(FIRST_PICTURES):
    with memory: assert maps(CODEC_BYTES)
with memory: assert not maps(CODEC_BYTES)
""",
        """
with CodecMemory():
    with CodecMemory(): pass
    assert maps(CODEC_BYTES)
""",
        """
try:
    with CodecMemory(): raise ValueError
except ValueError: pass
assert not maps(PICTURE_BYTES)
""",
    ],
    ids=["pictures", "codec", "first_pictures", "two_codecs", "failed_codec"],
)
def test_codecs_lie_outside_the_arenas_and_pictures_inside(claim: str) -> None:
    # A process of its own: the options last as long as the process.
    done = subprocess.run(
        [sys.executable, "-c", MAPPED + claim], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_returning_memory_twice_does_no_harm() -> None:
    return_freed_memory()
    return_freed_memory()


class Node:
    """An object that can refer to itself, and so is freed by a collection only."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def collector() -> Iterator[None]:
    """Restore the collector of this process after a test."""
    gc.collect()
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("collector")
def test_collections_visit_only_objects_made_after_the_start() -> None:
    pause_collections()
    assert not gc.isenabled()
    early = weakref.ref(Node())
    resume_collections()
    assert gc.isenabled()
    late = weakref.ref(Node())
    gc.collect()
    assert early() is not None
    assert late() is None
