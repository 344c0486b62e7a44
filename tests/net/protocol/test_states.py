"""Claims about net/protocol/states.py."""

from itertools import product
from typing import get_args

import pytest

from net.errors import ProtocolError
from net.protocol.chat_messages import Chat, ChatReceived, Features
from net.protocol.control import (
    Accept,
    AudioFormat,
    Bye,
    CodeAnswer,
    CodeConfirm,
    CodeProof,
    CompareWords,
    Control,
    Discovery,
    Feedback,
    Hello,
    KeyframeRequest,
    PictureState,
    Ping,
    Pong,
    Proof,
    RecordingState,
    Reject,
    Resume,
    ResumeAnswer,
    ResumeShare,
    Ringing,
    SoundState,
    VideoFormat,
)
from net.protocol.file_messages import (
    FileAccept,
    FileCancel,
    FileEnd,
    FileOffer,
    FileProgress,
    FileStored,
)
from net.protocol.goodput_messages import (
    Filler,
    FillerEnd,
    GoodputProof,
    GoodputReady,
    GoodputReport,
)
from net.protocol.states import TRANSITIONS, Direction, Role, State, next_state

IN, OUT = Direction.IN, Direction.OUT
CALLER, CALLEE = Role.CALLER, Role.CALLEE
EXAMPLES: tuple[Control, ...] = (
    Hello(1, "Ada", bytes(32)),
    Proof(bytes(32), b"", b""),
    CodeProof(bytes(32), b"", b"", bytes(33)),
    CodeAnswer(bytes(33)),
    CodeConfirm(bytes(32)),
    Ringing(),
    Accept(),
    Reject("busy"),
    Bye(),
    Ping(1),
    Pong(1, 2, 3),
    Feedback(0, 0, 0, 0),
    KeyframeRequest(),
    VideoFormat("h264", 64, 64, 0),
    PictureState("sent"),
    AudioFormat("opus", 0),
    SoundState("sent"),
    Discovery(bytes(32)),
    CompareWords(),
    RecordingState(is_recording=True),
    ResumeShare(bytes(32)),
    Features(["chat"]),
    Chat(1, "Hello", 0),
    ChatReceived(1),
    FileOffer(1, "a.txt", 0),
    FileAccept(1, 0),
    FileProgress(1, 0, 0, 0),
    FileEnd(1, bytes(32)),
    FileStored(1),
    FileCancel(1, "declined"),
    Resume(bytes(16), 2, bytes(32)),
    ResumeAnswer(bytes(32)),
    GoodputProof(bytes(32), b"", b""),
    GoodputReady(),
    Filler(bytes(1_200)),
    FillerEnd(),
    GoodputReport(0, 0),
)
HELLO, PROOF, CODE_PROOF, CODE_ANSWER, CODE_CONFIRM, RINGING, *AFTER = EXAMPLES
ACCEPT, REJECT, BYE, PING, PONG, *MEDIA, RESUME, RESUME_ANSWER = AFTER[:-5]
GOODPUT_PROOF, GOODPUT_READY, FILLER, FILLER_END, GOODPUT_REPORT = AFTER[-5:]
IN_CALL = (PING, PONG, *MEDIA)

Step = tuple[Direction, Control, State]

