"""`peer.py report FILE`: a page about a call or a saved chat. Main thread.

FILE is looked into: statistics that `--stats` wrote, or a saved chat. docs/report.md says what the
page shows.
"""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from call.errors import SourceFileError
from core.exit_status import ExitStatus
from report.errors import ReportError, UnreadableSource, UnwritablePage
from report.page_file import write_page, write_report
from report.source import SourceKind, kind_of, shown_path

if TYPE_CHECKING:
    from report.page import Page

PAGE_SUFFIX = ".html"
IMAGE_SUFFIX = ".png"


def run_report(arguments: Namespace) -> int:
    """Write the page, print where it is, and return the exit status.

    Raises:
        SourceFileError: FILE cannot be read, or the page cannot be written.
    """
    source: Path = arguments.file
    try:
        page = _make_page(source, arguments.events)
        output = arguments.output or source.with_name(source.name + PAGE_SUFFIX)
        if arguments.png and output.suffix == IMAGE_SUFFIX:
            raise UnwritablePage(
                f"{shown_path(output)} cannot be both the page and its picture",
                f"Name a page after --output that does not end in {IMAGE_SUFFIX}",
            )
        write_page(page, output)
        if arguments.png:
            # After the page, so that it is there even if Qt's libraries are not.
            from ui.window.page_image import paint_page

            write_report(paint_page(page), output.with_suffix(IMAGE_SUFFIX))
    except ReportError as error:
        raise SourceFileError(error.sentence, error.next_step) from error
    print(output)
    return ExitStatus.OK


def _make_page(source: Path, events: Path | None) -> "Page":
    kind = kind_of(source)
    if kind is SourceKind.STATISTICS:
        from report.statistics_report import make_statistics_page

        return make_statistics_page(source, events)
    if events is not None:
        raise UnreadableSource(
            f"{shown_path(source)} is a saved chat, and --events belongs to statistics",
            "Leave --events out",
        )
    from report.chat_page import make_chat_page

    return make_chat_page(source)
