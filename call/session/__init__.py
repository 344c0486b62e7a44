"""The call thread: the states of a listener and of a caller.

May import call.*, core, media.*, net.*, report, ui, ui.desktop, ui.wording.
"""
