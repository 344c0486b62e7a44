"""The terminal: lines, a status line and the keyboard.

May import core, media, ui, ui.wording.
"""
