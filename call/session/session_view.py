"""Session view: everything that an interface shows of a session. Call thread only."""

from typing import TYPE_CHECKING

from ui.view import RemotePicture, RemoteSound, View, WordsTask

if TYPE_CHECKING:
    from call.session.session import Session


def view_session(session: "Session") -> View:
    """Return the present view of a session."""
    context, call = session.context, session.call
    return View(
        session.stage,
        session.local_name,
        peer=session.peer,
        listener=session.listener_view,
        target=session.target,
        retry_s=session.retry_s,
        ending=session.ending,
        words_task=WordsTask.NONE if call is None else call.words_task,
        remote_picture=RemotePicture.EXPECTED if call is None else call.remote_picture,
        remote_sound=RemoteSound.EXPECTED if call is None else call.live.sound.remote,
        is_remote_screen=call is not None and call.live.video.is_remote_screen,
        is_reconnecting=call is not None and call.live.is_link_lost,
        is_camera_off=context.local_video.is_off,
        is_muted=context.local_audio.is_muted,
        has_microphone=context.local_audio.has_microphone,
        notices=session.own.notices,
        figures=None if call is None else call.figures,
        quality=None if call is None else call.quality,
        microphone_dbfs=context.local_audio.level_dbfs(),
        lobby=session.lobby,
        devices=session.choices.take_view(),
        can_call_again=session.can_call_again,
        can_report=session.reports.can_write,
        report=session.reports.view,
        sharing=session.sharing.view,
        call_notice=session.call_notices.newest,
        is_recording=call is not None and call.recording.is_on,
        is_remote_recording=call is not None and call.recording.is_remote_on,
    )