# Written by hand, not derived from the table under test.
WALKS: tuple[tuple[Role, tuple[Step, ...]], ...] = (
    (
        CALLER,
        (
            (OUT, HELLO, State.AWAITS_HELLO),
            (IN, HELLO, State.AWAITS_RINGING),
            (OUT, PROOF, State.AWAITS_RINGING),
            (IN, RINGING, State.RINGING),
            (OUT, PING, State.RINGING),
            (IN, PONG, State.RINGING),
            (IN, PING, State.RINGING),
            (OUT, PONG, State.RINGING),
            (IN, ACCEPT, State.CALL),
            *((way, control, State.CALL) for way in Direction for control in IN_CALL),
            (OUT, BYE, State.ENDING),
            *((IN, control, State.ENDING) for control in IN_CALL),
            (IN, BYE, State.ENDING),
        ),
    ),
    (
        CALLEE,
        (
            (IN, HELLO, State.AWAITS_PROOF),
            (OUT, HELLO, State.AWAITS_PROOF),
            (IN, PROOF, State.RINGING),
            (OUT, RINGING, State.RINGING),
            (IN, PING, State.RINGING),
            (OUT, PONG, State.RINGING),
            (OUT, ACCEPT, State.CALL),
            *((way, control, State.CALL) for way in Direction for control in IN_CALL),
            (IN, BYE, State.ENDING),
            (OUT, BYE, State.ENDING),
        ),
    ),
    (
        CALLER,
        (
            (OUT, HELLO, State.AWAITS_HELLO),
            (IN, HELLO, State.AWAITS_RINGING),
            (OUT, CODE_PROOF, State.AWAITS_ANSWER),
            (IN, CODE_ANSWER, State.AWAITS_ANSWER),
            (OUT, CODE_CONFIRM, State.AWAITS_CONFIRM),
            (IN, CODE_CONFIRM, State.AWAITS_RINGING),
            (IN, RINGING, State.RINGING),
            (IN, ACCEPT, State.CALL),
        ),
    ),
    (
        CALLEE,
        (
            (IN, HELLO, State.AWAITS_PROOF),
            (OUT, HELLO, State.AWAITS_PROOF),
            (IN, CODE_PROOF, State.OWES_ANSWER),
            (OUT, CODE_ANSWER, State.AWAITS_CONFIRM),
            (IN, CODE_CONFIRM, State.RINGING),
            (OUT, CODE_CONFIRM, State.RINGING),
            (OUT, RINGING, State.RINGING),
            (OUT, ACCEPT, State.CALL),
        ),
    ),
    (
        CALLEE,
        (
            (IN, HELLO, State.AWAITS_PROOF),
            (OUT, HELLO, State.AWAITS_PROOF),
            (IN, CODE_PROOF, State.OWES_ANSWER),
            (OUT, REJECT, State.ENDED),
        ),
    ),
    (
        CALLER,
        (
            (OUT, HELLO, State.AWAITS_HELLO),
            (IN, HELLO, State.AWAITS_RINGING),
            (OUT, CODE_PROOF, State.AWAITS_ANSWER),
            (IN, REJECT, State.ENDED),
        ),
    ),
    (
        CALLER,
        (
            (OUT, HELLO, State.AWAITS_HELLO),
            (IN, HELLO, State.AWAITS_RINGING),
            (OUT, CODE_PROOF, State.AWAITS_ANSWER),
            (IN, CODE_ANSWER, State.AWAITS_ANSWER),
            (OUT, CODE_CONFIRM, State.AWAITS_CONFIRM),
            (IN, REJECT, State.ENDED),
        ),
    ),
    (CALLER, ((OUT, HELLO, State.AWAITS_HELLO), (IN, REJECT, State.ENDED))),
    (
        CALLER,
        (
            (OUT, HELLO, State.AWAITS_HELLO),
            (IN, HELLO, State.AWAITS_RINGING),
            (OUT, PROOF, State.AWAITS_RINGING),
            (IN, REJECT, State.ENDED),
        ),
    ),
    (
        CALLER,
        (
            (OUT, HELLO, State.AWAITS_HELLO),
            (IN, HELLO, State.AWAITS_RINGING),
            (OUT, PROOF, State.AWAITS_RINGING),
            (IN, RINGING, State.RINGING),
            (IN, REJECT, State.ENDED),
        ),
    ),
    (
        CALLEE,
        (
            (IN, HELLO, State.AWAITS_PROOF),
            (OUT, HELLO, State.AWAITS_PROOF),
            (OUT, REJECT, State.ENDED),
        ),
    ),
    (
        CALLEE,
        (
            (IN, HELLO, State.AWAITS_PROOF),
            (OUT, HELLO, State.AWAITS_PROOF),
            (IN, PROOF, State.RINGING),
            (OUT, REJECT, State.ENDED),
        ),
    ),
    (
        CALLER,
        (
            (OUT, RESUME, State.AWAITS_RESUME_ANSWER),
            (IN, RESUME_ANSWER, State.AWAITS_RESUME),
            (IN, ACCEPT, State.CALL),
        ),
    ),
    (CALLER, ((OUT, RESUME, State.AWAITS_RESUME_ANSWER), (IN, REJECT, State.ENDED))),
    (
        CALLER,
        (
            (OUT, RESUME, State.AWAITS_RESUME_ANSWER),
            (IN, RESUME_ANSWER, State.AWAITS_RESUME),
            (IN, REJECT, State.ENDED),
        ),
    ),
    *(
        (
            CALLER,
            (
                (OUT, RESUME, State.AWAITS_RESUME_ANSWER),
                (OUT, BYE, State.LEAVING),
                (IN, RESUME_ANSWER, State.LEAVING),
                (IN, answer, State.ENDED),
            ),
        )
        for answer in (BYE, REJECT, ACCEPT)
    ),
    (
        CALLER,
        (
            (OUT, RESUME, State.AWAITS_RESUME_ANSWER),
            (IN, RESUME_ANSWER, State.AWAITS_RESUME),
            (OUT, BYE, State.LEAVING),
        ),
    ),
    (
        CALLEE,
        (
            (IN, RESUME, State.OWES_RESUME_ANSWER),
            (OUT, RESUME_ANSWER, State.RESUMING),
            (OUT, ACCEPT, State.CALL),
        ),
    ),
    (
        CALLEE,
        (
            (IN, RESUME, State.OWES_RESUME_ANSWER),
            (OUT, RESUME_ANSWER, State.RESUMING),
            (OUT, REJECT, State.ENDED),
        ),
    ),
    (CALLEE, ((IN, RESUME, State.OWES_RESUME_ANSWER), (OUT, REJECT, State.ENDED))),
    (
        CALLER,
        (
            (OUT, HELLO, State.AWAITS_HELLO),
            (IN, HELLO, State.AWAITS_RINGING),
            (OUT, GOODPUT_PROOF, State.AWAITS_READY),
            (IN, GOODPUT_READY, State.SENDS_FILLER),
            (OUT, FILLER, State.SENDS_FILLER),
            (OUT, FILLER_END, State.AWAITS_REPORT),
            (IN, GOODPUT_REPORT, State.RECEIVES_FILLER),
            (IN, FILLER, State.RECEIVES_FILLER),
            (IN, FILLER_END, State.MEASURED),
            (OUT, BYE, State.ENDED),
        ),
    ),
    (
        CALLEE,
        (
            (IN, HELLO, State.AWAITS_PROOF),
            (OUT, HELLO, State.AWAITS_PROOF),
            (IN, GOODPUT_PROOF, State.OWES_READY),
            (OUT, GOODPUT_READY, State.RECEIVES_FILLER),
            (IN, FILLER, State.RECEIVES_FILLER),
            (IN, FILLER_END, State.OWES_REPORT),
            (OUT, GOODPUT_REPORT, State.SENDS_FILLER),
            (OUT, FILLER, State.SENDS_FILLER),
            (OUT, FILLER_END, State.MEASURED),
            (IN, BYE, State.ENDED),
        ),
    ),
    (
        CALLER,
        (
            (OUT, HELLO, State.AWAITS_HELLO),
            (IN, HELLO, State.AWAITS_RINGING),
            (OUT, GOODPUT_PROOF, State.AWAITS_READY),
            (IN, REJECT, State.ENDED),
        ),
    ),
    (
        CALLEE,
        (
            (IN, HELLO, State.AWAITS_PROOF),
            (OUT, HELLO, State.AWAITS_PROOF),
            (IN, GOODPUT_PROOF, State.OWES_READY),
            (OUT, REJECT, State.ENDED),
        ),
    ),
    (CALLER, ((OUT, HELLO, State.AWAITS_HELLO), (OUT, BYE, State.ENDED))),
    (CALLEE, ((IN, HELLO, State.AWAITS_PROOF), (IN, BYE, State.ENDED))),
)


