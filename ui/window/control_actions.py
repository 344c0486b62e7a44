"""Control actions: what each control of the window does. Pure: values only."""

from ui.view import UserEvent
from ui.window.keys import WindowAction
from ui.wording.controls import Control

CONTROL_ACTIONS: dict[Control, UserEvent | WindowAction] = {
    Control.MUTE: UserEvent.TOGGLE_MUTE,
    Control.CAMERA: UserEvent.TOGGLE_CAMERA,
    Control.SHARE_SCREEN: UserEvent.SHARE_SCREEN,
    Control.DO_NOT_DISTURB: UserEvent.TOGGLE_DO_NOT_DISTURB,
    Control.HANG_UP: UserEvent.HANG_UP,
    Control.RECORD: UserEvent.TOGGLE_RECORDING,
    Control.SNAPSHOT: UserEvent.TAKE_SNAPSHOT,
    Control.STILL: UserEvent.SEND_STILL,
    Control.CHAT: WindowAction.TOGGLE_CHAT,
    Control.SAVE_CHAT: WindowAction.SAVE_CHAT,
    Control.REPORT: UserEvent.SHOW_REPORT,
    Control.FULL_SCREEN: WindowAction.TOGGLE_FULL_SCREEN,
    Control.SMALL_WINDOW: WindowAction.TOGGLE_SMALL_WINDOW,
    Control.SELF_VIEW: WindowAction.TOGGLE_SELF_VIEW,
    Control.NEXT_CORNER: WindowAction.NEXT_CORNER,
    Control.LARGER: WindowAction.LARGER,
    Control.SMALLER: WindowAction.SMALLER,
    Control.FIGURES: WindowAction.TOGGLE_OVERLAY,
    Control.KEYS: WindowAction.TOGGLE_KEYS,
}
"""The same as a key does, except for `Control.MORE`, which opens the menu."""
