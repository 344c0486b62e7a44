"""Identity, call codes and known peers.

May import core, media.packet, net, net.link, net.protocol.
"""
