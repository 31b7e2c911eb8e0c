"""Give the vault a new key: every secret that shall open it is asked for once more."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from mnemosyne.cli import options, showing, unlock
from mnemosyne.cli.errors import NotConfirmedError, NoTerminalError
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import Shell, shell_of

if TYPE_CHECKING:  # most of what opens a vault is not needed for `--help`
    from mnemosyne.kit.vault.slot_file import Slot
    from mnemosyne.kit.vault.slot_wrapping import Secret
    from mnemosyne.safekeeping.rekeying import Rekeyed, WaysIn

_INSTEAD: Final = (
    "A passphrase is typed. `mnemosyne --phrase-file FILE key rekey` takes the phrase, --key-file "
    "a key file; --close SLOT closes a way in without asking for its secret."
)

KeyFiles = Annotated[
    list[Path] | None,
    typer.Option("--key-file", metavar="FILE", help="A key file that shall open it further on."),
]
Close = Annotated[
    list[str] | None,
    typer.Option(metavar="SLOT", help="Close this way in; its secret is not asked for."),
]


def rekey(
    context: typer.Context,
    *,
    key_files: KeyFiles = None,
    close: Close = None,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Encrypt the vault under a new key, so that what was removed or copied opens it no more."""
    shell = shell_of(context)
    secrets = _secrets(shell, key_files or (), close or ())
    foreseen = shell.node.ways_in(secrets)
    if not as_json:
        _foretell(shell, foreseen)
    if not yes and unlock.ask("Type “rekey” to go on", "Use --yes.") != "rekey":
        raise NotConfirmedError("the vault has the key it had")
    done = shell.node.rekey(secrets, lambda step: shell.page.step(f"{step.capitalize()} …"))
    shell.node.end_holder()
    for slot in done.closed:
        unlock.forget_keyring_entry(shell.node, slot)
    if as_json:
        shell.page.document(_document(done))
    else:
        _show(shell, done)


def _secrets(shell: Shell, key_files: Sequence[Path], close: Sequence[str]) -> "list[Secret]":
    """Collect what opens the vault: key files from where they lie, all else is asked for."""
    from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415 - `--help` opens nothing
    from mnemosyne.kit.vault.passphrase import Passphrase  # noqa: PLC0415
    from mnemosyne.kit.vault.slots import KeySlots  # noqa: PLC0415

    home = VaultHome(shell.node.home)
    home.require()
    slots = KeySlots(home).list()
    kinds = {each.kind for each in slots if not _is_named(each, close)}
    found: list[Secret] = []
    if "key-file" in kinds:
        found += [shell.node.read_key_file(file) for file in key_files]
        if (key := shell.node.key_file()) is not None and key not in found:
            found.append(key)
    if "keyring" in kinds and (entry := unlock.keyring_entry(shell.node)) is not None:
        found.append(entry)
    if "phrase" in kinds:
        found.append(unlock.phrase_of(shell.phrase))
    if "passphrase" in kinds:
        if not unlock.can_ask():
            raise NoTerminalError("the passphrase", _INSTEAD)
        found.append(Passphrase(unlock.hidden("passphrase")))
    return found


def _is_named(slot: "Slot", references: Sequence[str]) -> bool:
    return any(each.strip() and slot.id.endswith(each.strip().lower()) for each in references)


def _foretell(shell: Shell, foreseen: "WaysIn") -> None:
    page = shell.page
    page.line("The vault gets a new key. These will open it:")
    page.fields([(showing.short(each.id), each.kind) for each in foreseen.kept], indent=2)
    if foreseen.closed:
        page.warning("Closed for good, since their secret was not given:")
        page.fields([(showing.short(each.id), each.kind) for each in foreseen.closed], indent=2)


def _show(shell: Shell, done: "Rekeyed") -> None:
    page = shell.page
    page.line(Text("The vault has a new key, and every page is encrypted under it.", "title"))
    page.rule()
    page.fields([(showing.short(each.id), each.kind) for each in done.kept])
    page.line("What was removed or closed opens nothing of it, nor does an older vault.slots.")
    for path in done.backups:
        page.line("Still opens with what opened the vault then: ", said(flat(str(path))))
    page.line("So do copies of the vault's folder that were made until now.")
    page.hint("mnemosyne backup make FOLDER   makes one under the new key")


def _document(done: "Rekeyed") -> dict[str, object]:
    return {
        "rekeyed": True,
        "kept": [{"id": each.id, "kind": each.kind} for each in done.kept],
        "closed": [{"id": each.id, "kind": each.kind} for each in done.closed],
        "older_backups": [str(each) for each in done.backups],
        "receipt_entry": done.entry,
    }
