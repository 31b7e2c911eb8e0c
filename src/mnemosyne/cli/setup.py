"""Make a vault: the first minute, after which nothing else is needed."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from mnemosyne.cli import unlock
from mnemosyne.cli.errors import NoTerminalError, PassphrasesDifferError
from mnemosyne.cli.phrase_card import confirm_phrase, show_card, write_phrase
from mnemosyne.cli.running import Shell, shell_of, tell

if TYPE_CHECKING:  # most of what opens a vault is not needed for `--help`
    from mnemosyne.kit.vault.passphrase import Passphrase
    from mnemosyne.kit.vault.phrase import Phrase
    from mnemosyne.kit.vault.slot_wrapping import Secret

_TRIES: Final = 3
_PHRASE_INSTEAD = "Use --phrase-out FILE to write the recovery phrase to a private file."

Name = Annotated[
    str,
    typer.Option(metavar="NAME", help="What you are called."),
]
Generate = Annotated[bool, typer.Option("--generate", help="Make up a strong passphrase.")]
KeyFilePath = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="Open with this key file and no passphrase; made if missing.",
    ),
]
PhraseOut = Annotated[
    Path | None,
    typer.Option(
        "--phrase-out", metavar="FILE", help="Write the recovery phrase to this new, private file."
    ),
]


def init(
    context: typer.Context,
    *,
    name: Name = "",
    generate: Generate = False,
    key_file: KeyFilePath = None,
    phrase_out: PhraseOut = None,
) -> None:
    """Make an encrypted vault on this machine. It never touches one that exists."""
    import asyncio  # noqa: PLC0415 - `--help` waits for nothing

    from mnemosyne.kit.vault.home import VaultExistsError, VaultHome  # noqa: PLC0415 - `--help` makes no vault
    from mnemosyne.kit.vault.phrase import generate_phrase  # noqa: PLC0415

    shell = shell_of(context)
    if VaultHome(shell.node.home).exists():
        raise VaultExistsError(shell.node.home)
    if phrase_out is None and not sys.stdin.isatty():
        raise NoTerminalError("three words of the recovery phrase", _PHRASE_INSTEAD)
    person = name.strip() or getpass.getuser()
    secret = _first_secret(shell, person, key_file, generate=generate)
    phrase = generate_phrase()
    with _given_to_the_person(shell, phrase, phrase_out):
        shell.page.remark("Making the vault; measuring how slow a guess should be …")
        made = shell.node.create(person, [secret, phrase], phrase.recovery_key_hash(0))
        asyncio.run(made)
    _welcome(shell, key_file)
    _offer_weights(shell)


def _first_secret(shell: Shell, person: str, key_file: Path | None, *, generate: bool) -> "Secret":
    if key_file is not None:
        if key_file.exists():
            return shell.node.read_key_file(key_file)
        return shell.node.create_key_file(key_file)
    if not generate:
        return _asked_passphrase(person)
    return unlock.made_up(shell.page)


def _asked_passphrase(person: str) -> "Passphrase":
    """Ask for a passphrase; after a weak one or a slip say so and ask again."""
    from mnemosyne.kit.vault.passphrase import WeakPassphraseError  # noqa: PLC0415 - `--help` asks for none

    for _ in range(_TRIES - 1):
        try:
            return unlock.ask_new_passphrase(person)
        except (PassphrasesDifferError, WeakPassphraseError) as error:
            tell(error, as_json=False)
    return unlock.ask_new_passphrase(person)


@contextmanager
def _given_to_the_person(shell: Shell, phrase: "Phrase", file: Path | None) -> Iterator[None]:
    """Have the phrase written down before there is anything that it opens.

    A file that would open nothing does not stay.
    """
    if file is None:
        show_card(shell.page, phrase)
        confirm_phrase(shell.page, phrase)
        yield
        return
    write_phrase(file, phrase, shell.node.home)
    made = False
    try:
        yield
        made = True
    finally:
        if not made:
            file.unlink(missing_ok=True)


def _welcome(shell: Shell, key_file: Path | None) -> None:
    page = shell.page
    page.line(Text("Your vault is ready.", "title"))
    page.rule()
    page.line(f"It lies in {shell.node.home}, encrypted with AES-256. Nothing left this machine.")
    page.space()
    before = f"MNEMOSYNE_KEY_FILE={key_file.absolute()} " if key_file else ""
    page.fields(
        [
            (f'{before}mnemosyne capture "What happened today"', "the first memory"),
            (f"{before}mnemosyne import FOLDER", "notes and chats you have"),
            (f'{before}mnemosyne search "when did I …"', "find them again"),
            (f"{before}mnemosyne serve", "pages for your browser, an API for your scripts"),
            (f"{before}mnemosyne backup make FOLDER", "a copy, best on another disk"),
        ],
        indent=2,
    )


def _offer_weights(shell: Shell) -> None:
    page, missing = shell.page, shell.node.missing_weights()
    if not missing:
        return
    page.space()
    page.line("Search works by words. For search by meaning, fetch the weights once (about 90 MB):")
    page.hint("mnemosyne embedder install")
