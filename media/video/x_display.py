"""X display: the windows of an X11 desktop and their pixels, through libxcb. One thread at a time.

A window is read even where others cover it: the Composite extension keeps its pixels apart. libxcb
is there wherever Qt opens windows on X11, so no package is needed; it returns errors, where Xlib
would end the process.
"""

import ctypes
import ctypes.util
import struct
from contextlib import suppress
from ctypes import POINTER, byref, c_char_p, c_int, c_uint8, c_uint16, c_uint32, c_void_p
from types import TracebackType
from typing import Any

import msgspec

from core.safe_text import cut_controls

MAX_WINDOWS = 64
MAX_TITLE_BYTES = 1024
MAX_SIDE_PX = 16_384
_VIEWABLE = 2
_Z_PIXMAP = 2
_ALL_PLANES = 0xFFFFFFFF
_ANY_TYPE = 0
_CHECKED = 1
_REDIRECT, _UNREDIRECT, _NAME_PIXMAP = 1, 3, 6
"""Requests of the Composite extension, version 0.2."""
_AUTOMATIC = 0
_COLOUR_DEPTHS = (24, 32)
"""Those whose pixels take four bytes: blue, green, red and one more."""


class XDisplayError(Exception):
    """The display cannot be reached, or has no Composite extension."""


class XWindowGoneError(Exception):
    """The window was closed."""


class XWindow(msgspec.Struct, frozen=True):
    """A window of a program.

    Attributes:
        number: the display's.
        title: as its bar shows it; safe to show.
        process: of the program; 0 if it is unknown.
    """

    number: int
    title: str
    process: int


class XPicture(msgspec.Struct, frozen=True):
    """The pixels of a window, four bytes each: blue, green, red and one that means nothing."""

    width_px: int
    height_px: int
    pixels: bytes


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", c_uint32),)


class _ScreenIterator(ctypes.Structure):
    _fields_ = (("data", POINTER(c_uint32)), ("rem", c_int), ("index", c_int))


class _Vector(ctypes.Structure):
    _fields_ = (("base", c_void_p), ("length", ctypes.c_size_t))


class _Extension(ctypes.Structure):
    _fields_ = (("name", c_char_p), ("number", c_int))


class _Request(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_size_t),
        ("extension", POINTER(_Extension)),
        ("opcode", c_uint8),
        ("is_void", c_uint8),
    )


