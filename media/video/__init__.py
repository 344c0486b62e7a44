"""Pictures: sources, encoders and decoders.

May import core, media.
"""
