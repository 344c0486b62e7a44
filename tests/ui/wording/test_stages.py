"""ui/wording/stages.py: the view in words."""

from typing import Any

import pytest

from core.call_quality import Quality
from core.exit_status import ExitStatus
from ui.lobby_view import LobbyView
from ui.view import (
    CallTarget,
    EndCause,
    Ending,
    ListenerView,
    PeerView,
    RemotePicture,
    Stage,
    TargetKind,
    Trust,
    View,
    WordsTask,
)
from ui.wording.stages import (
    is_camera_chip_shown,
    word_banner,
    word_card,
    word_details,
    word_sentence,
    word_title,
)

ALICE = PeerView("Alice", "10.0.0.2", Trust.CODE, words="otter lamp moon tree")
LISTENER = ListenerView("7-otter-lamp", "peer.py", "10.0.0.1:5000")


def view(stage: Stage, **more: Any) -> View:
    return View(stage=stage, local_name="Me", **{"peer": ALICE, **more})


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        (view(Stage.WAITING, peer=None), "Vis-à-vis — waiting"),
        (view(Stage.DIALLING, peer=None), "Vis-à-vis — calling"),
        (view(Stage.RINGING), "Alice — ringing"),
        (view(Stage.INCOMING), "Alice — incoming call"),
        (view(Stage.CALL), "Alice — in call"),
        (view(Stage.ENDED), "Alice — call ended"),
    ],
)
def test_title_names_the_peer_and_the_stage(shown: View, title: str) -> None:
    assert word_title(shown) == title


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_has_a_sentence_with_and_without_a_peer(stage: Stage) -> None:
    assert word_sentence(view(stage))
    assert word_sentence(View(stage, "Me"))


@pytest.mark.parametrize(
    ("shown", "sentence", "details"),
    [
        (
            view(Stage.DIALLING, peer=None, target=CallTarget(TargetKind.CODE, "7")),
            "Calling the computer whose code begins with 7…",
            (),
        ),
        (
            view(Stage.DIALLING, retry_s=9),
            "There were wrong codes: Alice takes the next code in 9 s",
            ("Calling again then",),
        ),
        (view(Stage.RINGING), "Ringing Alice…", ("Has the right code",)),
        (
            view(Stage.INCOMING),
            "Alice calls",
            ("From 10.0.0.2", "Gave the right code"),
        ),
        (view(Stage.CALL), "In a call with Alice", ()),
        (
            view(
                Stage.ENDED,
                ending=Ending(
                    EndCause.FAILED,
                    ExitStatus.LOST,
                    error_sentence="It broke",
                    error_next_step="call again",
                ),
            ),
            "It broke",
            ("Call again",),
        ),
    ],
)
def test_view_is_worded_as_a_sentence_and_details(
    shown: View, sentence: str, details: tuple[str, ...]
) -> None:
    assert word_sentence(shown) == sentence
    assert word_details(shown, at_terminal=False) == details


def test_end_of_a_call_shows_its_length_and_quality() -> None:
    ending = Ending(EndCause.HUNG_UP, ExitStatus.OK, length_s=65, quality=Quality())
    assert word_details(view(Stage.ENDED, ending=ending), at_terminal=False) == (
        "The call lasted 1 min 5 s; its quality was good",
    )


def test_waiting_listener_shows_the_command_that_calls_it() -> None:
    shown = view(Stage.WAITING, peer=None, listener=LISTENER)
    assert word_sentence(shown) == "Waiting for a call: 7-otter-lamp"
    assert "  peer.py connect 7-otter-lamp" in word_details(shown, at_terminal=False)


def test_ring_of_this_computer_says_so_and_where_to_type_the_line() -> None:
    own = PeerView("Me", "10.0.0.2", Trust.CODE, is_self=True)
    assert word_details(view(Stage.RINGING, peer=own), at_terminal=False) == (
        "That is this computer",
        "To call another computer, type the line there",
    )
    assert "That is this computer" in word_details(
        view(Stage.INCOMING, peer=own), at_terminal=False
    )


