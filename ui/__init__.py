"""The user interface: the frozen view, its wording, and the interface that shows it.

May import core, media.
"""
