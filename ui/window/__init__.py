"""The window. The only package that imports Qt.

May import core, media, media.video, ui, ui.wording.
"""
