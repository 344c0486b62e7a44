"""Outgoing calls, from a code, a name or an address to a ring: the dial thread and candidates.

May import call, core, net.*, ui.
"""
