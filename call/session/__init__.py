"""The call thread: the states of a listener and of a caller.

May import call and all of its packages, core, media, net, ui.
"""
