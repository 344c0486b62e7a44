"""ui/wording/listener.py: the ways to call a listener, in words."""

from msgspec.structs import replace

from ui.view import Availability, ListenerView, WrongCodes
from ui.wording.listener import MAX_ADDRESSES, word_waiting, word_waiting_details

LISTENER = ListenerView("7-otter-lamp", "peer.py", "10.0.0.1:5000")


def details(listener: ListenerView, *, at_terminal: bool = False) -> tuple[str, ...]:
    return word_waiting_details(listener, at_terminal=at_terminal)


def test_command_with_the_code_comes_before_the_one_with_the_address() -> None:
    assert details(LISTENER) == (
        "On the other computer, type:",
        "  peer.py connect 7-otter-lamp",
        "or, if that finds nobody:",
        "  peer.py connect 10.0.0.1:5000 --code 7-otter-lamp",
    )


def test_listener_that_only_this_computer_reaches_names_no_other_computer() -> None:
    for address in ("127.0.0.1:5000", "[::1]:5000"):
        lines = details(replace(LISTENER, address=address))
        assert lines[0].startswith("Only this computer can call")
        assert not any("other computer, type" in line for line in lines)


def test_unannounced_listener_shows_only_its_address() -> None:
    assert details(replace(LISTENER, is_announced=False))[1:] == (
        "  peer.py connect 10.0.0.1:5000 --code 7-otter-lamp",
    )


def test_number_of_other_addresses_is_limited() -> None:
    many = replace(LISTENER, other_addresses=tuple(f"10.0.1.{n}:5000" for n in range(20)))
    lines = details(many)
    assert sum("10.0.1." in line for line in lines) == MAX_ADDRESSES


def test_open_listener_says_that_anybody_can_ring() -> None:
    assert any("anybody can ring" in line for line in details(replace(LISTENER, is_open=True)))


def test_wrong_codes_are_counted() -> None:
    one = replace(LISTENER, wrong_codes=WrongCodes(1, "10.0.0.7"))
    assert details(one)[-1] == "1 wrong code so far, the last one from 10.0.0.7"
    two = replace(LISTENER, wrong_codes=WrongCodes(2, "10.0.0.7"))
    assert details(two)[-1] == "2 wrong codes so far, the last one from 10.0.0.7"


def test_do_not_disturb_names_the_key() -> None:
    quiet = replace(LISTENER, availability=Availability.DO_NOT_DISTURB)
    assert word_waiting(quiet) == "Do not disturb: nobody can ring"
    assert details(quiet) == ("Press d to take calls again",)
    assert details(quiet, at_terminal=True) == ("Type d and Enter to take calls again",)


def test_blocked_codes_name_the_key_or_the_restart() -> None:
    blocked = replace(
        LISTENER,
        availability=Availability.CODES_BLOCKED,
        wrong_codes=WrongCodes(50, "10.0.0.7"),
    )
    assert "no codes are taken" in word_waiting(blocked)
    assert details(blocked)[-1] == "Press c to take codes again"
    assert (
        details(replace(blocked, can_ask=False))[-1] == "Restart the listener to take codes again"
    )
