"""bench/gstreamer.py: the words of the pipelines."""

import socket

from bench.gstreamer import (
    discard,
    free_port,
    is_listening,
    record,
    send_camera,
    show,
    why_no_gstreamer,
)
from bench.hosts import loopback


def elements(command: list[str]) -> list[str]:
    """Return the elements of a pipeline in order, without their properties."""
    return [part.split()[0] for part in " ".join(command[2:]).split(" ! ")]


def test_sender_decodes_the_camera_and_encodes_for_low_latency() -> None:
    command = send_camera("http://127.0.0.1:80/video", "10.77.0.2", 5004, 2500)
    assert command[:2] == ["gst-launch-1.0", "-q"]
    assert elements(command) == [
        *("souphttpsrc", "multipartdemux", "capssetter", "jpegdec", "x264enc", "rtph264pay"),
        *("rtpstreampay", "tcpclientsink"),
    ]
    for word in ("tune=zerolatency", "speed-preset=ultrafast", "bitrate=2500", "key-int-max=30"):
        assert word in command
    assert command[-3:] == ["host=10.77.0.2", "port=5004", "sync=false"]


def test_receivers_differ_only_in_what_follows_the_stream() -> None:
    stream = ["tcpserversrc", "application/x-rtp-stream,media=video", "rtpstreamdepay"]
    for command, end in (
        (show("127.0.0.1", 5004), ["avdec_h264", "videoconvert", "ximagesink"]),
        (discard("127.0.0.1", 5004), ["avdec_h264", "fakesink"]),
        (record("127.0.0.1", 5004, "file"), ["video/x-h264", "filesink"]),
    ):
        first, caps, depay, rtp, *rest = elements(command)
        assert [first, caps[: len(stream[1])], depay, rtp] == [*stream, "rtph264depay"]
        assert [word.partition(",")[0] for word in rest] == end


def test_missing_element_is_a_clause() -> None:
    assert why_no_gstreamer(["no-such-element"]) is not None


def test_listening_port_is_found() -> None:
    here = loopback().first
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert is_listening(here, port)
        assert free_port() != port
    assert not is_listening(here, port)
