"""What opens a vault: a passphrase or the phrase, asked for on a terminal, or a key file."""

import getpass
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mnemosyne.cli.errors import NoTerminalError, PassphrasesDifferError, PhraseFileError
from mnemosyne.cli.node import Node
from mnemosyne.cli.output import Page, flat

if TYPE_CHECKING:  # most of what opens a vault is not needed for most commands
    from mnemosyne.kit.vault.passphrase import Passphrase
    from mnemosyne.kit.vault.phrase import Phrase
    from mnemosyne.kit.vault.root_key import HeldKey
    from mnemosyne.kit.vault.slot_file import Slot
    from mnemosyne.kit.vault.slot_wrapping import Secret
    from mnemosyne.kit.vault.system_keyring import KeyringEntry

_GROUP_AND_OTHERS: Final = 0o077
_INSTEAD: Final = (
    "Set MNEMOSYNE_KEY_FILE to a key file that opens the vault (`mnemosyne key add-key-file` "
    "makes one), or use `mnemosyne --phrase-file FILE COMMAND`."
)
_PHRASE_INSTEAD: Final = (
    "Put the phrase into a private file and name it with --phrase-file FILE; “-” reads a pipe."
)
_OPENING_PHRASE_INSTEAD: Final = (
    "Put the phrase into a private file: `mnemosyne --phrase-file FILE COMMAND`; “-” reads a pipe."
)
_GENERATE_INSTEAD: Final = "Use --generate, which makes one up and prints it."


@dataclass(frozen=True, slots=True)
class ByPhrase:
    """The recovery phrase is to open the vault, typed or from a private file ("-" is a pipe)."""

    file: Path | None = None


def secret(node: Node, *, phrase: ByPhrase | None) -> "Secret":
    """Return what opens the vault, as the phrase when asked for, or the key file that is set.

    After these comes the keyring of the system, where it has a slot, and last a passphrase.

    Raises:
        VaultMissingError, VaultIncompleteError: there is nothing to open, so nothing is asked.
        NoTerminalError: nobody can be asked.
        MnemosyneError: the key file or the phrase is not what it should be.
    """
    from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415 - `--help` opens nothing

    VaultHome(node.home).require()
    if phrase is None and (key := node.key_file()) is not None:
        return key
    if phrase is None and (entry := keyring_entry(node)) is not None:
        return entry
    return secret_of_backup(node, phrase=phrase)


def secret_of_backup(node: Node, *, phrase: ByPhrase | None) -> "Secret":
    """Return what opens a backup, where there may be no vault.

    Raises:
        NoTerminalError: nobody can be asked.
        MnemosyneError: the key file or the phrase is not what it should be.
    """
    from mnemosyne.kit.vault.passphrase import Passphrase  # noqa: PLC0415 - `--help` opens nothing

    if phrase is not None:
        return phrase_of(phrase)
    if (key := node.key_file()) is not None:
        return key
    return Passphrase(hidden("passphrase"))


def held_key(node: Node, *, phrase: ByPhrase | None) -> "HeldKey | None":
    """Return the key that a key holder has, unless something else was named to open the vault.

    Raises:
        VaultMissingError, VaultIncompleteError: there is nothing to open.
        MnemosyneError: the key file that is set is not what it should be.
    """
    from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415 - `--help` opens nothing

    VaultHome(node.home).require()
    if phrase is not None or node.key_file() is not None:
        return None
    return node.held_key()


def keyring_entry(node: Node) -> "KeyringEntry | None":
    """Return the entry of this vault in the keyring of the system, None where there is none.

    A keyring that cannot be used is no error: that is said, and another way in is asked for.
    """
    from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415 - `--help` opens nothing
    from mnemosyne.kit.vault.slot_file import KeyringSlot  # noqa: PLC0415
    from mnemosyne.kit.vault.slots import KeySlots  # noqa: PLC0415
    from mnemosyne.kit.vault.system_keyring import KeyringUnavailableError  # noqa: PLC0415

    slots = KeySlots(VaultHome(node.home)).list()
    slot = next((each for each in slots if isinstance(each, KeyringSlot)), None)
    if slot is None:
        return None
    try:
        found = node.keyring().read(slot.entry)
        why = "It has no entry of this vault any more."
    except KeyringUnavailableError as error:
        found, why = None, error.why
    if found is None:
        sys.stderr.write(f"The keyring of the system does not open the vault. {flat(why)}\n")
    return found


def forget_keyring_entry(node: Node, slot: "Slot") -> str:
    """Remove the entry of a closed slot from the keyring; return why that failed, or nothing."""
    from mnemosyne.kit.vault.slot_file import KeyringSlot  # noqa: PLC0415 - seldom needed
    from mnemosyne.kit.vault.system_keyring import KeyringUnavailableError  # noqa: PLC0415

    if not isinstance(slot, KeyringSlot):
        return ""
    try:
        node.keyring().delete(slot.entry)
    except KeyringUnavailableError as error:
        return error.why
    return ""