class XDisplay:
    """A connection to the display of the environment.

    Raises:
        XDisplayError: it cannot be reached.
    """

    def __init__(self) -> None:
        self._xcb = _load()
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = (c_void_p,)
        self._composite = _Extension(b"Composite", 0)
        number = c_int()
        self._connection = self._xcb.xcb_connect(None, byref(number))
        if self._xcb.xcb_connection_has_error(self._connection):
            self.close()
            raise XDisplayError
        setup = self._xcb.xcb_get_setup(self._connection)
        screens = self._xcb.xcb_setup_roots_iterator(setup)
        for _ in range(number.value):
            self._xcb.xcb_screen_next(byref(screens))
        self._root = int(screens.data[0])

    def __enter__(self) -> "XDisplay":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what it has redirected ends with it."""
        connection, self._connection = self._connection, None
        if connection:
            self._xcb.xcb_disconnect(connection)

    def windows(self) -> tuple[XWindow, ...]:
        """Return the windows that have a title and can be read now, the newest last."""
        numbers = self._numbers("_NET_CLIENT_LIST") or self._children()
        found = []
        for number in numbers[:MAX_WINDOWS]:
            with suppress(XWindowGoneError):
                title = self._title(number)
                if title and self._is_viewable(number) and self._depth(number) in _COLOUR_DEPTHS:
                    process = self._numbers("_NET_WM_PID", number)
                    found.append(XWindow(number, title, process[0] if process else 0))
        return tuple(found)

    def redirect(self, window: int) -> None:
        """Have the display keep the pixels of a window apart.

        Raises:
            XDisplayError: it cannot.
            XWindowGoneError: the window was closed.
        """
        request = struct.pack("=BBHIBxxx", 0, 0, 0, window, _AUTOMATIC)
        if not self._send(_REDIRECT, request):
            self._depth(window)
            raise XDisplayError

    def read(self, window: int) -> XPicture | None:
        """Return the pixels of a window that was redirected; None while it is minimized.

        Raises:
            XWindowGoneError: the window was closed.
        """
        if not self._is_viewable(window):
            return None
        pixmap = int(self._xcb.xcb_generate_id(self._connection))
        if not self._send(_NAME_PIXMAP, struct.pack("=BBHII", 0, 0, 0, window, pixmap)):
            return None  # It was minimized meanwhile.
        try:
            return self._pixels(pixmap)
        finally:
            self._xcb.xcb_free_pixmap(self._connection, pixmap)
            self._xcb.xcb_flush(self._connection)

    def _pixels(self, pixmap: int) -> XPicture | None:
        depth, width, height = self._geometry(pixmap)
        if depth not in _COLOUR_DEPTHS or max(width, height) > MAX_SIDE_PX:
            return None
        reply = self._reply(
            "get_image", _Z_PIXMAP, pixmap, 0, 0, width, height, _ALL_PLANES, form="=BBHI"
        )
        if reply is None:
            return None
        address, _ = reply
        try:
            length = int(self._xcb.xcb_get_image_data_length(address))
            if length != width * height * 4:
                return None
            pixels = ctypes.string_at(self._xcb.xcb_get_image_data(address), length)
        finally:
            self._free(address)
        return XPicture(width, height, pixels)

    def _children(self) -> tuple[int, ...]:
        """Return the windows on a display without a window manager."""
        reply = self._reply("query_tree", self._root, form="=BBHIIIH")
        if reply is None:
            return ()
        address, values = reply
        try:
            count = min(int(values[6]), MAX_WINDOWS)
            children = self._xcb.xcb_query_tree_children(address)
            return tuple(children[index] for index in range(count))
        finally:
            self._free(address)

    def _title(self, window: int) -> str:
        for name in ("_NET_WM_NAME", "WM_NAME"):
            title = self._property(name, window, MAX_TITLE_BYTES)
            if text := cut_controls(title.decode("utf-8", "replace")).strip():
                return text
        return ""

    def _numbers(self, name: str, window: int = 0) -> tuple[int, ...]:
        value = self._property(name, window or self._root, 4 * MAX_WINDOWS)
        return struct.unpack(f"={len(value) // 4}I", value[: len(value) // 4 * 4])

    def _property(self, name: str, window: int, most_bytes: int) -> bytes:
        """Return the value of a property, cut; b"" if the window has none."""
        encoded = name.encode()
        atom = self._reply("intern_atom", 1, len(encoded), encoded, form="=BBHII")
        if atom is None:
            return b""
        self._free(atom[0])
        if not atom[1][4]:
            return b""
        reply = self._reply(
            "get_property", 0, window, atom[1][4], _ANY_TYPE, 0, most_bytes // 4, form="=BBHI"
        )
        if reply is None:
            return b""
        try:
            length = int(self._xcb.xcb_get_property_value_length(reply[0]))
            return ctypes.string_at(self._xcb.xcb_get_property_value(reply[0]), length)
        finally:
            self._free(reply[0])

    def _is_viewable(self, window: int) -> bool:
        reply = self._reply("get_window_attributes", window, form="=BBHIIHBBIIBBBB")
        if reply is None:
            raise XWindowGoneError
        self._free(reply[0])
        return bool(reply[1][12] == _VIEWABLE)

    def _depth(self, window: int) -> int:
        return self._geometry(window)[0]

    def _geometry(self, drawable: int) -> tuple[int, int, int]:
        """Return depth, width and height."""
        reply = self._reply("get_geometry", drawable, form="=BBHIIhhHH")
        if reply is None:
            raise XWindowGoneError
        self._free(reply[0])
        return int(reply[1][1]), int(reply[1][7]), int(reply[1][8])

    def _reply(
        self, name: str, *arguments: object, form: str
    ) -> tuple[int, tuple[Any, ...]] | None:
        """Return the address of a reply, which the caller frees, and its first fields.

        Args:
            form: of the fields, as for `struct`.
        """
        cookie = getattr(self._xcb, f"xcb_{name}")(self._connection, *arguments)
        error = c_void_p()
        address = getattr(self._xcb, f"xcb_{name}_reply")(self._connection, cookie, byref(error))
        if error.value:
            self._free(error)
        if not address:
            return None
        return address, struct.unpack(form, ctypes.string_at(address, struct.calcsize(form)))

    def _send(self, opcode: int, body: bytes) -> bool:
        """Send a request of the Composite extension; return whether the display has obeyed."""
        # libxcb writes into the two entries before the first, and into the header of the body.
        data = ctypes.create_string_buffer(body, len(body))
        vectors = (_Vector * 4)()
        vectors[2] = _Vector(ctypes.cast(data, c_void_p), len(body))
        vectors[3] = _Vector(None, -len(body) & 3)
        request = _Request(2, ctypes.pointer(self._composite), opcode, 1)
        first = ctypes.cast(byref(vectors, 2 * ctypes.sizeof(_Vector)), POINTER(_Vector))
        sequence = self._xcb.xcb_send_request(self._connection, _CHECKED, first, byref(request))
        if not sequence:
            return False
        error = self._xcb.xcb_request_check(self._connection, _Cookie(sequence))
        if error:
            self._free(error)
        return not error


def _load() -> ctypes.CDLL:
    try:
        xcb = ctypes.CDLL(ctypes.util.find_library("xcb") or "libxcb.so.1")
    except OSError as error:
        raise XDisplayError from error
    requests: dict[str, tuple[Any, ...]] = {
        "intern_atom": (c_uint8, c_uint16, c_char_p),
        "get_property": (c_uint8, *(c_uint32,) * 5),
        "query_tree": (c_uint32,),
        "get_window_attributes": (c_uint32,),
        "get_geometry": (c_uint32,),
        "get_image": (
            c_uint8,
            c_uint32,
            ctypes.c_int16,
            ctypes.c_int16,
            c_uint16,
            c_uint16,
            c_uint32,
        ),
    }
    for name, arguments in requests.items():
        _declare(xcb, f"xcb_{name}", _Cookie, c_void_p, *arguments)
        _declare(xcb, f"xcb_{name}_reply", c_void_p, c_void_p, _Cookie, c_void_p)
    _declare(xcb, "xcb_connect", c_void_p, c_char_p, c_void_p)
    _declare(xcb, "xcb_connection_has_error", c_int, c_void_p)
    _declare(xcb, "xcb_disconnect", None, c_void_p)
    _declare(xcb, "xcb_get_setup", c_void_p, c_void_p)
    _declare(xcb, "xcb_setup_roots_iterator", _ScreenIterator, c_void_p)
    _declare(xcb, "xcb_screen_next", None, c_void_p)
    _declare(xcb, "xcb_query_tree_children", POINTER(c_uint32), c_void_p)
    _declare(xcb, "xcb_get_property_value", c_void_p, c_void_p)
    _declare(xcb, "xcb_get_property_value_length", c_int, c_void_p)
    _declare(xcb, "xcb_get_image_data", c_void_p, c_void_p)
    _declare(xcb, "xcb_get_image_data_length", c_int, c_void_p)
    _declare(xcb, "xcb_generate_id", c_uint32, c_void_p)
    _declare(xcb, "xcb_free_pixmap", _Cookie, c_void_p, c_uint32)
    _declare(xcb, "xcb_flush", c_int, c_void_p)
    _declare(xcb, "xcb_send_request", c_uint32, c_void_p, c_int, POINTER(_Vector), c_void_p)
    _declare(xcb, "xcb_request_check", c_void_p, c_void_p, _Cookie)
    return xcb


def _declare(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> None:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
