"""Packets in flight: from the outbox to the report of their arrival."""

from net.protocol.packets_in_flight import PacketsInFlight


def test_packet_departs_with_its_first_fragment_and_is_sent_with_its_last() -> None:
    packets = PacketsInFlight()
    packets.on_queued(2_000, 2, 1_000, is_paced=False)
    packets.on_departed(1_100)
    packet = packets.arrived(1)
    assert packet is not None
    assert (packet.departed_us, packet.sent_us) == (1_100, None)
    packets.on_departed(1_200)
    assert (packet.departed_us, packet.sent_us) == (1_100, 1_200)


def test_newest_byte_names_the_packet_that_holds_it() -> None:
    packets = PacketsInFlight()
    for number in range(3):
        packets.on_queued(1_000, 1, number, is_paced=False)
    for arrived_bytes, number in ((1_000, 0), (1_001, 1), (3_000, 2)):
        packet = packets.arrived(arrived_bytes)
        assert packet is not None
        assert packet.queued_us == number
    assert packets.arrived(3_001) is None


def test_pacing_is_that_of_the_oldest_packet() -> None:
    packets = PacketsInFlight()
    told = [packets.are_paced]
    packets.on_queued(1_000, 1, 0, is_paced=True)
    packets.on_queued(1_000, 1, 0, is_paced=False)
    told.append(packets.are_paced)
    packets.arrived(1_001)
    told.append(packets.are_paced)
    assert told == [False, True, False]