def phrase_of(phrase: ByPhrase | None) -> "Phrase":
    """Return the recovery phrase: from the file that was named, or asked for.

    Raises:
        NoTerminalError: nobody can be asked.
        PhraseFileError, PhraseWordCountError, UnknownPhraseWordError, PhraseChecksumError
    """
    if phrase is None or phrase.file is None:
        return ask_phrase(_OPENING_PHRASE_INSTEAD)
    return _phrase_in(phrase.file)


def has_vault(node: Node) -> bool:
    """Return whether there is a whole vault here.

    Raises:
        VaultIncompleteError: there is half of one.
    """
    from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415 - `--help` opens nothing

    return VaultHome(node.home).exists()


def can_ask() -> bool:
    """Return whether there is somebody to ask."""
    return sys.stdin.isatty()


def ask_phrase(instead: str = _PHRASE_INSTEAD) -> "Phrase":
    """Ask for the 24 words; ``instead`` says what a script does.

    Raises:
        NoTerminalError: nobody can be asked.
        PhraseWordCountError, UnknownPhraseWordError, PhraseChecksumError
    """
    from mnemosyne.kit.vault.phrase import parse_phrase  # noqa: PLC0415 - seldom typed

    return parse_phrase(hidden("recovery phrase, 24 words", instead))


def given_phrase(file: Path | None) -> "Phrase":
    """Return the phrase in a private file (“-” is a pipe), or what is typed where none is named.

    Raises:
        NoTerminalError: nobody can be asked.
        PhraseFileError, PhraseWordCountError, UnknownPhraseWordError, PhraseChecksumError
    """
    return ask_phrase() if file is None else _phrase_in(file)


def _phrase_in(file: Path) -> "Phrase":
    from mnemosyne.kit.vault.phrase import parse_phrase  # noqa: PLC0415 - seldom read

    if str(file) == "-":
        return parse_phrase(sys.stdin.readline())
    try:
        if stat.S_IMODE(file.stat().st_mode) & _GROUP_AND_OTHERS:
            raise PhraseFileError(file, "Other accounts of this machine can read it.")
        return parse_phrase(file.read_text("utf-8"))
    except OSError as error:
        raise PhraseFileError(file, f"The system says: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise PhraseFileError(file, "It is not text.") from error


def ask_new_passphrase(*known: str) -> "Passphrase":
    """Ask twice for a new passphrase; ``known`` are words that are no secret.

    Raises:
        NoTerminalError: nobody can be asked.
        WeakPassphraseError: it can be guessed.
        PassphrasesDifferError: there was a slip.
    """
    from mnemosyne.kit.vault.passphrase import Passphrase, check_strength  # noqa: PLC0415

    first = Passphrase(hidden("new passphrase (12 characters or more)", _GENERATE_INSTEAD))
    check_strength(first, known)
    if Passphrase(hidden("the same again", _GENERATE_INSTEAD)) != first:
        raise PassphrasesDifferError
    return first


def made_up(page: Page, *, quietly: bool = False) -> "Passphrase":
    """Make up a passphrase and show it this once, unless the caller does."""
    from mnemosyne.kit.vault.passphrase import generate_passphrase  # noqa: PLC0415

    found = generate_passphrase()
    if quietly:
        return found
    page.line("Your passphrase, shown this once; write it down:")
    page.line(f"    {found.text}")
    page.space()
    return found


def hidden(question: str, instead: str = _INSTEAD) -> str:
    """Ask on the terminal, even while something else is piped in, and show nothing of the answer.

    Raises:
        NoTerminalError: there is none; ``instead`` says what a script does.
    """
    _require_terminal(f"the {question}", instead)
    try:
        return getpass.getpass(f"{question.capitalize()}: ")
    except EOFError as error:  # control-D: whoever was asked does not want to answer
        raise KeyboardInterrupt from error


def ask(question: str, instead: str, *, what: str = "a confirmation") -> str:
    """Ask for a line on the terminal; ``what`` is asked for.

    Raises:
        NoTerminalError: there is none; ``instead`` says what a script does.
    """
    if not sys.stdin.isatty():
        raise NoTerminalError(what, instead)
    sys.stderr.write(f"{question}: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _require_terminal(question: str, instead: str) -> None:
    """Look for the terminal of this process, since a password prompt would fall back to a pipe.

    Raises:
        NoTerminalError: there is none.
    """
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError as error:
        raise NoTerminalError(question, instead) from error
