"""Screen choices: the screens and windows that the user can share, and the one that is shared.

Call thread only. A screen that cannot be read changes nothing: the camera stays, and the view says
why.
"""

from call.inbox import ScreensListed
from call.live.screen_search import search_screens
from call.session.session_context import SessionContext
from media.device_state import DeviceProblem
from media.video.camera_spec import Screen
from ui.actions import ShareScreen
from ui.device_view import ScreensView


class ScreenChoices:
    """The screens of one run."""

    def __init__(self, context: SessionContext) -> None:
        self._context = context
        self._listed = ScreensListed((), ())
        self._is_listing = False
        self._wants_screen = False

    def list_screens(self) -> None:
        """Look for screens and windows, unless that goes on already."""
        if self._is_listing:
            return
        self._is_listing = True
        inbox = self._context.inbox

        def search() -> None:
            inbox.post(search_screens())

        self._context.threads.start("list screens", search, self._on_end)

    def _on_end(self, error: BaseException | None) -> None:
        if error is not None:
            self._context.inbox.post(ScreensListed((), ()))

    def on_listed(self, listed: ScreensListed) -> None:
        """Store what was found."""
        self._is_listing = False
        self._listed = listed

    def toggle(self) -> None:
        """Send the main screen in place of the camera, or the camera again."""
        self._share(None if self.is_wanted else Screen())

    def share(self, action: ShareScreen) -> None:
        """Send a screen or a window of the list; one that is no longer listed is left out."""
        values = [option.value for option in self._listed.options]
        if action.value in values:
            self._share(self._listed.specs[values.index(action.value)])

    def _share(self, spec: Screen | None) -> None:
        self._wants_screen = spec is not None
        self._context.local_video.share_screen(spec)

    @property
    def is_wanted(self) -> bool:
        """True while a screen is shared or being opened."""
        return self._context.local_video.is_sharing_screen or self._is_opening

    @property
    def is_refused(self) -> bool:
        """True after the user wanted to share a screen that cannot be read, or was closed."""
        return self._wants_screen and not self.is_wanted

    @property
    def _is_opening(self) -> bool:
        return isinstance(self._context.local_video.changing_to, Screen)

    @property
    def view(self) -> ScreensView:
        """The screens as the user sees them."""
        video = self._context.local_video
        spec = video.spec
        problem: DeviceProblem | None = video.problem if self.is_refused else None
        is_shared = video.is_sharing_screen
        return ScreensView(
            options=self._listed.options,
            list_problem=self._listed.problem,
            is_shared=is_shared,
            shared_window=spec.title if is_shared and isinstance(spec, Screen) else "",
            is_opening=self._is_opening,
            problem=problem,
        )
