"""The messages of a link and their order. Pure: no I/O, no clock.

May import core, media.packet, net.
"""
