"""Challenges of passkeys: made without a row, bound to what they are for, answered once.

A challenge is nonce ‖ expiry ‖ HMAC(key of this process, purpose ‖ binding ‖ nonce ‖ expiry). So
a flood of strangers who ask for one costs nothing that stays. What was answered is remembered
until it has expired; that costs a passkey of this node, so nobody can fill that memory. What was
tried in vain is remembered as long as there is room: an answer that was refused once does not get
better.
"""

import secrets
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Final

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.crypto.digests import keyed_hash

LIFETIME: Final = timedelta(minutes=5)
_NONCE: Final = 16
_EXPIRY: Final = 8
_SIZE: Final = _NONCE + _EXPIRY + 32
_MOST_TRIED: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Purpose(StrEnum):
    """What an answer to a challenge does."""

    SIGN_IN = "sign-in"
    REGISTER = "register"
    ENROL = "enrol"
    STEP_UP = "step-up"


class ChallengeRefusedError(Exception):
    """A challenge is of somebody else, for something else, too old, or was answered before."""


class Challenges:
    """Issue challenges and take each of them once."""

    def __init__(self, clock: Clock, most_tried: int = _MOST_TRIED) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._most_tried = most_tried
        self._tried: OrderedDict[bytes, None] = OrderedDict()
        self._answered: dict[bytes, int] = {}

    def issue(self, purpose: Purpose, *binding: str) -> bytes:
        """Return a fresh challenge for whoever ``binding`` names, 56 bytes, good for 5 minutes."""
        expiry = _microseconds(self._clock() + LIFETIME).to_bytes(_EXPIRY, "big")
        stated = secrets.token_bytes(_NONCE) + expiry
        return stated + self._mac(stated, purpose, binding)

    def take(self, challenge: bytes, purpose: Purpose, *binding: str) -> None:
        """Take the one attempt that a challenge is good for.

        Raises:
            ChallengeRefusedError: it is none of this purpose and binding; expired; tried before.
        """
        stated, mac = challenge[: _NONCE + _EXPIRY], challenge[_NONCE + _EXPIRY :]
        now = _microseconds(self._clock())
        if len(challenge) != _SIZE or not compare_digest(mac, self._mac(stated, purpose, binding)):
            raise ChallengeRefusedError
        if int.from_bytes(stated[_NONCE:], "big") <= now:
            raise ChallengeRefusedError
        if stated in self._tried or stated in self._answered:
            raise ChallengeRefusedError
        self._tried[stated] = None
        if len(self._tried) > self._most_tried:
            self._tried.popitem(last=False)

    def answered(self, challenge: bytes) -> None:
        """Remember until it expires that a challenge was answered rightly."""
        now = _microseconds(self._clock())
        self._answered = {past: ends for past, ends in self._answered.items() if ends > now}
        stated = challenge[: _NONCE + _EXPIRY]
        self._answered[stated] = int.from_bytes(stated[_NONCE:], "big")

    def user_handle(self, whose: str) -> bytes:
        """Return the 32 bytes that stand for somebody who has no user handle yet.

        Two ceremonies of one person that overlap agree on it, and a stranger cannot tell it from
        random bytes; what is stored with the first passkey stays.
        """
        return keyed_hash(self._key, canonical_json(["user-handle", whose]))

    def _mac(self, stated: bytes, purpose: Purpose, binding: tuple[str, ...]) -> bytes:
        return keyed_hash(self._key, canonical_json([purpose.value, stated.hex(), *binding]))


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
