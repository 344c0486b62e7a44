"""Pictures and, later, sound: from a device to a packet and back. Knows no network."""
