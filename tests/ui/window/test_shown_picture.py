"""Claims about ui/window/shown_picture.py: the picture of the other peer on the screen."""

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
PAUSED = View(stage=Stage.CALL, local_name="Me", remote_picture=RemotePicture.PAUSED)
ENDED = View(stage=Stage.ENDED, local_name="Me")


@pytest.fixture
def mailbox() -> Mailbox[DisplayPicture]:
    return Mailbox()


@pytest.fixture
def shown(mailbox: Mailbox[DisplayPicture]) -> ShownPicture:
    return ShownPicture(mailbox)


@pytest.fixture
def last(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
) -> DisplayPicture:
    """Show a picture in a call, and return it."""
    shown.follow(SHOWN)
    picture = make_picture(8, 8)
    mailbox.put(picture)
    assert shown.take() == (picture, True)
    return picture


def test_newest_picture_wins_and_is_new_once(
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


@pytest.mark.usefixtures("last")
def test_new_call_does_not_show_the_face_of_the_previous_one(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
) -> None:
    shown.follow(WAITING)
    assert shown.take() == (None, False)
    shown.follow(EXPECTED)
    assert shown.take() == (None, False)
    assert not shown.is_there()
    mailbox.put(make_picture(8, 8))
    assert shown.is_there()
    assert shown.take()[1]


def test_picture_that_arrived_before_its_view_is_shown(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
) -> None:
    mailbox.put(make_picture(8, 8))
    shown.follow(EXPECTED)
    assert not shown.is_there()
    shown.follow(SHOWN)
    assert shown.take()[1]


@pytest.mark.usefixtures("last")
def test_hidden_camera_removes_the_picture(shown: ShownPicture) -> None:
    shown.follow(HIDDEN)
    assert shown.take() == (None, False)


def test_last_picture_stays_when_the_call_ends(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
    last: DisplayPicture,
) -> None:
    shown.follow(ENDED)
    mailbox.put(make_picture(8, 8))
    assert shown.take() == (last, False)


def test_last_picture_stays_while_pictures_pause_and_one_now_and_then_follows(
    mailbox: Mailbox[DisplayPicture],
    shown: ShownPicture,
    make_picture: Callable[..., DisplayPicture],
    last: DisplayPicture,
) -> None:
    shown.follow(PAUSED)
    assert shown.take() == (last, False)
    probe = make_picture(8, 8)
    mailbox.put(probe)
    assert shown.take() == (probe, True)
    shown.follow(SHOWN)
    assert shown.take() == (probe, False)
