"""Checks of this computer, and of the way to another one: each finds one kind of trouble.

May import call, call.outgoing, core, media.*, net.*, ui, ui.window.screen_probe.
"""
