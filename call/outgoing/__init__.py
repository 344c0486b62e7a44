"""From a code, a name or an address to a ring: the dial thread and its candidates.

May import call, core, net.*, ui.
"""
