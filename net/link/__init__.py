"""Sockets, TLS, addresses and discovery.

May import core, media.packet, net, net.protocol.
"""
