"""Window pictures: what joins a window to the threads that fill it with pictures. Any thread.

decoder   --> remote --> +--------+ --> on_painted
self-view --> own    --> | window | --> wanted sizes, read by decoder and self-view
                         +--------+
"""

from collections.abc import Callable

import msgspec

from core.mailbox import Mailbox
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes


class WindowPictures(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures that a window shows, and what it reports about them.

    Attributes:
        remote: where the decoder puts pictures of the other peer.
        own: where the self-view puts pictures of the user.
        wanted: receives the sizes in which the window wants both.
        on_painted: called once for each picture of the other peer, right after it was painted; in
            the display thread, must not block.
    """

    remote: Mailbox[DisplayPicture]
    own: Mailbox[DisplayPicture]
    wanted: DisplaySizes
    on_painted: Callable[[DisplayPicture], None]
