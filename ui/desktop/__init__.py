"""The desktop around the window: notifications.

May import core, ui, ui.wording.
"""
