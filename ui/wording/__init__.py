"""The sentences that a user reads, made from the view and other values. Pure: no I/O, no clock.

May import core, media.device_state, net.protocol.reasons, ui.
"""
