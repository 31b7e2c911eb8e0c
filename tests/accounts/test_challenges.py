from datetime import timedelta

import pytest

from mnemosyne.accounts.challenges import (
    LIFETIME,
    ChallengeRefusedError,
    Challenges,
    Purpose,
)
from tests.clock import SetClock


@pytest.fixture
def challenges(clock: SetClock) -> Challenges:
    return Challenges(clock, most_tried=3)


def takes(challenges: Challenges, challenge: bytes, *binding: str) -> bool:
    try:
        challenges.take(challenge, Purpose.SIGN_IN, *binding)
    except ChallengeRefusedError:
        return False
    return True


def test_a_challenge_is_taken_once(challenges: Challenges) -> None:
    challenge = challenges.issue(Purpose.SIGN_IN, "tab")

    assert takes(challenges, challenge, "tab")
    assert not takes(challenges, challenge, "tab")


def test_no_two_challenges_are_alike(challenges: Challenges) -> None:
    assert len({challenges.issue(Purpose.SIGN_IN, "tab") for _ in range(20)}) == 20


def test_a_challenge_is_bound_to_its_purpose_and_to_every_part_of_its_binding(
    challenges: Challenges,
) -> None:
    for binding in (("b",), ("a", "b"), ("a",), (), ("ab",), ("", "ab")):
        bound = challenges.issue(Purpose.SIGN_IN, "a", "b")
        assert takes(challenges, bound, *binding) is (binding == ("a", "b"))
    with pytest.raises(ChallengeRefusedError):
        challenges.take(challenges.issue(Purpose.STEP_UP, "a"), Purpose.SIGN_IN, "a")


def test_a_challenge_lasts_five_minutes(challenges: Challenges, clock: SetClock) -> None:
    early, late = (challenges.issue(Purpose.SIGN_IN, "tab") for _ in range(2))

    clock.advance(LIFETIME - timedelta(microseconds=1))
    assert takes(challenges, early, "tab")
    clock.advance(timedelta(microseconds=1))
    assert not takes(challenges, late, "tab")
    assert timedelta(minutes=5) == LIFETIME


def test_every_byte_of_a_challenge_counts(challenges: Challenges) -> None:
    challenge = challenges.issue(Purpose.SIGN_IN, "tab")

    for place in range(len(challenge)):
        changed = bytearray(challenge)
        changed[place] ^= 1
        assert not takes(challenges, bytes(changed), "tab")
    for other in (b"", challenge[:-1], challenge + b"\x00", challenge[16:]):
        assert not takes(challenges, other, "tab")
    assert takes(challenges, challenge, "tab")


def test_another_process_knows_none_of_them(challenges: Challenges, clock: SetClock) -> None:
    assert not takes(Challenges(clock), challenges.issue(Purpose.SIGN_IN, "tab"), "tab")


def test_a_flood_of_attempts_forgets_failures_and_never_what_was_answered(
    challenges: Challenges,
) -> None:
    answered, failed = (challenges.issue(Purpose.SIGN_IN, "tab") for _ in range(2))
    for each in (answered, failed):
        assert takes(challenges, each, "tab")
    challenges.answered(answered)

    for _ in range(5):
        assert takes(challenges, challenges.issue(Purpose.SIGN_IN, "tab"), "tab")

    assert not takes(challenges, answered, "tab")
    assert takes(challenges, failed, "tab")


def test_what_was_answered_is_forgotten_once_it_has_expired(
    challenges: Challenges, clock: SetClock
) -> None:
    for _ in range(3):
        challenge = challenges.issue(Purpose.SIGN_IN, "tab")
        challenges.take(challenge, Purpose.SIGN_IN, "tab")
        challenges.answered(challenge)
        clock.advance(LIFETIME)

    assert len(challenges._answered) == 1
