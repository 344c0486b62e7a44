"""ui/wording/sound.py: the state of sound and its changes, in words."""

import pytest
from msgspec.structs import replace

from ui.view import PeerView, RemotePicture, RemoteSound, Stage, View, VoiceNotice
from ui.wording.notices import word_notice, word_notices
from ui.wording.sound import is_mute_shown, word_sound, word_sound_news
from ui.wording.stages import word_card, word_remote_sound

CALL = View(Stage.CALL, "Me", peer=PeerView("Alice"))
MUTED = replace(CALL, is_muted=True)
THEIRS_MUTED = replace(CALL, remote_sound=RemoteSound.MUTED)
DEAF = replace(CALL, remote_sound=RemoteSound.NONE)
NOTICE = word_notice(VoiceNotice.MUTED)
WARNED = replace(MUTED, notices=(VoiceNotice.MUTED,))
OUTSIDE = tuple(stage for stage in Stage if stage is not Stage.CALL)


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (CALL, ""),
        (THEIRS_MUTED, "Alice is muted"),
        (DEAF, "Alice has no microphone"),
        (replace(DEAF, peer=None), "The other side has no microphone"),
        (replace(DEAF, peer=PeerView("bob")), "bob has no microphone"),
    ],
)
def test_remote_silence_is_explained(shown: View, sentence: str) -> None:
    assert word_remote_sound(shown) == sentence


@pytest.mark.parametrize("stage", OUTSIDE)
def test_sound_is_mentioned_only_in_a_call(stage: Stage) -> None:
    outside = replace(WARNED, stage=stage, remote_sound=RemoteSound.MUTED)
    assert word_remote_sound(outside) == ""
    assert word_notices(outside) == ()
    assert word_sound(outside) == ()
    assert word_sound_news(CALL, outside) == ()


@pytest.mark.parametrize("stage", list(Stage))
def test_mute_is_shown_until_the_call_has_ended(stage: Stage) -> None:
    assert is_mute_shown(replace(MUTED, stage=stage)) is (stage is not Stage.ENDED)
    assert not is_mute_shown(replace(CALL, stage=stage))


def test_mute_is_not_shown_without_a_microphone() -> None:
    without = replace(MUTED, has_microphone=False)
    assert not is_mute_shown(without)
    assert word_sound_news(CALL, without) == ()


def test_our_own_mute_comes_before_the_remote_one() -> None:
    everything = replace(WARNED, remote_sound=RemoteSound.MUTED)
    assert word_sound(everything) == ("You are muted", "Alice is muted", NOTICE)


@pytest.mark.parametrize(
    ("former", "view", "news"),
    [
        (None, CALL, ()),
        (None, MUTED, ("You are muted",)),
        (CALL, MUTED, ("You are muted",)),
        (MUTED, MUTED, ()),
        (MUTED, CALL, ("You are no longer muted",)),
        (CALL, THEIRS_MUTED, ("Alice is muted",)),
        (THEIRS_MUTED, CALL, ("Alice is no longer muted",)),
        (DEAF, CALL, ()),
        (MUTED, WARNED, (NOTICE,)),
        (WARNED, MUTED, ()),
        (MUTED, THEIRS_MUTED, ("You are no longer muted", "Alice is muted")),
        (replace(MUTED, stage=Stage.WAITING), MUTED, ("You are muted",)),
        (replace(MUTED, stage=Stage.WAITING), CALL, ()),
    ],
)
def test_only_changes_in_this_call_are_news(
    former: View | None, view: View, news: tuple[str, ...]
) -> None:
    assert word_sound_news(former, view) == news


def test_card_in_a_call_mentions_sound() -> None:
    shown = replace(WARNED, remote_picture=RemotePicture.NONE, remote_sound=RemoteSound.NONE)
    card = word_card(shown, is_picture_shown=False)
    assert card is not None
    assert card.sentence == "Alice sends no picture"
    assert card.details == ("Alice has no microphone", NOTICE)
    assert card.leaves_corners


def test_sound_does_not_cover_the_picture() -> None:
    assert word_card(WARNED, is_picture_shown=True) is None
