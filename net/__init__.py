"""The link between two peers: sockets, protocol and trust. Knows neither pictures nor sound.

May import core.
"""
