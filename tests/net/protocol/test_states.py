"""Claims about net/protocol/states.py."""

from itertools import product
from typing import get_args

import pytest

from net.errors import ProtocolError
from net.protocol.control import (
    Accept,
    Bye,
    CodeConfirm,
    Control,
    Proof,
    ResumeAnswer,
    Ringing,
)
from net.protocol.goodput_messages import (
    Filler,
    GoodputReady,
)
from net.protocol.states import TRANSITIONS, Direction, Role, State, next_state
from tests.net.protocol.state_walks import (
    CALLEE,
    CALLER,
    EXAMPLES,
    IN,
    MEDIA,
    OUT,
    WALKS,
    Step,
)


def test_examples_hold_every_kind_of_message() -> None:
    assert {type(control) for control in EXAMPLES} == set(get_args(Control))


@pytest.mark.parametrize(("role", "steps"), WALKS)
def test_legal_sequence_of_messages_visits_these_states(
    role: Role, steps: tuple[Step, ...]
) -> None:
    state = State.AWAITS_HELLO
    for direction, control, following in steps:
        state = next_state(role, state, direction, control)
        assert state is following


@pytest.mark.parametrize(("role", "state"), list(product(Role, State)))
def test_message_missing_from_the_table_raises_the_right_error(role: Role, state: State) -> None:
    for direction, control in product(Direction, EXAMPLES):
        following = TRANSITIONS.get((role, state, direction, type(control)))
        if following is not None:
            assert next_state(role, state, direction, control) is following
            continue
        tag = type(control).__struct_config__.tag
        if direction is IN:
            with pytest.raises(ProtocolError) as caught:
                next_state(role, state, direction, control)
            assert (
                caught.value.sentence
                == f"The other side sent {tag} while this side was {state.value}"
            )
        else:
            with pytest.raises(ValueError, match=f"{tag} may not be sent while {state.value}"):
                next_state(role, state, direction, control)


def test_only_our_bye_may_follow_the_end() -> None:
    for role, direction, control in product(Role, Direction, EXAMPLES):
        following = TRANSITIONS.get((role, State.ENDED, direction, type(control)))
        assert following is None or (direction is OUT and isinstance(control, Bye))
        assert following in (None, State.ENDED)


def test_only_accept_begins_a_call() -> None:
    entries = {
        (role, state, direction, kind)
        for (role, state, direction, kind), following in TRANSITIONS.items()
        if following is State.CALL and state is not State.CALL
    }
    assert entries == {
        (CALLER, State.RINGING, IN, Accept),
        (CALLEE, State.RINGING, OUT, Accept),
        (CALLER, State.AWAITS_RESUME, IN, Accept),
        (CALLEE, State.RESUMING, OUT, Accept),
    }


@pytest.mark.parametrize("state", [s for s in State if s not in (State.CALL, State.ENDING)])
def test_media_messages_may_not_precede_accept(state: State) -> None:
    for role, direction, control in product(Role, Direction, MEDIA):
        assert (role, state, direction, type(control)) not in TRANSITIONS


def test_call_rings_only_after_a_proof_or_a_confirmed_code() -> None:
    entries = {
        (role, state, direction, kind)
        for (role, state, direction, kind), following in TRANSITIONS.items()
        if following is State.RINGING and state is not State.RINGING
    }
    assert entries == {
        (CALLER, State.AWAITS_RINGING, IN, Ringing),
        (CALLEE, State.AWAITS_PROOF, IN, Proof),
        (CALLEE, State.AWAITS_CONFIRM, IN, CodeConfirm),
    }


def test_filler_passes_only_after_the_callees_consent_and_never_in_a_call() -> None:
    measuring = {
        State.SENDS_FILLER,
        State.AWAITS_REPORT,
        State.OWES_REPORT,
        State.RECEIVES_FILLER,
        State.MEASURED,
    }
    entries = {
        (role, state, direction, kind)
        for (role, state, direction, kind), following in TRANSITIONS.items()
        if following in measuring and state not in measuring
    }
    assert entries == {
        (CALLER, State.AWAITS_READY, IN, GoodputReady),
        (CALLEE, State.OWES_READY, OUT, GoodputReady),
    }
    ways_out = {
        (kind, following)
        for (_, state, _, kind), following in TRANSITIONS.items()
        if state in measuring and following not in measuring
    }
    assert ways_out == {(Bye, State.ENDED)}
    assert {state for _, state, _, kind in TRANSITIONS if kind is Filler} <= measuring


def test_call_is_resumed_only_after_our_answer_to_a_proof() -> None:
    entries = {key for key, following in TRANSITIONS.items() if following is State.RESUMING}
    assert entries == {(CALLEE, State.OWES_RESUME_ANSWER, OUT, ResumeAnswer)}


def test_caller_with_a_code_awaits_ringing_only_after_confirmation() -> None:
    ways = {
        (state, kind)
        for (role, state, _, kind), following in TRANSITIONS.items()
        if role is CALLER
        and following is State.AWAITS_RINGING
        and state in (State.AWAITS_ANSWER, State.AWAITS_CONFIRM)
    }
    assert ways == {(State.AWAITS_CONFIRM, CodeConfirm)}


def test_bye_ends_every_state() -> None:
    for role, state in product(Role, State):
        if state is State.ENDED:
            continue
        if state in (State.CALL, State.ENDING):
            assert TRANSITIONS[role, state, IN, Bye] is State.ENDING
            assert TRANSITIONS[role, state, OUT, Bye] is State.ENDING
        else:
            assert TRANSITIONS[role, state, IN, Bye] is State.ENDED
            is_resume = state in (State.AWAITS_RESUME_ANSWER, State.AWAITS_RESUME)
            after_ours = State.LEAVING if is_resume and role is CALLER else State.ENDED
            assert TRANSITIONS[role, state, OUT, Bye] is after_ours


def test_every_message_allowed_out_in_a_call_is_allowed_in_at_the_peer() -> None:
    for state in (State.CALL, State.ENDING):
        for role, other in ((CALLER, CALLEE), (CALLEE, CALLER)):
            sent = {k[3] for k in TRANSITIONS if k[:3] == (role, state, OUT)}
            receivable = {k[3] for k in TRANSITIONS if k[:3] == (other, state, IN)}
            assert sent <= receivable
