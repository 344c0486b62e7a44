"""The states of a link, and the messages allowed in each, as one table. Pure: no I/O, no clock.

A missing key *is* the protocol error. Messages that we send change the state too, so the table's
keys include the direction.

    caller                                   callee
    AWAITS_HELLO   <- hello                  AWAITS_HELLO   <- hello    -> hello
    AWAITS_RINGING    -> proof, <- ringing   AWAITS_PROOF   <- proof    -> ringing
    RINGING        <- accept                 RINGING        -> accept

    or, with a call code, between hello and ringing:
    AWAITS_RINGING    -> code_proof          AWAITS_PROOF   <- code_proof
    AWAITS_ANSWER  <- code_answer            OWES_ANSWER       -> code_answer
                      -> code_confirm        AWAITS_CONFIRM <- code_confirm
    AWAITS_CONFIRM <- code_confirm           RINGING           -> code_confirm

    or, to continue a call on another link, instead of hello:
    AWAITS_HELLO      -> resume              AWAITS_HELLO   <- resume
    AWAITS_RESUME_ANSWER                     OWES_RESUME_ANSWER
                   <- resume_answer             -> resume_answer
    AWAITS_RESUME  <- accept                 RESUMING          -> accept
    LEAVING           the caller has said bye instead, and reads whether a reject crossed it

    or, to measure goodput, after hello:
    AWAITS_RINGING    -> goodput_proof       AWAITS_PROOF   <- goodput_proof
    AWAITS_READY   <- goodput_ready          OWES_READY        -> goodput_ready
    SENDS_FILLER      -> filler filler_end   RECEIVES_FILLER   <- filler filler_end
    AWAITS_REPORT  <- goodput_report         OWES_REPORT       -> goodput_report
    RECEIVES_FILLER   <- filler filler_end   SENDS_FILLER      -> filler filler_end
    MEASURED                                 MEASURED

    CALL              both ways: ping pong feedback keyframe_request; video_format picture_state
                      audio_format sound_state; discovery, to a known peer; compare_words;
                      recording_state; resume_share; features; chat chat_received; file_offer
                      file_accept file_progress file_end file_stored file_cancel
    ENDING            bye was sent or received; only messages already in transit and the other bye
    ENDED             a bye received before accept is answered by a bye
"""

from enum import Enum

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


class Role(Enum):
    """The caller dialled; the callee was dialled."""

    CALLER = "caller"
    CALLEE = "callee"


class State(Enum):
    """The state of a link. The value completes an error sentence."""

    AWAITS_HELLO = "awaiting hello"
    AWAITS_PROOF = "awaiting the proof"
    AWAITS_ANSWER = "awaiting the answer to a code"
    OWES_ANSWER = "owing the answer to a code"
    AWAITS_CONFIRM = "awaiting confirmation of a code"
    AWAITS_RINGING = "awaiting ringing"
    RINGING = "ringing"
    AWAITS_RESUME_ANSWER = "awaiting the answer to a resume"
    AWAITS_RESUME = "awaiting the resume"
    LEAVING = "leaving"
    """The caller has said bye in place of a resume; the callee's answers may have crossed it."""
    OWES_RESUME_ANSWER = "owing the answer to a resume"
    RESUMING = "resuming"
    """The caller has proven that the call is its own; the callee decides."""
    AWAITS_READY = "awaiting the consent to measure"
    OWES_READY = "owing the consent to measure"
    SENDS_FILLER = "sending filler"
    AWAITS_REPORT = "awaiting the report of filler"
    OWES_REPORT = "owing the report of filler"
    RECEIVES_FILLER = "receiving filler"
    MEASURED = "done with measuring"
    CALL = "in a call"
    ENDING = "ending"
    ENDED = "ended"


class Direction(Enum):
    """The direction of a message, seen from this peer."""

    IN = "in"
    OUT = "out"


_IN_CALL: tuple[type[Control], ...] = (
    Ping,
    Pong,
    Feedback,
    KeyframeRequest,
    VideoFormat,
    PictureState,
    AudioFormat,
    SoundState,
    Discovery,
    CompareWords,
    RecordingState,
    ResumeShare,
    Features,
    Chat,
    ChatReceived,
    FileOffer,
    FileAccept,
    FileProgress,
    FileEnd,
    FileStored,
    FileCancel,
)
_R, _S, _D = Role, State, Direction

