"""Which of the other side's pictures is on the screen."""

from collections.abc import Callable

import pytest

from core.mailbox import Mailbox
from media.video.display_picture import DisplayPicture
from ui.view import RemotePicture, Stage, View
from ui.window.shown_picture import ShownPicture

WAITING = View(stage=Stage.WAITING, local_name="Me")
EXPECTED = View(stage=Stage.CALL, local_name="Me", remote_picture=RemotePicture.EXPECTED)
SHOWN = View(stage=Stage.CALL, local_name="Me", remote_picture=RemotePicture.SHOWN)
HIDDEN = View(stage=Stage.CALL, local_name="Me", remote_picture=RemotePicture.HIDDEN)
ENDED = View(stage=Stage.ENDED, local_name="Me")


@pytest.fixture
def mailbox() -> Mailbox[DisplayPicture]:
    return Mailbox()


@pytest.fixture
def shown(mailbox: Mailbox[DisplayPicture]) -> ShownPicture:
    return ShownPicture(mailbox)


def test_the_newest_picture_wins_and_is_new_once(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
) -> None:
    shown.follow(EXPECTED)
    mailbox.put(make_picture(8, 8))
    newest = make_picture(8, 8)
    mailbox.put(newest)
    assert shown.take() == (newest, True)
    assert shown.take() == (newest, False)


def test_a_new_call_does_not_show_the_face_of_the_former(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
) -> None:
    shown.follow(SHOWN)
    mailbox.put(make_picture(8, 8))
    shown.take()
    shown.follow(WAITING)
    assert shown.take() == (None, False)
    shown.follow(EXPECTED)
    assert shown.take() == (None, False)
    assert not shown.is_there()
    mailbox.put(make_picture(8, 8))
    assert shown.is_there()
    assert shown.take()[1]


def test_a_picture_that_came_before_the_view_that_shows_it_is_shown(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
) -> None:
    mailbox.put(make_picture(8, 8))
    shown.follow(EXPECTED)
    assert not shown.is_there()
    shown.follow(SHOWN)
    assert shown.take()[1]


def test_a_hidden_camera_takes_the_picture_away(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
) -> None:
    shown.follow(SHOWN)
    mailbox.put(make_picture(8, 8))
    shown.take()
    shown.follow(HIDDEN)
    assert shown.take() == (None, False)


def test_the_last_picture_stays_when_the_call_ends(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
) -> None:
    shown.follow(SHOWN)
    last = make_picture(8, 8)
    mailbox.put(last)
    shown.take()
    shown.follow(ENDED)
    mailbox.put(make_picture(8, 8))
    assert shown.take() == (last, False)