def test_address_of_this_computer_was_typed_on_purpose() -> None:
    own = PeerView("Me", "127.0.0.1", Trust.KNOWN, is_self=True)
    shown = view(Stage.RINGING, peer=own, target=CallTarget(TargetKind.ADDRESS, "127.0.0.1:5000"))
    assert word_details(shown, at_terminal=False) == ("That is this computer",)


def test_terminal_says_how_to_give_up() -> None:
    assert "Type q and Enter to give up" in word_details(view(Stage.RINGING), at_terminal=True)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (RemotePicture.EXPECTED, "Waiting for Alice's picture"),
        (RemotePicture.NONE, "Alice sends no picture"),
        (RemotePicture.HIDDEN, "Alice has turned the camera off"),
        (RemotePicture.PAUSED, "The link is too small for Alice's picture: sound alone"),
    ],
)
def test_call_without_a_picture_says_why(state: RemotePicture, sentence: str) -> None:
    card = word_card(view(Stage.CALL, remote_picture=state), is_picture_shown=False)
    assert card is not None
    assert card.sentence == sentence


def test_lost_link_is_in_sentence_and_title() -> None:
    lost = view(Stage.CALL, is_reconnecting=True)
    assert word_sentence(lost) == "Reconnecting to Alice…"
    assert word_title(lost) == "Alice — reconnecting"


def test_picture_in_a_call_is_not_covered() -> None:
    assert word_card(view(Stage.CALL), is_picture_shown=True) is None


@pytest.mark.parametrize(
    ("lobby", "hint"), [(None, "Press any key to close"), (LobbyView(), "Press any key to go back")]
)
def test_end_of_a_call_says_where_a_key_leads(lobby: LobbyView | None, hint: str) -> None:
    card = word_card(view(Stage.ENDED, lobby=lobby), is_picture_shown=False)
    assert card is not None
    assert card.hint == hint


def test_camera_that_is_off_has_one_sign_in_the_lobby_and_in_a_call() -> None:
    assert is_camera_chip_shown(view(Stage.CALL, is_camera_off=True, lobby=LobbyView()))
    assert is_camera_chip_shown(view(Stage.WAITING, is_camera_off=True))
    assert not is_camera_chip_shown(view(Stage.WAITING, is_camera_off=True, lobby=LobbyView()))
    assert not is_camera_chip_shown(view(Stage.CALL))


def test_only_an_incoming_call_is_a_question() -> None:
    for stage in Stage:
        card = word_card(view(stage), is_picture_shown=False)
        assert card is not None
        assert card.is_question is (stage is Stage.INCOMING)


def test_banner_shows_a_lost_link_or_words_to_compare_or_to_read() -> None:
    assert word_banner(view(Stage.CALL)) == ()
    assert word_banner(view(Stage.CALL, words_task=WordsTask.COMPARED)) == ()
    assert word_banner(view(Stage.RINGING, words_task=WordsTask.COMPARE)) == ()
    compare = word_banner(view(Stage.CALL, words_task=WordsTask.COMPARE))
    assert ALICE.words in compare
    assert compare[-1].startswith("Press w")
    paused = view(Stage.CALL, words_task=WordsTask.COMPARE, remote_picture=RemotePicture.PAUSED)
    label = "The link is too small for Alice's picture: sound alone"
    assert word_banner(paused) == (label, *compare)
    assert word_banner(paused, is_picture_shown=False) == compare
    lost = view(Stage.CALL, words_task=WordsTask.COMPARE, is_reconnecting=True)
    assert word_banner(lost) == ("Reconnecting to Alice…",)
    read = word_banner(view(Stage.CALL, words_task=WordsTask.READ_ALOUD))
    assert read == ("Read these words to Alice: otter lamp moon tree",)
