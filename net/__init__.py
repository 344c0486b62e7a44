"""The link: one socket, its protocol and the trust between its ends. Knows no picture and no sound.

May import core.
"""
