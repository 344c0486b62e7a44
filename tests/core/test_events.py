"""Claims about core/events.py: the JSON of every event."""

import json
from datetime import UTC, datetime

import pytest

from core.events import (
    Accepted,
    Calling,
    Chat,
    ChatDelivered,
    Device,
    Ended,
    Event,
    File,
    FirstPicture,
    Known,
    LinkLost,
    Listening,
    RecordingBegun,
    RecordingEnded,
    Rejected,
    RemoteRecording,
    RemoteState,
    Resumed,
    RingGone,
    Ringing,
    SnapshotSaved,
    Waiting,
    WarningGiven,
    Words,
    to_json,
)

AT = datetime(2026, 11, 27, 6, 40, 12, 345_678, UTC)

JSON_OF: list[tuple[Event, dict[str, object]]] = [
    (
        Listening(addresses=("10.0.0.2:5000", "[fd00::2]:5000"), code="7-otter-lamp"),
        {
            "event": "listening",
            "addresses": ["10.0.0.2:5000", "[fd00::2]:5000"],
            "code": "7-otter-lamp",
        },
    ),
    (Chat(is_own=True, text="Hi"), {"event": "chat", "is_own": True, "text": "Hi"}),
    (ChatDelivered(undelivered=0), {"event": "chat_delivered", "undelivered": 0}),
    (
        File(transfer=2, is_own=False, state="stored", name="a", size_bytes=3, path="/tmp/a"),
        {
            "event": "file",
            "transfer": 2,
            "is_own": False,
            "state": "stored",
            "name": "a",
            "size_bytes": 3,
            "reason": "",
            "path": "/tmp/a",
        },
    ),
    (Calling(target="Bob"), {"event": "calling", "target": "Bob"}),
    (
        Ringing(peer="Ann", trust="code", address="10.0.0.3"),
        {"event": "ringing", "peer": "Ann", "trust": "code", "address": "10.0.0.3"},
    ),
    (
        Accepted(peer="Ann", trust="none", address="10.0.0.3"),
        {"event": "accepted", "peer": "Ann", "trust": "none", "address": "10.0.0.3"},
    ),
    (FirstPicture(after_ms=147.8), {"event": "first_picture", "after_ms": 147.8}),
    (
        Rejected(reason="busy", peer="Ann"),
        {"event": "rejected", "reason": "busy", "peer": "Ann", "address": ""},
    ),
    (
        RingGone(peer="Ann", reason="hung_up"),
        {"event": "ring_gone", "peer": "Ann", "reason": "hung_up"},
    ),
    (
        Waiting(availability="do not disturb"),
        {"event": "waiting", "availability": "do not disturb"},
    ),
    (
        Words(task="compare", words="otter lamp moon tree"),
        {"event": "words", "task": "compare", "words": "otter lamp moon tree"},
    ),
    (Known(peer="Ann"), {"event": "known", "peer": "Ann"}),
    (
        RemoteState(picture="hidden", sound="muted"),
        {"event": "remote_state", "picture": "hidden", "sound": "muted", "is_screen": False},
    ),
    (
        RecordingBegun(file="/v/Ann.mkv"),
        {"event": "recording_begun", "file": "/v/Ann.mkv"},
    ),
    (
        RecordingEnded(file="/v/Ann.mkv", duration_s=61.5, is_complete=True),
        {
            "event": "recording_ended",
            "file": "/v/Ann.mkv",
            "duration_s": 61.5,
            "is_complete": True,
        },
    ),
    (RemoteRecording(is_on=True), {"event": "remote_recording", "is_on": True}),
    (SnapshotSaved(file="/p/Ann.png"), {"event": "snapshot_saved", "file": "/p/Ann.png"}),
    (LinkLost(peer="Zoë"), {"event": "link_lost", "peer": "Zoë"}),
    (
        Resumed(after_ms=4012.5, reconnects=1),
        {"event": "resumed", "after_ms": 4012.5, "reconnects": 1},
    ),
    (
        Ended(reason="hung_up", exit_status=0, sentence="You hung up."),
        {"event": "ended", "reason": "hung_up", "exit_status": 0, "sentence": "You hung up."},
    ),
    (
        Device(which="camera", state="missing", name="Camera 0"),
        {"event": "device", "which": "camera", "state": "missing", "name": "Camera 0"},
    ),
    (
        WarningGiven(key="wrong_code", sentence="Zoë gave a wrong code"),
        {"event": "warning", "key": "wrong_code", "sentence": "Zoë gave a wrong code"},
    ),
]


@pytest.mark.parametrize(("event", "fields"), JSON_OF, ids=lambda it: type(it).__name__)
def test_every_event_has_the_documented_keys(event: Event, fields: dict[str, object]) -> None:
    line = to_json(event, AT)
    assert "\n" not in line
    assert json.loads(line) == {"at": "2026-11-27T06:40:12.345Z", **fields}


def test_every_event_is_in_the_table() -> None:
    assert {type(event) for event, _ in JSON_OF} == set(Event.__subclasses__())
