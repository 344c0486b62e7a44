"""Sockets, TLS, addresses and discovery.

May import core, net, net.protocol.
"""
