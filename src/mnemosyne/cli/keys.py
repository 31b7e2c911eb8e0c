"""The ways into the vault: list, add, remove, replace, and rehearse."""

from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import moments, options, showing, unlock
from mnemosyne.cli.errors import NotConfirmedError
from mnemosyne.cli.output import Page, flat, said
from mnemosyne.cli.running import run, shell_of
from mnemosyne.cli.setup import Generate

if TYPE_CHECKING:  # most of what opens a vault is not needed for `--help`
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.kit.vault.passphrase import Passphrase
    from mnemosyne.kit.vault.slot_file import Slot

PathOfKey = Annotated[Path, typer.Argument(metavar="FILE", help="Best on another medium.")]


def list_keys(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Show what opens the vault."""
    shell = shell_of(context)
    slots = run(context, lambda app, me: app.keys.ways_in(me))
    if as_json:
        shell.page.document({"slots": [_document(each) for each in slots]})
        return
    shell.page.rule()
    shell.page.fields([(showing.short(each.id), _told(each, shell.node.zone)) for each in slots])
    shell.page.hint("mnemosyne key phrase verify   rehearses the recovery phrase")


def add_passphrase(
    context: typer.Context, *, generate: Generate = False, as_json: options.AsJson = False
) -> None:
    """Let a passphrase open the vault."""
    page = shell_of(context).page
    new = _new_passphrase(page, generate=generate, as_json=as_json)
    slot = run(context, lambda app, me: app.keys.add(me, new))
    _added(page, slot, as_json=as_json, made_up=new.text if generate else "")


def add_key_file(
    context: typer.Context, file: PathOfKey, *, as_json: options.AsJson = False
) -> None:
    """Let a key file open the vault without a prompt; it is made if it does not exist."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "Slot":
        me.require_secret()
        node = shell.node
        key = node.read_key_file(file) if file.exists() else node.create_key_file(file)
        return await app.keys.add(me, key)

    _added(shell.page, run(context, work), as_json=as_json)
    if not as_json:
        shell.page.hint(f"MNEMOSYNE_KEY_FILE={flat(str(file.absolute()))} mnemosyne status")


def add_keyring(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Let the keyring of the system open the vault: whoever is logged in needs no prompt."""
    from mnemosyne.kit.errors import MnemosyneError  # noqa: PLC0415 - `--help` refuses nothing
    from mnemosyne.kit.vault.system_keyring import KeyringEntry  # noqa: PLC0415

    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "Slot":
        me.require_secret()
        keyring, entry = shell.node.keyring(), KeyringEntry.generate()
        keyring.write(entry)
        try:
            return await app.keys.add(me, entry)
        except MnemosyneError:
            keyring.delete(entry.name)
            raise

    _added(shell.page, run(context, work), as_json=as_json)
    if not as_json:
        shell.page.line("While you are logged in, every program of your account can open the vault")
        shell.page.line(
            "with it. Keep the passphrase or the phrase: no backup opens with a keyring."
        )


def remove_key(
    context: typer.Context,
    slot: Annotated[str, typer.Argument(metavar="SLOT", help="Its identifier, or the end of it.")],
    *,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Close one way in. Older backups still open with it, and that is said."""
    shell = shell_of(context)
    if not yes and unlock.ask(f"Close {slot}? Type “yes”", "Use --yes.") != "yes":
        raise NotConfirmedError
    closed = run(context, lambda app, me: app.keys.remove(me, slot))
    left = unlock.forget_keyring_entry(shell.node, closed.slot)
    if as_json:
        shell.page.document({"removed": _document(closed.slot), "statement": closed.statement})
        return
    shell.page.line(f"The {closed.slot.kind} {showing.short(closed.slot.id)} opens it no more.")
    shell.page.body_text(closed.statement)
    if left:
        shell.page.line("Its entry is still in the keyring of the system. ", said(flat(left)))
    shell.page.hint("mnemosyne key list")


def replace_passphrase(
    context: typer.Context, *, generate: Generate = False, as_json: options.AsJson = False
) -> None:
    """Let a new passphrase take the place of the old one; the database is not rewritten."""
    shell = shell_of(context)
    new = _new_passphrase(shell.page, generate=generate, as_json=as_json)

    async def work(app: "Application", me: "Principal") -> str:
        closed = await app.keys.replace_passphrase(me, new)
        return "" if closed is None else closed.statement

    statement = run(context, work)
    if as_json:
        shown = {"passphrase": new.text} if generate else {}
        shell.page.document({"replaced": True, "statement": statement, **shown})
        return
    shell.page.line("The new passphrase opens the vault.")
    if statement:
        shell.page.body_text(statement)
    shell.page.hint("mnemosyne backup make FOLDER   makes one that opens with the new one")


def verify_phrase(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Rehearse: type the recovery phrase and be told whether it opens the vault."""
    from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415 - `--help` opens nothing
    from mnemosyne.kit.vault.slots import KeySlots  # noqa: PLC0415

    shell = shell_of(context)
    home = VaultHome(shell.node.home)
    home.require()
    KeySlots(home).unlock(unlock.phrase_of(shell.phrase))
    if as_json:
        shell.page.document({"opens": True})
        return
    shell.page.line("It opens the vault. Keep the paper where you keep a deed.")
    shell.page.hint("mnemosyne backup make FOLDER   makes a copy that it opens as well")


def create_key_file(
    context: typer.Context, file: PathOfKey, *, as_json: options.AsJson = False
) -> None:
    """Write a fresh key file that opens nothing until it is added."""
    shell = shell_of(context)
    shell.node.create_key_file(file)
    if as_json:
        shell.page.document({"path": str(file)})
        return
    shell.page.line("The key file is written, readable by you alone.")
    shell.page.hint(f"mnemosyne key add-key-file {file}")


def _new_passphrase(page: Page, *, generate: bool, as_json: bool) -> "Passphrase":
    return unlock.made_up(page, quietly=as_json) if generate else unlock.ask_new_passphrase()


def _added(page: Page, slot: "Slot", *, as_json: bool, made_up: str = "") -> None:
    if as_json:
        page.document({"added": _document(slot), **({"passphrase": made_up} if made_up else {})})
        return
    page.line(f"Added: {slot.kind} {showing.short(slot.id)}.")
    page.hint("mnemosyne key list")


def _told(slot: "Slot", zone: tzinfo) -> str:
    return f"{slot.kind:<12}since {moments.show_at(slot.created_at, zone)}"


def _document(slot: "Slot") -> dict[str, object]:
    return {"id": slot.id, "kind": slot.kind, "created_at": slot.created_at.isoformat()}