def test_examples_hold_every_kind_of_message() -> None:
    assert {type(control) for control in EXAMPLES} == set(get_args(Control))


@pytest.mark.parametrize(("role", "steps"), WALKS)
def test_legal_sequence_of_messages_visits_these_states(
    role: Role, steps: tuple[Step, ...]
) -> None:
    state = State.AWAITS_HELLO
    for direction, control, following in steps:
        state = next_state(role, state, direction, control)
        assert state is following


@pytest.mark.parametrize(("role", "state"), list(product(Role, State)))
def test_message_missing_from_the_table_raises_the_right_error(role: Role, state: State) -> None:
    for direction, control in product(Direction, EXAMPLES):
        following = TRANSITIONS.get((role, state, direction, type(control)))
        if following is not None:
            assert next_state(role, state, direction, control) is following
            continue
        tag = type(control).__struct_config__.tag
        if direction is IN:
            with pytest.raises(ProtocolError) as caught:
                next_state(role, state, direction, control)
            assert (
                caught.value.sentence
                == f"The other side sent {tag} while this side was {state.value}"
            )
        else:
            with pytest.raises(ValueError, match=f"{tag} may not be sent while {state.value}"):
                next_state(role, state, direction, control)


def test_only_our_bye_may_follow_the_end() -> None:
    for role, direction, control in product(Role, Direction, EXAMPLES):
        following = TRANSITIONS.get((role, State.ENDED, direction, type(control)))
        assert following is None or (direction is OUT and isinstance(control, Bye))
        assert following in (None, State.ENDED)


