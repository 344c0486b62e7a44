"""Draws the picture of a report for docs/report.md, from a real call that the tests have too.

    make pictures

Needs no screen.
"""

import dataclasses
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from report.statistics_report import make_statistics_page
from ui.window.page_image import paint_page

ROOT = Path(__file__).resolve().parent.parent
CALL = ROOT / "tests/report/calls/lost_link.jsonl"
PICTURE = ROOT / "docs/pictures/report.png"


def main() -> None:
    page = dataclasses.replace(make_statistics_page(CALL), subtitle=f"From {CALL.name}")
    image = QImage.fromData(paint_page(page, 1.0))
    # In few colours, without dithering: a quarter of the bytes.
    plain = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    image.convertToFormat(QImage.Format.Format_Indexed8, plain).save(str(PICTURE))


if __name__ == "__main__":
    main()
