"""Passphrases: how strong one must be, how one is made up, and the slow way from it to a key."""

import math
import secrets
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.word_list import word_list

MINIMUM_CHARACTERS: Final = 12
MINIMUM_SCORE: Final = 3
GENERATED_WORDS: Final = 7  # of 2048: 77 bits

_LOOKED_AT: Final = 72  # zxcvbn is quadratic and looks no further; a longer one is no weaker
_SLOW_ENOUGH_SECONDS: Final = 0.5
_AIM_SECONDS: Final = 0.7
_MOST_PASSES: Final = 64
_MOST_MEMORY_KIB: Final = 1024 * 1024
_MOST_LANES: Final = 16


class WeakPassphraseError(MnemosyneError):
    """A passphrase can be guessed."""

    code = "weak-passphrase"

    def __init__(self, why: str, advice: str = "") -> None:
        own = f"Use at least {MINIMUM_CHARACTERS} characters, best several uncommon words, or"
        super().__init__(
            "the passphrase is too weak",
            why=why,
            hint=f"{advice} {own} let --generate make one up.".strip(),
        )


@dataclass(frozen=True, slots=True)
class Passphrase:
    """What a person types, in one spelling (NFKC) whatever keyboard wrote it."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", unicodedata.normalize("NFKC", self.text))


@dataclass(frozen=True, slots=True)
class Argon2Parameters:
    """The cost of one derivation (RFC 9106 §3.1): KiB of memory, passes over it, lanes.

    The bounds keep a slot file that somebody changed from occupying the machine for hours.
    """

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.lanes <= _MOST_LANES or not 1 <= self.passes <= _MOST_PASSES:
            message = f"1 to {_MOST_LANES} lanes and 1 to {_MOST_PASSES} passes are possible"
            raise ValueError(message)
        if not 8 * self.lanes <= self.memory_kib <= _MOST_MEMORY_KIB:
            message = f"8 KiB for each lane to {_MOST_MEMORY_KIB} KiB of memory are possible"
            raise ValueError(message)


def check_strength(passphrase: Passphrase, known: Sequence[str] = ()) -> None:
    """Refuse a passphrase that is short or easy to guess.

    ``known`` are words that are no secret, such as the name of its owner.

    Raises:
        WeakPassphraseError: why, and what would help.
    """
    if len(passphrase.text) < MINIMUM_CHARACTERS:
        raise WeakPassphraseError(f"It has {len(passphrase.text)} characters.")
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its dictionaries are needed when a secret is set

    result = zxcvbn(passphrase.text[:_LOOKED_AT], user_inputs=["mnemosyne", *known])
    if result["score"] >= MINIMUM_SCORE:
        return
    warning = result["feedback"]["warning"] or "It would be guessed too soon."
    advice = " ".join(result["feedback"]["suggestions"])
    raise WeakPassphraseError(f"{warning.rstrip('.')}.", advice)


def generate_passphrase(below: Callable[[int], int] = secrets.randbelow) -> Passphrase:
    """Return seven words of the BIP39 list, joined by hyphens: 77 bits that can be typed.

    ``below(n)`` returns a random whole number from 0 to n - 1.
    """
    words = word_list()
    return Passphrase("-".join(words[below(len(words))] for _ in range(GENERATED_WORDS)))


def stretch(passphrase: Passphrase, salt: bytes, cost: Argon2Parameters) -> bytes:
    """Return 32 bytes of key by Argon2id (RFC 9106)."""
    from argon2.low_level import Type, hash_secret_raw  # noqa: PLC0415 - a key file needs it not

    return hash_secret_raw(
        # Half a character can come from a terminal in another encoding; it still is a secret.
        passphrase.text.encode("utf-8", "surrogatepass"),
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )


def measure(cost: Argon2Parameters) -> float:
    """Return how many seconds one derivation takes on this machine."""
    began = time.perf_counter()
    stretch(Passphrase("calibration"), bytes(16), cost)
    return time.perf_counter() - began


def calibrate(seconds: Callable[[Argon2Parameters], float] = measure) -> Argon2Parameters:
    """Return a cost of half a second to a second here, and never less than the default."""
    start = Argon2Parameters()
    taken = seconds(start)
    if taken >= _SLOW_ENOUGH_SECONDS:
        return start
    passes = math.ceil(start.passes * _AIM_SECONDS / max(taken, 1e-6))
    return Argon2Parameters(start.memory_kib, min(passes, _MOST_PASSES), start.lanes)
