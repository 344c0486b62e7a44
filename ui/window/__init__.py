"""The window. The only package that imports Qt.

May import core, media, media.video, report.page, report.style, ui, ui.wording.
"""
