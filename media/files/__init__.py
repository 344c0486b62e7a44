"""Files on this computer's disk: read to be sent, stored as they arrive. Knows no network.

May import core, media.
"""
