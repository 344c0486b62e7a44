"""Identity, call codes, known peers and camera pins.

May import core, net, net.link, net.protocol.
"""
