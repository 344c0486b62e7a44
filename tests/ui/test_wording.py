"""What a window says in each stage."""

import pytest

from ui.view import RemotePicture, Stage, View
from ui.wording import word_banner, word_card, word_sentence, word_title


def view(stage: Stage, peer_name: str = "Alice", **more: object) -> View:
    return View(stage=stage, local_name="Me", peer_name=peer_name, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        (view(Stage.WAITING, ""), "Vis-à-vis — waiting"),
        (view(Stage.DIALLING, ""), "Vis-à-vis — dialling"),
        (view(Stage.RINGING), "Alice — ringing"),
        (view(Stage.RUNG), "Alice — calls"),
        (view(Stage.CALL), "Alice — in call"),
        (view(Stage.CALL, sentence="In a call with Alice"), "Alice — in call"),
        (view(Stage.CALL, sentence="Reconnecting…"), "Alice — reconnecting…"),
        (view(Stage.CALL, sentence="Alice does not answer"), "Alice does not answer"),
        (view(Stage.ENDED), "Alice — call ended"),
    ],
)
def test_the_title_says_who_and_in_which_state(shown: View, title: str) -> None:
    assert word_title(shown) == title


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CALL])
def test_every_stage_outside_a_call_has_a_sentence(stage: Stage) -> None:
    assert word_sentence(view(stage))


@pytest.mark.parametrize("stage", list(Stage))
def test_the_sentence_of_the_view_goes_first(stage: Stage) -> None:
    assert word_sentence(view(stage, sentence="So it is")) == "So it is"


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (RemotePicture.EXPECTED, "Waiting for Alice's picture"),
        (RemotePicture.NONE, "Alice sends no picture"),
        (RemotePicture.HIDDEN, "Alice's camera is hidden"),
    ],
)
def test_a_call_without_a_picture_says_why(state: RemotePicture, sentence: str) -> None:
    card = word_card(view(Stage.CALL, remote_picture=state), is_picture_shown=False)
    assert card is not None
    assert card.sentence == sentence


def test_a_picture_in_a_call_is_not_covered() -> None:
    assert word_card(view(Stage.CALL), is_picture_shown=True) is None


def test_only_a_ring_is_a_question() -> None:
    for stage in Stage:
        card = word_card(view(stage), is_picture_shown=False)
        assert card is not None
        assert card.is_question is (stage is Stage.RUNG)


def test_a_call_that_goes_on_as_it_should_has_nothing_on_the_picture() -> None:
    assert word_banner(view(Stage.CALL)) == ()
    assert word_banner(view(Stage.CALL, sentence="In a call with Alice")) == ()


def test_what_is_amiss_in_a_call_lies_on_the_picture() -> None:
    amiss = view(Stage.CALL, sentence="Reconnecting…", details=("for 3 s",))
    assert word_banner(amiss) == ("Reconnecting…", "for 3 s")
    assert word_banner(view(Stage.ENDED, sentence="Alice hung up")) == ()
