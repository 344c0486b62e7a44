"""ui/wording/peers.py: names and trust in words."""

import pytest

from ui.view import CallTarget, PeerView, Stage, TargetKind, Trust, View
from ui.wording.peers import claim_of_peer, name_peer, word_target, word_trust


def other(
    trust: Trust, *, known_as: str = "", namesake: str = "", is_self: bool = False
) -> PeerView:
    return PeerView("Alice", "10.0.0.2", trust, known_as, namesake, is_self, "w o r d")


@pytest.mark.parametrize(
    ("peer", "trust"),
    [
        (other(Trust.CODE), "gave the right code"),
        (other(Trust.CODE, namesake="Alice"), "gave the right code; not the Alice you know"),
        (other(Trust.KNOWN, known_as="Alice"), "you know Alice"),
        (other(Trust.CODE, known_as="Mum"), "you know Mum"),
        (other(Trust.KNOWN, known_as="Mum"), "you know Mum"),
        (
            other(Trust.KNOWN, known_as="Alice 2", namesake="Alice"),
            "you know Alice 2; not the Alice you know",
        ),
        (other(Trust.NONE, is_self=True), "that is this computer"),
        (other(Trust.CODE, is_self=True), "that is this computer"),
        (other(Trust.NONE, namesake="Alice"), "not verified; not the Alice you know"),
        (other(Trust.NONE), "not verified"),
    ],
)
def test_each_kind_of_trust_has_its_words(peer: PeerView, trust: str) -> None:
    assert word_trust(peer, is_caller=True) == trust
    if peer.trust is not Trust.CODE:
        assert word_trust(peer, is_caller=False) == trust


def test_callee_has_the_code_that_a_caller_gives() -> None:
    assert word_trust(other(Trust.CODE), is_caller=False) == "has the right code"


def test_known_peer_has_its_stored_name() -> None:
    assert other(Trust.KNOWN, known_as="Alice").display_name == "Alice"
    assert other(Trust.KNOWN, known_as="Mallory").display_name == "Mallory (Alice)"
    assert other(Trust.CODE, known_as="Mum").display_name == "Mum (Alice)"
    assert other(Trust.CODE).display_name == "Alice"


def test_missing_peer_is_called_the_other_side() -> None:
    assert name_peer(View(Stage.CALL, "Me")) == "the other side"
    assert claim_of_peer(View(Stage.CALL, "Me"), "is muted") == "The other side is muted"
    bob = View(Stage.CALL, "Me", peer=PeerView("bob"))
    assert claim_of_peer(bob, "is muted") == "bob is muted"


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (CallTarget(TargetKind.CODE, "7"), "the computer whose code begins with 7"),
        (CallTarget(TargetKind.NAME, "Bob"), "Bob"),
        (CallTarget(TargetKind.ADDRESS, "10.0.0.2:5000"), "10.0.0.2:5000"),
    ],
)
def test_target_is_worded_as_typed(target: CallTarget, text: str) -> None:
    assert word_target(target) == text
