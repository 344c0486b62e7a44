"""Two people with nothing but the lobby, each on a computer and a screen of their own.

They click on what they see; where each control is, the windows write down themselves.
"""

from pathlib import Path

from bench.hosts import TwoHosts
from tests.support.peer_process import StartPeer
from tests.support.screen_user import Person


def test_strangers_call_chat_hang_up_and_call_again_by_clicks(
    start: StartPeer, hosts: TwoHosts, screen: str, second_screen: str, tmp_path: Path
) -> None:
    lobby = ("lobby", "--set=listen.open=false", "--set=listen.announce=true")
    ann = Person("Ann", start, screen, tmp_path, arguments=lobby, prefix=hosts.first.command())
    bob = Person(
        "Bob", start, second_screen, tmp_path, arguments=lobby, prefix=hosts.second.command()
    )
    for person in (ann, bob):
        person.focus("Vis-à-vis — waiting")
    _, words = bob.peer.wait_event("listening")["code"].split("-", 1)

    # Bob is a stranger on the network; his number is known, and he says his two words.
    ann.click("Type the code of this computer")
    ann.type_text(words)
    bob.peer.wait_event("ringing", peer="Ann", trust="code")
    bob.click("Accept the call")
    for person in (ann, bob):
        person.peer.wait_call()
        person.peer.wait_event("first_picture")

    ann.click("Chat and files")
    ann.click("Message to Bob")
    ann.type_text("Hello Bob")
    bob.peer.wait_event("chat", text="Hello Bob")
    bob.click("Chat and files, 1 unread message")
    bob.click("Message to Ann")
    bob.type_text("Hello Ann")
    ann.peer.wait_event("chat", is_own=False, text="Hello Ann")

    ann.click("Hang up")
    for person in (ann, bob):
        person.peer.wait_event("ended", exit_status=0)

    # Now they know each other: Bob, who was called, calls back with one click.
    bob.click("Call again")
    ann.peer.wait_event("ringing", peer="Bob", trust="known")
    ann.click("Decline the call")
    bob.peer.wait_event("rejected", reason="declined", peer="Ann")
    bob.click("Close the window")
    for person in (ann, bob):
        person.peer.wait_event("waiting", times=2)
    ann.click("Call Bob, on this network")
    bob.peer.wait_event("ringing", peer="Ann", trust="known")
    bob.click("Accept the call")
    for person in (ann, bob):
        person.peer.wait_call(times=2)
    bob.click("Hang up")
    ann.click("Call again")
    bob.peer.wait_event("ringing", times=2, peer="Ann", trust="known")
    bob.click("Decline the call")
    ann.peer.wait_event("rejected", reason="declined", peer="Bob")