TRANSITIONS: dict[tuple[Role, State, Direction, type[Control]], State] = {
    # The caller.
    (_R.CALLER, _S.AWAITS_HELLO, _D.OUT, Hello): _S.AWAITS_HELLO,
    (_R.CALLER, _S.AWAITS_HELLO, _D.IN, Hello): _S.AWAITS_RINGING,
    (_R.CALLER, _S.AWAITS_RINGING, _D.OUT, Proof): _S.AWAITS_RINGING,
    (_R.CALLER, _S.AWAITS_RINGING, _D.IN, Ringing): _S.RINGING,
    (_R.CALLER, _S.AWAITS_RINGING, _D.IN, Reject): _S.ENDED,
    (_R.CALLER, _S.AWAITS_HELLO, _D.IN, Reject): _S.ENDED,
    (_R.CALLER, _S.AWAITS_RINGING, _D.OUT, CodeProof): _S.AWAITS_ANSWER,
    (_R.CALLER, _S.AWAITS_ANSWER, _D.IN, CodeAnswer): _S.AWAITS_ANSWER,
    (_R.CALLER, _S.AWAITS_ANSWER, _D.IN, Reject): _S.ENDED,
    (_R.CALLER, _S.AWAITS_ANSWER, _D.OUT, CodeConfirm): _S.AWAITS_CONFIRM,
    (_R.CALLER, _S.AWAITS_CONFIRM, _D.IN, CodeConfirm): _S.AWAITS_RINGING,
    (_R.CALLER, _S.AWAITS_CONFIRM, _D.IN, Reject): _S.ENDED,
    (_R.CALLER, _S.RINGING, _D.IN, Accept): _S.CALL,
    (_R.CALLER, _S.RINGING, _D.IN, Reject): _S.ENDED,
    (_R.CALLER, _S.AWAITS_HELLO, _D.OUT, Resume): _S.AWAITS_RESUME_ANSWER,
    (_R.CALLER, _S.AWAITS_RESUME_ANSWER, _D.IN, ResumeAnswer): _S.AWAITS_RESUME,
    (_R.CALLER, _S.AWAITS_RESUME_ANSWER, _D.IN, Reject): _S.ENDED,
    (_R.CALLER, _S.AWAITS_RESUME, _D.IN, Accept): _S.CALL,
    (_R.CALLER, _S.AWAITS_RESUME, _D.IN, Reject): _S.ENDED,
    (_R.CALLER, _S.LEAVING, _D.IN, ResumeAnswer): _S.LEAVING,
    (_R.CALLER, _S.LEAVING, _D.IN, Accept): _S.ENDED,
    (_R.CALLER, _S.LEAVING, _D.IN, Reject): _S.ENDED,
    (_R.CALLER, _S.AWAITS_RINGING, _D.OUT, GoodputProof): _S.AWAITS_READY,
    (_R.CALLER, _S.AWAITS_READY, _D.IN, GoodputReady): _S.SENDS_FILLER,
    (_R.CALLER, _S.AWAITS_READY, _D.IN, Reject): _S.ENDED,
    (_R.CALLER, _S.SENDS_FILLER, _D.OUT, Filler): _S.SENDS_FILLER,
    (_R.CALLER, _S.SENDS_FILLER, _D.OUT, FillerEnd): _S.AWAITS_REPORT,
    (_R.CALLER, _S.AWAITS_REPORT, _D.IN, GoodputReport): _S.RECEIVES_FILLER,
    (_R.CALLER, _S.RECEIVES_FILLER, _D.IN, Filler): _S.RECEIVES_FILLER,
    (_R.CALLER, _S.RECEIVES_FILLER, _D.IN, FillerEnd): _S.MEASURED,
    # The callee.
    (_R.CALLEE, _S.AWAITS_HELLO, _D.IN, Hello): _S.AWAITS_PROOF,
    (_R.CALLEE, _S.AWAITS_PROOF, _D.OUT, Hello): _S.AWAITS_PROOF,
    (_R.CALLEE, _S.AWAITS_PROOF, _D.OUT, Reject): _S.ENDED,
    (_R.CALLEE, _S.AWAITS_PROOF, _D.IN, Proof): _S.RINGING,
    (_R.CALLEE, _S.AWAITS_PROOF, _D.IN, CodeProof): _S.OWES_ANSWER,
    (_R.CALLEE, _S.OWES_ANSWER, _D.OUT, CodeAnswer): _S.AWAITS_CONFIRM,
    (_R.CALLEE, _S.OWES_ANSWER, _D.OUT, Reject): _S.ENDED,
    (_R.CALLEE, _S.AWAITS_CONFIRM, _D.IN, CodeConfirm): _S.RINGING,
    (_R.CALLEE, _S.RINGING, _D.OUT, CodeConfirm): _S.RINGING,
    (_R.CALLEE, _S.RINGING, _D.OUT, Ringing): _S.RINGING,
    (_R.CALLEE, _S.RINGING, _D.OUT, Accept): _S.CALL,
    (_R.CALLEE, _S.RINGING, _D.OUT, Reject): _S.ENDED,
    (_R.CALLEE, _S.AWAITS_HELLO, _D.IN, Resume): _S.OWES_RESUME_ANSWER,
    (_R.CALLEE, _S.OWES_RESUME_ANSWER, _D.OUT, ResumeAnswer): _S.RESUMING,
    (_R.CALLEE, _S.OWES_RESUME_ANSWER, _D.OUT, Reject): _S.ENDED,
    (_R.CALLEE, _S.RESUMING, _D.OUT, Accept): _S.CALL,
    (_R.CALLEE, _S.RESUMING, _D.OUT, Reject): _S.ENDED,
    (_R.CALLEE, _S.AWAITS_PROOF, _D.IN, GoodputProof): _S.OWES_READY,
    (_R.CALLEE, _S.OWES_READY, _D.OUT, GoodputReady): _S.RECEIVES_FILLER,
    (_R.CALLEE, _S.OWES_READY, _D.OUT, Reject): _S.ENDED,
    (_R.CALLEE, _S.RECEIVES_FILLER, _D.IN, Filler): _S.RECEIVES_FILLER,
    (_R.CALLEE, _S.RECEIVES_FILLER, _D.IN, FillerEnd): _S.OWES_REPORT,
    (_R.CALLEE, _S.OWES_REPORT, _D.OUT, GoodputReport): _S.SENDS_FILLER,
    (_R.CALLEE, _S.SENDS_FILLER, _D.OUT, Filler): _S.SENDS_FILLER,
    (_R.CALLEE, _S.SENDS_FILLER, _D.OUT, FillerEnd): _S.MEASURED,
}
for _role in Role:
    for _direction in Direction:
        TRANSITIONS[_role, _S.RINGING, _direction, Ping] = _S.RINGING
        TRANSITIONS[_role, _S.RINGING, _direction, Pong] = _S.RINGING
        for _kind in _IN_CALL:
            TRANSITIONS[_role, _S.CALL, _direction, _kind] = _S.CALL
            TRANSITIONS[_role, _S.ENDING, _direction, _kind] = _S.ENDING
        TRANSITIONS[_role, _S.CALL, _direction, Bye] = _S.ENDING
        TRANSITIONS[_role, _S.ENDING, _direction, Bye] = _S.ENDING
    for _state in set(State) - {_S.CALL, _S.ENDING, _S.ENDED}:
        TRANSITIONS[_role, _state, _D.IN, Bye] = _S.ENDED
        TRANSITIONS[_role, _state, _D.OUT, Bye] = _S.ENDED
    TRANSITIONS[_role, _S.ENDED, _D.OUT, Bye] = _S.ENDED
for _state in (_S.AWAITS_RESUME_ANSWER, _S.AWAITS_RESUME):
    TRANSITIONS[_R.CALLER, _state, _D.OUT, Bye] = _S.LEAVING


def next_state(role: Role, state: State, direction: Direction, control: Control) -> State:
    """Return the state that follows a message.

    Raises:
        ProtocolError: the peer may not send it in this state.
        ValueError: this peer may not send it in this state; a bug in this program.
    """
    following = TRANSITIONS.get((role, state, direction, type(control)))
    if following is not None:
        return following
    tag = type(control).__struct_config__.tag
    if direction is Direction.OUT:
        raise ValueError(f"{tag} may not be sent while {state.value}")
    raise ProtocolError(f"The other side sent {tag} while this side was {state.value}")
