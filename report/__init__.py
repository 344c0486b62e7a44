"""Reports: a page about a call or a chat, from the file that was written of it.

May import core, media.video.fonts, ui.wording.
"""