def test_only_accept_begins_a_call() -> None:
    entries = {
        (role, state, direction, kind)
        for (role, state, direction, kind), following in TRANSITIONS.items()
        if following is State.CALL and state is not State.CALL
    }
    assert entries == {
        (CALLER, State.RINGING, IN, Accept),
        (CALLEE, State.RINGING, OUT, Accept),
        (CALLER, State.AWAITS_RESUME, IN, Accept),
        (CALLEE, State.RESUMING, OUT, Accept),
    }


@pytest.mark.parametrize("state", [s for s in State if s not in (State.CALL, State.ENDING)])
def test_media_messages_may_not_precede_accept(state: State) -> None:
    for role, direction, control in product(Role, Direction, MEDIA):
        assert (role, state, direction, type(control)) not in TRANSITIONS


def test_call_rings_only_after_a_proof_or_a_confirmed_code() -> None:
    entries = {
        (role, state, direction, kind)
        for (role, state, direction, kind), following in TRANSITIONS.items()
        if following is State.RINGING and state is not State.RINGING
    }
    assert entries == {
        (CALLER, State.AWAITS_RINGING, IN, Ringing),
        (CALLEE, State.AWAITS_PROOF, IN, Proof),
        (CALLEE, State.AWAITS_CONFIRM, IN, CodeConfirm),
    }


def test_filler_passes_only_after_the_callees_consent_and_never_in_a_call() -> None:
    measuring = {
        State.SENDS_FILLER,
        State.AWAITS_REPORT,
        State.OWES_REPORT,
        State.RECEIVES_FILLER,
        State.MEASURED,
    }
    entries = {
        (role, state, direction, kind)
        for (role, state, direction, kind), following in TRANSITIONS.items()
        if following in measuring and state not in measuring
    }
    assert entries == {
        (CALLER, State.AWAITS_READY, IN, GoodputReady),
        (CALLEE, State.OWES_READY, OUT, GoodputReady),
    }
    ways_out = {
        (kind, following)
        for (_, state, _, kind), following in TRANSITIONS.items()
        if state in measuring and following not in measuring
    }
    assert ways_out == {(Bye, State.ENDED)}
    assert {state for _, state, _, kind in TRANSITIONS if kind is Filler} <= measuring


def test_call_is_resumed_only_after_our_answer_to_a_proof() -> None:
    entries = {key for key, following in TRANSITIONS.items() if following is State.RESUMING}
    assert entries == {(CALLEE, State.OWES_RESUME_ANSWER, OUT, ResumeAnswer)}


def test_caller_with_a_code_awaits_ringing_only_after_confirmation() -> None:
    ways = {
        (state, kind)
        for (role, state, _, kind), following in TRANSITIONS.items()
        if role is CALLER
        and following is State.AWAITS_RINGING
        and state in (State.AWAITS_ANSWER, State.AWAITS_CONFIRM)
    }
    assert ways == {(State.AWAITS_CONFIRM, CodeConfirm)}


def test_bye_ends_every_state() -> None:
    for role, state in product(Role, State):
        if state is State.ENDED:
            continue
        if state in (State.CALL, State.ENDING):
            assert TRANSITIONS[role, state, IN, Bye] is State.ENDING
            assert TRANSITIONS[role, state, OUT, Bye] is State.ENDING
        else:
            assert TRANSITIONS[role, state, IN, Bye] is State.ENDED
            is_resume = state in (State.AWAITS_RESUME_ANSWER, State.AWAITS_RESUME)
            after_ours = State.LEAVING if is_resume and role is CALLER else State.ENDED
            assert TRANSITIONS[role, state, OUT, Bye] is after_ours


def test_every_message_allowed_out_in_a_call_is_allowed_in_at_the_peer() -> None:
    for state in (State.CALL, State.ENDING):
        for role, other in ((CALLER, CALLEE), (CALLEE, CALLER)):
            sent = {k[3] for k in TRANSITIONS if k[:3] == (role, state, OUT)}
            receivable = {k[3] for k in TRANSITIONS if k[:3] == (other, state, IN)}
            assert sent <= receivable
