"""ui/wording/view_values.py: two views have the same values exactly if they have the same words."""

from itertools import combinations

import pytest
from msgspec.structs import replace

from core.exit_status import ExitStatus
from ui.view import (
    Availability,
    CallTarget,
    EndCause,
    Ending,
    ListenerView,
    PeerView,
    Stage,
    TargetKind,
    Trust,
    View,
    WordsTask,
    WrongCodes,
)
from ui.wording.stages import word_details, word_sentence
from ui.wording.view_values import detail_values, sentence_values

WAITING = View(Stage.WAITING, "Me")
LISTENER = ListenerView("7-otter-lamp", "python peer.py", "10.0.0.1:5000")
# Whether a listener is open or announced does not change while it runs.
LISTENERS = [
    replace(listener, availability=availability)
    for availability in Availability
    for listener in (
        LISTENER,
        replace(LISTENER, address="10.0.0.9:5000"),
        replace(LISTENER, other_addresses=("10.0.0.3:5000",)),
        replace(LISTENER, other_addresses=tuple(f"10.0.0.{n}:5000" for n in range(9))),
        replace(LISTENER, other_addresses=tuple(f"10.0.0.{n}:5000" for n in range(8))),
        replace(LISTENER, can_ask=False),
        replace(LISTENER, wrong_codes=WrongCodes(1, "10.0.0.2")),
        replace(LISTENER, wrong_codes=WrongCodes(2, "10.0.0.2")),
        replace(LISTENER, wrong_codes=WrongCodes(2, "10.0.0.4"), can_ask=False),
    )
]
ALICE = PeerView("Alice", "10.0.0.2", words="otter lamp moon tree")
PEERS = [
    None,
    ALICE,
    replace(ALICE, name="Bob"),
    replace(ALICE, address="10.0.0.3"),
    replace(ALICE, trust=Trust.CODE),
    replace(ALICE, trust=Trust.KNOWN, known_as="Ally"),
    replace(ALICE, namesake="Alice"),
    replace(ALICE, is_self=True),
    replace(ALICE, words="tree moon lamp otter"),
]
TARGETS = [None, CallTarget(TargetKind.CODE, "7"), CallTarget(TargetKind.NAME, "Bob")]
VIEWS = [
    WAITING,
    *(replace(WAITING, listener=listener) for listener in LISTENERS),
    *(View(Stage.DIALLING, "Me", target=target) for target in TARGETS),
    *(View(Stage.DIALLING, "Me", peer=peer, retry_s=s) for peer in PEERS for s in (2, 3)),
    *(View(stage, "Me", peer=peer) for stage in (Stage.RINGING, Stage.INCOMING) for peer in PEERS),
    *(View(Stage.CALL, "Me", peer=peer, words_task=task) for peer in PEERS for task in WordsTask),
    *(View(Stage.CALL, "Me", peer=peer, is_reconnecting=True) for peer in PEERS),
    View(Stage.ENDED, "Me"),
    *(
        View(Stage.ENDED, "Me", ending=Ending(cause, ExitStatus.OK))
        for cause in (EndCause.HUNG_UP, EndCause.GIVEN_UP)
    ),
]


@pytest.mark.parametrize("stage", list(Stage))
def test_values_differ_exactly_where_sentences_differ(stage: Stage) -> None:
    for one, other in combinations([view for view in VIEWS if view.stage is stage], 2):
        has_same_values = sentence_values(one) == sentence_values(other)
        assert has_same_values is (word_sentence(one) == word_sentence(other)), (one, other)


@pytest.mark.parametrize("stage", list(Stage))
def test_values_differ_exactly_where_lines_differ(stage: Stage) -> None:
    for one, other in combinations([view for view in VIEWS if view.stage is stage], 2):
        values, other_values = (
            (sentence_values(view), *detail_values(view)) for view in (one, other)
        )
        lines, other_lines = (
            (word_sentence(view), *word_details(view, at_terminal=True)) for view in (one, other)
        )
        assert (values == other_values) is (lines == other_lines), (one, other)
        has_news = any(value not in other_values for value in values)
        assert has_news is (not set(lines) <= set(other_lines)), (one, other)
