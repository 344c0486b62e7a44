"""A call in progress: video and audio both ways, rate, feedback, lip sync, statistics.

May import call, core, media.*, net.*, ui, ui.wording.
"""
