"""One message of each kind, and legal sequences of messages with the states that they visit."""

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
from net.protocol.states import Direction, Role, State

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
