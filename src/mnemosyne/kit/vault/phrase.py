"""The recovery phrase: 24 words that open the vault and will recover their owner's identity."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from mnemosyne.kit.crypto.derivation import derive
from mnemosyne.kit.crypto.digests import multihash
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.sealed_signer import sealed_signer
from mnemosyne.kit.crypto.signing import Signer, SigningKey
from mnemosyne.kit.crypto.slip10 import derive_ed25519
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.word_list import word_list

PHRASE_WORDS: Final = 24
CONFIRMED_WORDS: Final = 3

_ENTROPY_BYTES: Final = 32
_RECOVERY_PATH: Final = (7101, 0)  # m/7101'/0'/n'
_WRAPPING: Final = "mnemosyne/slot/phrase/1"
_CLOSE: Final = 0.6


class PhraseWordCountError(MnemosyneError):
    """A phrase has too few or too many words."""

    code = "phrase-word-count"

    def __init__(self, found: int) -> None:
        super().__init__(
            f"a recovery phrase has {PHRASE_WORDS} words, and this one has {found}",
            why="Words are missing, doubled, or written together.",
            hint="Type all words in order, with a space between two.",
        )
        self.found = found


class UnknownPhraseWordError(MnemosyneError):
    """A word of a phrase is not in the list."""

    code = "phrase-unknown-word"

    def __init__(self, position: int, suggestion: str | None) -> None:
        super().__init__(
            f"word {position} of the phrase is not one of the {len(word_list())} possible words",
            why="It is misspelt, or the phrase is in another language than English.",
            hint=f"Did you mean “{suggestion}”?"
            if suggestion
            else f"Look at word {position} on the card again.",
        )
        self.position = position
        self.suggestion = suggestion


class PhraseChecksumError(MnemosyneError):
    """Every word is possible, but together they are no phrase."""

    code = "phrase-checksum"

    def __init__(self) -> None:
        super().__init__(
            "these words are not a recovery phrase",
            why="Their checksum is wrong: a word was taken for another one, or two changed places.",
            hint="Compare every word and the order with the card.",
        )


@dataclass(frozen=True, slots=True)
class Phrase:
    """24 words whose checksum is right; made by ``generate_phrase`` and ``parse_phrase``."""

    words: tuple[str, ...] = field(repr=False)

    def wrapping_key(self, salt: bytes) -> bytes:
        """Return the 32 bytes that wrap the root key in a slot with this ``salt``."""
        return derive(self._seed(), _WRAPPING, salt=salt)

    def recovery_public_key(self, index: int) -> bytes:
        """Return the Ed25519 public key at m/7101'/0'/``index``', 32 bytes (SLIP-0010)."""
        return self.recovery_signer(index).public

    def recovery_signer(self, index: int) -> Signer:
        """Return what signs with the key at m/7101'/0'/``index``', and shows nothing of it."""
        key = derive_ed25519(self._seed(), (*_RECOVERY_PATH, index))
        return sealed_signer(SigningKey(key.private))

    def recovery_key_hash(self, index: int) -> str:
        """Return the multihash of that key as Multikey: all that the node keeps of it."""
        return multihash(encode_multikey(self.recovery_public_key(index)).encode("ascii"))

    def _seed(self) -> bytes:
        from mnemonic import Mnemonic  # noqa: PLC0415 - most starts need no phrase

        return bytes(Mnemonic.to_seed(" ".join(self.words)))


def generate_phrase() -> Phrase:
    """Return a fresh phrase of 256 random bits."""
    from mnemonic import Mnemonic  # noqa: PLC0415 - most starts need no phrase

    words = Mnemonic("english").to_mnemonic(secrets.token_bytes(_ENTROPY_BYTES))
    return Phrase(tuple(words.split(" ")))


def parse_phrase(text: str) -> Phrase:
    """Return the phrase that ``text`` spells, in any case and with any white space.

    Raises:
        PhraseWordCountError: it does not have 24 words.
        UnknownPhraseWordError: which word is not in the list.
        PhraseChecksumError: the words do not belong together.
    """
    from mnemonic import Mnemonic  # noqa: PLC0415 - most starts need no phrase

    words = tuple(text.casefold().split())
    if len(words) != PHRASE_WORDS:
        raise PhraseWordCountError(len(words))
    known = frozenset(word_list())
    for position, word in enumerate(words, 1):
        if word not in known:
            close = get_close_matches(word, word_list(), 1, _CLOSE)
            raise UnknownPhraseWordError(position, close[0] if close else None)
    if not Mnemonic("english").check(" ".join(words)):
        raise PhraseChecksumError
    return Phrase(words)


def confirmation_positions(below: Callable[[int], int] = secrets.randbelow) -> tuple[int, ...]:
    """Return three different positions from 1 to 24, ascending, whose words are asked for.

    ``below(n)`` returns a random whole number from 0 to n - 1.
    """
    left = list(range(1, PHRASE_WORDS + 1))
    return tuple(sorted(left.pop(below(len(left))) for _ in range(CONFIRMED_WORDS)))


def confirms(phrase: Phrase, answers: Mapping[int, str]) -> bool:
    """Return whether each answer is the word at its position, counted from 1."""
    return all(
        phrase.words[position - 1] == answer.strip().casefold()
        for position, answer in answers.items()
    )
