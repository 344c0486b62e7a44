"""Sound: devices, voice processing, codecs and the jitter buffer.

May import core, media.
"""
