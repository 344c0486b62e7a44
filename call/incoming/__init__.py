"""From a connection to a ring: the listen thread, the admission policy and its rate limits.

May import call, core, net.*, ui, ui.wording.
"""
