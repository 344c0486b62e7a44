"""Control faces: which controls a view offers, and how each looks. Pure: values only."""

from collections.abc import Iterator
from dataclasses import dataclass

from ui.view import Availability, Stage, View
from ui.window.control_button import ButtonFace, Tone
from ui.window.icons import Icon
from ui.wording.controls import Control, name_control, word_tooltip


@dataclass(frozen=True, slots=True)
class WindowState:
    """What the window knows of itself.

    Attributes:
        is_small: True while it is the small window on top of the others.
        is_self_view_shown: True unless the user has hidden the own picture.
    """

    is_full_screen: bool = False
    is_small: bool = False
    is_self_view_shown: bool = True
    are_figures_shown: bool = False
    are_keys_shown: bool = False


def bar_faces(view: View, state: WindowState) -> tuple[tuple[Control, ButtonFace], ...]:
    """Return the buttons of the bar, from left to right; none after a call."""
    return tuple((control, _face(control, view, state)) for control in _bar(view, state))


def menu_entries(view: View, state: WindowState) -> tuple[tuple[Control, str], ...]:
    """Return the entries of the bar's menu, with their names."""
    return tuple((each, _name(each, view, state)) for each in _menu(view, state))


def _bar(view: View, state: WindowState) -> Iterator[Control]:
    if view.stage is Stage.ENDED:
        return
    if view.has_microphone:
        yield Control.MUTE
    yield Control.CAMERA
    if state.is_small:
        yield Control.SMALL_WINDOW
    else:
        if view.stage is Stage.WAITING:
            yield Control.DO_NOT_DISTURB
        else:
            yield Control.FULL_SCREEN
        yield Control.MORE
    # A ring has its own two buttons.
    if view.stage is not Stage.INCOMING:
        yield Control.HANG_UP


def _menu(view: View, state: WindowState) -> Iterator[Control]:
    if view.stage is Stage.WAITING:
        yield Control.FULL_SCREEN
    if view.stage is Stage.CALL:
        yield Control.SMALL_WINDOW
    if view.stage not in (Stage.WAITING, Stage.ENDED) and not view.is_camera_off:
        yield Control.SELF_VIEW
        if state.is_self_view_shown:
            yield from (Control.NEXT_CORNER, Control.LARGER, Control.SMALLER)
    if view.stage is Stage.CALL:
        yield Control.FIGURES
    yield Control.KEYS


def _face(control: Control, view: View, state: WindowState) -> ButtonFace:
    name = _name(control, view, state)
    icon, tone = _ICONS[control], Tone.PLAIN
    match control:
        case Control.MUTE if view.is_muted:
            tone = Tone.OFF
        case Control.CAMERA if view.is_camera_off:
            tone = Tone.OFF
        case Control.DO_NOT_DISTURB if _is_on(control, view, state):
            tone = Tone.ON
        case Control.FULL_SCREEN if state.is_full_screen:
            icon = Icon.LEAVE_FULL_SCREEN
        case Control.HANG_UP:
            tone = Tone.RED
            if view.stage is Stage.WAITING:
                icon, tone = Icon.CLOSE, Tone.PLAIN
    return ButtonFace(icon, name, word_tooltip(control, name), tone)


def _name(control: Control, view: View, state: WindowState) -> str:
    return name_control(control, view, is_on=_is_on(control, view, state))


def _is_on(control: Control, view: View, state: WindowState) -> bool:
    match control:
        case Control.DO_NOT_DISTURB:
            listener = view.listener
            return listener is not None and listener.availability is Availability.DO_NOT_DISTURB
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


_ICONS = {
    Control.MUTE: Icon.MICROPHONE,
    Control.CAMERA: Icon.CAMERA,
    Control.DO_NOT_DISTURB: Icon.DO_NOT_DISTURB,
    Control.FULL_SCREEN: Icon.FULL_SCREEN,
    Control.SMALL_WINDOW: Icon.FULL_SCREEN,
    Control.MORE: Icon.MORE,
    Control.HANG_UP: Icon.HANG_UP,
}
