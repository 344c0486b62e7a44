"""Shared screens in words."""

import pytest
from msgspec.structs import replace

from ui.device_view import DevicesView, ScreensView
from ui.view import PeerView, RemotePicture, Stage, View
from ui.wording.screens import word_own_screen, word_remote_screen, word_screen_news

CALL = View(Stage.CALL, "Me", peer=PeerView("Ann"), remote_picture=RemotePicture.SHOWN)
SHARING = replace(CALL, devices=DevicesView(screens=ScreensView(is_shared=True)))
THEIRS = replace(CALL, is_remote_screen=True)


def test_user_reads_what_is_shared() -> None:
    assert word_own_screen(CALL) == ""
    assert word_own_screen(SHARING) == "You are sharing your screen"
    window = DevicesView(screens=ScreensView(is_shared=True, shared_window="Letter - Editor"))
    one = replace(CALL, devices=window)
    assert word_own_screen(one) == "You are sharing the window “Letter - Editor”"
    long = replace(
        CALL, devices=replace(window, screens=ScreensView(is_shared=True, shared_window="x" * 500))
    )
    assert len(word_own_screen(long)) < 80


def test_other_peers_screen_is_named_after_the_peer() -> None:
    assert word_remote_screen(THEIRS) == "Ann's screen"
    assert word_remote_screen(CALL) == ""


@pytest.mark.parametrize("picture", [RemotePicture.HIDDEN, RemotePicture.NONE])
def test_screen_that_is_not_sent_has_no_sign(picture: RemotePicture) -> None:
    assert word_remote_screen(replace(THEIRS, remote_picture=picture)) == ""


@pytest.mark.parametrize(
    ("former", "view", "news"),
    [
        (None, CALL, ()),
        (None, THEIRS, ("Ann is sharing a screen",)),
        (CALL, THEIRS, ("Ann is sharing a screen",)),
        (THEIRS, THEIRS, ()),
        (THEIRS, CALL, ("Ann no longer shares a screen",)),
        (CALL, SHARING, ("You are sharing your screen",)),
        (SHARING, CALL, ("You no longer share your screen",)),
        (SHARING, replace(SHARING, stage=Stage.ENDED), ()),
    ],
)
def test_only_what_has_changed_is_news(
    former: View | None, view: View, news: tuple[str, ...]
) -> None:
    assert word_screen_news(former, view) == news
