"""The 2048 English words of BIP39, from which phrases and made-up passphrases are drawn."""

from functools import cache


@cache
def word_list() -> tuple[str, ...]:
    """Return the words in the order of BIP39."""
    from mnemonic import Mnemonic  # noqa: PLC0415 - most starts need no words

    return tuple(Mnemonic("english").wordlist)
