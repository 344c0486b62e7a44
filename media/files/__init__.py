"""Files that a call writes: snapshots.

May import core, media.
"""
