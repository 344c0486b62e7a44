"""Every control message with its bytes: the one table that drives encoding and decoding."""

from typing import Any

import msgspec

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
    Decodable,
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
    MIN_FILLER_BYTES,
    Filler,
    FillerEnd,
    GoodputProof,
    GoodputReady,
    GoodputReport,
)

NONCE = bytes(range(32))
HALF = b"A" + NONCE
LARGEST = 2**63 - 1

# msgpack: 8x opens a map of x, ax a text of x bytes, 9x an array of x, c4 bytes; cd ce cf numbers.
TABLE: tuple[tuple[Control, bytes], ...] = (
    (
        Hello(1, "Ada", NONCE, [Decodable("h264", 1920, 1080)], ["opus", "pcm"]),
        b"\x86\xa4type\xa5hello\xa7version\x01\xa4name\xa3Ada\xa5nonce\xc4\x20"
        + NONCE
        + b"\xaacan_decode\x91\x83\xa5codec\xa4h264"
        + b"\xa8width_px\xcd\x07\x80\xa9height_px\xcd\x04\x38"
        + b"\xa8can_hear\x92\xa4opus\xa3pcm",
    ),
    (
        Hello(1, "", NONCE, [Decodable("h264", 16, 16, takes_full_range=True)]),
        b"\x86\xa4type\xa5hello\xa7version\x01\xa4name\xa0\xa5nonce\xc4\x20"
        + NONCE
        + b"\xaacan_decode\x91\x84\xa5codec\xa4h264\xa8width_px\x10\xa9height_px\x10"
        + b"\xb0takes_full_range\xc3\xa8can_hear\x90",
    ),
    (
        Hello(300, "Zoë", NONCE),
        b"\x86\xa4type\xa5hello\xa7version\xcd\x01\x2c\xa4name\xa4Zo\xc3\xab\xa5nonce\xc4\x20"
        + NONCE
        + b"\xaacan_decode\x90\xa8can_hear\x90",
    ),
    (
        Hello(1, "", NONCE, measures_goodput=True),
        b"\x87\xa4type\xa5hello\xa7version\x01\xa4name\xa0\xa5nonce\xc4\x20"
        + NONCE
        + b"\xaacan_decode\x90\xa8can_hear\x90\xb0measures_goodput\xc3",
    ),
    (
        Proof(NONCE, b"certificate", b"signed"),
        b"\x84\xa4type\xa5proof\xa5nonce\xc4\x20"
        + NONCE
        + b"\xabcertificate\xc4\x0bcertificate\xa9signature\xc4\x06signed",
    ),
    (
        CodeProof(NONCE, b"certificate", b"signed", HALF),
        b"\x85\xa4type\xaacode_proof\xa5nonce\xc4\x20"
        + NONCE
        + b"\xabcertificate\xc4\x0bcertificate\xa9signature\xc4\x06signed"
        + b"\xa8exchange\xc4\x21"
        + HALF,
    ),
    (CodeAnswer(HALF), b"\x82\xa4type\xabcode_answer\xa8exchange\xc4\x21" + HALF),
    (CodeConfirm(NONCE), b"\x82\xa4type\xaccode_confirm\xa3mac\xc4\x20" + NONCE),
    (Ringing(), b"\x81\xa4type\xa7ringing"),
    (Ringing("Bob"), b"\x82\xa4type\xa7ringing\xa4name\xa3Bob"),
    (Accept(), b"\x81\xa4type\xa6accept"),
    (Reject("busy"), b"\x82\xa4type\xa6reject\xa6reason\xa4busy"),
    (
        Reject("too many", 300),
        b"\x83\xa4type\xa6reject\xa6reason\xa8too many\xa6wait_s\xcd\x01\x2c",
    ),
    (Bye(), b"\x82\xa4type\xa3bye\xa6reason\xa0"),
    (Bye("hung up"), b"\x82\xa4type\xa3bye\xa6reason\xa7hung up"),
    (Ping(5), b"\x82\xa4type\xa4ping\xa7sent_us\x05"),
    (Ping(LARGEST), b"\x82\xa4type\xa4ping\xa7sent_us\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"),
    (
        Pong(1, 65_536, 2**32),
        b"\x84\xa4type\xa4pong\xa7sent_us\x01\xabreceived_us\xce\x00\x01\x00\x00"
        b"\xaareplied_us\xcf\x00\x00\x00\x01\x00\x00\x00\x00",
    ),
    (
        Feedback(70_000, 12, 11, 900),
        b"\x89\xa4type\xa8feedback\xabvideo_bytes\xce\x00\x01\x11\x70\xadvideo_packets\x0c"
        b"\xa7decoded\x0b\xaaarrived_us\xcd\x03\x84\xa8began_us\x00\xa8bytes_us\x00"
        b"\xabtrain_bytes\x00\xa8train_us\x00",
    ),
    (
        Feedback(70_000, 12, 11, 900, 800, 1_000, 65_536, 100),
        b"\x89\xa4type\xa8feedback\xabvideo_bytes\xce\x00\x01\x11\x70\xadvideo_packets\x0c"
        b"\xa7decoded\x0b\xaaarrived_us\xcd\x03\x84\xa8began_us\xcd\x03\x20\xa8bytes_us\xcd\x03\xe8"
        b"\xabtrain_bytes\xce\x00\x01\x00\x00\xa8train_us\x64",
    ),
    (KeyframeRequest(), b"\x81\xa4type\xb0keyframe_request"),
    (
        VideoFormat("mjpeg", 640, 480, 2**32 - 1),
        b"\x85\xa4type\xacvideo_format\xa5codec\xa5mjpeg\xa8width_px\xcd\x02\x80"
        b"\xa9height_px\xcd\x01\xe0\xadfrom_sequence\xce\xff\xff\xff\xff",
    ),
    (PictureState("hidden"), b"\x82\xa4type\xadpicture_state\xa5state\xa6hidden"),
    (
        PictureState("sent", is_paused=True),
        b"\x83\xa4type\xadpicture_state\xa5state\xa4sent\xa9is_paused\xc3",
    ),
    (
        PictureState("sent", is_screen=True),
        b"\x83\xa4type\xadpicture_state\xa5state\xa4sent\xa9is_screen\xc3",
    ),
    (
        AudioFormat("opus", 300),
        b"\x83\xa4type\xacaudio_format\xa5codec\xa4opus\xadfrom_sequence\xcd\x01\x2c",
    ),
    (
        Discovery(NONCE, 5000),
        b"\x83\xa4type\xa9discovery\xa6secret\xc4\x20" + NONCE + b"\xa4port\xcd\x13\x88",
    ),
    (SoundState("muted"), b"\x82\xa4type\xabsound_state\xa5state\xa5muted"),
    (CompareWords(), b"\x81\xa4type\xadcompare_words"),
    (
        RecordingState(is_recording=True),
        b"\x82\xa4type\xafrecording_state\xacis_recording\xc3",
    ),
    (ResumeShare(NONCE), b"\x82\xa4type\xacresume_share\xa5share\xc4\x20" + NONCE),
    (
        Resume(NONCE[:16], 2, NONCE),
        b"\x84\xa4type\xa6resume\xa7call_id\xc4\x10"
        + NONCE[:16]
        + b"\xaageneration\x02\xa3mac\xc4\x20"
        + NONCE,
    ),
    (ResumeAnswer(NONCE), b"\x82\xa4type\xadresume_answer\xa3mac\xc4\x20" + NONCE),
    (
        Features(["chat", "files"]),
        b"\x82\xa4type\xa8features\xa5names\x92\xa4chat\xa5files",
    ),
    (Features([]), b"\x82\xa4type\xa8features\xa5names\x90"),
    (
        Chat(1, "Hi, Zoë", 1_000),
        b"\x84\xa4type\xa4chat\xa6number\x01\xa4text\xa8Hi, Zo\xc3\xab\xa7sent_ms\xcd\x03\xe8",
    ),
    (ChatReceived(2**32 - 1), b"\x82\xa4type\xadchat_received\xa6number\xce\xff\xff\xff\xff"),
    (
        FileOffer(1, "a.txt", 65_536),
        b"\x85\xa4type\xaafile_offer\xa8transfer\x01\xa4name\xa5a.txt"
        b"\xaasize_bytes\xce\x00\x01\x00\x00\xa4kind\xa4file",
    ),
    (
        FileOffer(2, "", 0, "still"),
        b"\x85\xa4type\xaafile_offer\xa8transfer\x02\xa4name\xa0"
        b"\xaasize_bytes\x00\xa4kind\xa5still",
    ),
    (
        FileAccept(1, 300),
        b"\x83\xa4type\xabfile_accept\xa8transfer\x01\xaafrom_bytes\xcd\x01\x2c",
    ),
    (
        FileProgress(1, 65_536, 900, 300),
        b"\x85\xa4type\xadfile_progress\xa8transfer\x01\xaereceived_bytes\xce\x00\x01\x00\x00"
        b"\xaaarrived_us\xcd\x03\x84\xacstored_bytes\xcd\x01\x2c",
    ),
    (
        FileEnd(1, NONCE),
        b"\x83\xa4type\xa8file_end\xa8transfer\x01\xa6sha256\xc4\x20" + NONCE,
    ),
    (FileStored(1), b"\x82\xa4type\xabfile_stored\xa8transfer\x01"),
    (
        FileCancel(1, "declined"),
        b"\x83\xa4type\xabfile_cancel\xa8transfer\x01\xa6reason\xa8declined",
    ),
    (
        GoodputProof(NONCE, b"certificate", b"signed"),
        b"\x84\xa4type\xadgoodput_proof\xa5nonce\xc4\x20"
        + NONCE
        + b"\xabcertificate\xc4\x0bcertificate\xa9signature\xc4\x06signed",
    ),
    (GoodputReady(), b"\x81\xa4type\xadgoodput_ready"),
    (
        Filler(bytes(MIN_FILLER_BYTES)),
        b"\x82\xa4type\xa6filler\xa7padding\xc5\x04\xb0" + bytes(MIN_FILLER_BYTES),
    ),
    (FillerEnd(), b"\x81\xa4type\xaafiller_end"),
    (
        GoodputReport(65_536, 300),
        b"\x83\xa4type\xaegoodput_report\xaereceived_bytes\xce\x00\x01\x00\x00"
        b"\xa7time_us\xcd\x01\x2c",
    ),
)
KINDS: dict[str, type[Control]] = {
    str(type(control).__struct_config__.tag): type(control) for control, _ in TABLE
}


def packed(fields: dict[str, Any]) -> bytes:
    """Return a msgpack map."""
    return msgspec.msgpack.encode(fields)
