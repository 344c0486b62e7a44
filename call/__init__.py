"""A call: the only package that knows both media and net.

May import core, media.*, net.*, ui, ui.window.settings.
"""
