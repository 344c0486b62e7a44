"""Pictures: sources, encoders, decoders and snapshots.

May import core, media.
"""
