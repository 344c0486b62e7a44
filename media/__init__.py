"""Pictures and sound: from a device to a packet and back. Knows no network.

May import core.
"""
