"""Identity, call codes and known peers.

May import core, net, net.link, net.protocol.
"""
