"""Sound: devices, clean-up, codecs and the jitter buffer.

May import core, media.
"""
