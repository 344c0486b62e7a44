"""Control faces: which controls a view offers, and how each looks. Pure: values only."""

from collections.abc import Iterator

import msgspec

from ui.view import Availability, Stage, View
from ui.window.control_button import ButtonFace, Tone
from ui.window.icons import Icon
from ui.wording.controls import Control, name_control, name_unread, word_tooltip


class WindowState(msgspec.Struct, frozen=True):
    """The window's own state.

    Attributes:
        is_small: True while it is the small window on top of the others.
        is_tiny: True while it has no room for all controls.
        unread: messages and files of the other peer since the chat was last seen.
        is_self_view_shown: True unless the user has hidden the own picture.
    """

    is_full_screen: bool = False
    is_small: bool = False
    is_tiny: bool = False
    is_self_view_shown: bool = True
    are_figures_shown: bool = False
    are_keys_shown: bool = False
    is_chat_shown: bool = False
    unread: int = 0


def bar_faces(view: View, state: WindowState) -> tuple[tuple[Control, ButtonFace], ...]:
    """Return the buttons of the bar, from left to right; none after a call."""
    return tuple((control, _face(control, view, state)) for control in _bar(view, state))


def menu_entries(view: View, state: WindowState) -> tuple[tuple[Control, str], ...]:
    """Return the entries of the bar's menu, with their names."""
    return tuple((each, _name(each, view, state)) for each in _menu(view, state))


def _bar(view: View, state: WindowState) -> Iterator[Control]:
    """Yield the controls of the bar; a window without room for all keeps the most important."""
    if state.is_small or state.is_tiny:
        kept = (*_ALWAYS, Control.SMALL_WINDOW if state.is_small else Control.MORE)
        wanted = [*_wanted(view), Control.SMALL_WINDOW]
        hang_up = [each for each in wanted if each is Control.HANG_UP]
        yield from (each for each in wanted if each in kept and each is not Control.HANG_UP)
        yield from hang_up
    else:
        yield from _wanted(view)


def _wanted(view: View) -> Iterator[Control]:
    if view.stage is Stage.ENDED:
        return
    # Stays without a microphone too: no button may move to where another was just pressed.
    yield Control.MUTE
    yield Control.CAMERA
    if view.stage is Stage.CALL:
        yield Control.SHARE_SCREEN
        yield Control.CHAT
        yield Control.RECORD
    if view.stage is Stage.WAITING:
        yield Control.DO_NOT_DISTURB
    else:
        yield Control.FULL_SCREEN
    yield Control.MORE
    # A ring has its own two buttons.
    if view.stage is not Stage.INCOMING:
        yield Control.HANG_UP


def _menu(view: View, state: WindowState) -> Iterator[Control]:
    shown = set(_bar(view, state))
    yield from (each for each in _wanted(view) if each not in shown)
    if view.stage is Stage.WAITING:
        yield Control.FULL_SCREEN
    if view.stage is Stage.CALL:
        yield Control.SNAPSHOT
        if view.sharing.can_send_files and not view.is_camera_off:
            yield Control.STILL
        yield Control.SMALL_WINDOW
    if view.stage not in (Stage.WAITING, Stage.ENDED) and not view.is_camera_off:
        yield Control.SELF_VIEW
        if state.is_self_view_shown:
            yield from (Control.NEXT_CORNER, Control.LARGER, Control.SMALLER)
    if view.sharing.chat:
        yield Control.SAVE_CHAT
    if view.stage is Stage.WAITING and view.can_report:
        yield Control.REPORT
    if view.stage is Stage.CALL:
        yield Control.FIGURES
    if view.stage is not Stage.INCOMING:  # Its card takes the place of the list.
        yield Control.KEYS


def _face(control: Control, view: View, state: WindowState) -> ButtonFace:
    name = _name(control, view, state)
    icon, tone, count = _ICONS[control], Tone.PLAIN, 0
    match control:
        case Control.CHAT:
            tone = Tone.ON if state.is_chat_shown else Tone.PLAIN
            name, count = name_unread(name, state.unread), state.unread
        case Control.MUTE if view.is_muted or not view.has_microphone:
            tone = Tone.OFF
        case Control.CAMERA if view.is_camera_off:
            tone = Tone.OFF
        case Control.SHARE_SCREEN if _is_on(control, view, state):
            tone = Tone.ON
        case Control.RECORD if view.is_recording:
            icon, tone = Icon.STOP, Tone.RED
        case Control.DO_NOT_DISTURB if _is_on(control, view, state):
            tone = Tone.ON
        case Control.FULL_SCREEN if state.is_full_screen:
            icon = Icon.LEAVE_FULL_SCREEN
        case Control.HANG_UP:
            tone = Tone.RED
            if view.stage is Stage.WAITING:
                icon, tone = Icon.CLOSE, Tone.PLAIN
    does_nothing = control is Control.MUTE and not view.has_microphone
    tooltip = name if does_nothing else word_tooltip(control, name)
    return ButtonFace(icon, name, tooltip, tone, count)


def _name(control: Control, view: View, state: WindowState) -> str:
    return name_control(control, view, is_on=_is_on(control, view, state))


def _is_on(control: Control, view: View, state: WindowState) -> bool:
    match control:
        case Control.DO_NOT_DISTURB:
            listener = view.listener
            return listener is not None and listener.availability is Availability.DO_NOT_DISTURB
        case Control.SHARE_SCREEN:
            return view.devices.screens.is_shared or view.devices.screens.is_opening
        case Control.CHAT:
            return state.is_chat_shown
        case Control.FULL_SCREEN:
            return state.is_full_screen
        case Control.SMALL_WINDOW:
            return state.is_small
        case Control.SELF_VIEW:
            return state.is_self_view_shown
        case Control.FIGURES:
            return state.are_figures_shown
        case Control.KEYS:
            return state.are_keys_shown
        case _:
            return False


_ALWAYS = (Control.MUTE, Control.CAMERA, Control.HANG_UP)
_ICONS = {
    Control.MUTE: Icon.MICROPHONE,
    Control.CAMERA: Icon.CAMERA,
    Control.SHARE_SCREEN: Icon.SCREEN,
    Control.DO_NOT_DISTURB: Icon.DO_NOT_DISTURB,
    Control.CHAT: Icon.CHAT,
    Control.RECORD: Icon.RECORD,
    Control.FULL_SCREEN: Icon.FULL_SCREEN,
    Control.SMALL_WINDOW: Icon.FULL_SCREEN,
    Control.MORE: Icon.MORE,
    Control.HANG_UP: Icon.HANG_UP,
}
