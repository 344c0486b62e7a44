"""Recordings: the packets of a call into one Matroska file, as they came.

May import core, media.
"""
